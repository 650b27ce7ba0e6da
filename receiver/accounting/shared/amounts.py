"""How the sums of a report are shown: signed, with the currency's decimals, columns apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from receiver.accounting.shared.companies import code_in, code_order, with_places
from receiver.db.accounting.ledger import Account, Company

NOTHING = Decimal(0)

Sums = tuple[Decimal, ...]  # debit less credit: of each column, then of each that is compared


@dataclass(frozen=True)
class Amounts:
    """Amounts in the companies' currency, with its decimals; one for each of the report's
    columns."""

    amounts: tuple[Decimal, ...]
    compared: tuple[Decimal, ...]  # of the compared columns; empty where nothing is compared

    @property
    def differences(self) -> tuple[Decimal, ...]:
        """What is more than in the compared columns."""
        return tuple(new - old for new, old in zip(self.amounts, self.compared, strict=False))

    @property
    def percentages(self) -> tuple[Decimal | None, ...]:
        """The differences as parts of what is compared, to one decimal; None: that is nothing."""
        pairs = zip(self.differences, self.compared, strict=True)
        return tuple(_percentage(more, old) if old else None for more, old in pairs)


@dataclass(frozen=True)
class AccountLine(Amounts):
    """Signed as the line that it is in."""

    id: int
    code: str | None
    name: str | None  # None: the account has not arrived
    type: str | None


@dataclass(frozen=True)
class Sheet:
    companies: tuple[Company, ...]
    accounts: Mapping[int, Account]
    column_count: int  # the sums that follow those of the columns are of compared ones
    sum_count: int

    @property
    def zero(self) -> Sums:
        return (NOTHING,) * self.sum_count

    def amounts(self, sums: Sums, *, is_credit_positive: bool) -> Amounts:
        places = self.companies[0].decimal_places
        signed = [NOTHING - amount if is_credit_positive else amount for amount in sums]
        shown = tuple(with_places(amount, places) for amount in signed)
        return Amounts(shown[: self.column_count], shown[self.column_count :])

    def account_lines(
        self, by_account: Mapping[int, Sums], *, is_credit_positive: bool
    ) -> tuple[AccountLine, ...]:
        """Lines of the accounts, sorted by code."""
        lines = [
            self._account_line(id, self.amounts(sums, is_credit_positive=is_credit_positive))
            for id, sums in by_account.items()
        ]
        return tuple(sorted(lines, key=lambda line: code_order(line.code, line.id)))

    def _account_line(self, id: int, amounts: Amounts) -> AccountLine:
        account = self.accounts.get(id)
        if account is None:
            return AccountLine(**vars(amounts), id=id, code=None, name=None, type=None)
        code = code_in(self.companies, account.codes)
        return AccountLine(**vars(amounts), id=id, code=code, name=account.name, type=account.type)


def added(rows: Iterable[Sums]) -> Sums:
    """Column by column; there is at least one row."""
    return tuple(sum(column, NOTHING) for column in zip(*rows, strict=True))


def _percentage(difference: Decimal, of: Decimal) -> Decimal:
    return (difference / abs(of) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
