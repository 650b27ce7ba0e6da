"""What a server offers: found by asking, not by the text of its version."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from receiver.errors import (
    InvalidOdooAnswer,
    MonitrError,
    NotAnOdoo,
    OdooServerError,
    OdooTooOld,
)
from receiver.pull.transport.http import Server
from receiver.pull.transport.jsonrpc import JsonRpc, read_json
from receiver.pull.transport.xmlrpc import Services, XmlRpc

OLDEST_MAJOR = 14
VERSION = re.compile(r"(?:saas[~-])?(\d{1,3})\.(\d{1,3})")


@dataclass(frozen=True)
class Offer:
    """Services that answer, and the series that they say."""

    services: Services
    series: str


def find_services(server: Server) -> Offer:
    """JSON-RPC, or else XML-RPC. Raises NotAnOdoo, OdooTooOld and what keeps a server silent."""
    refusal: MonitrError = NotAnOdoo()
    for services in (JsonRpc(server), XmlRpc(server)):
        try:
            version = services.call("common", "version")
        except (NotAnOdoo, OdooServerError) as error:
            refusal = error
        except InvalidOdooAnswer:
            continue
        else:
            return Offer(services, _series_of(version, "server_version"))
    raise refusal


def find_announced_series(server: Server) -> str | None:
    """What servers say that may speak JSON-2 and nothing else. Raises OdooTooOld."""
    answer = server.get("/web/version")
    if answer.status != HTTPStatus.OK:
        return None
    try:
        return _series_of(read_json(answer.body), "version")
    except (InvalidOdooAnswer, NotAnOdoo):
        return None


def _series_of(answer: Any, key: str) -> str:
    version = answer.get(key) if isinstance(answer, dict) else None
    found = VERSION.match(version) if isinstance(version, str) else None
    if found is None:
        raise NotAnOdoo
    if int(found[1]) < OLDEST_MAJOR:
        raise OdooTooOld(
            "This is Odoo %(series)s. API keys exist in Odoo 14.0 and later: upgrade it first.",
            series=found[0],
        )
    return f"{found[1]}.{found[2]}"
