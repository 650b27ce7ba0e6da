"""Someone who looks at the receiver's pages with a real browser."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page

from receiver.db.connections.connections import get_connection
from receiver.db.engine import make_engine, writing
from receiver.db.users.users import Role, insert_user, set_roles, update_password
from receiver.sign_in import hash_password
from tests.odoo.receiver import Receiver

PASSWORD = "correct horse battery"
DESKTOP, PHONE = 1280, 390  # pixels
SCREENSHOTS = os.environ.get("MONITR_TEST_SCREENSHOTS")  # a folder that keeps them
GRAVE = ("serious", "critical")


@dataclass
class Visitor:
    """One browser window; ``complaints`` is what its console said."""

    receiver: Receiver
    page: Page
    complaints: list[str] = field(default_factory=list)

    def goto(self, path: str) -> None:
        self.page.goto(self.receiver.url + path)

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        self.goto("/sign-in")
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def check(self, name: str) -> None:
        """The page is accessible, does not overflow, and broke nothing; its picture is kept."""
        keep_picture(self.page, name)
        found = Axe().run(self.page).response["violations"]
        grave = [
            f"{each['id']}: {node['html']} {node['failureSummary']}"
            for each in found
            if each["impact"] in GRAVE
            for node in each["nodes"]
        ]
        assert not grave, "\n".join(grave)
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert self.complaints == []


def keep_picture(page: Page, name: str) -> None:
    if SCREENSHOTS:
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png", full_page=True)


def visit(
    browser: Browser,
    receiver: Receiver,
    *,
    width: int = DESKTOP,
    is_dark: bool = False,
    **more: Any,
) -> Visitor:
    """A window of its own, without anybody's cookies; ``more`` is what Playwright's takes."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if is_dark else "light",
        timezone_id="Europe/Brussels",
        **{"locale": "en-GB", **more},
    )
    visitor = Visitor(receiver, context.new_page())

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "the server responded with" not in message.text:
            visitor.complaints.append(message.text)

    visitor.page.on("console", note)
    visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
    return visitor


def add_user(
    receiver: Receiver,
    name: str,
    roles: dict[str, Role] | None = None,
    *,
    is_administrator: bool = False,
) -> None:
    """With PASSWORD, and these roles by the connection's name."""
    engine = make_engine(receiver.database_url)
    with writing(engine) as db:
        user = insert_user(db, name, datetime.now(UTC), is_administrator=is_administrator)
        update_password(db, user.id, hash_password(PASSWORD))
        by_id = {get_connection(db, each).id: role for each, role in (roles or {}).items()}
        set_roles(db, user.id, by_id)
    engine.dispose()
