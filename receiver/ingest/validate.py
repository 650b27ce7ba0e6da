"""Checks a batch's lines against the contract and names the first wrong line, field and reason.

The refusal lists every wrong line, so that the sender can set those aside and send the rest.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from monitr_wire.records import digest_of_line, split_lines
from monitr_wire.streams import Field
from monitr_wire.values import ABSENT, TYPES

from receiver.db.store.incoming import Incoming
from receiver.errors import InvalidEnvelope, InvalidRecord, WrongDigest, WrongLine
from receiver.ingest.envelope import Envelope
from receiver.messages import Sentence

LONGEST_QUOTE = 80


def validate(envelope: Envelope, lines: bytes) -> Incoming:
    """Raises WrongDigest, InvalidRecord or InvalidEnvelope."""
    _check_digest(envelope, lines)
    split = split_lines(lines)
    ids = _check_lines(envelope, split, is_text=_is_text(lines))
    _check_order(envelope, ids)
    _check_deletions(envelope, ids)
    _check_set_aside(envelope, ids)
    return Incoming(
        stream=envelope.stream,
        fields=envelope.fields,
        lines=split,
        ids=ids,
        digests=tuple(map(digest_of_line, split)),
        range=envelope.range,
        deletions=(*envelope.deletions, *_set_aside_out_of_range(envelope)),
        set_aside=envelope.set_aside,
    )


def _check_digest(envelope: Envelope, lines: bytes) -> None:
    count = lines.count(b"\n")
    if lines and not lines.endswith(b"\n"):
        raise InvalidRecord(
            "Line %(number)s does not end in a newline.",
            path=f"lines/{count + 1}",
            number=str(count + 1),
        )
    if count != envelope.record_count:
        raise WrongDigest(
            f"The envelope states {envelope.record_count} records, {count} came.",
            path="/record_count",
        )
    if hashlib.sha256(lines).hexdigest() != envelope.records_sha256:
        raise WrongDigest(
            "The records are not those that the envelope's digest was made of.",
            path="/records_sha256",
        )


def _is_text(lines: bytes) -> bool:
    try:
        lines.decode()
    except UnicodeDecodeError:
        return False
    return True


def _check_lines(envelope: Envelope, lines: tuple[bytes, ...], *, is_text: bool) -> tuple[int, ...]:
    """The records' ids. Where not all is text, each line is looked at for it."""
    match_line = line_pattern(envelope.fields).fullmatch
    ids, wrong_numbers = [], []
    for number, line in enumerate(lines, 1):
        match = match_line(line)
        if match is None or not (is_text or _is_text(line)):
            wrong_numbers.append(number)
        else:
            ids.append(int(match[1]))
    if wrong_numbers:
        raise _wrong_lines(envelope, lines, wrong_numbers)
    return tuple(ids)


def _check_order(envelope: Envelope, ids: tuple[int, ...]) -> None:
    for number, (before, id) in enumerate(pairwise(ids), 2):
        if id <= before:
            both = {"id": str(id), "before": str(before)}
            reason = Sentence("ids must rise from line to line, got %(id)s after %(before)s", both)
            raise _wrong_id(number, reason)
    if envelope.range is None:
        return
    after_id, up_to_id = envelope.range
    for number, id in enumerate(ids, 1):
        if id <= after_id or (up_to_id is not None and id > up_to_id):
            reason = Sentence("%(id)s is outside of the envelope's range", {"id": str(id)})
            raise _wrong_id(number, reason)


def _check_deletions(envelope: Envelope, ids: tuple[int, ...]) -> None:
    present = set(ids)
    for index, id in enumerate(envelope.deletions):
        if id in present:
            raise InvalidEnvelope(
                f"{id} is among the records and the deletions.", path=f"/deletions/{index}"
            )


def _check_set_aside(envelope: Envelope, ids: tuple[int, ...]) -> None:
    """Check that ids set aside rise, each once, none of them sent, all of them in the range."""
    after_id, up_to_id = envelope.range or (0, None)
    present, before = set(ids), after_id
    for index, each in enumerate(envelope.set_aside):
        path = f"/set_aside/{index}/id"
        if each.id in present:
            raise InvalidEnvelope(f"{each.id} is among the records and those set aside.", path=path)
        if each.id <= before or (up_to_id is not None and each.id > up_to_id):
            raise InvalidEnvelope("Ids must rise, and lie in the range.", path=path)
        before = each.id


def _set_aside_out_of_range(envelope: Envelope) -> tuple[int, ...]:
    """What an earlier batch brought of these records goes: it is not what Odoo has any more. With a
    range, it goes anyway."""
    return () if envelope.range else tuple(each.id for each in envelope.set_aside)


def _wrong_id(number: int, reason: Sentence) -> InvalidRecord:
    return InvalidRecord(
        "Line %(number)s, field id: %(reason)s.",
        path=f"lines/{number}/id",
        number=str(number),
        reason=reason,
    )


def _wrong_lines(
    envelope: Envelope, lines: tuple[bytes, ...], numbers: Sequence[int]
) -> InvalidRecord:
    """The error that names the first wrong line's first wrong field, and lists all wrong lines that
    have an id."""
    number = numbers[0]
    values = lines[number - 1].split(b"\t")
    field, value = _first_wrong(envelope.fields, values)
    listed = [
        _wrong_line(envelope.fields, number, lines[number - 1])
        for number in numbers
        if _is_valid(envelope.fields[0], lines[number - 1].split(b"\t", 1)[0])
    ]
    if field is None:
        return InvalidRecord(
            "Line %(number)s: expected %(expected)s fields, got %(got)s.",
            path=f"lines/{number}",
            wrong_lines=listed,
            number=str(number),
            expected=len(envelope.fields),
            got=len(values),
        )
    return InvalidRecord(
        "Line %(number)s, field %(field)s: expected %(expected)s, got '%(got)s'.",
        path=f"lines/{number}/{field.name}",
        wrong_lines=listed,
        number=str(number),
        field=field.name,
        expected=Sentence(TYPES[field.type].expected),
        got=_quoted(value),
    )


def _wrong_line(fields: tuple[Field, ...], number: int, line: bytes) -> WrongLine:
    values = line.split(b"\t")
    field, value = _first_wrong(fields, values)
    if field is None:
        counts = {"expected": len(fields), "got": len(values)}
        reason = Sentence("Expected %(expected)s fields, got %(got)s.", counts)
        return WrongLine(number, None, None, reason)
    expected = Sentence(TYPES[field.type].expected)
    return WrongLine(
        number=number,
        field=field.name,
        value=None if value == ABSENT.encode() else _quoted(value),
        reason=Sentence("Expected %(expected)s.", {"expected": expected}),
    )


def _first_wrong(
    fields: tuple[Field, ...], values: Sequence[bytes]
) -> tuple[Field, bytes] | tuple[None, bytes]:
    """No field where there are too many values, or too few."""
    for field, value in zip(fields, values, strict=False):
        if not _is_valid(field, value):
            return field, value
    return None, b""


def _quoted(value: bytes) -> str:
    return value.decode(errors="backslashreplace")[:LONGEST_QUOTE]


def _is_valid(field: Field, value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return re.fullmatch(_value_pattern(field).encode(), value) is not None


@cache
def line_pattern(fields: tuple[Field, ...]) -> re.Pattern[bytes]:
    """Matches the lines that keep the contract; the first group is the id."""
    id, *others = map(_value_pattern, fields)
    return re.compile("\t".join((f"({id})", *others)).encode())


def _value_pattern(field: Field) -> str:
    pattern = TYPES[field.type].pattern
    return f"(?:{pattern})" if field.required else f"(?:{pattern}|{re.escape(ABSENT)})"
