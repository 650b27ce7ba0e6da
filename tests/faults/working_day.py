"""What a working day brings to the books, chosen by chance: something for the next run to do."""

from collections.abc import Callable
from random import Random

from tests.odoo.books_script import FOREIGN_ACCOUNT_ENTRY, NASTY_ENTRY
from tests.odoo.server import Odoo

PARTS = 5  # a part of all journal items gets new labels

Change = Callable[[Odoo, Random], None]


def change_books(odoo: Odoo, rng: Random) -> None:
    relabel(odoo, rng)
    for change in rng.sample(CHANGES, 2):
        change(odoo, rng)


def relabel(odoo: Odoo, rng: Random) -> None:
    label = f"relabelled {rng.random()}"
    odoo.sql(
        "UPDATE account_move_line SET name = %s WHERE id %% %s = %s",
        [label, PARTS, rng.randrange(PARTS)],
    )


def take_from_ledger_or_bring_back(odoo: Odoo, _rng: Random) -> None:
    [(id, state)] = odoo.sql("SELECT id, state FROM account_move WHERE ref = %s", [NASTY_ENTRY])
    odoo.call("account.move", "button_draft" if state == "posted" else "action_post", [id])


def post_copy(odoo: Odoo, _rng: Random) -> None:
    [(id,)] = odoo.sql("SELECT id FROM account_move WHERE ref = %s", [FOREIGN_ACCOUNT_ENTRY])
    copies = odoo.call("account.move", "copy", [id], {"ref": "Copy"})
    odoo.call("account.move", "action_post", copies if isinstance(copies, list) else [copies])


def delete_copies(odoo: Odoo, _rng: Random) -> None:
    copies = [id for (id,) in odoo.sql("SELECT id FROM account_move WHERE ref = 'Copy'")]
    odoo.call("account.move", "button_draft", copies)
    odoo.call("account.move", "unlink", copies, context={"force_delete": True})


def rename_partners(odoo: Odoo, rng: Random) -> None:
    partners = [id for (id,) in odoo.sql("SELECT DISTINCT partner_id FROM account_move_line")]
    some = [id for id in rng.sample(partners, 3) if id]
    odoo.call("res.partner", "write", some, {"name": f"Renamed {rng.random()} Ltd"})


CHANGES: tuple[Change, ...] = (
    take_from_ledger_or_bring_back,
    post_copy,
    delete_copies,
    rename_partners,
)
