"""The pull sets aside what the push does, by the same names, and goes on with the rest."""

from collections.abc import Iterator

import pytest

from receiver.pull.transport.client import OdooClient
from tests.odoo.installations import Installation
from tests.odoo.paired import NAME, Paired, paired
from tests.odoo.pulling import (
    PULLED,
    assert_pulled_equals_pushed,
    client_with_key,
    pull,
    pull_everything,
)
from tests.odoo.test_set_aside import FAULTS, broken, faults_of_shares, of_item
from tests.postgres import PostgresServer

SET_ASIDE = (
    "SELECT s.stream, s.record_id, s.field, s.account_id, s.date, s.debit FROM set_aside_records s"
    " JOIN connections c ON c.id = s.connection_id WHERE c.name = '{}' ORDER BY 1, 2"
)


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    with paired(installation, postgres, tmp_path_factory.mktemp("aside")) as pair:
        assert pair.push()["state"] == "succeeded"
        pair.receiver.add_connection(PULLED)
        yield pair


@pytest.fixture(scope="module")
def client(pair: Paired) -> OdooClient:
    client = client_with_key(pair.odoo)
    proof = pull(pair, client).proof
    assert proof is not None
    assert proof.ties_out
    return client


@pytest.mark.parametrize(
    "name",
    [
        "an entry without a currency",
        "NaN",
        "forty digits",
        "after the last year",
        "dated after the last year",
        "before Christ",
        "dated never",
        "dated since ever",
    ],
)
def test_a_pull_sets_aside_what_a_push_does(pair: Paired, client: OdooClient, name: str) -> None:
    with broken(pair, FAULTS[name]):
        proof = pull_everything(pair, client).proof

        assert proof is not None
        assert (proof.ties_out, proof.is_equal, proof.set_aside_count) == (False, True, 1)
        assert pair.push()["state"] == "succeeded"
        pulled, pushed = (pair.receiver.sql(SET_ASIDE.format(name)) for name in (PULLED, NAME))
        assert [row[:5] for row in pulled] == [row[:5] for row in pushed]
        assert_pulled_equals_pushed(pair.receiver)

    proof = pull(pair, client).proof
    assert proof is not None
    assert proof.ties_out
    assert pair.receiver.sql(SET_ASIDE.format(PULLED)) == []
    assert pair.push()["state"] == "succeeded"
    assert_pulled_equals_pushed(pair.receiver)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-01-01", "9999-12-31"])
def test_the_first_and_the_last_days_come(pair: Paired, client: OdooClient, day: str) -> None:
    with broken(pair, of_item("date_maturity", f"'{day}'", "due_date", day)) as id:
        proof = pull_everything(pair, client).proof

        assert proof is not None
        assert proof.ties_out
        days = f"SELECT DISTINCT due_date FROM journal_items WHERE id = {id}"
        assert pair.push()["state"] == "succeeded"
        assert [str(stored) for (stored,) in pair.receiver.sql(days)] == [day]
        assert_pulled_equals_pushed(pair.receiver)
    pull(pair, client)
    pair.push()


def test_shares_that_are_none_too(pair: Paired, client: OdooClient) -> None:
    for fault in faults_of_shares(pair):
        with broken(pair, fault):
            proof = pull_everything(pair, client).proof
            assert proof is not None
            assert proof.is_equal
            assert pair.push()["state"] == "succeeded"
            pulled, pushed = (pair.receiver.sql(SET_ASIDE.format(n)) for n in (PULLED, NAME))
            assert pulled == pushed != []
        proof = pull(pair, client).proof
        assert proof is not None
        assert proof.ties_out
