"""Records set aside, as an addon states them."""

from monitr_wire.set_aside import SetAside, Wrong, set_aside
from monitr_wire.streams import STREAMS_BY_NAME

from tests.receiver.batches import lines_of
from tests.receiver.records import full_record_of

REASON = {
    "text": "Expected %(expected)s.",
    "values": {"expected": {"text": "a positive whole number", "values": {}}},
}


def stated(stream: str, id: int, **values: object) -> SetAside:
    """A record without its journal, or what else is given of it."""
    record = {**full_record_of(stream, id=id), **values}
    line = lines_of(stream, [record]).rstrip(b"\n")
    wrong = Wrong("journal_id", None, REASON)
    return set_aside(STREAMS_BY_NAME[stream], line, wrong)
