"""Records set aside: those with a value that the contract refuses. They are named, not sent.

They travel in the envelope of the batch that would have held them, so the receiver knows what is
missing, and of journal items by how much which account and month are short.
"""

import re
from typing import Dict, Iterable, List, NamedTuple, Optional

from .hello import LONGEST_TEXT, Parts, in_one_line
from .streams import JOURNAL_ITEMS, Stream
from .values import ABSENT, TYPES, unescape

LONGEST_VALUE = 80  # characters
AMOUNT_PATTERN = r"-?[0-9]{1,150}(?:\.[0-9]{1,40})?"


class Wrong(NamedTuple):
    """What is wrong with a record: its first value that the contract refuses."""

    field: Optional[str]  # of the contract; None where no single value is to blame
    value: Optional[str]  # None where it is absent
    reason: Parts


class SetAside(NamedTuple):
    """A record that is not sent, and what of its line tells where it belongs, and of journal items
    how much they amount to. None is what it has not, or what cannot be read."""

    id: int
    name: Optional[str]  # what people call it; entries by their numbers
    field: Optional[str]
    value: Optional[str]
    reason: Parts
    entry_id: Optional[int] = None  # that it belongs to
    item_id: Optional[int] = None
    company_id: Optional[int] = None
    account_id: Optional[int] = None
    date: Optional[str] = None
    debit: Optional[str] = None
    credit: Optional[str] = None


def set_aside(stream: Stream, line: bytes, wrong: Wrong) -> SetAside:
    """The record of this line. Its id must be one."""
    values = _values(stream, line)

    def read(pattern: str, *names: str) -> Optional[str]:
        texts = (values.get(name, "") for name in names)
        return next((text for text in texts if re.fullmatch(pattern, text)), None)

    def read_id(*names: str) -> Optional[int]:
        text = read(TYPES["id"].pattern, *names)
        return int(text) if text else None

    is_item = stream is JOURNAL_ITEMS
    own_name = next((values[name] for name in ("number", "name") if name in values), ABSENT)
    return SetAside(
        id=int(values["id"]),
        name=None if own_name == ABSENT else _short(unescape(own_name), LONGEST_TEXT),
        field=wrong.field,
        value=_short(wrong.value, LONGEST_VALUE),
        reason=wrong.reason,
        entry_id=read_id("entry_id"),
        item_id=read_id("journal_item_id", "debit_item_id", "credit_item_id"),
        company_id=read_id("company_id"),
        account_id=read_id("account_id"),
        date=read(TYPES["date"].pattern, "date"),
        debit=read(AMOUNT_PATTERN, "debit") if is_item else None,
        credit=read(AMOUNT_PATTERN, "credit") if is_item else None,
    )


def encode_set_aside(records: Iterable[SetAside]) -> List[Dict[str, object]]:
    return [dict(record._asdict()) for record in records]


def _values(stream: Stream, line: bytes) -> Dict[str, str]:
    texts = line.decode(errors="replace").split("\t")
    return {field.name: text for field, text in zip(stream.fields, texts)}  # noqa: B905


def _short(text: Optional[str], longest: int) -> Optional[str]:
    """One line without control characters; what has none left is absent."""
    return in_one_line(text, longest) or None if text else None
