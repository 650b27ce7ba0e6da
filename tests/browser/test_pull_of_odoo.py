"""A real Odoo without the addon, connected through the pages: from its API key to its proof."""

import re

from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.odoo.api_keys import key_of
from tests.odoo.books_script import ACCOUNTANT_AB, COMPANY_A, COMPANY_B
from tests.odoo.server import Odoo

NAME = "fresh"


def test_four_values_lead_to_proven_books(anna: Visitor, shared_odoo: Odoo) -> None:
    page, odoo = anna.page, shared_odoo
    api_key = key_of(odoo, ACCOUNTANT_AB)
    anna.goto("/integrations/odoo/self-hosted/pull")
    page.get_by_label("Name of the connection").fill(NAME)
    page.get_by_label("Odoo Database URL").fill(odoo.url)
    page.get_by_label("Odoo Database Name").fill(odoo.database)
    page.get_by_label("Odoo Username").fill(ACCOUNTANT_AB)
    page.get_by_label("Odoo API key").fill("0" * len(api_key))
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_label("Odoo API key")).to_have_accessible_description(
        re.compile("Odoo does not accept this user with this API key")
    )
    anna.check(f"pull-wrong-key-{odoo.series}")
    page.get_by_label("Odoo API key").fill(api_key)
    page.get_by_role("button", name="Next").click()

    expect(page.get_by_role("checkbox", name=COMPANY_A)).to_be_checked()
    expect(page.get_by_role("checkbox", name=COMPANY_B)).to_be_checked()
    assert api_key not in page.content()
    anna.check(f"pull-choice-{odoo.series}")
    for name in (COMPANY_A, COMPANY_B):
        page.get_by_role("checkbox", name=name).uncheck()
    page.get_by_role("button", name="Go to onboarding").click()
    expect(page.get_by_text("Choose at least one company.")).to_be_visible()
    anna.check(f"pull-no-company-{odoo.series}")
    for name in (COMPANY_A, COMPANY_B):
        page.get_by_role("checkbox", name=name).check()
    page.get_by_role("button", name="Go to onboarding").click()
    expect(page.get_by_role("heading", name=f"Onboarding of {NAME}")).to_be_visible()
    anna.check(f"pull-onboarding-begins-{odoo.series}")
    anna.receiver.monitr("pull", NAME)

    expect(page.get_by_text("Tied out")).to_be_visible()
    anna.check(f"pull-onboarding-proven-{odoo.series}")
    anna.goto("/integrations")
    expect(page.get_by_text("Configured")).to_be_visible()
    anna.check(f"pull-card-{odoo.series}")
    page.get_by_role("link", name=f"Settings of {NAME}").click()
    anna.check(f"pull-settings-{odoo.series}")
    page.get_by_role("button", name="Replace the key").click()
    page.get_by_label("Odoo API key").fill("0" * len(api_key))
    page.get_by_role("button", name="Replace the key").click()
    expect(page.get_by_label("Odoo API key")).to_have_accessible_description(
        re.compile("Odoo does not accept this user with this API key")
    )
    page.get_by_label("Odoo API key").fill(api_key)
    page.get_by_role("button", name="Replace the key").click()
    expect(page.get_by_text("Odoo accepts the new API key")).to_be_visible()
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_text("Odoo is read now.")).to_be_visible()
    page.get_by_role("button", name="Cancel the pull").click()
    expect(page.get_by_text("The pull is cancelled.")).to_be_visible()
    anna.goto(f"/health/{NAME}/")
    expect(page.get_by_text("Succeeded")).to_be_visible()
    anna.check(f"pull-health-{odoo.series}")
    page.get_by_role("link", name="Statement").first.click()
    expect(page.get_by_text("Tied out with Odoo")).to_be_visible()
    anna.goto(f"/connections/{NAME}/settings")
    page.get_by_role("button", name="Change to push").click()
    expect(page.get_by_label("Connection key", exact=True)).to_be_visible()
    anna.receiver.monitr("connection", "delete", NAME, "--yes")
