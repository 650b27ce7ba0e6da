"""Records set aside: those with a value that the contract refuses. They are named, not sent.

They travel in the envelope of the batch that would have held them, so the receiver knows what is
missing, and of journal items by how much which account and month are short.
"""

import re
from typing import Any, Dict, List, NamedTuple, Optional

from .hello import Parts, in_one_line
from .streams import JOURNAL_ITEMS, Stream
from .values import ABSENT, TYPES, unescape

LONGEST_NAME = 200  # characters
LONGEST_VALUE = 80
LONGEST_AMOUNT = 200
AMOUNT_PATTERN = r"-?[0-9]{1,150}(?:\.[0-9]{1,40})?"


class Wrong(NamedTuple):
    """What is wrong with a record: its first value that the contract refuses."""

    field: Optional[str]  # of the contract; None where no single value is to blame
    value: Optional[str]  # None where it is absent
    reason: Parts


class SetAside(NamedTuple):
    """A record that is not sent. Of journal items, what its line tells of the ledger is told; None
    is what cannot be read."""

    id: int
    name: Optional[str]  # the number of its journal entry, or what else people call it
    field: Optional[str]
    value: Optional[str]
    reason: Parts
    company_id: Optional[int] = None
    account_id: Optional[int] = None
    date: Optional[str] = None
    debit: Optional[str] = None
    credit: Optional[str] = None


def set_aside(stream: Stream, line: bytes, wrong: Wrong, name: Optional[str] = None) -> SetAside:
    """The record of this line. Its id must be one."""
    values = _values(stream, line)
    told: Dict[str, Any] = {}
    if stream is JOURNAL_ITEMS:
        told = {
            "company_id": _id(values.get("company_id", ABSENT)),
            "account_id": _id(values.get("account_id", ABSENT)),
            "date": _matching(TYPES["date"].pattern, values.get("date", ABSENT)),
            "debit": _matching(AMOUNT_PATTERN, values.get("debit", ABSENT)),
            "credit": _matching(AMOUNT_PATTERN, values.get("credit", ABSENT)),
        }
    own_name = values.get("number", values.get("name", ABSENT))
    if name is None and own_name != ABSENT:
        name = unescape(own_name)
    return SetAside(
        id=int(values["id"]),
        name=_short(name, LONGEST_NAME),
        field=wrong.field,
        value=_short(wrong.value, LONGEST_VALUE),
        reason=wrong.reason,
        **told,
    )


def encode_set_aside(records: List[SetAside]) -> List[Dict[str, object]]:
    return [dict(record._asdict()) for record in records]


def _values(stream: Stream, line: bytes) -> Dict[str, str]:
    texts = line.decode(errors="replace").split("\t")
    return {field.name: text for field, text in zip(stream.fields, texts)}  # noqa: B905


def _id(text: str) -> Optional[int]:
    return int(text) if re.fullmatch(TYPES["id"].pattern, text) else None


def _matching(pattern: str, text: str) -> Optional[str]:
    return text if re.fullmatch(pattern, text) else None


def _short(text: Optional[str], longest: int) -> Optional[str]:
    """One line without control characters; what has none left is absent."""
    return in_one_line(text, longest) or None if text else None
