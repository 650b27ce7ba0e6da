"""What an accountant with two hundred clients sees, on a desk and on a phone, light and dark."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import running_receiver
from tests.browser.many import COUNT, add_clients
from tests.browser.visitor import DESKTOP, PHONE, Visitor, add_user, visit
from tests.odoo.receiver import Receiver

PATHS = ("/", "/health/", "/integrations", "/health/client-050/", "/health/client-050/pulls")


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    for running in running_receiver(tmp_path_factory.mktemp("firm")):
        add_clients(running)
        add_user(running, "anna", is_administrator=True)
        yield running


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_every_page_is_accessible_and_fits(
    chromium: Browser, receiver: Receiver, width: int, is_dark: bool
) -> None:
    visitor = visit(chromium, receiver, width=width, is_dark=is_dark)
    visitor.sign_in("anna")
    visitor.page.wait_for_url(visitor.receiver.url + "/")

    for path in PATHS:
        visitor.goto(path)
        visitor.check(f"many{path.replace('/', '-')}-{width}-{'dark' if is_dark else 'light'}")


def test_what_fails_is_found_with_a_click_and_a_client_by_its_name(anna: Visitor) -> None:
    page = anna.page
    anna.goto("/health/")
    rows = page.get_by_role("table").get_by_role("row")
    expect(page.get_by_role("link", name=f"All {COUNT}")).to_be_visible()

    page.get_by_role("link", name="Failing 8").click()
    expect(rows).to_have_count(1 + 8)
    page.get_by_role("link", name=re.compile("^All")).click()
    page.get_by_label("Connection or company").fill("maes 50")
    page.keyboard.press("Enter")

    expect(rows).to_have_count(1 + 1)
    page.get_by_role("link", name="client-050").click()
    expect(page.get_by_role("heading", name="Health of client-050")).to_be_visible()


def test_the_chooser_is_narrowed_by_typing(anna: Visitor) -> None:
    page = anna.page
    anna.goto("/health/client-050/")
    chooser = page.locator("details.chooser")

    chooser.locator("summary").click()
    expect(page.get_by_label("Search a connection")).to_be_focused()
    page.keyboard.type("ENT-12")
    expect(chooser.get_by_role("link")).to_have_count(10)
    anna.check("many-chooser")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile("/health/client-120/"))


def test_older_runs_are_a_link_away_without_scripts(chromium: Browser, receiver: Receiver) -> None:
    visitor = visit(chromium, receiver, java_script_enabled=False)
    visitor.sign_in("anna")
    visitor.goto("/health/client-050/")
    page = visitor.page

    page.get_by_role("link", name="All pulls").click()
    page.get_by_role("link", name="Older").click()
    page.get_by_role("link", name="Older").click()

    expect(page.get_by_role("table").get_by_role("row")).to_have_count(1 + 10)
    expect(page.get_by_role("link", name="Older")).to_have_count(0)
    page.get_by_role("link", name="Newer").click()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(1 + 25)


def test_a_page_that_waits_asks_only_while_it_is_seen(anna: Visitor) -> None:
    anna.receiver.add_connection("initech")
    page, asked = anna.page, []
    page.on("request", lambda each: asked.append(each.url) if "onboarding" in each.url else None)
    anna.goto("/connections/initech/onboarding")
    with page.expect_request("**/onboarding"):
        pass  # it looks again
    _let_be_seen(anna, is_seen=False)
    count = len(asked)

    page.wait_for_timeout(7_000)
    assert len(asked) == count

    with page.expect_request("**/onboarding", timeout=2_000):
        _let_be_seen(anna, is_seen=True)


def _let_be_seen(visitor: Visitor, *, is_seen: bool) -> None:
    """As if the visitor had gone to another tab, or came back."""
    visitor.page.evaluate(
        """(isHidden) => {
          Object.defineProperty(document, "hidden", {get: () => isHidden, configurable: true});
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        not is_seen,
    )
