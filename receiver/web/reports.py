"""What reports on a company have in common: their head and exact amounts."""

from decimal import Decimal
from typing import Any

import marshmallow as ma
from marshmallow import fields

from receiver.web.query import PositiveInteger, id_of


class Amount(fields.Field[Decimal]):
    """Exact, with the decimals of its currency."""

    def _serialize(self, value: Decimal | None, *_: Any, **__: Any) -> str:
        return format(value, "f")


def money_field(description: str) -> Amount:
    metadata = {"type": "string", "format": "decimal", "description": description}
    return Amount(required=True, metadata=metadata)


def code_field() -> fields.String:
    metadata = {"description": "In the company's root company"}
    return fields.String(required=True, allow_none=True, metadata=metadata)


class CompanyReportSchema(ma.Schema):
    company_id = fields.Integer(required=True, attribute="company.id")
    company = fields.String(required=True, allow_none=True, attribute="company.name")
    currency = fields.String(
        required=True,
        allow_none=True,
        attribute="company.currency",
        metadata={"description": "ISO 4217 code of every amount without a currency of its own"},
    )
    start_date = fields.Date(
        required=True,
        allow_none=True,
        metadata={"description": "What is dated before it is not here"},
    )


def company_parameter() -> PositiveInteger:
    return id_of("Odoo's id of the company; needed where the connection has several")
