"""Signed requests, as the addon would send them."""

import json
import time
import uuid
from collections.abc import Iterable
from typing import Any

from flask.testing import FlaskClient
from monitr_wire.batch import BATCHES_PATH
from monitr_wire.connection_key import ConnectionKey
from monitr_wire.hello import HELLO_PATH, Hello, encode_hello
from monitr_wire.signature import signed_headers
from werkzeug.test import TestResponse

from tests.receiver.batches import body_of
from tests.receiver.records import Record

HELLO = Hello(
    series="19.0",
    addon_version="1.0.0",
    database_uuid="0a5e6d3c-6a1f-4c59-9a39-d6ad5d3ba52e",
    database_name="acme-production",
    language="en_US",
    company_ids=(1, 2),
    start_date="2024-01-01",
    push_every_minutes=60,
    is_scheduled=True,
    is_cron_active=True,
    late_seconds=4,
    odoo_url="https://odoo.acme.example",
)


def signed_post(
    client: FlaskClient, connection: ConnectionKey, path: str, body: bytes, **stamp: Any
) -> TestResponse:
    """``stamp`` is an id or a time other than ``headers_of`` would choose."""
    return client.post(path, data=body, headers=headers_of(connection, body, **stamp))


def headers_of(
    connection: ConnectionKey,
    body: bytes,
    *,
    message_id: str | None = None,
    timestamp: int | None = None,
) -> dict[str, str]:
    """The headers of a signed request, with a new id and the present time unless they are given."""
    return signed_headers(
        connection.connection_id,
        connection.secret,
        message_id or f"msg_{uuid.uuid4().hex}",
        int(time.time()) if timestamp is None else timestamp,
        body,
    )


def post_batch(
    client: FlaskClient, connection: ConnectionKey, body: bytes, **stamp: Any
) -> TestResponse:
    return signed_post(client, connection, BATCHES_PATH, body, **stamp)


def post_records(
    client: FlaskClient,
    connection: ConnectionKey,
    stream: str,
    records: Iterable[Record] = (),
    **more: object,
) -> dict[str, object]:
    """Stores the records through the front door and returns the receipt."""
    response = post_batch(client, connection, body_of(stream, records, **more))
    assert response.status_code == 200, response.get_data(as_text=True)
    return dict(response.get_json())


def post_hello(
    client: FlaskClient, connection: ConnectionKey, hello: Hello = HELLO
) -> TestResponse:
    return signed_post(client, connection, HELLO_PATH, json.dumps(encode_hello(hello)).encode())
