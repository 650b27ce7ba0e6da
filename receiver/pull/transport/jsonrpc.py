"""The same services as JSON-RPC: a quarter of the size, and every character comes through."""

import json
from http import HTTPStatus
from typing import Any

from receiver.errors import InvalidOdooAnswer
from receiver.pull.transport.http import Server, not_an_odoo
from receiver.pull.transport.odoo_errors import named


class JsonRpc:
    """The services by JSON-RPC."""

    name = "JSON-RPC"

    def __init__(self, server: Server) -> None:
        self._server = server

    def call(self, service: str, method: str, *arguments: Any) -> Any:
        params = {"service": service, "method": method, "args": arguments}
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}).encode()
        answer = self._server.post("/jsonrpc", body, "application/json")
        if answer.status != HTTPStatus.OK:
            raise not_an_odoo(answer.status)
        return _read(answer.body)


def _read(body: bytes) -> Any:
    reply = read_json(body)
    if not isinstance(reply, dict) or reply.get("jsonrpc") != "2.0":
        raise InvalidOdooAnswer
    if "error" not in reply:
        return reply.get("result")  # a method that returns None leaves no result
    error = reply["error"]
    data = error.get("data") if isinstance(error, dict) else None
    if not isinstance(data, dict):
        raise InvalidOdooAnswer
    raise named(str(data.get("name")), str(data.get("message")))


def read_json(body: bytes) -> Any:
    """Raises InvalidOdooAnswer."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidOdooAnswer from error
