"""Servers that are no Odoo, too old an Odoo, or a hostile one; real Odoos are in tests/odoo."""

import json
import xmlrpc.client
from collections.abc import Callable
from typing import Any

import pytest

from receiver import errors
from receiver.pull.setup.connect import connect_odoo
from receiver.pull.transport.http import Server
from receiver.pull.transport.login import Access, naming_the_plan
from receiver.pull.transport.xmlrpc import XmlRpc
from tests.receiver.pull.servers import Reply, serving

KEY = "7b2c0d1e"
DEEP = 100_000
BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [
  <!ENTITY lol "lol">
  <!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
  <!ENTITY lol2 "&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;">
]>
<methodResponse><params><param><value>&lol2;</value></param></params></methodResponse>"""
OUTSIDE = b"""<?xml version="1.0"?>
<!DOCTYPE x [<!ENTITY passwords SYSTEM "file:///etc/passwd">]>
<methodResponse><params><param><value>&passwords;</value></param></params></methodResponse>"""


def connect(url: str, **values: str) -> None:
    given = {"database": "acme", "username": "accountant", "api_key": KEY, **values}
    connect_odoo(Access(url, **given), allow_private=True)


def by_json(result: Any) -> dict[str, Reply]:
    reply = {"jsonrpc": "2.0", "id": 1, "result": result}
    return {"/jsonrpc": Reply(200, json.dumps(reply).encode())}


def by_xml(result: Any) -> dict[str, Reply]:
    body = xmlrpc.client.dumps((result,), methodresponse=True).encode()
    return {"/xmlrpc/2/common": Reply(200, body)}


@pytest.mark.parametrize(
    "replies",
    [
        {},
        {"/jsonrpc": Reply(200, b"<html>"), "/xmlrpc/2/common": Reply(200, b"<html>")},
        {"/jsonrpc": Reply(200, b"null"), "/xmlrpc/2/common": Reply(404, b"")},
        {"/jsonrpc": Reply(200, b"{}"), "/web/version": Reply(200, b"[]")},
        {"/jsonrpc": Reply(200, b"[" * DEEP)},
        {"/jsonrpc": Reply(501), "/xmlrpc/2/common": Reply(501)},
        by_json("14.0"),
        by_json({"server_version": 14.0}),
        by_json({"server_version": "9" * 5000}),
        by_xml({"server_version": "unknown"}),
        {"/xmlrpc/2/common": Reply(200, BOMB)},
        {"/xmlrpc/2/common": Reply(200, OUTSIDE)},
        {"/xmlrpc/2/common": Reply(200, b"<methodResponse>" + b"<value>" * DEEP)},
    ],
)
def test_a_server_that_is_no_odoo(replies: dict[str, Reply]) -> None:
    with serving(replies) as url, pytest.raises(errors.NotAnOdoo):
        connect(url)


@pytest.mark.parametrize("speak", [by_json, by_xml])
@pytest.mark.parametrize("version", ["13.0", "13.0-20211231", "8.0", "saas~13.4"])
def test_an_odoo_that_knows_no_api_keys(
    speak: Callable[[Any], dict[str, Reply]], version: str
) -> None:
    """It says its version as every Odoo does."""
    with (
        serving(speak({"server_version": version})) as url,
        pytest.raises(errors.OdooTooOld, match=r"API keys exist in Odoo 14\.0 and later"),
    ):
        connect(url)


@pytest.mark.parametrize(
    "uid", ["nobody", [], {"uid": 1}, [[["deep"]]]], ids=["text", "list", "object", "nested"]
)
def test_an_odoo_that_answers_with_other_types(uid: Any) -> None:
    """Version and log-in come from the same path, so one answer stands for both."""
    answer = {"server_version": "14.0", "uid": uid}
    with serving(by_json(answer)) as url, pytest.raises(errors.InvalidOdooAnswer):
        connect(url)


@pytest.mark.parametrize("body", [BOMB, OUTSIDE, b"", b"\xff", b"<methodResponse/>", b"<value>"])
def test_xml_that_is_no_answer(body: bytes) -> None:
    with serving({"/xmlrpc/2/common": Reply(200, body)}) as url:
        services = XmlRpc(Server(url, allow_private=True))

        with pytest.raises(errors.InvalidOdooAnswer):
            services.call("common", "version")


@pytest.mark.parametrize("name", [f"odoo.{KEY}", "odoo.exceptions.AccessError"])
def test_the_key_is_in_no_error_and_no_representation(name: str) -> None:
    echo = {"name": name, "message": KEY, "debug": KEY}
    reply = {"jsonrpc": "2.0", "error": {"data": echo}}
    access = Access("acme.odoo.com", "acme", "accountant", KEY)

    with (
        serving({"/jsonrpc": Reply(200, json.dumps(reply).encode())}) as url,
        pytest.raises(errors.MonitrError) as refusal,
    ):
        connect(url)

    assert KEY not in str(refusal.value)
    assert KEY not in str(refusal.value.more)
    assert KEY not in repr(access)


@pytest.mark.parametrize(
    ("host", "error"),
    [
        ("acme.odoo.com", errors.RefusedByOdooOnline),
        ("acme-staging-1.dev.odoo.com", errors.WrongOdooKey),
        ("odoo.example", errors.WrongOdooKey),
    ],
)
def test_odoo_online_refuses_for_its_plan_too(host: str, error: type[errors.MonitrError]) -> None:
    with pytest.raises(error), naming_the_plan(host):
        raise errors.WrongOdooKey
