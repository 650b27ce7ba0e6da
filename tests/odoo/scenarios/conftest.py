"""One pair a series for all scenarios: each makes what it works on, and leaves its books behind."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from receiver.pull import incremental
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired
from tests.odoo.scenarios import operations
from tests.odoo.scenarios.bookkeeper import Bookkeeper, bookkeepers
from tests.postgres import PostgresServer


@pytest.fixture(scope="package")
def both(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Bookkeeper, Bookkeeper]]:
    with bookkeepers(installation, postgres, tmp_path_factory.mktemp("scenarios")) as both:
        yield both


@pytest.fixture(autouse=True)
def no_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    """In these tests everything was written minutes ago. Pulls that read all of that again would
    never show what they find by other means."""
    monkeypatch.setattr(incremental, "OVERLAP", timedelta(0))


@pytest.fixture(scope="package")
def acme(both: tuple[Bookkeeper, Bookkeeper]) -> Bookkeeper:
    """Works in Acme, whose currency is the dollar."""
    return both[0]


@pytest.fixture(scope="package")
def globex(both: tuple[Bookkeeper, Bookkeeper]) -> Bookkeeper:
    """Works in Globex, whose currency is the euro."""
    return both[1]


@pytest.fixture(scope="package")
def pair(acme: Bookkeeper) -> Paired:
    return acme.pair


@pytest.fixture
def customer(acme: Bookkeeper) -> int:
    return int(acme.do(operations.make_partner, "Someone"))
