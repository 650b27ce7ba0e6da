"""The dimensional report's page: the API's figures, each opening the items with their shares."""

import csv
import io
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from tests.receiver.web.pages.conftest import Browser
from tests.receiver.web.pages.rows import YEAR, get, rows_of

PAGE = "/dimensions/acme/"
CENT = Decimal("0.01")


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """What the report asks the database is tested in report/, on both kinds."""
    return str(request.getfixturevalue(f"{request.param}_database"))


@pytest.mark.parametrize("plan_id", [1, 2])
def test_it_has_the_figures_of_the_api(api: FlaskClient, bob: Browser, plan_id: int) -> None:
    asked = f"{YEAR}&plan_id={plan_id}"
    url = f"/v1/connections/acme/reports/dimensions?{asked}&company_id=1"
    [plan] = api.get(url).get_json()["dimensions"]

    rows = rows_of(get(bob, PAGE + f"?{asked}"))

    lines = [*plan["lines"], plan["not_allocated"]]
    assert [row.name for row in rows[:-1]] == [line["name"] or "Not allocated" for line in lines]
    for row, line in zip(rows[:-1], lines, strict=True):
        for shown, exact in zip(row.amounts, line["amounts"], strict=True):
            assert abs(Decimal(shown) - Decimal(exact)) <= CENT / 2
    assert rows[-1].amounts == plan["total"]["amounts"]


def test_its_result_is_that_of_the_profit_and_loss(books: None, bob: Browser) -> None:
    result = rows_of(get(bob, f"/reports/acme/profit-and-loss?{YEAR}"))[-1]

    assert rows_of(get(bob, f"{PAGE}?{YEAR}&plan_id=1"))[-1].amounts == result.amounts


def test_every_figure_opens_its_items_with_their_shares(books: None, bob: Browser) -> None:
    rows = rows_of(get(bob, f"{PAGE}?{YEAR}&by=total&detail=accounts"))

    for row in rows:
        items = get(bob, row.links[0])
        *_, total = rows_of(items)[-1].amounts
        is_result = row.kind == "total"  # debit less credit in the general ledger
        assert Decimal(total) == (-1 if is_result else 1) * Decimal(row.amounts[0]), row
    assert len(rows) > 10


def test_its_csv_has_every_decimal(books: None, bob: Browser) -> None:
    answer = bob.get(f"{PAGE}?{YEAR}&plan_id=1&by=total&format=csv")

    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    own = [row for row in rows[1:-1] if not row[2]]
    assert sum(Decimal(row[4]) for row in own) == Decimal(rows[-1][4])
