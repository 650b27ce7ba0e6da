"""Steps of a random walk: each picks something in the books by chance and does something to it."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg

from tests.odoo.books_script import LARGE_ENTRY
from tests.odoo.scenarios import operations
from tests.odoo.scenarios.bookkeeper import Bookkeeper
from tests.odoo.server import OdooError

LONGEST_HOLD_SECONDS = 6.0  # of a transaction: several pushes begin and end meanwhile
DAYS = [f"2025-{month:02}-{day:02}" for month in (9, 10, 11) for day in (3, 14, 25)]


class NothingToDo(Exception):
    """The books hold nothing that the step could be done on."""


@dataclass
class Walker:
    """Does one random step after the other. Odoo's own refusals are counted and no fault."""

    books: Bookkeeper
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def walk(self, count: int) -> None:
        for _ in range(count):
            step = self.chance.choice(STEPS)
            try:
                step(self)
                self.done[step.__name__] += 1
            except OdooError as error:
                self.refuse(error.name, error.debug)
            except (psycopg.Error, NothingToDo) as error:
                self.refuse(type(error).__name__, str(error))

    def refuse(self, name: str, told: str) -> None:
        assert "monitr_" not in told, "capture may never stop anybody's work"
        self.refused[name] += 1

    def pick(self, query: str, *parameters: object) -> int:
        """One of the ids that the query finds; `%s` is first of all the company."""
        rows = self.books.sql(query + " ORDER BY 1", self.books.company_ids[0], *parameters)
        if not rows:
            raise NothingToDo(query)
        return int(self.chance.choice(rows)[0])

    def amount(self) -> float:
        return self.chance.randrange(1, 1_000_000) / 100

    def day(self) -> str:
        return self.chance.choice(DAYS)

    def entry(self, state: str) -> int:
        return self.pick(
            "SELECT id FROM account_move WHERE company_id = %s AND state = %s "
            "AND ref IS DISTINCT FROM %s",
            state,
            LARGE_ENTRY,
        )

    def invoice(self) -> int:
        return self.pick(
            "SELECT id FROM account_move WHERE company_id = %s AND state = 'posted' "
            "AND move_type = 'out_invoice' AND payment_state IN ('not_paid', 'partial')"
        )

    def item(self) -> int:
        return self.pick(
            "SELECT id FROM account_move_line WHERE company_id = %s AND parent_state = 'posted' "
            "AND account_id IS NOT NULL AND move_id <> "
            "(SELECT id FROM account_move WHERE ref = %s LIMIT 1)",
            LARGE_ENTRY,
        )

    def partner(self) -> int:
        """One that the walk has made: the others belong to users and companies."""
        return self.pick("SELECT id FROM res_partner WHERE name LIKE 'Walker%%' AND %s IS NOT NULL")

    def two_partners(self) -> tuple[int, int]:
        """Different ones."""
        kept, merged = self.partner(), self.partner()
        if kept == merged:
            raise NothingToDo("a second partner")
        return kept, merged

    def account(self) -> int:
        """One that the walk has made."""
        query = "SELECT id FROM account_account WHERE name::text LIKE '%%Walked%%'"
        return self.pick(query + " AND %s IS NOT NULL")

    def project(self) -> int:
        return self.pick("SELECT id FROM account_analytic_account WHERE company_id = %s")

    def do(self, operation: Callable[..., object], *arguments: object, **values: object) -> object:
        return self.books.do(operation, *arguments, **values)


def make_entry(walker: Walker) -> None:
    walker.do(operations.make_entry, walker.amount(), date=walker.day())


def make_draft(walker: Walker) -> None:
    walker.do(operations.make_draft, walker.amount(), date=walker.day())


def make_entry_on_an_account_of_the_walk(walker: Walker) -> None:
    walker.do(operations.make_entry, walker.amount(), walker.account())


def make_invoice(walker: Walker) -> None:
    kind = walker.chance.choice(["out_invoice", "in_invoice", "out_refund"])
    partner, reference = walker.partner(), f"W{walker.chance.random()}"
    day, amount = walker.day(), walker.amount()
    walker.do(operations.make_invoice, partner, amount, day, kind, ref=reference)


def make_foreign_invoice(walker: Walker) -> None:
    currency = walker.pick("SELECT id FROM res_currency WHERE active AND %s IS NOT NULL")
    partner = walker.partner()
    walker.do(operations.make_invoice, partner, walker.amount(), currency_id=currency)


def make_shared_bill(walker: Walker) -> None:
    walker.do(operations.make_shared_bill, walker.partner(), walker.project())


def pay(walker: Walker) -> None:
    walker.do(operations.pay, walker.invoice(), walker.day())


def pay_a_part(walker: Walker) -> None:
    walker.do(operations.pay, walker.invoice(), amount=walker.chance.randrange(1, 50))


def credit_an_invoice(walker: Walker) -> None:
    walker.do(operations.credit_note, walker.invoice())


def unreconcile(walker: Walker) -> None:
    item = walker.pick("SELECT debit_move_id FROM account_partial_reconcile WHERE company_id = %s")
    walker.do(operations.unreconcile, [item])


def reset(walker: Walker) -> None:
    walker.do(operations.reset, walker.entry("posted"))


def post(walker: Walker) -> None:
    walker.do(operations.post, walker.entry("draft"))


def cancel(walker: Walker) -> None:
    walker.do(operations.cancel, walker.entry("draft"))


def delete_draft(walker: Walker) -> None:
    walker.do(operations.delete_entry, walker.entry("draft"))


def replace_items(walker: Walker) -> None:
    entry = walker.pick(
        "SELECT id FROM account_move WHERE company_id = %s AND state = 'posted' "
        "AND move_type = 'entry' AND ref IS NULL AND statement_line_id IS NULL"
    )
    walker.do(operations.replace_items, entry)


def move_to_another_day(walker: Walker) -> None:
    walker.do(operations.move_to_date, walker.entry("posted"), walker.day())


def label_an_item(walker: Walker) -> None:
    walker.books.write("account.move.line", walker.item(), name=f"Label {walker.amount()}")


def refer_an_entry(walker: Walker) -> None:
    walker.books.write("account.move", walker.entry("posted"), ref=f"Ref {walker.amount()}")


def share_an_item(walker: Walker) -> None:
    percentage = walker.chance.choice([100, 50, 33.33])
    walker.do(operations.share_item, walker.item(), walker.project(), percentage)


def delete_an_analytic_item(walker: Walker) -> None:
    item = walker.pick("SELECT id FROM account_analytic_line WHERE company_id = %s")
    walker.books.call("account.analytic.line", "unlink", [item])


def make_project(walker: Walker) -> None:
    plan = walker.do(operations.make_plan, "Plan of the walk")
    walker.do(operations.make_analytic_account, "Project of the walk", plan)


def move_project(walker: Walker) -> None:
    table = "account_analytic_plan"
    if walker.books.pair.odoo.series < "16.0":
        table = "account_analytic_group"
    plan = walker.pick(f"SELECT id FROM {table} WHERE %s IS NOT NULL")
    walker.do(operations.move_analytic_account, walker.project(), plan)


def make_partner(walker: Walker) -> None:
    walker.do(operations.make_partner, f"Walker {walker.chance.random()}")


def rename_partner(walker: Walker) -> None:
    name = f"Walker {walker.chance.random()}"
    walker.books.write("res.partner", walker.partner(), name=name)


def merge_partners(walker: Walker) -> None:
    walker.do(operations.merge_partners, *walker.two_partners())


def make_account(walker: Walker) -> None:
    code = f"66{walker.chance.randrange(10_000):04}"
    walker.do(operations.make_account, code, f"Walked {code}", "asset_current")


def switch_reconciliation(walker: Walker) -> None:
    allowed = walker.chance.choice([True, False])
    walker.books.write("account.account", walker.account(), reconcile=allowed)


def retype_account(walker: Walker) -> None:
    kind = walker.chance.choice(["expense", "asset_current", "expense_direct_cost"])
    walker.do(operations.retype_account, walker.account(), kind)


def make_statement_line(walker: Walker) -> None:
    walker.do(operations.make_statement_line, walker.amount(), walker.day())


def label_an_entry_by_sql(walker: Walker) -> None:
    update = "UPDATE account_move_line SET name = 'By SQL' WHERE move_id = %s"
    walker.books.sql(update, walker.entry("posted"))


def delete_an_entry_by_sql(walker: Walker) -> None:
    walker.books.sql("DELETE FROM account_move WHERE id = %s", walker.entry("posted"))


def delete_an_item_by_sql(walker: Walker) -> None:
    walker.books.sql("DELETE FROM account_move_line WHERE id = %s", walker.item())


def hold_a_transaction_open(walker: Walker) -> None:
    """Writes, waits while pushes go by, and commits late, or not at all."""
    odoo = walker.books.pair.odoo
    with psycopg.connect(odoo.postgres.conninfo(odoo.database)) as late:
        late.execute("UPDATE account_move_line SET name = 'late' WHERE id = %s", [walker.item()])
        time.sleep(walker.chance.uniform(0, LONGEST_HOLD_SECONDS / 2))
        late.execute("DELETE FROM account_move_line WHERE id = %s", [walker.item()])
        time.sleep(walker.chance.uniform(0, LONGEST_HOLD_SECONDS / 2))
        if walker.chance.random() < 0.3:
            late.rollback()


STEPS = (
    *(make_entry, make_entry, make_invoice, make_invoice, make_foreign_invoice, make_shared_bill),
    *(make_partner, make_account, make_draft, make_entry_on_an_account_of_the_walk),
    *(pay, pay, pay_a_part, pay_a_part, credit_an_invoice, unreconcile),
    *(reset, post, post, cancel, delete_draft, replace_items, move_to_another_day),
    *(label_an_item, refer_an_entry, share_an_item, share_an_item, delete_an_analytic_item),
    *(make_project, move_project, rename_partner, merge_partners),
    *(switch_reconciliation, retype_account, make_statement_line),
    *(label_an_entry_by_sql, delete_an_entry_by_sql, delete_an_item_by_sql),
    *(hold_a_transaction_open, hold_a_transaction_open),
)
