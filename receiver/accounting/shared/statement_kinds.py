"""The kinds of financial statements: how each differs from the others, but for its adding up.

A further one is a kind here, a function that adds it up (statements/statements.py), an operation of
the API, and the lines of its own in the page's template.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from receiver.messages import Sentence

PROFIT_AND_LOSS = "profit_and_loss"
BALANCE_SHEET = "balance_sheet"
CASH_FLOW = "cash_flow"

CURRENT_YEAR_EARNINGS = "current_year_earnings"
PREVIOUS_YEARS_EARNINGS = "previous_years_earnings"
FIGURES = (CURRENT_YEAR_EARNINGS, PREVIOUS_YEARS_EARNINGS)  # what no account holds until it is
# booked: each balance sheet has them

CASH = "asset_cash"
OFF_BALANCE = "off_balance"


class Days(Enum):
    WITHIN = auto()  # the column's
    UNTIL = auto()  # its last one and all before
    BEFORE = auto()  # all before its first one


@dataclass(frozen=True)
class Total:
    """Row below a statement's lines: the sum of top lines, or of all accounts of a type."""

    name: str  # "debit", "credit", "unmapped", "net", or one with an account type
    title: Sentence
    exported_as: str | None = None  # in tables to take away; None: it is a line there already
    account_type: str | None = None
    days: Days = Days.UNTIL  # of an account type: those that its items are from


@dataclass(frozen=True)
class Series:
    """Bars of a chart: the sum of what has such a type, or is such a figure; none: the net."""

    name: str
    title: Sentence
    types: tuple[str, ...] = ()
    is_credit_positive: bool = True


@dataclass(frozen=True)
class StatementKind:
    name: str
    title: Sentence
    phrase: Sentence  # within a sentence
    takes: Callable[[str], bool]  # whether an account of this type is in it; "": not known
    days: Days  # whose items its lines are made of
    totals: tuple[Total, ...]
    series: tuple[Series, ...] = ()
    apart: Total | None = None  # accounts that stand apart, in no other total
    is_top_credit_positive: bool = True  # of a new line at the top
    by_counterpart: bool = False  # of what cash was exchanged for: accounts of the other kinds
    leaves_out_closings: bool = False  # the entries that close a year

    @property
    def slug(self) -> str:
        """Name in addresses."""
        return self.name.replace("_", "-")


def _is_result(type: str) -> bool:
    return type.startswith(("income", "expense"))


KINDS: Mapping[str, StatementKind] = {
    kind.name: kind
    for kind in (
        StatementKind(
            PROFIT_AND_LOSS,
            Sentence("Profit and loss"),
            Sentence("the profit and loss"),
            takes=_is_result,
            days=Days.WITHIN,
            totals=(Total("net", Sentence("Result"), "total"),),
            series=(
                Series("income", Sentence("Income"), ("income",)),
                Series("costs", Sentence("Costs"), ("expense",), is_credit_positive=False),
                Series("result", Sentence("Result")),
            ),
            leaves_out_closings=True,
        ),
        StatementKind(
            BALANCE_SHEET,
            Sentence("Balance sheet"),
            Sentence("the balance sheet"),
            takes=lambda type: not _is_result(type),
            days=Days.UNTIL,
            totals=(
                Total("debit", Sentence("Total assets"), "total assets"),
                Total(
                    "credit",
                    Sentence("Total liabilities and equity"),
                    "total liabilities and equity",
                ),
                Total("unmapped", Sentence("Unmapped")),
                Total("net", Sentence("Difference"), "total"),
            ),
            series=(
                Series("assets", Sentence("Assets"), ("asset",), is_credit_positive=False),
                Series("liabilities", Sentence("Liabilities"), ("liability",)),
                Series("equity", Sentence("Equity"), ("equity", *FIGURES)),
            ),
            apart=Total("off_balance", Sentence("Off-balance sheet"), account_type=OFF_BALANCE),
            is_top_credit_positive=False,
        ),
        StatementKind(
            CASH_FLOW,
            Sentence("Cash flow"),
            Sentence("the cash flow"),
            takes=lambda type: type != CASH,
            days=Days.WITHIN,
            totals=(
                Total(
                    "opening",
                    Sentence("Cash at the beginning"),
                    "cash at the beginning",
                    account_type=CASH,
                    days=Days.BEFORE,
                ),
                Total("net", Sentence("Change in cash"), "total"),
                Total("closing", Sentence("Cash at the end"), "cash at the end", account_type=CASH),
            ),
            by_counterpart=True,
        ),
    )
}
STATEMENTS = tuple(KINDS)
TOTAL_TITLES = {  # by what the general ledger is asked for
    f"{kind.name}.{total.name}": total.title
    for kind in KINDS.values()
    for total in (*kind.totals, *([kind.apart] if kind.apart else []))
}
