"""No page is beaten by what a browser that means harm sends: every page and form, the same requests
in every run."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NoReturn

import pytest
from flask import Flask
from sqlalchemy import Engine
from werkzeug.routing import Rule

import receiver.web
from receiver.web.pages.shared.blueprint import PagesBlueprint
from tests.receiver.web.addresses import HISTORIES, NAMED, STATEMENTS
from tests.receiver.web.pages.conftest import SECURE, add_user, signed_in

ROUNDS = 3  # of each page and form; with SEED they say what is sent
SEED = 20261130
FIELDS_AT_ONCE = 6
FIELD = re.compile(r'(?:name=|parts\.(?:field|choice|chosen)\()"(\w+)"')
TEMPLATES = Path(receiver.web.__file__).with_name("templates")
PARAMETERS = ("company_id", "connection", "from", "to", "by", "comparison", "as_of", "type")
PARAMETERS += ("page", "next", "format", "line_id", "total", "account_id", "plan_id", "cursor")
PARAMETERS += ("limit", "detail", "zeros", "structure_id", "aged_from", "partner", "sort", "query")
VALUES = (
    *("", " ", "1", "-1", "0", "9" * 18, "9" * 30, "9" * 5000, "1.5", "1e9", "NaN", "\u0661"),
    *("0001-01-01", "9999-12-31", "10000-01-01", "2025-02-30", "0000-00-00"),
    *("a\0b", "\x01", "\ufffd", "\u202e", "x" * 10_000, "%", "_", "%s%n", "{{7*7}}", "=1+1"),
    *("<script>", "' OR 1=1 --", "../../etc/passwd", "//evil.example", "http://[", "https://a:b"),
    *("true", "yes", "csv", "xlsx", "html", "total", "year", "acme", "anna", "[" * 500, "null"),
)


@pytest.fixture(autouse=True)
def nobody_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of Odoos that are made up cost no time."""

    def look_up(*_: object, **__: object) -> NoReturn:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_every_page_and_form_answers(app: Flask, engine: Engine, books: None) -> None:
    add_user(engine, "anna", is_administrator=True)
    random, names = Random(SEED), [*PARAMETERS, *fields_of_forms()]
    statuses = []

    for rule, method in [each for each in pages_of(app) for _ in range(ROUNDS)]:
        client = signed_in(app, "anna").client  # the request before may have signed out
        path, sent = path_of(rule, random), fields(random, names)
        headers = {"Accept": "text/html", "HX-Request": random.choice(["true", ""])}
        if method == "POST":
            sent["csrf_token"] = token_of(client.get("/account", base_url=SECURE).text)
        where = "data" if method == "POST" else "query_string"
        answer = client.open(path, method=method, base_url=SECURE, headers=headers, **{where: sent})
        statuses.append((answer.status_code, method, path, sent))

    assert [each for each in statuses if each[0] >= 500] == []
    assert len(statuses) > 200
    assert len([each for each in statuses if each[0] < 400]) > 50


def pages_of(app: Flask) -> Iterator[tuple[Rule, str]]:
    pages = {name for name, part in app.blueprints.items() if isinstance(part, PagesBlueprint)}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] in pages:
            yield from (
                (rule, method) for method in ("GET", "POST") if method in (rule.methods or ())
            )


def fields_of_forms() -> list[str]:
    texts = [each.read_text() for each in TEMPLATES.rglob("*.html")]
    names = {name for text in texts for name in FIELD.findall(text)}
    assert len(names) > 30
    return sorted(names)


def path_of(rule: Rule, random: Random) -> str:
    """Mostly one that is there."""
    known = {**NAMED, "statement": random.choice(STATEMENTS)}
    if "any(" in rule.rule and "name" in rule.arguments:
        known["name"] = random.choice(HISTORIES)
    elif random.random() < 0.3:
        known |= dict.fromkeys(rule.arguments - {"statement"}, random.choice(VALUES) or "x")
    built = rule.build({name: known.get(name, "1") for name in rule.arguments})
    assert built is not None
    return built[1]


def fields(random: Random, names: list[str]) -> dict[str, str]:
    chosen = random.sample(names, FIELDS_AT_ONCE)
    return {name: random.choice(VALUES) for name in chosen}


def token_of(page: str) -> str:
    return page.split('name="csrf_token" value="')[1].split('"')[0]
