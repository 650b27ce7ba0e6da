"""Amounts, numbers and dates as the viewer's language writes them. Only ``rounded`` rounds."""

from copy import copy
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval, format_timedelta
from flask import Flask
from flask_babel import get_locale

from receiver.db.accounting.ledger import Company

MINUS = "\N{MINUS SIGN}"


def register_formats(app: Flask) -> None:
    for filter in (amount, rounded, percentage, number, day, days, month, instant, span, decimal):
        app.add_template_filter(filter)


def amount(value: Decimal | None, company: Company | int | None = 2) -> str:
    """Write an amount with the decimals of the company's currency, or so many; more where the
    amount has more."""
    if value is None:
        return ""
    places = company.decimal_places if isinstance(company, Company) else company
    return _written(value or Decimal(0), max(places or 0, _places_of(value)))  # no minus zero


def rounded(value: Decimal, company: Company | None) -> str:
    """A part of an amount, which may have decimals that no currency has."""
    places = (company.decimal_places if company else None) or 0
    shown = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return _written(shown or Decimal(0), places)


def percentage(value: Decimal | None) -> str:
    """Write a percentage, with one decimal."""
    if value is None:
        return ""
    pattern = copy(_locale().percent_formats[None])
    pattern.frac_prec = (1, 1)
    return str(pattern.apply((value or Decimal(0)) / 100, _locale())).replace("-", MINUS)


def number(value: int | Decimal) -> str:
    return _written(Decimal(value), _places_of(Decimal(value)))


def day(value: date | None) -> str:
    return format_date(value, "medium", _locale()) if value else ""


def month(value: date) -> str:
    return format_date(value, "LLL yyyy", _locale())


def days(first: date, last: date) -> str:
    """Without saying twice what both have: Nov 1 to 25, 2026."""
    return str(format_interval(first, last, "yMMMd", locale=_locale()))


def months(first: date, last: date) -> str:
    """The same without days."""
    return str(format_interval(first, last, "yMMM", locale=_locale()))


def instant(value: datetime | None) -> str:
    """Write an instant in UTC, and say so."""
    return f"{format_datetime(value, 'medium', locale=_locale())} UTC" if value else ""


def span(seconds: float) -> str:
    """Roughly, as people say it: 3 minutes."""
    return format_timedelta(timedelta(seconds=seconds), locale=_locale())


def decimal(text: str | None) -> Decimal | None:
    """The exact amount of a chart's data, for its table."""
    return None if text is None else Decimal(text)


def _written(value: Decimal, places: int) -> str:
    pattern = copy(_locale().decimal_formats[None])
    pattern.frac_prec = (places, places)
    return str(pattern.apply(value, _locale())).replace("-", MINUS)


def _places_of(value: Decimal) -> int:
    """Decimals that the value needs: none for 1.00."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _locale() -> Locale:
    return get_locale() or Locale("en")
