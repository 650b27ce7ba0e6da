"""Rows: what a report answers with thousands of."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import marshmallow as ma
from marshmallow import fields

from receiver.web.api.reports.report_fields import Rows, money_field


class ItemSchema(ma.Schema):
    id = fields.Integer()
    name = fields.String(allow_none=True)
    day = fields.Date(allow_none=True)
    amount = money_field("")


def test_they_are_written_as_nested_would_write_them() -> None:
    rows = [
        SimpleNamespace(id=1, name="One", day=date(2026, 1, 31), amount=Decimal("0.10")),
        SimpleNamespace(id=2, name=None, day=None, amount=Decimal("-1E+3")),
    ]

    written, nested = (
        field.serialize("rows", {"rows": rows})
        for field in (Rows(ItemSchema), fields.List(fields.Nested(ItemSchema)))
    )

    assert written == nested
    assert written[0] == {"id": 1, "name": "One", "day": "2026-01-31", "amount": "0.10"}
