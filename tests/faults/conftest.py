"""The world that faults happen to, and the count of those it survived."""

from collections.abc import Iterator
from random import Random

import pytest

from tests.faults.runs import assert_ties_out
from tests.faults.survived import SEED, random_for, survived
from tests.faults.world import World, running_world
from tests.odoo.installations import Installation
from tests.postgres import PostgresServer


@pytest.fixture(scope="module")
def world(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Everything running, and pushed once."""
    with running_world(installation, postgres, tmp_path_factory.mktemp("faults")) as world:
        world.push()
        assert_ties_out(world)
        yield world


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> Random:
    return random_for(request.node.name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section(f"{survived.total()} faults survived (MONITR_TEST_SEED={SEED})")
    for fault, count in survived.items():
        terminalreporter.write_line(f"{count:6d} {fault}")
