"""A connection's reporting structures: made from a template, changed, and changed back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection as Database

from receiver.accounting.structures.mapping import map_automatically
from receiver.accounting.structures.structure import Structure, checked_name
from receiver.accounting.structures.structure_json import (
    LANGUAGE,
    decode_structure,
    encode_structure,
    from_template,
    template_name,
)
from receiver.db.accounting import structures as stored_structures
from receiver.db.accounting.ledger import list_accounts
from receiver.db.accounting.structures import StoredStructure
from receiver.db.connections.connections import lock_connection
from receiver.errors import ChangedMeanwhile, InvalidQuery, InvalidStructure

Change = Callable[[Structure], Structure]


@dataclass(frozen=True)
class Starter:
    """What a new structure is made of."""

    template: str
    name: str | None = None  # None: the template's
    language: str = LANGUAGE  # of the names of lines, like "nl" or "nl_BE"


@dataclass(frozen=True)
class NamedStructure:
    structure_id: int
    name: str
    changed_at: datetime
    can_undo: bool
    structure: Structure

    @property
    def state(self) -> str:
        """Another after each change of lines or mapping."""
        return _state_at(self.changed_at)


def list_structures(db: Database, connection_id: int) -> list[NamedStructure]:
    """List structures by name."""
    found = stored_structures.list_structures(db, connection_id)
    return [_named(stored) for stored in found]


def get_structure(db: Database, connection_id: int, structure_id: int) -> NamedStructure:
    """Raises NotFound."""
    return _named(stored_structures.get_structure(db, connection_id, structure_id))


def get_chosen_structure(
    db: Database, connection_id: int, structure_id: int | None
) -> NamedStructure:
    """The connection's only structure where none is named.

    Raises NotFound for one that is not there, and InvalidQuery where there is none at all, or
    several and none is named.
    """
    if structure_id is not None:
        return get_structure(db, connection_id, structure_id)
    return only_structure(list_structures(db, connection_id))


def only_structure(found: Sequence[NamedStructure]) -> NamedStructure:
    """Raises InvalidQuery where there is none, or several."""
    if len(found) == 1:
        return found[0]
    if not found:
        raise InvalidQuery(
            "Make a reporting structure first: this connection has none.", path="structure_id"
        )
    raise InvalidQuery(
        "Name a reporting structure. The connection has: %(structures)s.",
        path="structure_id",
        structures=tuple(f"{each.structure_id} ({each.name})" for each in found),
    )


def create_structure(db: Database, connection_id: int, starter: Starter, now: datetime) -> int:
    """The new structure's id. Its accounts are mapped as far as they can be on their own.

    Raises NotFound for an unknown template, NameTaken and InvalidStructure for the name.
    """
    template, language = starter.template, starter.language
    name = template_name(template, language) if starter.name is None else starter.name
    structure = from_template(template, language)
    content = encode_structure(map_automatically(structure, list_accounts(db, connection_id)))
    lock_connection(db, connection_id)
    return stored_structures.insert_structure(db, connection_id, checked_name(name), content, now)


def copy_structure(
    db: Database, connection_id: int, structure_id: int, name: str, now: datetime
) -> int:
    """The copy's id: the same lines and mapping by another name.

    Raises NotFound, NameTaken and InvalidStructure for the name.
    """
    lock_connection(db, connection_id)
    content = stored_structures.get_structure(db, connection_id, structure_id).content
    return stored_structures.insert_structure(db, connection_id, checked_name(name), content, now)


def require_state(db: Database, connection_id: int, structure_id: int, seen: str) -> None:
    """Require that the structure is as someone saw it, before a change and in its transaction
    first: so that no one changes what they have not seen.

    Raises NotFound, and ChangedMeanwhile where the state is another one by now.
    """
    stored = stored_structures.lock_structure(db, connection_id, structure_id)
    if seen != _state_at(stored.changed_at):
        raise ChangedMeanwhile


def change_structure(
    db: Database, connection_id: int, structure_id: int, change: Change, now: datetime
) -> Structure:
    """Stores what the change makes of it. Raises NotFound, and what the change raises."""
    stored = stored_structures.lock_structure(db, connection_id, structure_id)
    before = decode_structure(stored.content)
    after = change(before)
    if after != before:
        content = encode_structure(after)
        stored_structures.update_content(db, connection_id, stored, content, now)
    return after


def map_unmapped(db: Database, connection_id: int, structure_id: int, now: datetime) -> Structure:
    """Maps automatically what is unmapped. Raises NotFound."""
    accounts = list_accounts(db, connection_id)
    return change_structure(
        db,
        connection_id,
        structure_id,
        lambda structure: map_automatically(structure, accounts),
        now,
    )


def undo_change(db: Database, connection_id: int, structure_id: int, now: datetime) -> Structure:
    """Back to what there was before the last change; once more brings that change back.

    Raises NotFound, and InvalidStructure where nothing was changed yet.
    """
    stored = stored_structures.lock_structure(db, connection_id, structure_id)
    if stored.content_before is None:
        raise InvalidStructure("There is no change to undo.")
    stored_structures.update_content(db, connection_id, stored, stored.content_before, now)
    return decode_structure(stored.content_before)


def rename_structure(db: Database, connection_id: int, structure_id: int, name: str) -> None:
    """Raises NotFound, NameTaken and InvalidStructure."""
    lock_connection(db, connection_id)  # as who makes one does, for their names differ
    stored = stored_structures.lock_structure(db, connection_id, structure_id)
    stored_structures.update_name(db, connection_id, stored, checked_name(name))


def delete_structure(db: Database, connection_id: int, structure_id: int) -> None:
    """Raises NotFound."""
    stored_structures.lock_structure(db, connection_id, structure_id)
    stored_structures.delete_structure(db, connection_id, structure_id)


def _state_at(changed_at: datetime) -> str:
    return changed_at.isoformat()


def _named(stored: StoredStructure) -> NamedStructure:
    return NamedStructure(
        stored.structure_id,
        stored.name,
        stored.changed_at,
        stored.content_before is not None,
        decode_structure(stored.content),
    )
