"""Tables to take away: CSV for programs, XLSX for people.

CSV has amounts with every decimal, and no text that a spreadsheet would run. XLSX has real numbers
and dates, a header that stays in sight, and no formulas, whatever a text begins with. Its numbers
are floating point, exact up to fifteen digits; a longer amount is written as text, to stay exact,
and so is a date before 1900.
"""

import tempfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import IO

import xlsxwriter
from flask import Response
from xlsxwriter.format import Format as CellFormat
from xlsxwriter.worksheet import Worksheet

from receiver.errors import InvalidQuery
from receiver.web.media_types import MEDIA_TYPES, Format, csv_parts, harmless

Cell = str | int | Decimal | date | None  # a moment in CSV alone
Row = Sequence[Cell]

MOST_ROWS = 1_048_576 - 1  # in a sheet, below the header
MOST_DIGITS = 15
FIRST_YEAR = 1900  # of a sheet's dates; an earlier one is written as text
PIECE = 2**16  # bytes sent at once
WIDTH = 18  # of each column, in characters
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


@dataclass(frozen=True)
class Table:
    name: str  # of the file
    columns: Sequence[str]
    parts: Iterable[Iterable[Row]]  # read once; amounts have the decimals of their currency


def table_of(name: str, columns: Sequence[str], values: Iterable[object]) -> Table:
    """Rows of the values' attributes, which are called as the columns are."""
    return Table(
        name, columns, [[[getattr(each, column) for column in columns] for each in values]]
    )


def table_answer(
    format: Format,
    table: Table,
    transaction: ExitStack | None = None,
    *,
    raw_text: bool = False,
) -> Response:
    """CSV or XLSX. Raises what reading the first rows raises, and InvalidQuery for more rows than a
    sheet holds.

    Where rows are read while they are sent, the transaction that they are read in ends after them.
    """
    answer = Response(mimetype=MEDIA_TYPES[format])
    if format is Format.XLSX:
        file = _xlsx(table)
        answer.response = _pieces(file)
        answer.call_on_close(file.close)  # also where nobody reads it
    else:
        answer.response = _csv(table, raw_text=raw_text)
    if isinstance(table.parts, Generator) and transaction:
        answer.call_on_close(table.parts.close)
        answer.call_on_close(transaction.pop_all().close)
    answer.headers["Content-Disposition"] = f'attachment; filename="{table.name}.{format.value}"'
    return answer


def _csv(table: Table, *, raw_text: bool) -> Iterator[str]:
    written = _text if raw_text else _harmless_text
    parts = iter(table.parts)
    first = next(parts, ())  # before the answer begins, so that an error can still be the answer
    rows = ([[written(cell) for cell in row] for row in part] for part in chain([first], parts))
    return csv_parts(table.columns, rows)


def _harmless_text(cell: Cell) -> object:
    return _text(cell) if isinstance(cell, int | Decimal | date) else harmless(cell and str(cell))


def _text(cell: Cell) -> Cell:
    if isinstance(cell, datetime):
        return cell.isoformat()
    return format(cell, "f") if isinstance(cell, Decimal) else cell


def _xlsx(table: Table) -> IO[bytes]:
    """Written to a file, row by row, before the answer begins."""
    with ExitStack() as undo:
        file = undo.enter_context(tempfile.TemporaryFile())
        _write_book(file, table)
        file.seek(0)
        undo.pop_all()
    return file


def _write_book(file: IO[bytes], table: Table) -> None:
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(table.columns) - 1, WIDTH)
        sheet.write_row(0, 0, table.columns, book.add_format({"bold": True, "bottom": 1}))
        formats = _CellFormats(book)
        for number, row in enumerate((row for part in table.parts for row in part), 1):
            if number > MOST_ROWS:
                raise InvalidQuery(
                    "A sheet holds %(most)s rows, and this has more. Ask for CSV, or for less at a"
                    " time.",
                    path="format",
                    most=MOST_ROWS,
                )
            for column, cell in enumerate(row):
                _write(sheet, number, column, cell, formats)


class _CellFormats:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._amount = cache(lambda places: book.add_format({"num_format": _pattern(places)}))

    def of_amount(self, amount: Decimal) -> CellFormat:
        """Format with as many decimals as the amount has: those of its currency, or more."""
        return self._amount(max(-int(amount.as_tuple().exponent), 0))


def _pattern(places: int) -> str:
    return "#,##0." + "0" * places if places else "#,##0"


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, formats: _CellFormats) -> None:
    if isinstance(cell, Decimal) and len(cell.as_tuple().digits) > MOST_DIGITS:
        sheet.write_string(row, column, format(cell, "f"))
    elif isinstance(cell, Decimal):
        sheet.write_number(row, column, float(cell), formats.of_amount(cell))
    elif isinstance(cell, int):
        sheet.write_number(row, column, cell)
    elif isinstance(cell, date) and cell.year >= FIRST_YEAR:
        sheet.write_datetime(row, column, datetime.combine(cell, time()), formats.day)
    elif cell is not None:
        sheet.write_string(row, column, str(cell))


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
