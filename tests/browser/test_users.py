"""Who may sign in: added by an administrator, in with the link, out when deactivated."""

from playwright.sync_api import Browser, expect

from tests.browser.visitor import PASSWORD, Visitor, visit
from tests.odoo.receiver import Receiver


def test_a_new_user_comes_in_by_the_link_and_sees_what_they_may(
    chromium: Browser, anna: Visitor
) -> None:
    page = anna.page
    anna.goto("/users")
    anna.check("users")
    page.get_by_role("button", name="Add a user").click()
    page.get_by_label("Name").fill("dora")
    anna.check("user-new")
    page.get_by_role("button", name="Add and make a link").click()
    link = page.get_by_label("Link to set the password").input_value()
    page.get_by_label("acme").select_option("Viewer")
    anna.check("user")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("What dora may do is stored.")).to_be_visible()

    dora = visit(chromium, anna.receiver)
    dora.page.goto(link)
    dora.check("set-password")
    dora.page.get_by_label("New password").fill(PASSWORD)
    dora.page.get_by_role("button", name="Set the password").click()

    expect(dora.page.get_by_role("rowheader", name="acme")).to_be_visible()
    expect(dora.page.get_by_role("rowheader", name="globex")).to_have_count(0)
    anna.goto("/users/dora")
    page.get_by_role("button", name="Deactivate").click()
    dora.page.reload()
    expect(dora.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_what_they_may_not_do_says_whom_to_ask(bob: Visitor) -> None:
    bob.goto("/users")

    expect(bob.page.get_by_role("heading", name="You may not do this")).to_be_visible()
    expect(bob.page.get_by_text("Only an administrator may do this.")).to_be_visible()
    bob.check("not-allowed")


def test_the_language_is_chosen_in_the_menu(chromium: Browser, receiver: Receiver) -> None:
    stranger = visit(chromium, receiver, locale="nl-BE")
    stranger.goto("/sign-in")
    expect(stranger.page.get_by_role("heading", name="Aanmelden")).to_be_visible()
    stranger.page.get_by_label("Naam").fill("bob")
    stranger.page.get_by_label("Wachtwoord").fill(PASSWORD)
    stranger.page.get_by_role("button", name="Aanmelden").click()
    expect(stranger.page.get_by_role("heading", name="Overzicht")).to_be_visible()
    stranger.check("overview-nl")

    stranger.page.get_by_text("bob", exact=True).click()
    stranger.page.get_by_role("button", name="Français").click()

    expect(stranger.page.get_by_role("heading", name="Mon compte")).to_be_visible()
    stranger.check("account-fr")
    stranger.page.get_by_label("Langue des pages").select_option("English")
    stranger.page.get_by_role("button", name="Enregistrer").click()
    expect(stranger.page.get_by_role("heading", name="My account")).to_be_visible()
