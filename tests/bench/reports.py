"""`make bench-reports`: each page over a large ledger as people get it, beside its bare SQL.

A page is asked of the whole receiver by a user who signed in, and comes as HTML. ITEMS is the size
of the ledger in journal items. Rounds take turns; the shown time is the best of each. Read the
ratios: the seconds are the machine's. Pages that read no ledger have none.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import psycopg
from sqlalchemy import Engine

from receiver.accounting.structures.structure_store import Starter, create_structure
from receiver.app import create_app
from receiver.config import read_config
from receiver.db.engine import make_engine, writing
from receiver.db.migrate import upgrade
from receiver.web.current import ENGINE
from tests.postgres import PostgresServer, running_postgres
from tests.receiver.report_books.large import LAST_DAY, NAME, account_id, add_large_books
from tests.receiver.web.conftest import reader_of
from tests.receiver.web.pages.conftest import add_user, signed_in

ITEMS = int(os.environ.get("ITEMS", "1000000"))
ROUNDS = 5
DATABASE = "report_bench"
FIRST_DAY = LAST_DAY - timedelta(days=364)
PAST_DAY = LAST_DAY - timedelta(days=500)
YEAR = f"from={FIRST_DAY}&to={LAST_DAY}"
COMPARED = f"{YEAR}&comparison=previous_year"
INCOME = account_id("income", 0)
REVENUE = 2  # the line "Revenue" of the international template
PARTNER = 8

MINE = "i.connection_id = 1 AND i.company_id = 1"
IN_YEAR = f"{MINE} AND i.date BETWEEN '{FIRST_DAY}' AND '{LAST_DAY}'"
SINCE_LAST_YEAR = f"{MINE} AND i.date BETWEEN '{FIRST_DAY - timedelta(days=366)}' AND '{LAST_DAY}'"
UNTIL = f"{MINE} AND i.date <= '{LAST_DAY}'"


def of_type(type: str) -> str:
    accounts = f"SELECT id FROM accounts WHERE connection_id = 1 AND type = '{type}'"
    return f"i.account_id IN ({accounts})"


def by_account_and_month(where: str) -> str:
    return (
        "SELECT i.account_id, date_trunc('month', i.date), sum(i.balance) FROM journal_items i"
        f" WHERE {where} GROUP BY 1, 2"
    )


def open_items(type: str, day: date, columns: str, more: str = "") -> str:
    """What is open of each item, or a sum of it, where the columns group it."""
    taken = " LEFT JOIN ".join(
        f"(SELECT {side}_item_id AS id, sum(amount) AS amount FROM reconciliations"
        f" WHERE connection_id = 1 AND date <= '{day}' GROUP BY 1) {side} ON {side}.id = i.id"
        for side in ("debit", "credit")
    )
    left = "i.balance - coalesce(debit.amount, 0) + coalesce(credit.amount, 0)"
    return (
        f"SELECT {columns.format(left=left)} FROM journal_items i LEFT JOIN {taken}"
        f" WHERE {MINE} AND i.date <= '{day}' AND {of_type(type)} {more}"
    )


def aged(type: str, day: date) -> str:
    age = f"least(greatest('{day}' - i.due_date, 0) + 29, 149) / 30"
    return open_items(type, day, f"i.partner_id, {age}, sum({{left}})", "GROUP BY 1, 2")


LEDGER_PAGE = "SELECT * FROM journal_items i WHERE {} ORDER BY account_id, date, id LIMIT 100"
BY_ACCOUNT = f"SELECT i.account_id, sum(i.balance) FROM journal_items i WHERE {MINE} GROUP BY 1"
NOT_SETTLED = " AND i.balance - coalesce(debit.amount, 0) + coalesce(credit.amount, 0) <> 0"
OVERDUE = f"i.due_date < '{LAST_DAY}', sum({{left}})"

# (name, path, what it needs of the database at least)
PAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "overview",
        "/?connection=acme",
        (
            by_account_and_month(IN_YEAR),
            open_items("asset_receivable", LAST_DAY, OVERDUE, "GROUP BY 1"),
            open_items("liability_payable", LAST_DAY, OVERDUE, "GROUP BY 1"),
        ),
    ),
    ("profit and loss", f"/reports/acme/profit-and-loss?{YEAR}", (by_account_and_month(IN_YEAR),)),
    (
        "profit and loss, compared",
        f"/reports/acme/profit-and-loss?{COMPARED}",
        (by_account_and_month(SINCE_LAST_YEAR),),
    ),
    ("balance sheet", f"/reports/acme/balance-sheet?{YEAR}", (by_account_and_month(UNTIL),)),
    (
        "balance sheet, compared",
        f"/reports/acme/balance-sheet?{COMPARED}",
        (by_account_and_month(UNTIL),),
    ),
    (
        "cash flow",
        f"/reports/acme/cash-flow?{YEAR}",
        (
            by_account_and_month(
                f"{IN_YEAR} AND i.entry_id IN"
                f" (SELECT i.entry_id FROM journal_items i WHERE {IN_YEAR}"
                f" AND {of_type('asset_cash')})"
            ),
        ),
    ),
    (
        "trial balance",
        f"/reports/acme/trial-balance?{YEAR}",
        (
            "SELECT i.account_id, sum(i.debit), sum(i.credit) FROM journal_items i"
            f" WHERE {UNTIL} GROUP BY 1",
        ),
    ),
    (
        "general ledger, one account",
        f"/reports/acme/general-ledger?{YEAR}&account_id={INCOME}",
        (LEDGER_PAGE.format(f"{IN_YEAR} AND i.account_id = {INCOME}"),),
    ),
    (
        "general ledger, all",
        f"/reports/acme/general-ledger?{YEAR}",
        (LEDGER_PAGE.format(IN_YEAR), BY_ACCOUNT),
    ),
    (
        "the items of a figure",
        f"/reports/acme/general-ledger?{YEAR}&line_id={REVENUE}",
        (LEDGER_PAGE.format(f"{IN_YEAR} AND {of_type('income')}"),),
    ),
    (
        "dimensions",
        f"/dimensions/acme/?{YEAR}",
        (
            "SELECT i.account_id, i.shares, date_trunc('month', i.date), sum(i.balance)"
            f" FROM journal_items i WHERE {IN_YEAR} GROUP BY 1, 2, 3",
        ),
    ),
    (
        "outstanding, receivable",
        f"/outstanding/acme/?type=receivable&as_of={LAST_DAY}",
        (aged("asset_receivable", LAST_DAY),),
    ),
    (
        "outstanding, receivable, a past day",
        f"/outstanding/acme/?type=receivable&as_of={PAST_DAY}",
        (aged("asset_receivable", PAST_DAY),),
    ),
    (
        "outstanding, payable",
        f"/outstanding/acme/?type=payable&as_of={LAST_DAY}",
        (aged("liability_payable", LAST_DAY),),
    ),
    (
        "outstanding, payable, a past day",
        f"/outstanding/acme/?type=payable&as_of={PAST_DAY}",
        (aged("liability_payable", PAST_DAY),),
    ),
    (
        "outstanding items of a partner",
        f"/outstanding/acme/partners/{PARTNER}?type=receivable&as_of={LAST_DAY}",
        (
            open_items(
                "asset_receivable",
                LAST_DAY,
                "i.*, {left}",
                f"AND i.partner_id = {PARTNER} {NOT_SETTLED}",
            ),
        ),
    ),
    (
        "open items of the API",
        f"/v1/connections/acme/open-items?type=receivable&as_of={LAST_DAY}",
        (open_items("asset_receivable", LAST_DAY, "i.*, {left}", NOT_SETTLED),),
    ),
    ("account mapping", "/mapping/acme/1/", (BY_ACCOUNT,)),
    ("account mapping, searched", "/mapping/acme/1/?q=Account+1", (BY_ACCOUNT,)),
    ("health", "/health/acme/", ()),
    ("integrations", "/integrations", ()),
)


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
    connection = add_large_books(engine, ITEMS)
    with psycopg.connect(postgres.conninfo(DATABASE), autocommit=True) as db:
        db.execute("VACUUM ANALYZE")
    with writing(engine) as db:
        create_structure(db, connection.id, Starter("international"), datetime.now(UTC))
    engine.dispose()
    print(f"{'page':36} {'seconds':>8} {'bare SQL':>9} {'ratio':>6}")  # noqa: T201
    with (
        _visitor(postgres.url(DATABASE)) as visit,
        psycopg.connect(postgres.conninfo(DATABASE)) as bare,
    ):
        for name, path, queries in PAGES:
            rounds = [
                (_timed(lambda: visit(path)), _timed(lambda: _ask(bare, queries)))  # noqa: B023
                for _ in range(ROUNDS)
            ]
            ours, sql = (min(seconds) for seconds in zip(*rounds, strict=True))
            beside = f"{sql:9.3f} {ours / sql:6.1f}" if queries else ""
            print(f"{name:36} {ours:8.3f} {beside}", flush=True)  # noqa: T201


@contextmanager
def _visitor(database_url: str) -> Iterator[Callable[[str], None]]:
    """Gets a page as a user who signed in; what begins with /v1 as a program does."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"MONITR_DATA_DIR": folder, "MONITR_DATABASE_URL": database_url}
        app = create_app(read_config())
        engine: Engine = app.extensions[ENGINE]
        add_user(engine, "anna", is_administrator=True)
        browser, reader = signed_in(app, "anna"), reader_of(app, engine, NAME)

        def visit(path: str) -> None:
            get = reader.get if path.startswith("/v1/") else browser.get
            answer = get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            assert answer.data

        yield visit
        engine.dispose()


def _ask(bare: psycopg.Connection, queries: Iterable[str]) -> None:
    for query in queries:
        bare.execute(query.encode()).fetchall()


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
