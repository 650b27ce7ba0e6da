"""Odoo's JSON-2, 19.0 and later: one call is one transaction, the key alone says who asks."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from receiver.errors import InvalidOdooAnswer
from receiver.pull.transport.http import Answer, Server, not_an_odoo
from receiver.pull.transport.jsonrpc import read_json
from receiver.pull.transport.odoo_errors import named, never_saying


class Json2Client:
    """An OdooClient by JSON-2."""

    name = "JSON-2"

    def __init__(self, server: Server, series: str, *, database: str, api_key: str) -> None:
        self.series = series
        self._server = server
        self._api_key = api_key
        self._headers = {"Authorization": f"bearer {api_key}".encode()}
        if database:  # without it, Odoo takes the only one that there is
            self._headers["X-Odoo-Database"] = database.encode()

    def call(
        self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any
    ) -> Any:
        named_arguments = arguments if ids is None else {"ids": list(ids), **arguments}
        body = json.dumps(named_arguments).encode()
        path = f"/json/2/{model}/{method}"
        answer = self._server.post(path, body, "application/json", self._headers)
        with never_saying(self._api_key):
            return _read(answer)


def _read(answer: Answer) -> Any:
    if answer.status == HTTPStatus.OK:
        return read_json(answer.body)
    try:
        error = read_json(answer.body)
    except InvalidOdooAnswer:
        error = None
    if isinstance(error, dict) and "name" in error:
        raise named(str(error["name"]), str(error.get("message")))
    raise not_an_odoo(answer.status)
