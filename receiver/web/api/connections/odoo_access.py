"""POST /v1/odoo, and /v1/connections/{name}/odoo: how an Odoo is read with an API key."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields

from receiver.db.connections.odoo_accesses import OdooAccess, get_odoo_access
from receiver.db.engine import reading
from receiver.monitoring.api_key import days_left, describe_left_out, describe_privileges
from receiver.pull.setup import credentials
from receiver.pull.setup.connect import FoundOdoo
from receiver.pull.setup.credentials import Choice
from receiver.pull.transport.login import TRANSPORTS, Access
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.api.tokens import get_visible_connection
from receiver.web.current import current_config, current_engine
from receiver.web.query import Body, Query

odoo_access = ReadingBlueprint(
    "Odoo access", "Odoos that are read with an API key, where the addon cannot be installed"
)


class OdooBody(Body):
    """The four values."""

    url = fields.String(
        required=True, metadata={"description": "With or without https://, such as acme.odoo.com"}
    )
    database = fields.String(
        load_default="", metadata={"description": "May be left out where it has a single one"}
    )
    username = fields.String(
        required=True, metadata={"description": "The e-mail that logs in to Odoo"}
    )
    api_key = fields.String(
        required=True, metadata={"description": "Of that user; no answer ever shows it"}
    )


class ChoiceBody(Body):
    """What is read of the Odoo."""

    language = fields.String(
        allow_none=True,
        load_default=None,
        metadata={"description": "Of names, like fr_BE; may be left out where there is one"},
    )
    company_ids = fields.List(
        fields.Integer(strict=True),
        load_default=list,
        metadata={"description": "Odoo's; all that the user sees where none is given"},
    )


class AccessBody(OdooBody, ChoiceBody):
    """The four values, and what is read."""


class ChangeBody(ChoiceBody):
    """What is not given stays as it is."""

    api_key = fields.String(
        allow_none=True,
        load_default=None,
        metadata={"description": "Another one of the same user; the old one stays if it fails"},
    )


class LanguageSchema(ma.Schema):
    code = fields.String(required=True)
    name = fields.String(required=True)


class FoundCompanySchema(ma.Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)


class KeySchema(ma.Schema):
    key_expires_at = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "When the API key ends; null: never, or Odoo does not tell"},
    )
    key_count = fields.Integer(
        required=True,
        metadata={
            "description": "How many keys of the user it may be, of which the first to end is told;"
            " 0: Odoo does not tell"
        },
    )
    notes = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What to know of the user's rights, in sentences"},
    )


class FoundOdooSchema(KeySchema):
    url = fields.String(required=True)
    database = fields.String(required=True, metadata={"description": "Empty where not needed"})
    series = fields.String(required=True, metadata={"description": "Like 19.0"})
    transport = fields.String(required=True, validate=ma.validate.OneOf(TRANSPORTS))
    languages = fields.List(fields.Nested(LanguageSchema), required=True)
    companies = fields.List(fields.Nested(FoundCompanySchema), required=True)


class OdooAccessSchema(KeySchema):
    url = fields.String(required=True)
    database = fields.String(required=True, metadata={"description": "Empty where not needed"})
    username = fields.String(required=True)
    language = fields.String(required=True)
    company_ids = fields.List(fields.Integer(), required=True)
    checked_at = fields.DateTime(
        required=True, metadata={"description": "When it was entered and let the user in"}
    )
    key_days_left = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Below 0 once it has ended"}
    )


@odoo_access.manages("POST", "/odoo", FoundOdooSchema(), body=OdooBody())
def find_odoo(body: Mapping[str, Any]) -> dict[str, object]:
    """Try to read an Odoo: what it is, and its languages and companies to choose from.

    Stores nothing. Where it fails, `code` says why and `path` which of the values to look at.
    """
    found = find_with(body)
    return {
        "url": found.access.url,
        "database": found.access.database,
        "series": found.client.series,
        "transport": found.transport,
        "languages": found.languages,
        "companies": found.companies,
        "key_expires_at": found.key.expires_at,
        "key_count": found.key.key_count,
        "notes": _notes(
            found.access.username,
            ",".join(found.writable),
            lacks_analytic=not found.is_analytic_readable,
        ),
    }


@odoo_access.reads("/connections/<name>/odoo", Query(), OdooAccessSchema())
def get_odoo(_query: object, name: str) -> dict[str, object]:
    """How the connection's Odoo is read; not found where it is pushed."""
    with reading(current_engine()) as db:
        return summary(get_odoo_access(db, get_visible_connection(db, name).id, name))


@odoo_access.manages("PUT", "/connections/<name>/odoo", OdooAccessSchema(), body=AccessBody())
def put_odoo(body: Mapping[str, Any], name: str) -> dict[str, object]:
    """Read the connection's Odoo with an API key from now on, or otherwise than before.

    What the connection holds stays; so it must be the same Odoo, or it is refused.
    """
    _check_visible(name)
    config, found = current_config(), find_with(body)
    stored = credentials.set_access(current_engine(), config, name, found, choice_of(body))
    return summary(stored)


@odoo_access.manages("PATCH", "/connections/<name>/odoo", OdooAccessSchema(), body=ChangeBody())
def patch_odoo(body: Mapping[str, Any], name: str) -> dict[str, object]:
    """Replace the API key, or what is read. All of it is tried before anything is changed."""
    _check_visible(name)
    stored = credentials.change_access(
        current_engine(),
        current_config(),
        name,
        api_key=body["api_key"],
        choice=choice_of(body),
    )
    return summary(stored)


@odoo_access.manages("DELETE", "/connections/<name>/odoo", status=204)
def delete_odoo(name: str) -> None:
    """Forget the API key: from now on the addon is to push. What the connection holds stays."""
    _check_visible(name)
    credentials.remove_access(current_engine(), name)


def find_with(body: Mapping[str, Any]) -> FoundOdoo:
    values = (body["url"], body["database"], body["username"], body["api_key"])
    return credentials.find_odoo(current_config(), Access(*values))


def choice_of(body: Mapping[str, Any]) -> Choice:
    return Choice(body["language"], [str(id) for id in body["company_ids"]])


def summary(access: OdooAccess) -> dict[str, object]:
    return {
        "url": access.url,
        "database": access.database_name,
        "username": access.username,
        "language": access.language,
        "company_ids": [int(id) for id in access.company_ids.split(",")],
        "checked_at": access.checked_at,
        "key_expires_at": access.key_expires_at,
        "key_days_left": days_left(access, datetime.now(UTC)),
        "key_count": access.key_count,
        "notes": _notes(access.username, access.writable, lacks_analytic=access.lacks_analytic),
    }


def _check_visible(name: str) -> None:
    """Before anything is asked of an Odoo. Raises NotFound."""
    with reading(current_engine()) as db:
        get_visible_connection(db, name)


def _notes(username: str, writable: str, *, lacks_analytic: bool) -> list[str]:
    notes = [
        describe_privileges(username, writable),
        describe_left_out(username) if lacks_analytic else None,
    ]
    return [str(note) for note in notes if note]
