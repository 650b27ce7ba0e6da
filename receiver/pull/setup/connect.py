"""Connecting: from the four values that people enter to an Odoo that lets the user in, with the
languages and companies to choose from.

    address -> log in (transport/login.py) -> check rights -> languages, companies
            -> rehearse a pull -> what there is to know of the key
"""

from dataclasses import dataclass, replace
from typing import Any

from receiver.errors import WrongOdooDatabase, WrongOdooKey
from receiver.pull.scope import EVERYWHERE, OdooInScope, Scope
from receiver.pull.setup.address import read_odoo_url
from receiver.pull.setup.keys import KeyFound, check_key
from receiver.pull.setup.privileges import list_writable
from receiver.pull.setup.rehearse import rehearse
from receiver.pull.setup.rights import check_rights
from receiver.pull.transport.client import OdooClient, distrusting
from receiver.pull.transport.http import Heard, Limits, Server
from receiver.pull.transport.login import Access, OpenOdoo, log_in


@dataclass(frozen=True)
class Language:
    code: str  # such as "fr_FR"
    name: str


@dataclass(frozen=True)
class Company:
    id: int
    name: str


@dataclass(frozen=True)
class FoundOdoo:
    """An Odoo that is open, checked, and what it lets the user choose from."""

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
    return log_in(server, access)


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


def _read_user(odoo: OpenOdoo) -> dict[str, Any]:
    """Odoo may have looked at the key alone, so the user's name must be compared."""
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
