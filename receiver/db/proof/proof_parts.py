"""The parts of a statement that is too large for one request, until it is whole and proven."""

import sqlalchemy as sa
from sqlalchemy import Connection as Database

from receiver.db.tables import proof_parts


def keep_part(db: Database, connection_id: int, sequence: int, number: int, lines: bytes) -> None:
    """Repeated, it takes the place of what came before."""
    is_it = _is_of(connection_id, sequence) & (proof_parts.c.number == number)
    db.execute(sa.delete(proof_parts).where(is_it))
    key = {"connection_id": connection_id, "sequence": sequence, "number": number}
    db.execute(sa.insert(proof_parts).values(**key, lines=lines))


def count_bytes(db: Database, connection_id: int, sequence: int) -> int:
    length = sa.func.coalesce(sa.func.sum(sa.func.length(proof_parts.c.lines)), 0)
    return int(db.scalar(sa.select(length).where(_is_of(connection_id, sequence))) or 0)


def list_parts(db: Database, connection_id: int, sequence: int) -> dict[int, bytes]:
    """``{number: lines}`` in order."""
    query = (
        sa.select(proof_parts.c.number, proof_parts.c.lines)
        .where(_is_of(connection_id, sequence))
        .order_by(proof_parts.c.number)
    )
    return {number: lines for number, lines in db.execute(query)}


def forget_parts_before(db: Database, connection_id: int, sequence: int) -> None:
    """Delete the parts of statements that a later one has overtaken."""
    is_older = (proof_parts.c.connection_id == connection_id) & (proof_parts.c.sequence < sequence)
    db.execute(sa.delete(proof_parts).where(is_older))


def _is_of(connection_id: int, sequence: int) -> sa.ColumnElement[bool]:
    return (proof_parts.c.connection_id == connection_id) & (proof_parts.c.sequence == sequence)
