"""Small records for tests: complete and valid, with what a test is about given by name."""

from datetime import date
from decimal import Decimal
from typing import Any

from monitr_wire.streams import STREAMS_BY_NAME, Field

Record = dict[str, Any]

OF_TYPE: dict[str, object] = {
    "id": 1,
    "integer": 0,
    "places": 0,
    "text": "text",
    "boolean": True,
    "date": date(2026, 1, 31),
    "money": Decimal(0),
    "quantity": Decimal(0),
    "ids": (1,),
    "codes": {"1": "101000"},
    "shares": [((1,), Decimal(100))],
}


def record_of(stream: str, **values: object) -> Record:
    """A record of the stream whose required fields are filled in; the others are absent."""
    fields = STREAMS_BY_NAME[stream].fields
    unknown = values.keys() - {field.name for field in fields}
    assert not unknown, f"{stream} has no {unknown}"
    return {field.name: values.get(field.name, _default_of(field)) for field in fields}


def full_record_of(stream: str, **values: object) -> Record:
    """A record of the stream with every field present."""
    fields = STREAMS_BY_NAME[stream].fields
    return {field.name: values.get(field.name, OF_TYPE[field.type]) for field in fields}


def journal_item(id: int = 1, debit: str = "0", credit: str = "0", **values: object) -> Record:
    """A journal item in company 1 whose balance follows from debit and credit."""
    return record_of(
        "journal_items",
        id=id,
        debit=Decimal(debit),
        credit=Decimal(credit),
        balance=Decimal(debit) - Decimal(credit),
        **values,
    )


def journal_items(count: int, *, first_id: int = 1) -> list[Record]:
    """Journal items with ascending ids and different amounts."""
    return [
        journal_item(id, debit=str(id), label=f"Item {id}")
        for id in range(first_id, first_id + count)
    ]


def _default_of(field: Field) -> object:
    return OF_TYPE[field.type] if field.required else None
