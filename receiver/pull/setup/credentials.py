"""How a connection's Odoo is read with an API key: tried first, then stored.

The one place for the command line, the API and the pages. A connection may have such an access, or
be pushed, and change between both: what it holds stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.accounting.ledger import has_entries, list_companies, list_first_entries
from receiver.db.connections.connections import Connection, get_connection, lock_connection
from receiver.db.connections.odoo_accesses import (
    OdooAccess,
    delete_odoo_access,
    find_odoo_access,
    get_odoo_access,
    save_odoo_access,
    update_key_expiry,
)
from receiver.db.engine import reading, writing
from receiver.errors import ChangedMeanwhile, OtherBooks
from receiver.pairing import add_connection_without_key
from receiver.pull.scope import out_of_sight
from receiver.pull.setup.choose import choose_companies, choose_language
from receiver.pull.setup.connect import FoundOdoo, connect_odoo, open_odoo
from receiver.pull.setup.database_identity import ENTRIES_COMPARED, check_same_books
from receiver.pull.setup.keys import check_key
from receiver.pull.transport.client import distrusting
from receiver.pull.transport.http import Heard, Limits
from receiver.pull.transport.login import Access, OpenOdoo
from receiver.pull.transport.proxied import read_proxy

SECONDS_WHILE_SOMEONE_WAITS = 30  # for one answer; a cold Odoo's first one takes a few


@dataclass(frozen=True)
class Choice:
    """What is read of the Odoo that was found."""

    language: str | None = None  # None where there is a single one
    companies: Sequence[str] = ()  # ids or names; none of them is all
    instead_of: OdooAccess | None = None  # None: whatever is stored by now


UNCHANGED = Choice()


def find_odoo(config: Config, access: Access) -> FoundOdoo:
    """Stores nothing. Raises a RetryLater or a NoAccess."""
    limits = _limits(config)
    quick = replace(limits, answer_seconds=min(limits.answer_seconds, SECONDS_WHILE_SOMEONE_WAITS))
    return connect_odoo(access, allow_private=config.allow_private_addresses, limits=quick)


def open_stored_odoo(config: Config, stored: OdooAccess, heard: Heard) -> OpenOdoo:
    """Open a stored Odoo for a pull. Raises a RetryLater or a NoAccess, and what `heard` raises."""
    access = _access_of(stored, config.decrypt(stored.encrypted_api_key))
    private = config.allow_private_addresses
    return open_odoo(access, allow_private=private, limits=_limits(config), heard=heard)


def add_pulled_connection(
    engine: Engine, config: Config, name: str, found: FoundOdoo, choice: Choice
) -> OdooAccess:
    """A new connection. Raises NameTaken, UnknownLanguage, UnknownCompany."""
    access = _chosen(config, found, choice)
    with writing(engine) as db:
        connection_id = add_connection_without_key(db, name, access.checked_at)
        save_odoo_access(db, connection_id, access)
    return access


def set_access(
    engine: Engine, config: Config, name: str, found: FoundOdoo, choice: Choice
) -> OdooAccess:
    """Set how the connection is pulled from now on. Raises NotFound, UnknownLanguage,
    UnknownCompany, OtherBooks where it holds those of another Odoo, and ChangedMeanwhile where the
    access that the choice is instead of is not the stored one any more.
    """
    access = _chosen(config, found, choice)
    with reading(engine) as db:
        connection = get_connection(db, name)
    _check_books(engine, connection, found)
    with writing(engine) as db:
        lock_connection(db, connection.id)
        before = choice.instead_of
        if before and not _is_as_before(find_odoo_access(db, connection.id), before):
            raise ChangedMeanwhile(
                "Someone else changed how this Odoo is read meanwhile, so your change was not"
                " stored. Look at what it is now, and try again."
            )
        save_odoo_access(db, connection.id, access)
    return access


def _is_as_before(stored: OdooAccess | None, before: OdooAccess) -> bool:
    """In what a person chooses: the rest is noted by each pull."""
    return stored is not None and all(
        getattr(stored, name) == getattr(before, name)
        for name in ("url", "username", "encrypted_api_key", "language", "company_ids")
    )


def change_access(
    engine: Engine,
    config: Config,
    name: str,
    *,
    api_key: str | None = None,
    choice: Choice = UNCHANGED,
) -> OdooAccess:
    """Another key of the same user, another choice, or both; what is not given stays as it is.

    A new key must do for all that is chosen, or else the old one stays. Raises as find_odoo,
    complete_choice and set_access do, and ChangedMeanwhile where another change was stored while
    Odoo was asked.
    """
    with reading(engine) as db:
        stored = get_odoo_access(db, get_connection(db, name).id, name)
    key = config.decrypt(stored.encrypted_api_key) if api_key is None else api_key
    found = find_odoo(config, _access_of(stored, key))
    complete = complete_choice(engine, name, found, choice)
    return set_access(engine, config, name, found, replace(complete, instead_of=stored))


def complete_choice(engine: Engine, name: str, found: FoundOdoo, choice: Choice) -> Choice:
    """The choice, and what the connection has chosen until now where it leaves something open.

    Raises NotFound, and MissingPermissions where a company that stays chosen is out of sight.
    """
    with reading(engine) as db:
        connection = get_connection(db, name)
        stored = get_odoo_access(db, connection.id, name)
        names = {each.id: each.name or "" for each in list_companies(db, connection.id)}
    companies = choice.companies or stored.company_ids.split(",")
    seen = [str(company.id) for company in found.companies]
    unseen = [] if choice.companies else [int(id) for id in companies if id not in seen]
    if unseen:
        raise out_of_sight(unseen, names)
    return Choice(choice.language or stored.language, companies)


def remove_access(engine: Engine, name: str) -> None:
    """Remove the access: from now on the connection is for the addon to push. Raises NotFound."""
    with writing(engine) as db:
        connection_id = get_connection(db, name).id
        get_odoo_access(db, connection_id, name)
        delete_odoo_access(db, connection_id)


def note_key(engine: Engine, connection_id: int, odoo: OpenOdoo) -> None:
    """Stores anew when the key ends, for each pull to call. Raises a RetryLater."""
    with distrusting():
        key = check_key(odoo.client, odoo.uid)
    with writing(engine) as db:
        update_key_expiry(db, connection_id, key.expires_at, key.key_count)


def _limits(config: Config) -> Limits:
    return Limits(
        answer_seconds=config.odoo_answer_seconds,
        answer_bytes=config.odoo_answer_bytes,
        calls_at_once=config.odoo_calls_at_once,
        pause_seconds=config.odoo_pause_ms / 1000,
        ca=config.odoo_ca,
        proxy=read_proxy(config.odoo_proxy) if config.odoo_proxy else None,
    )


def _access_of(stored: OdooAccess, api_key: str) -> Access:
    return Access(stored.url, stored.database_name, stored.username, api_key)


def _chosen(config: Config, found: FoundOdoo, choice: Choice) -> OdooAccess:
    company_ids = choose_companies(found.companies, choice.companies)
    return OdooAccess(
        url=found.access.url,
        database_name=found.access.database,
        username=found.access.username,
        encrypted_api_key=config.encrypt(found.access.api_key),
        language=choose_language(found.languages, choice.language),
        company_ids=",".join(map(str, company_ids)),
        checked_at=datetime.now(UTC),
        key_expires_at=found.key.expires_at,
        key_count=found.key.key_count,
        writable=",".join(found.writable),
        lacks_analytic=not found.is_analytic_readable,
    )


def _check_books(engine: Engine, connection: Connection, found: FoundOdoo) -> None:
    seen = [company.id for company in found.companies]
    with reading(engine) as db:
        stored = list_first_entries(db, connection.id, seen, ENTRIES_COMPARED)
        is_without_books = not has_entries(db, connection.id)
    if is_without_books:
        return
    if not stored:
        raise OtherBooks
    with distrusting():
        check_same_books(found.client, seen, stored)
