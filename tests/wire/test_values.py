r"""Each type of value has one text, the one that its pattern accepts, and reads back as it was."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from monitr_wire.values import TYPES, Share, decode_shares, decode_value, encode_value

from tests.wire.strategies import VALUES, shares

GOLDEN: list[tuple[str, object, str]] = [
    ("id", 7, "7"),
    ("integer", 0, "0"),
    ("integer", -10, "-10"),
    ("places", 0, "0"),
    ("places", 30, "30"),
    ("text", "Café", "Café"),
    ("text", "two\nlines\tand a \\", r"two\nlines\tand a \\"),
    ("text", "\b\f\r\v", r"\b\f\r\v"),
    ("text", r"\N", r"\\N"),
    ("text", " ", " "),
    ("text", "\x01\x7f\u2028", "\x01\x7f\u2028"),
    ("boolean", True, "t"),
    ("boolean", False, "f"),
    ("date", date(2024, 2, 29), "2024-02-29"),
    ("date", date(1, 1, 1), "0001-01-01"),
    ("money", Decimal("1234.50"), "1234.5"),
    ("money", Decimal("-0.01"), "-0.01"),
    ("money", Decimal("100"), "100"),
    ("money", Decimal("1E+3"), "1000"),
    ("money", Decimal("1E-6"), "0.000001"),
    ("money", Decimal("0.00"), "0"),
    ("money", Decimal("-0.00"), "0"),
    ("money", Decimal("-0E+3"), "0"),
    ("money", Decimal("1E-10"), "0.0000000001"),
    ("money", Decimal("-0.0000004"), "-0.0000004"),
    ("money", Decimal("5.684341886080802e-14"), "0.00000000000005684341886080802"),
    ("money", Decimal("123456789012345678.9"), "123456789012345678.9"),
    ("money", Decimal("9" * 18 + "." + "9" * 30), "9" * 18 + "." + "9" * 30),
    ("quantity", Decimal("2.50"), "2.5"),
    ("quantity", Decimal("0.3333333333"), "0.3333333333"),
    ("ids", (10, 9), "9,10"),
    ("codes", {"10": "400", "2": "401"}, '{"2": "401", "10": "400"}'),
    ("codes", {"1": 'a "b"\\\té\x01'}, r'{"1": "a \\"b\\"\\\\\\té\\u0001"}'),
    ("shares", [((8, 16), Decimal("60.0")), ((8,), Decimal("40.50"))], "8:40.5;8,16:60"),
    ("shares", [((16, 8), Decimal("-100"))], "16,8:-100"),
    ("shares", [((8,), Decimal("33.333333333333336"))], "8:33.333333333333336"),
    ("shares", [((8,), Decimal(10)), ((8,), Decimal(30))], "8:40"),
    ("shares", [((8,), Decimal("1E-30")), ((8,), Decimal(10))], "8:10." + "0" * 29 + "1"),
]
ABSENT_VALUES: list[object] = [None, "", [], (), {}]

NUMBERS_REFUSED = ["", "+1", "01", "-0", "--1", " 1", "1 ", "1\n", "1e3", "1_000", "1,5", "0x1"]
NUMBERS_REFUSED += ["\u0661", "1\u0661", "1" * 19, "NaN", "Infinity", "None", "False", "\\N"]
DECIMALS_REFUSED = [
    *NUMBERS_REFUSED,
    "1.50",
    "1.0",
    "0.0",
    "-0.0",
    "1.",
    ".5",
    "-.5",
    "0." + "3" * 31,
]
DECIMALS_REFUSED += ["1234567890123456789", "1.2.3", "00.5", "1.\u0661"]
TEXTS_REFUSED = ["", "\\", "a\\", "\\q", "\\N", "\\.", "\\x41", "\\101", "\\\\\\", "a\\\n"]
TEXTS_REFUSED += ["\0", "a\0", "\t", "a\tb", "\n", "a\n", "\r", "\b", "\f", "\v"]
DATES_REFUSED = ["", "2026-02-29", "2024-02-30", "1900-02-29", "0000-01-01", "2026-04-31"]
DATES_REFUSED += ["2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32", "2026-1-1", "20260101"]
DATES_REFUSED += ["10000-01-01", "2026-01-01 BC", "2026-01-01T00:00:00", "infinity", "2026-01-01\n"]
DATES_REFUSED += ["\u0662\u0660\u0662\u0666-01-01"]
REFUSED: dict[str, list[str]] = {
    "id": [*NUMBERS_REFUSED, "0", "-1", "1.0"],
    "integer": [*NUMBERS_REFUSED, "1.0"],
    "places": [*NUMBERS_REFUSED, "-1", "31", "100", "4000", "1.0"],
    "text": TEXTS_REFUSED,
    "boolean": ["", "t ", " t", "T", "true", "True", "1", "tf", "t\n", "\\N"],
    "date": DATES_REFUSED,
    "money": DECIMALS_REFUSED,
    "quantity": DECIMALS_REFUSED,
    "ids": ["", "0", "1,", ",1", "1,,2", "1, 2", "{1,2}", "[1]", "1;2", "1,02", "1,-2", "\\N"],
    "codes": [
        *(
            "",
            "{}",
            "[]",
            "null",
            '"101000"',
            '{"1":"a"}',
            "{'1': 'a'}",
            '{"0": "a"}',
            '{"a": "b"}',
        ),
        *('{"1": "a",}', '{"1": "a", }', '{"1": 1}', '{"1": null}', '{"1": "a"', '{"1": "a"} '),
        *('{"1": "a\tb"}', '{"1": "\\t"}', '{"1": "\\\\"}', '{"1": "\\\\q"}', '{"1": "a"b"}'),
        *('{"1": "\\\\u0000"}', '{"1": "\\\\u00e9"}', '{"1": "\\\\u0009"}', '{"1": "\\\\u00"}'),
    ],
    "shares": [
        *("", "8", "8:", ":40", "8:40;", ";8:40", "8:40.0", "8:-0", "8:+1", "8:40%", "0:40"),
        *("8 :40", "8: 40", "8,:40", "8:40,16:60", '{"8": 40.0}', "8:1e2", "8:NaN", "8:40\n"),
    ],
}
REFUSED_ONE_BY_ONE = [(name, text) for name, texts in REFUSED.items() for text in texts]
# The order of the parts of these is not in their pattern, so not every text that fits is canonical.
UNORDERED = ("ids", "codes", "shares")

each_type = pytest.mark.parametrize("type_name", TYPES)


def fits(type_name: str, text: str) -> bool:
    return re.fullmatch(TYPES[type_name].pattern, text) is not None


@pytest.mark.parametrize(("type_name", "value", "text"), GOLDEN)
def test_a_value_has_one_text(type_name: str, value: object, text: str) -> None:
    assert encode_value(type_name, value) == text
    assert fits(type_name, text)


@each_type
@pytest.mark.parametrize("value", ABSENT_VALUES)
def test_what_is_absent_or_empty_is_written_as_absent(type_name: str, value: object) -> None:
    assert encode_value(type_name, value) == r"\N"


@each_type
def test_absent_reads_as_none_and_is_no_value_of_any_type(type_name: str) -> None:
    assert decode_value(type_name, r"\N") is None
    assert not fits(type_name, r"\N")


@pytest.mark.parametrize(("type_name", "text"), REFUSED_ONE_BY_ONE)
def test_it_refuses_a_text_that_is_not_canonical(type_name: str, text: str) -> None:
    assert not fits(type_name, text)


def test_every_type_has_texts_that_are_refused() -> None:
    assert set(REFUSED) == set(TYPES)


@each_type
@given(data=st.data())
def test_the_pattern_accepts_what_is_written(type_name: str, data: st.DataObject) -> None:
    text = encode_value(type_name, data.draw(VALUES[type_name]))

    assert fits(type_name, text)


@pytest.mark.parametrize("type_name", [name for name in TYPES if name not in UNORDERED])
@given(data=st.data())
def test_what_the_pattern_accepts_is_canonical(type_name: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(TYPES[type_name].pattern, fullmatch=True))

    value = date.fromisoformat(text) if type_name == "date" else decode_value(type_name, text)

    assert encode_value(type_name, value) == text


@pytest.mark.parametrize(
    "type_name", ["id", "integer", "places", "text", "boolean", "money", "quantity", "codes"]
)
@given(data=st.data())
def test_a_value_reads_back_as_it_was(type_name: str, data: st.DataObject) -> None:
    value = data.draw(VALUES[type_name])

    assert decode_value(type_name, encode_value(type_name, value)) == value


@given(VALUES["date"])
def test_a_date_reads_back_as_its_text(day: date) -> None:
    assert decode_value("date", encode_value("date", day)) == day.isoformat()


@given(VALUES["ids"])
def test_ids_read_back_in_order(ids: tuple[int, ...]) -> None:
    assert decode_value("ids", encode_value("ids", ids)) == sorted(ids)


@given(shares())
def test_shares_read_back_whole_in_one_order(written: list[Share]) -> None:
    text = encode_value("shares", written)

    assert sorted(decode_shares(text)) == sorted(written)
    assert encode_value("shares", written[::-1]) == text
