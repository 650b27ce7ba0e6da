"""From a receiver just installed to being signed in, and what stands in the way."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitor import PASSWORD, PHONE, Visitor, visit
from tests.odoo.receiver import Receiver


def test_the_first_run_makes_the_administrator(chromium: Browser, new_receiver: Receiver) -> None:
    code = re.search(r"set-up code (\S+),", new_receiver.monitr("setup"))
    assert code
    visitor = visit(chromium, new_receiver)

    visitor.goto("/")
    visitor.check("first-administrator")
    visitor.page.get_by_label("Set-up code").fill("a guess")
    visitor.page.get_by_label("Name").fill("anna@acme.example")
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Make the administrator").click()
    expect(visitor.page.get_by_label("Set-up code")).to_have_accessible_description(
        re.compile("wrong or has expired")
    )
    visitor.check("first-administrator-wrong-code")
    visitor.page.get_by_label("Set-up code").fill(code[1])
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Make the administrator").click()

    expect(visitor.page.get_by_role("heading", name="Overview")).to_be_visible()
    expect(visitor.page.get_by_text("You see no connection yet.")).to_be_visible()
    visitor.check("overview-empty")


def test_a_wrong_password_is_said_at_the_field_and_then_paused(
    chromium: Browser, receiver: Receiver
) -> None:
    visitor = visit(chromium, receiver)

    visitor.sign_in("nobody", "wrong")
    expect(visitor.page.get_by_label("Password")).to_have_accessible_description(
        re.compile("The name or the password is wrong.")
    )
    visitor.check("sign-in-wrong")
    for _ in range(5):
        visitor.sign_in("nobody", "wrong")

    expect(visitor.page.get_by_role("alert")).to_contain_text("Try again in 15 minutes.")
    visitor.check("sign-in-paused")


def test_signing_out_leads_back_to_signing_in(anna: Visitor) -> None:
    anna.page.get_by_text("anna", exact=True).click()
    anna.check("user-menu")
    anna.page.get_by_role("button", name="Sign out", exact=True).click()

    expect(anna.page.get_by_text("You are signed out.")).to_be_visible()
    anna.goto("/")
    expect(anna.page).to_have_url(anna.receiver.url + "/sign-in")


def test_it_works_without_a_mouse(chromium: Browser, receiver: Receiver) -> None:
    visitor = visit(chromium, receiver)
    keyboard = visitor.page.keyboard

    visitor.goto("/sign-in")
    expect(visitor.page.get_by_label("Name")).to_be_focused()
    keyboard.type("anna")
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    visitor.page.wait_for_url(receiver.url + "/")
    keyboard.press("Tab")
    expect(visitor.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    keyboard.press("Enter")
    expect(visitor.page.locator("main")).to_be_focused()
    visitor.page.locator(".user-menu summary").focus()
    keyboard.press("Enter")
    keyboard.press("Tab")
    expect(visitor.page.get_by_role("link", name="My account")).to_be_focused()
    keyboard.press("Escape")
    expect(visitor.page.locator(".user-menu summary")).to_be_focused()


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_a_phone_has_the_menu_behind_a_button(
    chromium: Browser, receiver: Receiver, is_dark: bool
) -> None:
    visitor = visit(chromium, receiver, width=PHONE, is_dark=is_dark)
    visitor.goto("/sign-in")
    visitor.check(f"phone-sign-in-{is_dark}")
    visitor.sign_in("anna")
    visitor.page.wait_for_url(receiver.url + "/")

    visitor.page.locator(".menu-button summary").click()

    expect(visitor.page.get_by_role("link", name="Overview")).to_be_visible()
    visitor.check(f"phone-menu-{is_dark}")
    for path in ("/account", "/users", "/users/bob", "/nowhere"):
        visitor.goto(path)
        visitor.check(f"phone{path.replace('/', '-')}-{is_dark}")
