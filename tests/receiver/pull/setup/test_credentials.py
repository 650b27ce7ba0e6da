"""An access is stored with its key encrypted; it comes and goes, and what was stored stays."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.connections import get_connection
from receiver.db.connections.odoo_accesses import OdooAccess, find_odoo_access, update_pull_schedule
from receiver.db.engine import reading, writing
from receiver.errors import (
    ChangedMeanwhile,
    MissingPermissions,
    NameTaken,
    NotFound,
    OtherBooks,
    UnknownCompany,
    UnknownLanguage,
)
from receiver.pull.setup.connect import Company, FoundOdoo, Language
from receiver.pull.setup.credentials import (
    UNCHANGED,
    Choice,
    add_pulled_connection,
    complete_choice,
    remove_access,
    set_access,
)
from receiver.pull.setup.keys import KeyFound
from receiver.pull.transport.login import Access
from tests.receiver.records import record_of
from tests.receiver.signed import post_records
from tests.receiver.stored_rows import row_counts

ENDS = datetime(2027, 1, 31, tzinfo=UTC)
DATE = "2026-01-31"


@dataclass
class Books:
    """An OdooClient of an Odoo that has these journal entries, `{id: date}`, and nothing else."""

    entries: dict[int, str] = field(default_factory=dict)
    series: str = "19.0"

    def call(
        self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any
    ) -> Any:
        assert (model, method) == ("account.move", "search_read")
        [(_, _, wanted)] = arguments["domain"]
        return [{"id": id, "date": self.entries[id]} for id in wanted if id in self.entries]


def found_odoo(entries: dict[int, str] | None = None, *company_ids: int) -> FoundOdoo:
    return FoundOdoo(
        client=Books(entries or {}),
        access=Access("https://acme.odoo.com", "acme", "accountant", "an API key"),
        transport="JSON-2",
        languages=(Language("en_US", "English"), Language("fr_FR", "French")),
        companies=tuple(Company(id, f"Company {id}") for id in company_ids or (1, 2)),
        key=KeyFound(ENDS, 1),
        writable=("account.move",),
    )


def stored_access(engine: Engine, name: str) -> OdooAccess | None:
    with reading(engine) as db:
        return find_odoo_access(db, get_connection(db, name).id)


def post_entries(client: FlaskClient, acme: ConnectionKey, *ids: int) -> None:
    entries = [
        record_of("journal_entries", id=id, company_id=1, date=date.fromisoformat(DATE))
        for id in ids
    ]
    post_records(client, acme, "journal_entries", entries)


ENGLISH = Choice("en_US")


def test_it_stores_the_choice_and_the_encrypted_key(engine: Engine, config: Config) -> None:
    made = add_pulled_connection(engine, config, "acme", found_odoo(), Choice("fr_FR", ["2"]))

    stored = stored_access(engine, "acme")
    assert stored == made
    assert stored
    assert (stored.language, stored.company_ids, stored.writable) == ("fr_FR", "2", "account.move")
    assert (stored.key_expires_at, stored.key_count) == (ENDS, 1)
    assert "an API key" not in str(stored)
    assert config.cipher.decrypt(stored.encrypted_api_key).decode() == "an API key"


def test_what_cannot_be_is_refused_and_nothing_is_stored(engine: Engine, config: Config) -> None:
    for choice, error in [(Choice(), UnknownLanguage), (Choice("en_US", ["9"]), UnknownCompany)]:
        with pytest.raises(error):
            add_pulled_connection(engine, config, "acme", found_odoo(), choice)
    with pytest.raises(NotFound):
        stored_access(engine, "acme")

    add_pulled_connection(engine, config, "acme", found_odoo(), ENGLISH)
    with pytest.raises(NameTaken):
        add_pulled_connection(engine, config, "acme", found_odoo(), ENGLISH)


def test_a_pushed_connection_is_pulled_and_pushed_again_and_keeps_its_data(
    client: FlaskClient, engine: Engine, config: Config, acme: ConnectionKey
) -> None:
    post_entries(client, acme, 1, 2, 3)
    before = row_counts(engine)
    same = found_odoo({1: DATE, 2: DATE, 3: "2026-02-01"})

    set_access(engine, config, "acme", same, ENGLISH)
    assert stored_access(engine, "acme")
    assert row_counts(engine) == before | {"odoo_accesses": 1}

    remove_access(engine, "acme")
    assert row_counts(engine) == before
    post_entries(client, acme, 4)  # its connection key is still good


def test_another_access_keeps_the_schedule(engine: Engine, config: Config) -> None:
    add_pulled_connection(engine, config, "acme", found_odoo(), ENGLISH)
    with writing(engine) as db:
        update_pull_schedule(db, get_connection(db, "acme").id, 0)

    set_access(engine, config, "acme", found_odoo(), ENGLISH)

    stored = stored_access(engine, "acme")
    assert stored
    assert stored.pull_every_minutes == 0


def test_a_change_of_what_another_one_changed_meanwhile_is_refused(
    engine: Engine, config: Config
) -> None:
    seen = add_pulled_connection(engine, config, "acme", found_odoo(), ENGLISH)
    set_access(engine, config, "acme", found_odoo(), Choice("fr_FR", instead_of=seen))
    before = stored_access(engine, "acme")

    with pytest.raises(ChangedMeanwhile):
        set_access(engine, config, "acme", found_odoo(), Choice("en_US", ["1"], instead_of=seen))

    assert stored_access(engine, "acme") == before
    remove_access(engine, "acme")
    with pytest.raises(ChangedMeanwhile):
        set_access(engine, config, "acme", found_odoo(), Choice("en_US", instead_of=before))


def test_another_odoo_is_refused_and_the_access_stays(
    client: FlaskClient, engine: Engine, config: Config, acme: ConnectionKey
) -> None:
    post_entries(client, acme, 1, 2, 3)
    set_access(engine, config, "acme", found_odoo({1: DATE, 2: DATE, 3: DATE}), ENGLISH)
    before = stored_access(engine, "acme")
    others = {1: DATE, 2: "2026-02-01", 3: "2026-02-01"}

    for other in (found_odoo(), found_odoo(others), found_odoo({1: DATE}, 7, 8)):
        with pytest.raises(OtherBooks, match="Make a new connection"):
            set_access(engine, config, "acme", other, ENGLISH)
    assert stored_access(engine, "acme") == before


def test_what_is_not_chosen_anew_stays_chosen(engine: Engine, config: Config) -> None:
    add_pulled_connection(engine, config, "acme", found_odoo(), Choice("fr_FR", ["2"]))

    assert complete_choice(engine, "acme", found_odoo(), UNCHANGED) == Choice("fr_FR", ["2"])
    other = Choice("en_US", ["1"])
    assert complete_choice(engine, "acme", found_odoo({}, 1), other) == other


def test_with_a_company_out_of_sight_it_is_named_with_what_to_do(
    client: FlaskClient, engine: Engine, config: Config, acme: ConnectionKey
) -> None:
    post_records(client, acme, "companies", [record_of("companies", id=2, name="Globex")])
    set_access(engine, config, "acme", found_odoo(), ENGLISH)

    with pytest.raises(MissingPermissions, match=r"does not see Globex in Odoo .*Ask your Odoo ad"):
        complete_choice(engine, "acme", found_odoo({}, 1, 3), UNCHANGED)


def test_there_must_be_something_to_take_away(engine: Engine, acme: ConnectionKey) -> None:
    with pytest.raises(NotFound, match="it is for the addon to push"):
        remove_access(engine, "acme")
    with pytest.raises(NotFound, match="no connection named nobody"):
        remove_access(engine, "nobody")
