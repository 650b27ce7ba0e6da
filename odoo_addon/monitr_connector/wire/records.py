"""Records as lines: one line of text a record, its fields in contract order."""

import hashlib
import struct
from typing import Dict, Tuple

from .streams import Stream
from .values import encode_value

_FIRST_EIGHT_BYTES = struct.Struct(">q8x")  # of sixteen, as a signed number


def encode_record(stream: Stream, record: Dict[str, object]) -> str:
    """The record's line, without the newline. A field that is not given is absent."""
    return "\t".join(encode_value(field.type, record.get(field.name)) for field in stream.fields)


def digest_of_line(line: bytes) -> int:
    """The record's digest: the first eight bytes of the MD5 of its line, as a signed number.

    The same number in PostgreSQL: ``('x' || left(md5(line), 16))::bit(64)::bigint``. It finds
    accidents; tampering is kept out by the batch's signature.
    """
    return int(_FIRST_EIGHT_BYTES.unpack(hashlib.md5(line).digest())[0])


def split_lines(lines: bytes) -> Tuple[bytes, ...]:
    """The lines of a batch. Every line ends in a newline, the last one too."""
    return tuple(lines.split(b"\n")[:-1])
