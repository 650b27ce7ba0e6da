"""/integrations: what each of the cast sees, and adding an Odoo that pushes."""

import re

import pytest
from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey, decode_connection_key
from sqlalchemy import Engine

from receiver.db.connections.connections import get_connection
from receiver.db.engine import reading
from tests.receiver.signed import post_hello
from tests.receiver.web.pages.conftest import Browser

PUSH = "/integrations/odoo/self-hosted/push"
SCRIPT = "<script>alert(1)</script>"


def key_on(page: str) -> ConnectionKey:
    found = re.search(r'id="key"[^>]* value="([^"]+)"', page)
    assert found
    return decode_connection_key(found[1])


def test_an_administrator_sees_every_card_and_its_gear(
    anna: Browser, acme: ConnectionKey, globex: ConnectionKey
) -> None:
    page = anna.get("/integrations").text

    assert "/connections/acme/settings" in page
    assert "/connections/globex/settings" in page
    assert "/integrations/odoo" in page


def test_a_viewer_sees_their_own_card_without_a_gear(bob: Browser, globex: ConnectionKey) -> None:
    page = bob.get("/integrations").text

    assert "acme" in page
    assert "/settings" not in page
    assert "globex" not in page
    assert 'href="/integrations/odoo"' not in page


@pytest.mark.parametrize("path", ["/integrations/odoo", "/integrations/odoo/odoo-sh", PUSH])
def test_who_administers_one_connection_alone_adds_none(carol: Browser, path: str) -> None:
    assert carol.get(path).status_code == 403
    assert carol.post(PUSH, {"name": "new"}).status_code == 403


def test_odoo_online_offers_no_addon(anna: Browser) -> None:
    page = anna.get("/integrations/odoo/odoo-online").text

    assert "/push" not in page
    assert "Custom plan" in page.replace("&#39;s Custom\n", "")
    assert anna.get("/integrations/odoo/odoo-online/push").status_code == 404
    assert anna.get("/integrations/odoo/nowhere").status_code == 404


def test_a_new_key_is_shown_once_and_pairs_an_odoo(
    anna: Browser, client: FlaskClient, engine: Engine
) -> None:
    answer = anna.post(PUSH, {"name": " acme "})
    key = key_on(answer.text)

    assert "Waiting for Odoo" in anna.get("/connections/acme/contact").text
    assert post_hello(client, key).status_code == 200
    assert "Odoo was heard" in anna.get("/connections/acme/contact").text
    assert key.secret not in anna.get("/connections/acme/settings").text
    with reading(engine) as db:
        assert get_connection(db, "acme").public_id == key.connection_id


def test_the_waiting_page_says_what_stands_in_the_way(
    anna: Browser, client: FlaskClient, acme: ConnectionKey
) -> None:
    wrong = acme._replace(secret="whsec_" + "A" * 43 + "=")

    post_hello(client, wrong)

    assert "for none of its keys signed it" in anna.get("/connections/acme/contact").text


@pytest.mark.parametrize("name", ["", "a b", "../x", SCRIPT, "a" * 64, "acme"])
def test_a_name_that_does_not_do_is_said_at_its_field(
    anna: Browser, acme: ConnectionKey, name: str
) -> None:
    answer = anna.post(PUSH, {"name": name})

    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text
    assert SCRIPT not in answer.text


def test_adding_needs_the_token_of_a_page(anna: Browser, engine: Engine) -> None:
    answer = anna.client.post(PUSH, base_url="https://localhost", data={"name": "acme"})

    assert answer.status_code == 400
    assert "acme" not in anna.get("/integrations").text
