"""The receiver as `monitr serve` runs it, and Debian's Chromium to look at it."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from receiver.db.users.users import Role
from tests.browser.visitor import Visitor, add_user, visit
from tests.left_out import left_out
from tests.odoo.receiver import Receiver

FETCH = Path(__file__).parent / "fetch_chromium.sh"
EXIT_UNAVAILABLE = 3  # of fetch_chromium.sh: not to be had here, as opposed to a fault
PATIENCE = 120_000  # milliseconds: a whole push, with other Odoos tested beside it

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    fetched = subprocess.run([FETCH], capture_output=True, text=True, check=False)
    if fetched.returncode == EXIT_UNAVAILABLE:
        left_out("the pages in a browser", fetched.stderr.strip().splitlines()[-1])
    assert fetched.returncode == 0, fetched.stderr
    # Chromium's sandbox does not start as root.
    arguments = ["--no-sandbox"] if os.getuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=fetched.stdout.strip(), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def new_receiver(tmp_path: Path) -> Iterator[Receiver]:
    """Just installed: it holds nothing."""
    yield from running_receiver(tmp_path)


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """For a module's tests: connections acme and globex; anna administers all, bob views acme."""
    for running in running_receiver(tmp_path_factory.mktemp("receiver")):
        running.add_connection("acme")
        running.add_connection("globex")
        add_user(running, "anna", is_administrator=True)
        add_user(running, "bob", {"acme": Role.VIEWER})
        yield running


@pytest.fixture
def anna(chromium: Browser, receiver: Receiver) -> Visitor:
    return _signed_in(visit(chromium, receiver), "anna")


@pytest.fixture
def bob(chromium: Browser, receiver: Receiver) -> Visitor:
    return _signed_in(visit(chromium, receiver), "bob")


def _signed_in(visitor: Visitor, name: str) -> Visitor:
    visitor.sign_in(name)
    visitor.page.wait_for_url(visitor.receiver.url + "/")
    return visitor


def running_receiver(folder: Path) -> Iterator[Receiver]:
    running = Receiver(folder, None)
    running.start()
    yield running
    running.stop()
