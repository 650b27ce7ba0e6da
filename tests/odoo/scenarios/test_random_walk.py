"""Hundreds of random operations by several people at once, while pushes and pulls run: all of it
arrives.

MONITR_TEST_SEED repeats the choices of a walk, MONITR_TEST_STEPS makes it longer or shorter. What
several people do at once meets differently each time, so a seed repeats a failure mostly.
"""

import os
import random
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from receiver.errors import RetryLater
from tests.odoo.equality import assert_equals_odoo, assert_ties_out
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired
from tests.odoo.pulling import assert_pulled_equals_pushed, pull_everything
from tests.odoo.scenarios import walk
from tests.odoo.scenarios.bookkeeper import Bookkeeper, bookkeepers
from tests.odoo.scenarios.walk import Walker
from tests.postgres import PostgresServer

WALKERS = 4
SECONDS_BETWEEN_PULLS = 3
STEPS = int(os.environ.get("MONITR_TEST_STEPS", "240"))


@pytest.fixture
def tell(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], None]:
    """Writes a line into pytest's own output, whether the test fails or not."""

    def write(line: str) -> None:
        with capsys.disabled():
            request.config.pluginmanager.get_plugin("terminalreporter").write_line(f"\n{line}")

    return write


@pytest.fixture
def seed(tell: Callable[[str], None]) -> str:
    """What all chance follows from."""
    seed = os.environ.get("MONITR_TEST_SEED") or str(secrets.randbelow(10**9))
    tell(f"random walk: MONITR_TEST_SEED={seed} MONITR_TEST_STEPS={STEPS}")
    return seed


@pytest.fixture
def books(
    installation: Installation, postgres: PostgresServer, tmp_path: Path
) -> Iterator[tuple[Bookkeeper, Bookkeeper]]:
    """A pair of its own: what a walk leaves behind is no place for others to start from."""
    with bookkeepers(installation, postgres, tmp_path) as both:
        yield both


def test_after_a_random_walk_the_receiver_equals_odoo(
    books: tuple[Bookkeeper, Bookkeeper], seed: str, tell: Callable[[str], None]
) -> None:
    walkers = [
        Walker(books[number % 2], random.Random(f"{seed} {number}")) for number in range(WALKERS)
    ]
    for walker in walkers:
        walk.make_partner(walker)
        walk.make_account(walker)

    pair = books[0].pair
    pushes, pulls = walk_while_pushing_and_pulling(books[0], walkers)

    run = pair.push()
    done = sum((walker.done for walker in walkers), Counter())
    refused = sum((walker.refused for walker in walkers), Counter())
    tell(f"pushes: {dict(pushes)}; pulls: {dict(pulls)}")
    tell(f"done: {dict(done)}; refused: {dict(refused)}")
    assert_ties_out(pair, run)
    assert_equals_odoo(pair)
    assert not run["is_of_everything"], "it would hide what capture misses"
    assert done.total() > STEPS / 2, "most of the walk was walked"
    assert pushes["succeeded"] > 3, "pushes ended while the walk went on"
    books[0].pull()
    pull_everything(pair, books[0].client, books[0].scope)  # labels by SQL
    assert_pulled_equals_pushed(pair.receiver)
    assert pulls.total(), "pulls ended while the walk went on"


def walk_while_pushing_and_pulling(
    books: Bookkeeper, walkers: list[Walker]
) -> tuple[Counter[str], Counter[str]]:
    """How the pushes and pulls ended that went on meanwhile."""
    pushes: Counter[str] = Counter()
    pulls: Counter[str] = Counter()
    is_over = threading.Event()
    with ThreadPoolExecutor(len(walkers) + 2) as threads:
        others = [
            threads.submit(push_until, books.pair, is_over, pushes),
            threads.submit(pull_until, books, is_over, pulls),
        ]
        try:
            walks = [threads.submit(walker.walk, STEPS // len(walkers)) for walker in walkers]
            for walked in walks:
                walked.result()
        finally:
            is_over.set()
        for other in others:
            other.result()
    return pushes, pulls


def push_until(pair: Paired, is_over: threading.Event, pushes: Counter[str]) -> None:
    while not is_over.is_set():
        pushes[pair.push()["state"]] += 1


def pull_until(books: Bookkeeper, is_over: threading.Event, pulls: Counter[str]) -> None:
    """One now and then: between two there is always time to work in Odoo."""
    while not is_over.wait(SECONDS_BETWEEN_PULLS):
        try:
            books.pull()
            pulls["tied out"] += 1
        except RetryLater as error:  # Odoo did not rest, or a plan's field went: a job tries again
            pulls[error.code] += 1
