"""Notes that a connection's request was refused: a sign that its Odoo lives, and why it is unheard.

Anyone may send such a request, so it costs a read, and a write at most once a minute.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import structlog
from monitr_wire.signature import CONNECTION_HEADER
from sqlalchemy import Engine

from receiver.db.connections.heartbeat import has_room_for_refusal, note_refusal
from receiver.db.engine import reading, writing
from receiver.errors import BatchConflict, Overtaken, Rejected
from receiver.ingest.authenticate import PATTERNS
from receiver.logs import described

log = structlog.get_logger()


@contextmanager
def noting_refusals(headers: Mapping[str, str], engine: Engine, now: datetime) -> Iterator[None]:
    """What is refused inside is noted and raised on, as it was."""
    try:
        yield
    except (Overtaken, BatchConflict):  # an old message that came late is no trouble of Odoo's
        raise
    except Rejected as error:
        _note(headers.get(CONNECTION_HEADER, ""), error.code, engine, now)
        raise


def _note(public_id: str, code: str, engine: Engine, now: datetime) -> None:
    """Whatever goes wrong here, the sender gets the answer that he would have got."""
    if not PATTERNS[CONNECTION_HEADER].fullmatch(public_id):
        return
    try:
        with reading(engine) as db:
            if not has_room_for_refusal(db, public_id, now):
                return
        with writing(engine) as db:
            note_refusal(db, public_id, code, now)
    except Exception as error:
        log.warning("refusal not noted", code=code, **described(error))
