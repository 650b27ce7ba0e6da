"""Checks a batch's lines against the contract and names the first wrong line, field and reason."""

import hashlib
import re
from functools import cache
from itertools import pairwise

from monitr_wire.records import digest_of_line, split_lines
from monitr_wire.streams import Field
from monitr_wire.values import ABSENT, TYPES

from receiver.db.incoming import Incoming
from receiver.errors import InvalidEnvelope, InvalidRecord, WrongDigest
from receiver.ingest.envelope import Envelope
from receiver.sentence import Sentence

LONGEST_QUOTE = 80


def validate(envelope: Envelope, lines: bytes) -> Incoming:
    """Raises WrongDigest, InvalidRecord or InvalidEnvelope."""
    _check_digest(envelope, lines)
    _check_text(envelope, lines)
    split = split_lines(lines)
    ids = _check_lines(envelope, split)
    _check_order(envelope, ids)
    _check_deletions(envelope, ids)
    return Incoming(
        stream=envelope.stream,
        fields=envelope.fields,
        lines=split,
        ids=ids,
        digests=tuple(map(digest_of_line, split)),
        range=envelope.range,
        deletions=envelope.deletions,
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


def _check_text(envelope: Envelope, lines: bytes) -> None:
    try:
        lines.decode()
    except UnicodeDecodeError as error:
        number = lines.count(b"\n", 0, error.start) + 1
        line = split_lines(lines)[number - 1]
        raise _wrong_field(envelope, number, line) from error


def _check_lines(envelope: Envelope, lines: tuple[bytes, ...]) -> tuple[int, ...]:
    """The records' ids."""
    match_line = line_pattern(envelope.fields).fullmatch
    ids = []
    for number, line in enumerate(lines, 1):
        match = match_line(line)
        if match is None:
            raise _wrong_field(envelope, number, line)
        ids.append(int(match[1]))
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


def _wrong_id(number: int, reason: Sentence) -> InvalidRecord:
    return InvalidRecord(
        "Line %(number)s, field id: %(reason)s.",
        path=f"lines/{number}/id",
        number=str(number),
        reason=reason,
    )


def _wrong_field(envelope: Envelope, number: int, line: bytes) -> InvalidRecord:
    """The error that names the first wrong field of a line that breaks the contract."""
    values = line.split(b"\t")
    for field, value in zip(envelope.fields, values, strict=False):
        if not _is_valid(field, value):
            got = value.decode(errors="backslashreplace")[:LONGEST_QUOTE]
            return InvalidRecord(
                "Line %(number)s, field %(field)s: expected %(expected)s, got '%(got)s'.",
                path=f"lines/{number}/{field.name}",
                number=str(number),
                field=field.name,
                expected=Sentence(TYPES[field.type].expected),
                got=got,
            )
    return InvalidRecord(
        "Line %(number)s: expected %(expected)s fields, got %(got)s.",
        path=f"lines/{number}",
        number=str(number),
        expected=len(envelope.fields),
        got=len(values),
    )


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
