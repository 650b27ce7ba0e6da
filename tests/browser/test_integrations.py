"""Connecting an Odoo, from Add to onboarding; the settings; health. Each page with axe."""

import json
import re
from datetime import date

import pytest
import requests
from monitr_wire.batch import BATCHES_PATH
from monitr_wire.connection_key import ConnectionKey, decode_connection_key
from monitr_wire.hello import HELLO_PATH, encode_hello
from playwright.sync_api import Browser, expect

from tests.browser.visitor import PHONE, Visitor, visit
from tests.odoo.receiver import Receiver
from tests.receiver.batches import body_of
from tests.receiver.records import record_of
from tests.receiver.signed import HELLO, headers_of

PUSH = "/integrations/odoo/self-hosted/push"


def send(receiver: Receiver, key: ConnectionKey, path: str, body: bytes) -> None:
    answer = requests.post(
        receiver.url + path, data=body, headers=headers_of(key, body), timeout=60
    )
    assert answer.status_code == 200, answer.text


def say_hello(receiver: Receiver, key: ConnectionKey) -> None:
    send(receiver, key, HELLO_PATH, json.dumps(encode_hello(HELLO)).encode())


def send_entries(receiver: Receiver, key: ConnectionKey) -> None:
    company = record_of("companies", id=1, name="Acme NV")
    send(receiver, key, BATCHES_PATH, body_of("companies", [company]))
    entries = [
        record_of("journal_entries", id=id, company_id=1, date=date(2026, 1, 31))
        for id in range(1, 400)
    ]
    send(receiver, key, BATCHES_PATH, body_of("journal_entries", entries))


def test_adding_an_odoo_that_pushes_leads_to_its_onboarding(anna: Visitor) -> None:
    page, receiver = anna.page, anna.receiver
    anna.goto("/integrations")
    anna.check("integrations")
    page.get_by_role("button", name="Add").click()
    anna.check("integrations-hosting")
    page.get_by_role("link", name="Self-hosted").click()
    anna.check("integrations-ways")
    page.get_by_role("link", name="Push, with the addon").click()
    page.get_by_label("Name of the connection").fill("no spaces")
    page.get_by_role("button", name="Make the connection key").click()
    expect(page.get_by_label("Name of the connection")).to_have_accessible_description(
        re.compile("A name has 1 to 63 letters")
    )
    anna.check("integrations-push-wrong")
    page.get_by_label("Name of the connection").fill("initech")
    page.get_by_role("button", name="Make the connection key").click()
    expect(page.get_by_text("Waiting for Odoo")).to_be_visible()
    anna.check("integrations-key")
    key = decode_connection_key(page.get_by_label("Connection key").input_value())
    page.get_by_role("button", name="Copy").click()

    say_hello(receiver, key)
    page.get_by_text("Odoo was heard").wait_for()
    anna.check("integrations-heard")
    page.get_by_role("button", name="Go to onboarding").click()
    expect(page.get_by_role("heading", name="Onboarding of initech")).to_be_visible()
    anna.check("onboarding-connected")
    send_entries(receiver, key)
    expect(page.get_by_text("400 records")).to_be_visible()
    anna.check("onboarding-import")


def test_an_address_that_leads_nowhere_is_said_at_its_field(anna: Visitor) -> None:
    page = anna.page
    anna.goto("/integrations/odoo/odoo-online")
    anna.check("integrations-ways-online")
    page.get_by_role("link", name="Pull, with an API key").click()
    anna.check("integrations-pull")
    page.get_by_label("Name of the connection").fill("umbrella")
    page.get_by_label("Odoo Database URL").fill("http://127.0.0.1:1")
    page.get_by_label("Odoo Username").fill("accountant@umbrella.example")
    page.get_by_label("Odoo API key").fill("a key")
    page.get_by_role("button", name="Next").click()

    expect(page.get_by_label("Odoo Database URL")).to_have_accessible_description(
        re.compile("No connection to Odoo's server comes about")
    )
    expect(page.get_by_label("Odoo Username")).to_have_value("accountant@umbrella.example")
    expect(page.get_by_label("Odoo API key")).to_have_value("")
    anna.check("integrations-pull-wrong")


def test_deleting_takes_the_name_typed(anna: Visitor) -> None:
    anna.receiver.add_connection("hooli")
    page = anna.page
    anna.goto("/integrations")
    page.get_by_role("link", name="Settings of hooli").click()
    anna.check("connection-settings")
    page.get_by_role("button", name="Delete the entire integration").click()
    page.get_by_label("Type hooli to go on").fill("holi")
    page.get_by_role("button", name="Delete the entire integration").click()
    expect(page.get_by_label("Type hooli to go on")).to_have_accessible_description(
        re.compile("nothing was deleted")
    )
    anna.check("connection-delete")
    page.get_by_label("Type hooli to go on").fill("hooli")
    page.get_by_role("button", name="Delete the entire integration").click()

    expect(page.get_by_text("hooli and all its data are deleted.")).to_be_visible()
    expect(page.get_by_role("link", name="Settings of hooli")).to_have_count(0)


def test_a_viewer_looks_and_changes_nothing(bob: Visitor) -> None:
    bob.goto("/integrations")
    expect(bob.page.get_by_role("heading", name="acme")).to_be_visible()
    expect(bob.page.get_by_role("button", name="Add")).to_have_count(0)
    expect(bob.page.get_by_role("link", name=re.compile("Settings of"))).to_have_count(0)
    bob.check("integrations-viewer")
    bob.page.get_by_role("link", name="Health").first.click()
    bob.check("health-viewer")


@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_a_phone_shows_them_all(chromium: Browser, receiver: Receiver, is_dark: bool) -> None:
    visitor = visit(chromium, receiver, width=PHONE, is_dark=is_dark)
    visitor.sign_in("anna")
    visitor.page.wait_for_url(receiver.url + "/")
    for path in (
        "/integrations",
        "/integrations/odoo/odoo-sh",
        "/integrations/odoo/self-hosted/pull",
        "/connections/acme/settings",
        "/connections/acme/onboarding",
        "/health/",
        "/health/acme/",
    ):
        visitor.goto(path)
        visitor.check(f"phone{path.replace('/', '-')}-{is_dark}")
