"""The hello is JSON as it is, with the contract's version."""

import json

from monitr_wire import CONTRACT_VERSION
from monitr_wire.hello import HELLO_FIELDS, LONGEST_FAILURE, Hello, encode_hello

HELLO = Hello(
    series="19.0",
    addon_version="1.0.0",
    database_uuid="5a3c3d5e-0000-4000-8000-000000000000",
    database_name="acme",
    language="fr_BE",
    company_ids=(1, 3),
    start_date=None,
    push_every_minutes=15,
    is_scheduled=True,
    is_cron_active=True,
    late_seconds=31,
    failing_since="2026-01-31T14:02:05Z",
    failure="https://monitr.example.com cannot be reached from this Odoo server.",
    odoo_url="https://odoo.acme.example",
    failure_parts={
        "text": "%(address)s cannot be reached from this Odoo server.",
        "values": {"address": "https://monitr.example.com"},
    },
)


def test_a_hello_is_json_as_it_is() -> None:
    body = encode_hello(HELLO)

    assert json.loads(json.dumps(body)) == body
    assert body == {
        "contract": CONTRACT_VERSION,
        "series": "19.0",
        "addon_version": "1.0.0",
        "database_uuid": "5a3c3d5e-0000-4000-8000-000000000000",
        "database_name": "acme",
        "language": "fr_BE",
        "company_ids": [1, 3],
        "start_date": None,
        "push_every_minutes": 15,
        "is_scheduled": True,
        "is_cron_active": True,
        "late_seconds": 31,
        "failing_since": "2026-01-31T14:02:05Z",
        "failure": "https://monitr.example.com cannot be reached from this Odoo server.",
        "odoo_url": "https://odoo.acme.example",
        "failure_parts": {
            "text": "%(address)s cannot be reached from this Odoo server.",
            "values": {"address": "https://monitr.example.com"},
        },
        "missed_since": None,
        "missed": None,
        "unwatched": None,
    }


def test_a_failure_is_sent_as_one_line_whatever_it_quotes() -> None:
    failure = "Line 3:\n\tgot 'a\x00\x7f\ud800b'.\u2028"

    assert encode_hello(HELLO._replace(failure=failure))["failure"] == "Line 3: got 'a b'."


def test_a_long_failure_is_cut() -> None:
    body = encode_hello(HELLO._replace(failure="x" * 10_000))

    assert body["failure"] == "x" * LONGEST_FAILURE


def test_what_an_odoo_cannot_tell_is_null() -> None:
    body = encode_hello(HELLO._replace(late_seconds=None, failing_since=None, failure=None))

    assert (body["late_seconds"], body["failing_since"], body["failure"]) == (None, None, None)


def test_the_values_of_a_failure_are_sent_as_one_line_too() -> None:
    inner = {"text": "got %(got)s", "values": {"got": "a\n\ud800b", "line": 3}}
    parts = {"text": "It %(what)s.", "values": {"what": inner}}

    sent = encode_hello(HELLO._replace(failure_parts=parts))["failure_parts"]

    cleaned = {"text": "got %(got)s", "values": {"got": "a b", "line": 3}}
    assert sent == {"text": "It %(what)s.", "values": {"what": cleaned}}


def test_a_failure_of_many_values_is_sent_without_them() -> None:
    parts = {"text": "", "values": {str(number): "x" * 1000 for number in range(10)}}

    assert encode_hello(HELLO._replace(failure_parts=parts))["failure_parts"] is None


def test_every_value_of_a_hello_is_described_in_order() -> None:
    assert tuple(field.name for field in HELLO_FIELDS) == Hello._fields


def test_an_older_addon_may_leave_out_all_but_the_required() -> None:
    required = [field.name for field in HELLO_FIELDS if field.required]

    assert required == [name for name in Hello._fields if name not in Hello._field_defaults]
