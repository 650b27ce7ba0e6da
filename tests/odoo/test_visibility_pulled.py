"""What is gone from the sight of an API key's user is not deleted: it is said, and what was pulled
stays."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from monitr_wire.streams import JOURNALS, PARTNERS, STREAMS, Stream

from receiver.errors import GoneFromSight, MissingPermissions, UnknownLanguage
from receiver.pull.scope import Scope
from receiver.pull.setup.connect import connect_odoo
from receiver.pull.transport.client import OdooClient
from receiver.pull.transport.login import Access
from tests.odoo.api_keys import key_of
from tests.odoo.books_script import ACCOUNTANT_AB, COMPANY_A, COMPANY_B, LANGUAGE
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired, paired
from tests.odoo.pulling import (
    PULLED,
    Rows,
    assert_pulled_equals_pushed,
    client_with_key,
    pull,
    pull_everything,
    stored,
    stored_access,
)
from tests.odoo.server import Odoo
from tests.postgres import PostgresServer

WITH_ARCHIVED_COMPANIES = "16.0"
REPAIRS = "SELECT extra_count FROM repairs ORDER BY noted_at DESC, after_id"
HIDING = "Hidden from the user of the API key"


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """Pulled once."""
    with paired(installation, postgres, tmp_path_factory.mktemp("pulled")) as pair:
        pair.receiver.add_connection(PULLED)
        pull(pair, client_with_key(pair.odoo))
        yield pair


@pytest.fixture
def client(pair: Paired) -> OdooClient:
    return client_with_key(pair.odoo)


def all_stored(pair: Paired) -> dict[str, Rows]:
    return {stream.name: stored(pair.receiver, stream, PULLED) for stream in STREAMS}


def test_an_archived_company_stops_the_pull_and_its_data_stays(
    pair: Paired, client: OdooClient
) -> None:
    if pair.odoo.series < WITH_ARCHIVED_COMPANIES:
        assert "active" not in pair.odoo.call("res.company", "fields_get", [], ["type"])
        return
    before = all_stored(pair)

    with archived(pair, COMPANY_B), pytest.raises(MissingPermissions) as refusal:
        pull(pair, client)

    assert f"does not see {COMPANY_B} in Odoo any more: it is archived" in str(refusal.value)
    assert COMPANY_A not in str(refusal.value)
    assert all_stored(pair) == before
    assert pull(pair, client).deleted_count == 0


@contextmanager
def archived(pair: Paired, company: str) -> Iterator[None]:
    id = pair.company_id(company)
    pair.odoo.call("res.company", "write", [id], {"active": False})
    try:
        yield
    finally:
        pair.odoo.call("res.company", "write", [id], {"active": True})


@contextmanager
def withdrawn(pair: Paired, company: str) -> Iterator[None]:
    user, id = pair.user_id(ACCOUNTANT_AB), pair.company_id(company)
    pair.odoo.call("res.users", "write", [user], {"company_ids": [(3, id)]})
    try:
        yield
    finally:
        pair.odoo.call("res.users", "write", [user], {"company_ids": [(4, id)]})


def test_a_company_withdrawn_from_the_user_stops_the_pull_and_its_data_stays(
    pair: Paired, client: OdooClient
) -> None:
    before = all_stored(pair)

    with withdrawn(pair, COMPANY_B), pytest.raises(MissingPermissions, match=COMPANY_B):
        pull_everything(pair, client)

    assert all_stored(pair) == before


def test_a_company_out_of_sight_leaves_when_it_is_chosen_no_more(
    pair: Paired, client: OdooClient
) -> None:
    """No record of it is asked for, though none of them may be seen."""
    acme, globex = pair.company_id(COMPANY_A), pair.company_id(COMPANY_B)
    is_archiving = pair.odoo.series >= WITH_ARCHIVED_COMPANIES

    with (archived if is_archiving else withdrawn)(pair, COMPANY_B):
        choices = connect_odoo(access(pair.odoo), allow_private=True).companies
        pull(pair, client, Scope((acme,), LANGUAGE))

    assert [each.id for each in choices] == [acme]
    assert [*stored(pair.receiver, STREAMS[0], PULLED)] == [acme]
    pull(pair, client)
    assert {*stored(pair.receiver, STREAMS[0], PULLED)} == {acme, globex}


def access(odoo: Odoo) -> Access:
    return Access(odoo.url, odoo.database, ACCOUNTANT_AB, key_of(odoo, ACCOUNTANT_AB))


def test_a_language_that_is_switched_off_stops_the_pull_and_no_text_changes(
    pair: Paired, client: OdooClient
) -> None:
    """14 would answer in English."""
    before = all_stored(pair)
    [(id,)] = pair.odoo.sql("SELECT id FROM res_lang WHERE code = %s", [LANGUAGE])

    pair.odoo.call("res.lang", "write", [id], {"active": False})
    try:
        with pytest.raises(UnknownLanguage, match=f"{LANGUAGE}, in which .* switched off in Odoo"):
            pull_everything(pair, client)
    finally:
        pair.odoo.call("res.lang", "write", [id], {"active": True})

    assert all_stored(pair) == before


@pytest.mark.parametrize("stream", [PARTNERS, JOURNALS], ids=lambda stream: stream.name)
def test_a_record_that_a_rule_hides_stays_and_stops_the_pull(
    pair: Paired, client: OdooClient, stream: Stream
) -> None:
    [model] = stream.models
    before = all_stored(pair)
    id = max(before[stream.name])

    with (
        hidden(pair.odoo, model, [id]),
        pytest.raises(GoneFromSight, match=rf"Record {id} of .* \({model}\) is still in Odoo"),
    ):
        pull_everything(pair, client)

    assert all_stored(pair) == before


@contextmanager
def hidden(odoo: Odoo, model: str, ids: Sequence[int]) -> Iterator[None]:
    """By a rule for all users."""
    [(model_id,)] = odoo.sql("SELECT id FROM ir_model WHERE model = %s", [model])
    domain = f"[('id', 'not in', {[*ids]})]"
    values = {"name": HIDING, "model_id": model_id, "domain_force": domain}
    rule = odoo.call("ir.rule", "create", values)
    try:
        yield
    finally:
        odoo.call("ir.rule", "unlink", [rule])


def test_what_is_hidden_stays_and_what_is_deleted_goes(pair: Paired, client: OdooClient) -> None:
    """Neither is told among the changes: the sums of the proof tell that they are missing."""
    names = ("To hide", "To delete", "To stay")
    doomed = [int(pair.odoo.call("res.partner", "create", {"name": name})) for name in names]
    pull(pair, client)
    to_hide, to_delete, to_stay = doomed
    repairs = pair.receiver.sql(REPAIRS)

    pair.odoo.call("res.partner", "unlink", [to_delete])
    with hidden(pair.odoo, "res.partner", [to_hide]), pytest.raises(GoneFromSight) as refusal:
        pull(pair, client)
    assert f"Record {to_hide} of Partners (res.partner)" in str(refusal.value)
    assert pair.receiver.sql(REPAIRS) == repairs, "what is hidden is not repaired"
    assert {*doomed} <= {*stored(pair.receiver, PARTNERS, PULLED)}

    pull(pair, client)

    assert pair.receiver.sql(REPAIRS) == [(1,), *repairs]
    kept = {*doomed} & {*stored(pair.receiver, PARTNERS, PULLED)}
    assert kept == {to_hide, to_stay}


def test_an_administrator_lets_go_of_what_is_hidden(pair: Paired, client: OdooClient) -> None:
    before = all_stored(pair)
    ids = sorted(before["partners"])[-2:]

    with stored_access(pair), hidden(pair.odoo, "res.partner", ids):
        with pytest.raises(GoneFromSight):
            pull_everything(pair, client)
        pair.receiver.execute("UPDATE odoo_accesses SET lets_go = true")
        pulled = pull(pair, client)
        left = stored(pair.receiver, PARTNERS, PULLED)
        is_over = pair.receiver.sql("SELECT lets_go FROM odoo_accesses") == [(False,)]

    assert pulled.deleted_count == len(ids)
    assert pulled.proof
    assert pulled.proof.ties_out
    assert {*before["partners"]} - {*left} == {*ids}
    assert is_over, "it lets go once"
    pull_everything(pair, client)
    assert all_stored(pair) == before


def test_a_model_that_may_not_be_read_is_named_with_the_groups_that_may(
    pair: Paired, client: OdooClient
) -> None:
    """In Odoo's own words."""
    before = all_stored(pair)
    odoo = pair.odoo
    rights = [
        id
        for (id,) in odoo.sql("""SELECT id FROM ir_model_access WHERE active AND model_id IN (
            SELECT id FROM ir_model WHERE model = 'account.journal')""")
    ]

    with unreadable(odoo, rights), pytest.raises(MissingPermissions) as refusal:
        pull(pair, client_with_key(odoo))

    assert "(account.journal)" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert all_stored(pair) == before
    assert pair.push()["state"] == "succeeded"
    pull(pair, client_with_key(odoo))
    assert_pulled_equals_pushed(pair.receiver)


@contextmanager
def unreadable(odoo: Odoo, rights: Sequence[int]) -> Iterator[None]:
    set_active(odoo, rights, is_active=False)
    try:
        yield
    finally:
        set_active(odoo, rights, is_active=True)


def set_active(odoo: Odoo, rights: Sequence[int], *, is_active: bool) -> None:
    odoo.sql("UPDATE ir_model_access SET active = %s WHERE id = ANY(%s)", [is_active, [*rights]])
    odoo.stop()
    odoo.start()
