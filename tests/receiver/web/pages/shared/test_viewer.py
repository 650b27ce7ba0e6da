"""What a page asks of ``viewer.py``: who sees which connection, and who may set it up."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask, g, render_template_string
from monitr_wire.connection_key import ConnectionKey

from receiver.app import create_app
from receiver.config import Config
from receiver.web.current import ENGINE
from receiver.web.pages.shared.blueprint import PagesBlueprint
from receiver.web.pages.shared.viewer import (
    choose_connection,
    get_administered_connection,
    get_viewed_connection,
)
from tests.receiver.web.pages.conftest import SECURE, Browser

FORM_TOKEN = re.compile(r"csrf_token\" value=\"[^\"]*|X-CSRFToken[^}]*")  # of this second


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    """With the simplest pages there can be."""
    app = create_app(config)
    pages = PagesBlueprint("test_viewer")
    pages.add_url_rule("/see/<name>", "see", lambda name: get_viewed_connection(name).name)
    pages.add_url_rule("/set/<name>", "set", lambda name: get_administered_connection(name).name)
    pages.add_url_rule("/first", "first", lambda: f"{choose_connection(None)} {g.connection}")
    pages.add_url_rule("/links/<connection>", "links", show_links)
    app.register_blueprint(pages)
    yield app
    app.extensions[ENGINE].dispose()


def show_links(connection: str) -> str:
    get_viewed_connection(connection)
    another = "{{ address_for(connection='globex') }} {{ address_for(company_id=2) }}"
    return render_template_string(another)


def statuses(browser: Browser) -> list[int]:
    paths = ("/see/acme", "/set/acme", "/see/globex", "/set/globex")
    return [browser.get(path).status_code for path in paths]


def test_each_sees_and_sets_up_what_their_role_allows(
    anna: Browser, bob: Browser, carol: Browser, globex: ConnectionKey
) -> None:
    assert statuses(anna) == [200, 200, 200, 200]
    assert statuses(bob) == [200, 403, 404, 404]
    assert statuses(carol) == [200, 200, 404, 404]


def test_a_connection_they_may_not_see_looks_like_none(bob: Browser, globex: ConnectionKey) -> None:
    hidden, absent = (
        FORM_TOKEN.sub("", bob.get(f"/see/{name}").text) for name in ("globex", "nothing")
    )

    assert hidden.replace("globex", "nothing") == absent


def test_the_first_is_the_first_that_they_see(
    bob: Browser, anna: Browser, globex: ConnectionKey
) -> None:
    assert "name='acme'" in bob.get("/first").text


def test_without_a_connection_there_is_no_first(anna: Browser) -> None:
    assert anna.get("/first").text == "None None"


def test_htmx_is_led_to_sign_in_as_a_whole_page(browser: Browser) -> None:
    answer = browser.client.get("/first", base_url=SECURE, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in")


def test_who_is_not_signed_in_comes_back_afterwards(browser: Browser) -> None:
    answer = browser.get("/see/acme?company_id=2")

    assert answer.headers["Location"] == "/sign-in?next=/see/acme?company_id%3D2"


def test_the_choosers_keep_the_page(anna: Browser, acme: ConnectionKey) -> None:
    page = anna.get("/links/acme?company_id=1&as_of=2026-01-31").text

    assert page == "/links/globex /links/acme?company_id=2&amp;as_of=2026-01-31"


def test_a_query_cannot_lead_the_choosers_elsewhere(anna: Browser, acme: ConnectionKey) -> None:
    page = anna.get("/links/acme?_external=1&_scheme=javascript&endpoint=1").text

    assert all(address.startswith("/links/") for address in page.split())
