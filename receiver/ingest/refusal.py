"""Notes that a connection's request was refused: a sign that its Odoo lives, and why it is unheard.

Anyone may send such a request, so it costs a read or two, and a write at most once a minute. Anyone
may name the connection too: what none of its keys signed is noted apart, for it tells nothing of
its Odoo. A key that was revoked shows as well as a valid one that Odoo has it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from monitr_wire.signature import CONNECTION_HEADER
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.connections.heartbeat import has_room_for_refusal, note_refusal
from receiver.db.engine import reading, writing
from receiver.errors import BatchConflict, Overtaken, Rejected
from receiver.ingest.authenticate import PATTERNS, SignedRequest, is_signed_by_any_key
from receiver.logs import described

log = structlog.get_logger()


@contextmanager
def noting_refusals(
    request: SignedRequest, config: Config, engine: Engine, now: datetime
) -> Iterator[None]:
    """What is refused inside is noted and raised on, as it was."""
    try:
        yield
    except (Overtaken, BatchConflict):  # an old message that came late is no trouble of Odoo's
        raise
    except Rejected as error:
        _note(request, error.code, config, engine, now)
        raise


def _note(request: SignedRequest, code: str, config: Config, engine: Engine, now: datetime) -> None:
    """Whatever goes wrong here, the sender gets the answer that he would have got."""
    public_id = request.headers.get(CONNECTION_HEADER, "")
    if not PATTERNS[CONNECTION_HEADER].fullmatch(public_id):
        return
    try:
        is_signed = is_signed_by_any_key(request, config, engine)
        with reading(engine) as db:
            if not has_room_for_refusal(db, public_id, now, is_signed=is_signed):
                return
        with writing(engine) as db:
            note_refusal(db, public_id, code, now, is_signed=is_signed)
    except Exception as error:
        log.warning("refusal not noted", code=code, **described(error))
