r"""The types of values: how each is written in a record's line and read back.

A value is the text that PostgreSQL's COPY (text format) writes for it, in one canonical form, so
that equal values are equal bytes whether SQL or Python wrote them. Absent is ``\N`` for every type;
empty text is absent. Source: PostgreSQL documentation, COPY, "Text Format".
"""

import json
import re
from datetime import date
from decimal import Context, Decimal
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from .marked import _lt

ABSENT = r"\N"
ID_DIGITS = 18
ID_PATTERN = "[1-9][0-9]{0,%d}" % (ID_DIGITS - 1)
LARGEST_ID = 10**ID_DIGITS - 1
# The ids of one share in Odoo's JSON, "8" or "8,16", as Python and PostgreSQL read it. Of whatever
# length: one that is too large is refused, not left out.
KEY_OF_SHARE = "[1-9][0-9]*(,[1-9][0-9]*)*"
WHOLE_DIGITS = 18  # of every decimal number, before the point
PLACES = 30  # after it: what a division in SQL leaves in a numeric, and a float's shortest text
QUANTITY_PLACES = 10  # of a quantity that is a float in Odoo's database; what is finer is noise

_EXACT = Context(prec=2 * (WHOLE_DIGITS + PLACES))

Share = Tuple[Tuple[int, ...], Decimal]  # analytic account ids, percentage

_ESCAPES = {
    "\\": r"\\",
    "\b": r"\b",
    "\f": r"\f",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    "\v": r"\v",
}
_UNESCAPES = {escaped: plain for plain, escaped in _ESCAPES.items()}
_TO_ESCAPE = re.compile("[\\\\\b\f\n\r\t\v]")
_ESCAPED = re.compile(r"\\[\\bfnrtv]")


class Type(NamedTuple):
    """``pattern`` matches the canonical texts of present values; it does not see an order."""

    pattern: str
    expected: str  # completes the sentence "expected ..."
    encode: Callable[[Any], str]
    decode: Callable[[str], object]


def escape(text: str) -> str:
    return _TO_ESCAPE.sub(lambda match: _ESCAPES[match.group()], text)


def unescape(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda match: _UNESCAPES[match.group()], text)


def encode_decimal(value: Decimal) -> str:
    """Exactly, however many digits; no exponent, trailing zeros, negative zero."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def encode_boolean(value: bool) -> str:
    return "t" if value else "f"


def encode_ids(ids: Tuple[int, ...]) -> str:
    return ",".join(str(id) for id in sorted(ids))


def decode_ids(text: str) -> List[int]:
    return [int(part) for part in text.split(",")]


def encode_codes(codes: Dict[str, str]) -> str:
    """``{"1": "101000"}``, written as PostgreSQL writes jsonb: shorter keys first."""
    in_order = {key: codes[key] for key in sorted(codes, key=lambda key: (len(key), key))}
    return escape(json.dumps(in_order, ensure_ascii=False))


def decode_codes(text: str) -> Dict[str, str]:
    return json.loads(unescape(text))  # type: ignore[no-any-return]


def encode_shares(shares: List[Share]) -> str:
    """``8:40;8,16:60``: 40 percent to account 8, 60 percent to accounts 8 and 16 together.

    The ids of one share keep the order that Odoo gives them; shares are ordered by their ids' text,
    and two of the same ids are one share of both percentages.
    """
    by_ids: Dict[str, Decimal] = {}
    for ids, percentage in shares:
        key = ",".join(str(id) for id in ids)
        by_ids[key] = _EXACT.add(by_ids.get(key, Decimal(0)), percentage)
    return ";".join("%s:%s" % (ids, encode_decimal(by_ids[ids])) for ids in sorted(by_ids))


def decode_shares(text: str) -> List[Share]:
    shares = []
    for part in text.split(";"):
        ids, percentage = part.split(":")
        shares.append((tuple(decode_ids(ids)), Decimal(percentage)))
    return shares


# A leap year's last day of February needs a year divisible by 4, and by 400 if by 100.
_LEAP_YEAR = r"(?:[0-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DATE = (
    r"(?!0000)(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"|" + _LEAP_YEAR + r"-02-29)"
)
_IDS = ID_PATTERN + r"(?:," + ID_PATTERN + r")*"
# Shortest text: no negative zero, no trailing zeros.
_FRACTION = r"\.[0-9]{0,%d}[1-9]" % (PLACES - 1)
_WHOLE = "[1-9][0-9]{0,%d}" % (WHOLE_DIGITS - 1)
_DECIMAL = "(?:0|-?(?:0" + _FRACTION + "|" + _WHOLE + "(?:" + _FRACTION + ")?))"
# Of a currency, that Odoo computes up to six of; no more than an amount has here.
_UP_TO_PLACES = "(?:[0-9]|[12][0-9]|30)"
# No NUL, and no control character that COPY writes as an escape.
_PLAIN = r"[^\x00\x08-\x0d\\]"
_TEXT = r"(?:" + _PLAIN + r"|\\[\\bfnrtv])" + _PLAIN + r"*(?:\\[\\bfnrtv]" + _PLAIN + r"*)*"
_CONTROL = r"u00(?:0[1-7bef]|1[0-9a-f])"  # those without a short escape of their own
_CODE = r'"(?:[^\x00-\x1f"\\]|\\\\(?:["bfnrt]|\\\\|' + _CONTROL + r'))*"'
_CODES = r'\{"' + ID_PATTERN + r'": ' + _CODE + r'(?:, "' + ID_PATTERN + r'": ' + _CODE + r")*\}"
_SHARES = _IDS + ":" + _DECIMAL + r"(?:;" + _IDS + ":" + _DECIMAL + ")*"

TYPES: Dict[str, Type] = {
    "id": Type(ID_PATTERN, _lt("a positive whole number"), str, int),
    "integer": Type("(?:0|-?" + _WHOLE + ")", _lt("a whole number"), str, int),
    "places": Type(_UP_TO_PLACES, _lt("a whole number from 0 to 30"), str, int),
    "text": Type(
        _TEXT, _lt(r"text with COPY's escapes, or \N where there is none"), escape, unescape
    ),
    "boolean": Type("[tf]", _lt("t or f"), encode_boolean, lambda text: text == "t"),
    "date": Type(_DATE, _lt("a date YYYY-MM-DD"), date.isoformat, lambda text: text),
    "money": Type(
        _DECIMAL,
        _lt("an amount with at most 18 digits before and 30 after the point, no trailing zeros"),
        encode_decimal,
        Decimal,
    ),
    "quantity": Type(
        _DECIMAL,
        _lt("a number with at most 18 digits before and 30 after the point, no trailing zeros"),
        encode_decimal,
        Decimal,
    ),
    "ids": Type(_IDS, _lt("ids joined by commas"), encode_ids, decode_ids),
    "codes": Type(_CODES, _lt("a JSON object of codes by company id"), encode_codes, decode_codes),
    "shares": Type(_SHARES, _lt("shares like 8,16:60;8:40"), encode_shares, decode_shares),
}


def encode_value(type_name: str, value: object) -> str:
    """The canonical text of a value; ``None`` and empty text, list or dict are absent."""
    if value is None or value in ("", [], (), {}):
        return ABSENT
    return TYPES[type_name].encode(value)


def decode_value(type_name: str, text: str) -> Optional[object]:
    """The value of a canonical text (already checked against the type's pattern)."""
    return None if text == ABSENT else TYPES[type_name].decode(text)
