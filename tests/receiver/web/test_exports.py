"""What people download runs nothing in their spreadsheets."""

import csv
from datetime import date
from decimal import Decimal
from io import BytesIO, StringIO

import openpyxl
import pytest

from receiver.web.exports import Cell, Table, table_answer
from receiver.web.media_types import Format

FORMULAS = ("=1+1", "+1", "-5", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1")
OTHERS: tuple[Cell, ...] = (Decimal("-5.00"), -5, date(2026, 1, 31), None, "1=1", "'=1", "")


def table(*cells: Cell) -> Table:
    return Table("table", [f"column {number}" for number in range(len(cells))], [[cells]])


def row_of_csv(*cells: Cell, raw_text: bool = False) -> list[str]:
    text = table_answer(Format.CSV, table(*cells), raw_text=raw_text).get_data(as_text=True)
    return list(csv.reader(StringIO(text, newline="")))[1]


@pytest.mark.parametrize("formula", FORMULAS)
def test_text_that_a_spreadsheet_would_run_has_an_apostrophe_before_it(formula: str) -> None:
    assert row_of_csv(formula) == [f"'{formula}"]


def test_amounts_numbers_and_other_text_are_as_they_are() -> None:
    assert row_of_csv(*OTHERS) == ["-5.00", "-5", "2026-01-31", "", "1=1", "'=1", ""]


def test_a_program_gets_every_text_as_it_is() -> None:
    assert row_of_csv(*FORMULAS, raw_text=True) == [*FORMULAS]


def test_a_sheet_has_formulas_as_text() -> None:
    book = table_answer(Format.XLSX, table("=1+1", Decimal("-5.00"))).get_data()

    sheet = openpyxl.load_workbook(BytesIO(book)).active
    assert sheet is not None
    text, amount = sheet["A2"], sheet["B2"]
    assert (text.value, text.data_type) == ("=1+1", "s")
    assert (amount.value, amount.data_type) == (-5, "n")
