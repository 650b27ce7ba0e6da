"""/v1/connections/{name}/structures: reporting structures, read and changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import marshmallow as ma
from marshmallow import fields
from monitr_wire.values import LARGEST_ID
from sqlalchemy import Connection as Database

from receiver.accounting.shared.statement_kinds import STATEMENTS
from receiver.accounting.structures.mapping import MappedAccount, list_mapped, map_chosen
from receiver.accounting.structures.structure import (
    LONGEST_NAME,
    MOST_LINES,
    Line,
    Structure,
    add_line,
    delete_line,
    duplicate_line,
    get_line,
    move_line,
    rename_line,
    set_sign,
    unmap_accounts,
    walk,
)
from receiver.accounting.structures.structure_json import TEMPLATES
from receiver.accounting.structures.structure_store import (
    Change,
    NamedStructure,
    Starter,
    change_structure,
    create_structure,
    delete_structure,
    get_structure,
    list_structures,
    map_unmapped,
    rename_structure,
    undo_change,
)
from receiver.db.accounting.ledger import list_accounts
from receiver.db.connections.connections import Connection
from receiver.db.engine import reading, writing
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.api.tokens import get_visible_connection
from receiver.web.current import current_engine
from receiver.web.query import Body, Query, id_in_path

structures = ReadingBlueprint(
    "Reporting structures", "Trees of lines that accounts are mapped to, for the reports"
)

BASE = "/connections/<name>/structures"
ONE = f"{BASE}/<structure_id>"
LINES = f"{ONE}/lines"
LINE = f"{LINES}/<line_id>"


def name_field(*, required: bool) -> fields.String:
    return fields.String(required=required, validate=ma.validate.Length(1, LONGEST_NAME))


def number_field(**more: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=ma.validate.Range(1, LARGEST_ID), **more)


def position_field() -> fields.Integer:
    metadata = {"description": "Among its siblings, 0 first; the last one"}
    validate = ma.validate.Range(0, MOST_LINES)
    return fields.Integer(strict=True, validate=validate, metadata=metadata)


def statement_field() -> fields.String:
    return fields.String(required=True, validate=ma.validate.OneOf(STATEMENTS))


class NewStructureBody(Body):
    template = fields.String(required=True, validate=ma.validate.OneOf(TEMPLATES))
    name = name_field(required=False)
    language = fields.String(
        validate=ma.validate.Regexp(
            r"[a-z]{2}(_[A-Z]{2})?\Z", error="Expected a language such as en or fr_BE."
        ),
        metadata={"description": "Of the names of lines: en, nl, fr or de; English otherwise"},
    )


class NameBody(Body):
    name = name_field(required=True)


class NewLineBody(Body):
    statement = statement_field()
    name = name_field(required=True)
    parent_id = number_field(allow_none=True)
    position = position_field()


class LineBody(Body):
    name = name_field(required=False)
    is_credit_positive = fields.Boolean(truthy={True}, falsy={False})
    parent_id = number_field(
        allow_none=True, metadata={"description": "Moves it, to the top where null"}
    )
    position = position_field()


class AccountsBody(Body):
    statement = statement_field()
    account_ids = fields.List(number_field(), required=True, validate=ma.validate.Length(1, 10_000))
    line_id = number_field(
        required=True, allow_none=True, metadata={"description": "null unmaps the accounts"}
    )


class LineSchema(ma.Schema):
    id = fields.Integer(required=True)
    statement = statement_field()
    parent_id = fields.Integer(required=True, allow_none=True)
    name = fields.String(required=True)
    is_credit_positive = fields.Boolean(
        required=True, metadata={"description": "Amounts are credit less debit; else the reverse"}
    )
    types = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Types of accounts that it takes on its own"},
    )
    code_prefixes = fields.List(
        fields.String(), required=True, metadata={"description": "The same, and before types"}
    )
    figure = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What is computed here: no account can be mapped to it"},
    )


class MappedAccountSchema(ma.Schema):
    id = fields.Integer(required=True, metadata={"description": "Odoo's id of the account"})
    name = fields.String(required=True, allow_none=True)
    codes = fields.List(fields.String(), required=True)
    type = fields.String(required=True)
    company_ids = fields.List(fields.Integer(), required=True)
    line_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "null: unmapped"}
    )


class StructureHeadSchema(ma.Schema):
    structure_id = fields.Integer(required=True)
    name = fields.String(required=True)
    changed_at = fields.DateTime(required=True)
    can_undo = fields.Boolean(required=True)


class StructureListSchema(ma.Schema):
    structures = fields.List(fields.Nested(StructureHeadSchema), required=True)


class StructureSchema(StructureHeadSchema):
    lines = fields.List(
        fields.Nested(LineSchema),
        required=True,
        metadata={"description": "Each before those below it, in the order of the report"},
    )
    accounts = fields.Dict(
        keys=fields.String(validate=ma.validate.OneOf(STATEMENTS)),
        values=fields.List(fields.Nested(MappedAccountSchema)),
        required=True,
        metadata={"description": "Of each statement, the unmapped first"},
    )


@dataclass(frozen=True)
class ShownStructure(NamedStructure):
    lines: list[Line]
    accounts: dict[str, list[MappedAccount]]


@structures.reads(BASE, Query(), StructureListSchema())
def get_structures(_query: object, name: str) -> dict[str, object]:
    """The connection's reporting structures, by name."""
    with reading(current_engine()) as db:
        connection = get_visible_connection(db, name)
        return {"structures": list_structures(db, connection.id)}


@structures.reads(ONE, Query(), StructureSchema())
def get_one_structure(_query: object, name: str, structure_id: str) -> ShownStructure:
    """A reporting structure: its lines, and the line of each account."""
    with reading(current_engine()) as db:
        return _shown(db, get_visible_connection(db, name), id_in_path(structure_id))


@structures.manages("POST", BASE, StructureSchema(), body=NewStructureBody(), status=201)
def post_structure(body: Mapping[str, Any], name: str) -> ShownStructure:
    """Make a structure from a template. Accounts are mapped by code and type as far as they can."""
    with writing(current_engine()) as db:
        connection = get_visible_connection(db, name)
        id = create_structure(db, connection.id, Starter(**body), datetime.now(UTC))
        return _shown(db, connection, id)


@structures.manages("PATCH", ONE, StructureSchema(), body=NameBody())
def patch_structure(body: Mapping[str, Any], name: str, structure_id: str) -> ShownStructure:
    """Rename a structure."""
    with writing(current_engine()) as db:
        connection = get_visible_connection(db, name)
        rename_structure(db, connection.id, id_in_path(structure_id), body["name"])
        return _shown(db, connection, id_in_path(structure_id))


@structures.manages("DELETE", ONE, status=204)
def remove_structure(name: str, structure_id: str) -> None:
    """Delete a structure with its lines and its mapping."""
    with writing(current_engine()) as db:
        connection = get_visible_connection(db, name)
        delete_structure(db, connection.id, id_in_path(structure_id))


@structures.manages("POST", f"{ONE}/undo", StructureSchema())
def post_undo(name: str, structure_id: str) -> ShownStructure:
    """Take the last change of lines or mapping back; once more brings it back."""
    with writing(current_engine()) as db:
        connection = get_visible_connection(db, name)
        undo_change(db, connection.id, id_in_path(structure_id), datetime.now(UTC))
        return _shown(db, connection, id_in_path(structure_id))


@structures.manages("POST", f"{ONE}/map-unmapped", StructureSchema())
def post_map_unmapped(name: str, structure_id: str) -> ShownStructure:
    """Map what is unmapped: by the longest code prefix, else by type. Others stay as they are."""
    with writing(current_engine()) as db:
        connection = get_visible_connection(db, name)
        map_unmapped(db, connection.id, id_in_path(structure_id), datetime.now(UTC))
        return _shown(db, connection, id_in_path(structure_id))


@structures.manages("PUT", f"{ONE}/accounts", StructureSchema(), body=AccountsBody())
def put_accounts(body: Mapping[str, Any], name: str, structure_id: str) -> ShownStructure:
    """Map accounts to a line, or unmap them."""
    with writing(current_engine()) as db:
        connection = get_visible_connection(db, name)
        ids, line_id = body["account_ids"], body["line_id"]
        accounts = list_accounts(db, connection.id)

        def change(structure: Structure) -> Structure:
            if line_id is None:
                return unmap_accounts(structure, body["statement"], ids)
            return map_chosen(structure, line_id, ids, accounts)

        return _changed(db, connection, structure_id, change)


@structures.manages("POST", LINES, StructureSchema(), body=NewLineBody(), status=201)
def post_line(body: Mapping[str, Any], name: str, structure_id: str) -> ShownStructure:
    """Add a line."""
    with writing(current_engine()) as db:
        connection = get_visible_connection(db, name)
        return _changed(db, connection, structure_id, partial(add_line, **body))


@structures.manages("PATCH", LINE, StructureSchema(), body=LineBody())
def patch_line(
    body: Mapping[str, Any], name: str, structure_id: str, line_id: str
) -> ShownStructure:
    """Rename a line, turn its sign, or move it with all that is below it."""
    with writing(current_engine()) as db:
        connection = get_visible_connection(db, name)
        change = partial(_with, line_id=id_in_path(line_id), body=body)
        return _changed(db, connection, structure_id, change)


@structures.manages("DELETE", LINE, StructureSchema())
def remove_line(name: str, structure_id: str, line_id: str) -> ShownStructure:
    """Delete a line with all below it. Their accounts become unmapped."""
    with writing(current_engine()) as db:
        connection = get_visible_connection(db, name)
        change = partial(delete_line, line_id=id_in_path(line_id))
        return _changed(db, connection, structure_id, change)


@structures.manages("POST", f"{LINE}/duplicate", StructureSchema(), status=201)
def post_duplicate(name: str, structure_id: str, line_id: str) -> ShownStructure:
    """Copy a line with all below it, without their accounts."""
    with writing(current_engine()) as db:
        connection = get_visible_connection(db, name)
        change = partial(duplicate_line, line_id=id_in_path(line_id))
        return _changed(db, connection, structure_id, change)


def _changed(
    db: Database, connection: Connection, structure_id: str, change: Change
) -> ShownStructure:
    id = id_in_path(structure_id)
    change_structure(db, connection.id, id, change, datetime.now(UTC))
    return _shown(db, connection, id)


def _with(structure: Structure, line_id: int, body: Mapping[str, Any]) -> Structure:
    if "name" in body:
        structure = rename_line(structure, line_id, body["name"])
    if "is_credit_positive" in body:
        structure = set_sign(structure, line_id, body["is_credit_positive"])
    if "parent_id" in body or "position" in body:
        parent_id = body.get("parent_id", get_line(structure, line_id).parent_id)
        structure = move_line(structure, line_id, parent_id, body.get("position"))
    return structure


def _shown(db: Database, connection: Connection, structure_id: int) -> ShownStructure:
    found = get_structure(db, connection.id, structure_id)
    accounts = list_accounts(db, connection.id)
    return ShownStructure(
        **vars(found),
        lines=[line for each in STATEMENTS for line, _ in walk(found.structure, each)],
        accounts={each: list_mapped(found.structure, each, accounts) for each in STATEMENTS},
    )
