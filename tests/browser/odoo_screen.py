"""Odoo's own web client, as its administrator uses it: the addon's page under Settings."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import keep_picture
from tests.odoo.server import Odoo

SLIDES_IN = re.compile(r"\bshowing\b")  # until then Odoo 14 does not hear that it is closed
PATIENCE = 60_000  # milliseconds: Odoo builds its scripts and styles at the first visit
APPS = ".o_navbar_apps_menu button, .o_menu_apps a[data-toggle=dropdown]"


@dataclass(frozen=True)
class OdooScreen:
    """The settings page in 14 to 19; below 16 a form is read until Edit is pressed."""

    odoo: Odoo
    page: Page

    def sign_in(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.goto(f"{self.odoo.url}/web/login")
        self.page.locator("input[name=login]").fill("admin")
        self.page.locator("input[name=password]").fill("admin")
        self.page.get_by_role("button", name="Log in").first.click()

    def open_settings(self) -> None:
        """Settings > Monitr."""
        self.page.locator(APPS).first.click()
        self.page.get_by_role("menuitem", name="Settings").click()
        self.page.get_by_role("menuitem", name="Monitr").click()
        self.page.get_by_role("button", name="Push now").wait_for()

    def paste_key(self, key: str) -> None:
        """Paste it and leave the field, upon which Odoo seals the key or says what is wrong."""
        self._edit()
        field = self.page.get_by_label("Connection Key")
        field.fill(key)
        field.press("Tab")

    def choose_user(self, name: str) -> None:
        self._edit()
        self._choose("Read with the rights of", name)

    def choose_companies(self, *names: str) -> None:
        """These and no others."""
        self._edit()
        tags = self._field("company_ids").locator(".badge")
        chosen = {name.strip() for name in tags.all_inner_texts()}
        for name in chosen - set(names):
            tags.filter(has_text=name).get_by_label("Delete").click()
        for name in set(names) - chosen:
            self._choose("Companies", name)
        expect(tags).to_have_count(len(names))

    def save(self) -> None:
        self.page.get_by_role("button", name=re.compile("^Save")).click()

    def press(self, button: str) -> None:
        """Push now or Test connection; it saves first."""
        self.page.get_by_role("button", name=button).click()

    def push(self) -> None:
        """Press Push now and wait until Odoo has done it."""
        with self.page.expect_response(lambda answer: "/call_button" in answer.url):
            self.press("Push now")

    def expect_refusal(self, sentence: str, picture: str) -> None:
        """A dialog says so; it is closed."""
        dialog = self.page.get_by_role("dialog")
        expect(dialog).to_contain_text(re.compile(sentence), timeout=PATIENCE)
        self.keep_picture(picture)
        dialog.get_by_role("button", name=re.compile("^(Close|Ok)$", re.IGNORECASE)).last.click()
        expect(dialog).to_have_count(0)

    def expect_push_refusal(self, sentence: str, picture: str) -> None:
        """From 15 in the corner, so that the page is read again; on 14 in a dialog."""
        if self.odoo.series == "14.0":
            self.expect_refusal(sentence, picture)
        else:
            self.expect_notification(sentence, picture)

    @property
    def status(self) -> Locator:
        return self._field("status")

    def expect_notification(self, sentence: str, picture: str) -> None:
        """It says so in the corner; it is closed."""
        notification = self.page.locator(".o_notification")
        expect(notification).to_contain_text(re.compile(sentence), timeout=PATIENCE)
        self.keep_picture(picture)
        expect(notification).not_to_have_class(SLIDES_IN)
        notification.locator(".o_notification_close").click()
        expect(notification).to_have_count(0)

    def keep_picture(self, name: str) -> None:
        keep_picture(self.page, f"{name}-{self.odoo.series}")

    def _edit(self) -> None:
        """In a form that is only read; a newer one is always open."""
        button = self.page.get_by_role("button", name="Edit", exact=True)
        if button.is_visible():
            button.click()

    def _choose(self, label: str, name: str) -> None:
        self.page.get_by_label(label).fill(name)
        offered = self.page.locator(".ui-menu-item")
        offered.filter(has_text=re.compile(rf"^\s*{name}\s*$")).click()

    def _field(self, name: str) -> Locator:
        return self.page.locator(f".o_form_view [name={name}]").first
