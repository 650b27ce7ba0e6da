"""Logging in to an Odoo by the best that its server offers: JSON-2, else JSON-RPC, else XML-RPC.

What a server offers is found by asking, not by the text of its version.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from monitr_wire.series import is_served

from receiver.errors import (
    InvalidOdooAnswer,
    MonitrError,
    NotAnOdoo,
    OdooCallRefused,
    OdooServerError,
    OdooTooOld,
    RefusedByOdooOnline,
    WrongOdooDatabase,
    WrongOdooKey,
)
from receiver.pull.transport.client import OdooClient, distrusting
from receiver.pull.transport.http import Server
from receiver.pull.transport.json2 import Json2Client
from receiver.pull.transport.jsonrpc import JsonRpc, read_json
from receiver.pull.transport.odoo_errors import never_saying
from receiver.pull.transport.xmlrpc import RpcClient, Services, XmlRpc

TRANSPORTS = (Json2Client.name, JsonRpc.name, XmlRpc.name)
VERSION = re.compile(r"(?:saas[~-])?(\d{1,3})\.(\d{1,3})")
ODOO_ONLINE = ".odoo.com"
ODOO_SH = ".dev.odoo.com"  # staging and development of Odoo.sh, where every plan has the API


@dataclass(frozen=True)
class Access:
    """The four values. The database may be empty where the server has a single one."""

    url: str
    database: str
    username: str
    api_key: str = field(repr=False)


@dataclass(frozen=True)
class OpenOdoo:
    """An Odoo that lets the user in. `access` has the address and database as they were found."""

    client: OdooClient
    uid: int
    access: Access
    transport: str  # one of TRANSPORTS


@dataclass(frozen=True)
class Offer:
    """Services that answer, and the series that they say."""

    services: Services
    series: str


def log_in(server: Server, access: Access) -> OpenOdoo:
    """Checks no rights. Raises a RetryLater or a NoAccess, never with the key in it."""
    with distrusting(), never_saying(access.api_key), naming_the_plan(server.host):
        series = _find_announced_series(server)
        if series and (odoo := _open_by_json2(server, series, access)):
            return odoo
        return _open_by_rpc(_offer(server, series), access)


def _open_by_json2(server: Server, series: str, access: Access) -> OpenOdoo | None:
    """None where JSON-2 is not offered, or not for this database."""
    client = Json2Client(server, series, database=access.database, api_key=access.api_key)
    try:
        uid = client.call("res.users", "context_get")["uid"]
    except NotAnOdoo:
        return None
    return OpenOdoo(client, int(uid), access, client.name)


def _offer(server: Server, announced: str | None) -> Offer:
    """Find what the server offers. Where an Odoo that announced itself has JSON-2 alone, the
    database was not found."""
    try:
        return _find_services(server)
    except NotAnOdoo as error:
        if announced:
            raise WrongOdooDatabase from error
        raise


def _find_services(server: Server) -> Offer:
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


def _open_by_rpc(offer: Offer, access: Access) -> OpenOdoo:
    database = access.database or _only_database(offer, urlsplit(access.url).hostname or "")
    access = replace(access, database=database)
    uid = _authenticate(offer, access)
    if not uid:
        raise WrongOdooKey
    client = RpcClient(
        offer.services, offer.series, database=database, uid=int(uid), api_key=access.api_key
    )
    return OpenOdoo(client, int(uid), access, offer.services.name)


def _only_database(offer: Offer, host: str) -> str:
    if _is_odoo_online(host):
        return host.removesuffix(ODOO_ONLINE)
    try:
        names = offer.services.call("db", "list")
    except MonitrError as error:  # refused by most servers, gone in later series
        raise WrongOdooDatabase(
            "This Odoo does not tell the names of its databases: enter the database's name."
        ) from error
    if len(names) != 1:
        raise WrongOdooDatabase(
            "This Odoo has several databases, or none: enter the database's name."
        )
    return str(names[0])


def _authenticate(offer: Offer, access: Access) -> Any:
    login = (access.database, access.username, access.api_key)
    try:
        return offer.services.call("common", "authenticate", *login, {})
    except OdooServerError as error:
        if _has_database(offer, access.database):
            raise
        raise WrongOdooDatabase from error


def _has_database(offer: Offer, database: str) -> bool:
    try:
        return bool(offer.services.call("db", "db_exist", database))
    except (OdooServerError, OdooCallRefused, WrongOdooKey):
        return True  # not told: then the server's own error stands


def _find_announced_series(server: Server) -> str | None:
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
    series = f"{found[1]}.{found[2]}"
    if not is_served(series):
        raise OdooTooOld(
            "This is Odoo %(series)s. API keys exist in Odoo 14.0 and later: upgrade it first.",
            series=found[0],
        )
    return series


@contextmanager
def naming_the_plan(host: str) -> Iterator[None]:
    """There, right values may be refused too: for the plan."""
    try:
        yield
    except WrongOdooKey as error:
        if _is_odoo_online(host):
            raise RefusedByOdooOnline from error
        raise


def _is_odoo_online(host: str) -> bool:
    return host.endswith(ODOO_ONLINE) and not host.endswith(ODOO_SH)
