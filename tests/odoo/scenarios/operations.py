"""What people do in Odoo, through Odoo's own methods, written the same way for every series.

These functions run inside Odoo, each in one transaction (see bookkeeper.py): `env` is Odoo's, and
records come and go as ids.
"""

import contextlib


class Undone(Exception):
    pass


def take_all_rights(env):
    """Of accounting and of analytic accounting, which an administrator has not by himself."""
    wanted = (
        "account.group_account_user",
        "analytic.group_analytic_accounting",
        "analytic.group_analytic_tags",
    )
    groups = [env.ref(xml_id, raise_if_not_found=False) for xml_id in wanted]
    name = "group_ids" if "group_ids" in env.user._fields else "groups_id"
    env.user.write({name: [(4, group.id) for group in groups if group]})


def account(env, code):
    """An account of the first allowed company."""
    accounts = env["account.account"]
    owner = "company_ids" if "company_ids" in accounts._fields else "company_id"
    found = accounts.search([("code", "=", code), (owner, "in", env.company.ids)])
    return found.ensure_one().id


def make_account(env, code, name, kind="expense", **values):
    accounts = env["account.account"]
    return accounts.create(dict(values, code=code, name=name, **account_type(env, kind))).id


def account_type(env, kind):
    if "account_type" in env["account.account"]._fields:
        return {"account_type": kind}
    names = {
        "expense": "data_account_type_expenses",
        "expense_direct_cost": "data_account_type_direct_costs",
        "asset_current": "data_account_type_current_assets",
        "asset_receivable": "data_account_type_receivable",
    }
    return {"user_type_id": env.ref("account." + names[kind]).id}


def retype_account(env, id, kind):
    env["account.account"].browse(id).write(account_type(env, kind))


def archive_account(env, id):
    account = env["account.account"].browse(id)
    account.write({"active": False} if "active" in account._fields else {"deprecated": True})


def journal(env, kind):
    mine = [("type", "=", kind), ("company_id", "=", env.company.id)]
    return env["account.journal"].search(mine, limit=1).id


def make_partner(env, name, **values):
    return env["res.partner"].create(dict(values, name=name)).id


def make_draft(env, amount, debit=None, credit=None, **values):
    """A draft entry of two items, on the accounts with these ids."""
    debit, credit = debit or account(env, "600000"), credit or account(env, "101000")
    lines = [
        {"name": "Debit", "account_id": debit, "debit": amount},
        {"name": "Credit", "account_id": credit, "credit": amount},
    ]
    usual = {"journal_id": journal(env, "general"), "date": "2025-10-10"}
    values = dict(usual, **values, move_type="entry", line_ids=[(0, 0, line) for line in lines])
    return env["account.move"].create(values).id


def make_entry(env, amount, debit=None, credit=None, **values):
    id = make_draft(env, amount, debit, credit, **values)
    post(env, id)
    return id


def post(env, id):
    env["account.move"].browse(id).action_post()


def reset(env, id):
    env["account.move"].browse(id).button_draft()


def cancel(env, id):
    env["account.move"].browse(id).button_cancel()


def delete_entry(env, id):
    env["account.move"].browse(id).with_context(force_delete=True).unlink()


def move_to_date(env, id, date):
    """Reset, give it another date and let Odoo number it anew, post again."""
    reset(env, id)
    env["account.move"].browse(id).write({"date": date, "name": "/"})
    post(env, id)


def replace_items(env, id):
    """Reset, delete the items and write them anew, post: the new ones have new ids."""
    entry = env["account.move"].browse(id)
    entry.button_draft()
    fields = ("name", "account_id", "debit", "credit")
    lines = [{name: line[name] for name in fields} for line in entry.line_ids]
    for line in lines:
        line["account_id"] = line["account_id"].id
        line["name"] = line["name"] + " again"
    entry.write({"line_ids": [(5, 0, 0)] + [(0, 0, line) for line in lines]})
    entry.action_post()
    return entry.line_ids.ids


def make_invoice(env, partner, price, date="2025-10-10", kind="out_invoice", **values):
    """A posted invoice of one line, without taxes."""
    code = "400000" if kind.startswith("out") else "600000"
    line = {"name": "Line", "account_id": account(env, code), "price_unit": price, "quantity": 1}
    line["tax_ids"] = [(6, 0, [])]
    line.update(values.pop("line", {}))
    usual = {"invoice_date": date, "date": date, "invoice_date_due": date, "partner_id": partner}
    values = dict(usual, **values, move_type=kind, invoice_line_ids=[(0, 0, line)])
    invoice = env["account.move"].create(values)
    invoice.action_post()
    return invoice.id


def pay(env, invoice, date="2025-10-20", **values):
    """Register a payment, as the button does; in full unless there is an `amount`."""
    context = {"active_model": "account.move", "active_ids": [invoice]}
    values = dict({"payment_date": date, "journal_id": journal(env, "bank")}, **values)
    wizard = env["account.payment.register"].with_context(**context).create(values)
    payments = wizard._create_payments()
    return payments.move_id.ids


def open_items(env, entry):
    """The entry's items on receivable and payable accounts, open or not."""
    names = ("asset_receivable", "liability_payable", "receivable", "payable")
    field = "account_type" if "account_type" in env["account.account"]._fields else "internal_type"
    lines = env["account.move"].browse(entry).line_ids
    return lines.filtered(lambda line: line.account_id[field] in names).ids


def reconcile(env, items):
    env["account.move.line"].browse(items).reconcile()


def unreconcile(env, items):
    env["account.move.line"].browse(items).remove_move_reconcile()


def delete_partials(env, items):
    lines = env["account.move.line"].browse(items)
    (lines.matched_debit_ids + lines.matched_credit_ids).unlink()


def credit_note(env, invoice):
    """A credit note that cancels the invoice."""
    dates = {"date": "2025-10-21", "invoice_date": "2025-10-21"}
    return env["account.move"].browse(invoice)._reverse_moves([dates], cancel=True).id


def resequence(env, entries, first_name):
    context = {"active_model": "account.move", "active_ids": entries}
    wizard = env["account.resequence.wizard"].with_context(**context)
    wizard.create({"first_name": first_name}).resequence()


def transfer_to_account(env, items, destination):
    """The wizard Change Account: it makes entries, it does not change the items."""
    context = {"active_model": "account.move.line", "active_ids": items}
    wizard = env["account.automatic.entry.wizard"].with_context(
        **context, default_action="change_account"
    )
    values = {"date": "2025-10-25", "journal_id": journal(env, "general")}
    wizard.create(dict(values, destination_account_id=destination)).do_action()


def make_statement_line(env, amount, date="2025-10-30"):
    """A posted line of a bank statement. Its statement is needed in 14 and optional later."""
    lines = env["account.bank.statement.line"]
    values = {"date": date, "payment_ref": "Statement line", "journal_id": journal(env, "bank")}
    if not lines._fields["statement_id"].required:
        return lines.create(dict(values, amount=amount)).id
    statement = env["account.bank.statement"].create(
        {
            "date": date,
            "journal_id": values["journal_id"],
            "line_ids": [(0, 0, dict(values, amount=amount))],
        }
    )
    statement.write({"balance_end_real": statement.balance_end})
    statement.button_post()
    return statement.line_ids.id


def edit_statement_line(env, id, amount):
    """From 15 on the line itself is edited; in 14 its statement is reopened for that."""
    line = env["account.bank.statement.line"].browse(id)
    if not line._fields["statement_id"].required:
        line.write({"amount": amount})
        return
    line.statement_id.button_reopen()
    line.write({"amount": amount})
    line.statement_id.write({"balance_end_real": line.statement_id.balance_end})
    line.statement_id.button_post()


def set_tax_tag(env, item):
    tags = env["account.account.tag"]
    tag = tags.search([("applicability", "=", "taxes")], limit=1)
    tag = tag or tags.create(
        {"name": "A box", "applicability": "taxes", "country_id": env.ref("base.us").id}
    )
    env["account.move.line"].browse(item).write({"tax_tag_ids": [(4, tag.id)]})


def make_journal(env, code, **values):
    usual = {"name": f"Journal {code}", "type": "general", "company_id": env.company.id}
    return env["account.journal"].create(dict(usual, **values, code=code)).id


def make_company(env, name):
    """A third company, which the connection does not send."""
    company = env["res.company"].create({"name": name})
    env.user.write({"company_ids": [(4, company.id)]})
    return company.id


def merge_partners(env, kept, merged):
    wizard = env["base.partner.merge.automatic.wizard"].create({})
    wizard._merge([kept, merged], env["res.partner"].browse(kept), extra_checks=False)


def merge_accounts(env, kept, merged):
    """18 and later, of different companies."""
    accounts = env["account.account"].browse([kept, merged])
    wizard = env["account.merge.wizard"]
    wizard.with_context(active_model="account.account", active_ids=accounts.ids).create(
        {"account_ids": [(6, 0, accounts.ids)]}
    )._action_merge(accounts)


def make_plan(env, name, **values):
    """A plan, or in 14 and 15 a group."""
    model = "account.analytic.plan" if "account.analytic.plan" in env else "account.analytic.group"
    return env[model].create(dict(values, name=name)).id


def write_plan(env, id, **values):
    model = "account.analytic.plan" if "account.analytic.plan" in env else "account.analytic.group"
    env[model].browse(id).write(values)


def delete_plan(env, id):
    model = "account.analytic.plan" if "account.analytic.plan" in env else "account.analytic.group"
    env[model].browse(id).unlink()


def make_analytic_account(env, name, plan, **values):
    accounts = env["account.analytic.account"]
    owner = "plan_id" if "plan_id" in accounts._fields else "group_id"
    values = dict({"company_id": env.company.id}, **values)
    return accounts.create(dict(values, name=name, **{owner: plan})).id


def move_analytic_account(env, id, plan):
    account = env["account.analytic.account"].browse(id)
    account.write({"plan_id" if "plan_id" in account._fields else "group_id": plan})


def plan_column(env, analytic_account):
    """From 17: the column of analytic items that belongs to the account's root plan."""
    return env["account.analytic.account"].browse(analytic_account).root_plan_id._column_name()


def shares(env, analytic_account, percentage=100):
    """The values of an item that is shared to one analytic account."""
    if "analytic_distribution" in env["account.move.line"]._fields:
        return {"analytic_distribution": {str(analytic_account): percentage}}
    return {"analytic_account_id": analytic_account}


def make_shared_bill(env, partner, analytic_account):
    line = shares(env, analytic_account)
    return make_invoice(env, partner, 77.0, kind="in_invoice", line=line)


def share_item(env, item, analytic_account, percentage=100):
    values = shares(env, analytic_account, percentage)
    env["account.move.line"].browse(item).write(values)


def make_tag(env, name, analytic_account, percentage):
    """14 and 15: a tag that stands for a share."""
    share = {"account_id": analytic_account, "percentage": percentage}
    values = {"name": name, "active_analytic_distribution": True}
    values["analytic_distribution_ids"] = [(0, 0, share)]
    return env["account.analytic.tag"].create(values).id


def set_tags(env, item, tags):
    env["account.move.line"].browse(item).write({"analytic_tag_ids": [(6, 0, tags)]})


def write_tag_share(env, tag, percentage):
    shares = env["account.analytic.tag"].browse(tag).analytic_distribution_ids
    shares.write({"percentage": percentage})


def delete_tag(env, tag):
    tag = env["account.analytic.tag"].browse(tag)
    tag.analytic_distribution_ids.unlink()
    tag.unlink()


def analytic_items(env, entry):
    lines = env["account.move"].browse(entry).line_ids
    return lines.mapped("analytic_line_ids").ids


def rename_in_language(env, model, id, name, lang):
    env[model].browse(id).with_context(lang=lang).write({"name": name})


def undo_in_savepoint(env, item, label, kept_label):
    """Write, roll back to a savepoint, write something else: only the last is left."""
    items = env["account.move.line"].browse(item)
    with contextlib.suppress(Undone), env.cr.savepoint():
        items.write({"name": label})
        raise Undone
    items.write({"name": kept_label})
