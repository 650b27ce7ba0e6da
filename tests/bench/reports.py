"""`make bench-reports`: each report over a large ledger, beside the bare SQL that it needs.

ITEMS is the size of the ledger in journal items. Rounds take turns; the shown time is the best of
each. Read the ratios: the seconds are the machine's.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial

import psycopg
from sqlalchemy import Connection as Database

from receiver.db.connections import Connection
from receiver.db.engine import make_engine, reading, writing
from receiver.db.migrate import upgrade
from receiver.report.asked import StatementQuestion
from receiver.report.cash_flow import cash_flow
from receiver.report.columns import Comparison
from receiver.report.dimensions import dimensional_report
from receiver.report.general_ledger import LedgerQuestion, general_ledger, ledger_lines
from receiver.report.statements import balance_sheet, profit_and_loss
from receiver.report.structures import Starter, create_structure, get_structure
from receiver.report.trial_balance import trial_balance
from tests.bench.report_ledger import fill
from tests.postgres import PostgresServer, running_postgres

ITEMS = int(os.environ.get("ITEMS", "1000000"))
ROUNDS = 5
DATABASE = "report_bench"
FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
YEAR = StatementQuestion(FIRST, LAST)
COMPARED = StatementQuestion(FIRST, LAST, comparison=Comparison.PREVIOUS_YEAR)

MINE = "connection_id = 1 AND company_id = 1"
IN_YEAR = f"{MINE} AND date BETWEEN '{FIRST}' AND '{LAST}'"
UNTIL = f"{MINE} AND date <= '{LAST}'"
MONTH = "date_trunc('month', date)"
CASH = "account_id IN (SELECT id FROM accounts WHERE connection_id = 1 AND type = 'asset_cash')"
BARE = {
    "trial balance": f"SELECT account_id, sum(debit), sum(credit) FROM journal_items WHERE {UNTIL}"
    " GROUP BY 1",
    "profit and loss": f"SELECT account_id, {MONTH}, sum(balance) FROM journal_items"
    f" WHERE {IN_YEAR} GROUP BY 1, 2",
    "profit and loss, compared": f"SELECT account_id, {MONTH}, sum(balance) FROM journal_items"
    f" WHERE {MINE} AND date BETWEEN '2024-01-01' AND '{LAST}' GROUP BY 1, 2",
    "balance sheet": f"SELECT account_id, {MONTH}, sum(balance) FROM journal_items WHERE {UNTIL}"
    " GROUP BY 1, 2",
    "balance sheet, compared": f"SELECT account_id, {MONTH}, sum(balance) FROM journal_items"
    f" WHERE {UNTIL} GROUP BY 1, 2",
    "cash flow": f"SELECT account_id, {MONTH}, sum(balance) FROM journal_items WHERE {IN_YEAR}"
    f" AND entry_id IN (SELECT entry_id FROM journal_items WHERE {IN_YEAR} AND {CASH})"
    " GROUP BY 1, 2",
    "dimensions": f"SELECT account_id, shares, {MONTH}, sum(balance) FROM journal_items"
    f" WHERE {IN_YEAR} GROUP BY 1, 2, 3",
    "general ledger, a page of one account": "SELECT * FROM journal_items"
    f" WHERE {IN_YEAR} AND account_id = 5 ORDER BY date, id LIMIT 100",
    "general ledger, a page of all": f"SELECT * FROM journal_items WHERE {IN_YEAR}"
    " ORDER BY account_id, date, id LIMIT 100",
}


def main() -> None:
    with running_postgres() as postgres:
        postgres.create_database(DATABASE)
        try:
            _measure(postgres)
        finally:
            postgres.drop_database(DATABASE)


def _measure(postgres: PostgresServer) -> None:
    engine = make_engine(postgres.url(DATABASE))
    upgrade(engine)
    connection = fill(engine, postgres.conninfo(DATABASE), ITEMS)
    with writing(engine) as db:
        id = create_structure(db, connection.id, Starter("international"), datetime.now(UTC))
    with psycopg.connect(postgres.conninfo(DATABASE)) as bare, reading(engine) as db:
        for name, report in _reports(db, connection, id).items():
            query = BARE[name].encode()
            rounds = [(_timed(report), _timed(partial(bare.execute, query))) for _ in range(ROUNDS)]
            ours, sql = (min(seconds) for seconds in zip(*rounds, strict=True))
            print(f"{name:40} {ours:6.3f} s, bare SQL {sql:6.3f} s, ratio {ours / sql:5.2f}")  # noqa: T201
    engine.dispose()


def _reports(
    db: Database, connection: Connection, structure_id: int
) -> dict[str, Callable[[], object]]:
    structure = get_structure(db, connection.id, structure_id).structure
    return {
        "trial balance": lambda: trial_balance(db, connection, 1, FIRST, LAST),
        "profit and loss": lambda: profit_and_loss(db, connection, structure, YEAR),
        "profit and loss, compared": lambda: profit_and_loss(db, connection, structure, COMPARED),
        "balance sheet": lambda: balance_sheet(db, connection, structure, YEAR),
        "balance sheet, compared": lambda: balance_sheet(db, connection, structure, COMPARED),
        "cash flow": lambda: cash_flow(db, connection, structure, YEAR),
        "dimensions": lambda: dimensional_report(db, connection, YEAR),
        "general ledger, a page of one account": lambda: _page(db, connection, (5,)),
        "general ledger, a page of all": lambda: _page(db, connection, None),
    }


def _page(db: Database, connection: Connection, account_ids: tuple[int, ...] | None) -> object:
    ledger = general_ledger(db, connection, LedgerQuestion((1,), FIRST, LAST, account_ids))
    return list(ledger_lines(db, ledger, limit=100))


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
