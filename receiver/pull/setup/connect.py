"""Connecting: from the four values that people enter to an Odoo that lets the user in, with the
languages and companies to choose from.

    address -> probe -> log in (JSON-2 | JSON-RPC | XML-RPC) -> check rights
            -> languages, companies -> rehearse a pull -> what there is to know of the key
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from receiver.errors import (
    MonitrError,
    NotAnOdoo,
    OdooCallRefused,
    OdooServerError,
    RefusedByOdooOnline,
    WrongOdooDatabase,
    WrongOdooKey,
)
from receiver.pull.scope import EVERYWHERE, OdooInScope, Scope
from receiver.pull.setup.address import read_odoo_url
from receiver.pull.setup.discovery import Offer, find_announced_series, find_services
from receiver.pull.setup.keys import KeyFound, check_key
from receiver.pull.setup.privileges import list_writable
from receiver.pull.setup.rehearse import rehearse
from receiver.pull.setup.rights import check_rights
from receiver.pull.transport.client import OdooClient
from receiver.pull.transport.http import Heard, Limits, Server
from receiver.pull.transport.json2 import Json2Client
from receiver.pull.transport.odoo_errors import never_saying
from receiver.pull.transport.response_checks import distrusting
from receiver.pull.transport.xmlrpc import RpcClient

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
class Language:
    code: str  # such as "fr_FR"
    name: str


@dataclass(frozen=True)
class Company:
    id: int
    name: str


@dataclass(frozen=True)
class OpenOdoo:
    """An Odoo that lets the user in. `access` has the address and database as they were found."""

    client: OdooClient
    uid: int
    access: Access
    transport: str  # "JSON-2", "JSON-RPC" or "XML-RPC"


@dataclass(frozen=True)
class FoundOdoo:
    """The same, checked, and what it lets the user choose from."""

    client: OdooClient
    access: Access
    transport: str
    languages: tuple[Language, ...]
    companies: tuple[Company, ...]
    key: KeyFound
    writable: tuple[str, ...]  # models that the user may write too
    is_analytic_readable: bool = True  # else what is analytic is left out


def connect_odoo(access: Access, *, allow_private: bool, limits: Limits | None = None) -> FoundOdoo:
    """Raises a RetryLater or a NoAccess, never with the key in it."""
    odoo = open_odoo(access, allow_private=allow_private, limits=limits)
    with distrusting():
        user = _read_user(odoo)
        check_rights(odoo.client, odoo.uid, odoo.access.username)
        languages, companies = _languages(odoo.client), _companies(odoo.client, user)
        misses_analytic = _rehearse(odoo.client, languages, companies)
        return FoundOdoo(
            client=odoo.client,
            access=odoo.access,
            transport=odoo.transport,
            languages=languages,
            companies=companies,
            key=check_key(odoo.client, odoo.uid),
            writable=list_writable(odoo.client),
            is_analytic_readable=not misses_analytic,
        )


def open_odoo(
    access: Access,
    *,
    allow_private: bool,
    limits: Limits | None = None,
    heard: Heard = lambda _seconds: None,
) -> OpenOdoo:
    """Logs in by the best that the server offers; checks no rights. Raises as connect_odoo does."""
    url = read_odoo_url(access.url, allow_http=allow_private)
    access = _checked(replace(access, url=url))
    server = Server(url, allow_private=allow_private, limits=limits, heard=heard)
    with distrusting(), never_saying(access.api_key), naming_the_plan(server.host):
        series = find_announced_series(server)
        if series and (odoo := _open_by_json2(server, series, access)):
            return odoo
        return _open_by_rpc(_offer(server, series), access)


def _checked(access: Access) -> Access:
    """Without spaces around, as they are pasted; what no Odoo accepts is not sent to it."""
    database, username, api_key = (
        text.strip() for text in (access.database, access.username, access.api_key)
    )
    if not username or not username.isprintable():
        raise WrongOdooKey("Enter the username of the API key's owner.", path="/username")
    if not database.isprintable():
        raise WrongOdooDatabase
    if not api_key or not api_key.isascii() or not api_key.isprintable():
        raise WrongOdooKey
    return replace(access, database=database, username=username, api_key=api_key)


def _open_by_json2(server: Server, series: str, access: Access) -> OpenOdoo | None:
    """None where JSON-2 is not offered, or not for this database."""
    client = Json2Client(server, series, database=access.database, api_key=access.api_key)
    try:
        uid = client.call("res.users", "context_get")["uid"]
    except NotAnOdoo:
        return None
    return OpenOdoo(client, int(uid), access, "JSON-2")


def _offer(server: Server, announced: str | None) -> Offer:
    """Find what the server offers. Where an Odoo that announced itself has JSON-2 alone, the
    database was not found."""
    try:
        return find_services(server)
    except NotAnOdoo as error:
        if announced:
            raise WrongOdooDatabase from error
        raise


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


def _read_user(odoo: OpenOdoo) -> dict[str, Any]:
    """JSON-2 looks at the key alone, so the user's name must be compared."""
    (user,) = odoo.client.call(
        "res.users",
        "read",
        [odoo.uid],
        fields=["login", "company_ids"],
        context=EVERYWHERE,  # 19 refuses to list companies of which one is archived
    )
    if user["login"].casefold() != odoo.access.username.casefold():
        raise WrongOdooKey(
            "Odoo accepts this API key, but it belongs to another user. Enter the username of the"
            " key's owner.",
            path="/username",
        )
    return dict(user)


def _languages(client: OdooClient) -> tuple[Language, ...]:
    return tuple(
        Language(str(code), str(name)) for code, name in client.call("res.lang", "get_installed")
    )


def _companies(client: OdooClient, user: dict[str, Any]) -> tuple[Company, ...]:
    """No archived ones: nobody can read their books."""
    domain = [("id", "in", [int(id) for id in user["company_ids"]])]
    rows = client.call("res.company", "search_read", domain=domain, fields=["name"])
    return tuple(Company(int(row["id"]), str(row["name"])) for row in rows)


def _rehearse(
    client: OdooClient, languages: tuple[Language, ...], companies: tuple[Company, ...]
) -> bool:
    """What is accepted here can be pulled, whatever is chosen of it; it may miss what is analytic,
    which is told."""
    scope = Scope(tuple(company.id for company in companies), languages[0].code)
    return rehearse(OdooInScope(client, scope, waits=()))


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
