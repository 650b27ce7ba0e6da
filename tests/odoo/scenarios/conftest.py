"""One pair a series for all scenarios: each makes what it works on, and leaves its books behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.odoo.books_script import COMPANY_A, COMPANY_B
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired, paired
from tests.odoo.scenarios import operations
from tests.odoo.scenarios.bookkeeper import Bookkeeper
from tests.postgres import PostgresServer

OPERATIONS_IN_ODOO = Path(__file__).with_name("addons") / "books_operations"


@pytest.fixture(scope="package")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    """The test books, pushed once, in an Odoo that knows the operations."""
    folder = tmp_path_factory.mktemp("scenarios")
    with paired(installation, postgres, folder, loaded=[OPERATIONS_IN_ODOO]) as pair:
        assert pair.push()["state"] == "succeeded"
        yield pair


@pytest.fixture(scope="package")
def acme(pair: Paired) -> Bookkeeper:
    """Works in Acme, whose currency is the dollar."""
    companies = (pair.company_id(COMPANY_A), pair.company_id(COMPANY_B))
    bookkeeper = Bookkeeper(pair, companies)
    bookkeeper.do(operations.take_all_rights)
    return bookkeeper


@pytest.fixture(scope="package")
def globex(pair: Paired, acme: Bookkeeper) -> Bookkeeper:
    """Works in Globex, whose currency is the euro."""
    return Bookkeeper(pair, acme.company_ids[::-1])


@pytest.fixture
def customer(acme: Bookkeeper) -> int:
    return int(acme.do(operations.make_partner, "Someone"))
