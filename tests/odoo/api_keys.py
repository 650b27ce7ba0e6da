"""API keys of the test books' users, made as Odoo's own form makes them."""

import json
from dataclasses import dataclass

from tests.odoo.books_script import USERS
from tests.odoo.server import Odoo

EXPIRED = "expired"
ARCHIVED = "archived"
CLERK = "clerk"
OTHER_SCOPE = "other_scope"
SECOND = "second"
AUDITOR = "auditor"
SELLER = "seller"
ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Keyed:
    """A running Odoo and `{login: API key}`: of each user, and of those below.

    EXPIRED is a key of accountant_a that has run out, where the series lets keys do so; OTHER_SCOPE
    one of accountant_a that is no key for programs, SECOND another good one of accountant_ab.
    ARCHIVED is the login of an archived user, CLERK of one who may read all that is needed and is
    no accountant, SELLER of one who may read all models of the ledger and of its entries some,
    AUDITOR of one who may read all of accounting and write nothing, ADMINISTRATOR of an accountant
    who manages users and apps too.
    """

    odoo: Odoo
    keys: dict[str, str]


def start_with_keys(books: Odoo) -> Keyed:
    keys = books.shell(MAKE_KEYS % {"logins": json.dumps(USERS)})
    books.start()
    return Keyed(books, keys)


def key_of(odoo: Odoo, login: str) -> str:
    """A new key of this user; the server may be running."""
    user = f'env["res.users"].search([("login", "=", {login!r})])'
    return str(odoo.shell(f"{MAKE_KEY}\nresult = make_key({user})"))


MAKE_KEY = """
import datetime
def make_key(user, scope="rpc", days=30):
    keys = env(user=user.id)["res.users.apikeys"]
    if "expiration_date" not in keys._fields:
        return keys._generate(scope, "Monitr")
    key = keys._generate(scope, "Monitr", datetime.datetime.now() + datetime.timedelta(30))
    env.cr.execute(
        "UPDATE res_users_apikeys SET expiration_date = now() + %s * interval '1 day'"
        " WHERE id = (SELECT max(id) FROM res_users_apikeys)", [days])
    return key
"""
MAKE_KEYS = (
    MAKE_KEY.replace("%", "%%")
    + """
users = env["res.users"].with_context(no_reset_password=True)
result = {}
for login in %(logins)s:
    result[login] = make_key(users.search([("login", "=", login)]))
accountant = users.search([("login", "=", "accountant_a")])
result["expired"] = make_key(accountant, days=-1)
result["other_scope"] = make_key(accountant, scope="other")
both = users.search([("login", "=", "accountant_ab")])
result["second"] = make_key(both, days=10)
archived = accountant.copy({"login": "archived", "name": "Archived"})
result["archived"] = make_key(archived)
archived.active = False
groups = "group_ids" if "group_ids" in users._fields else "groups_id"
def copy_with(user, login, *rights, instead=False):
    copied = user.copy({"login": login, "name": login.title()})
    found = [env.ref(right, raise_if_not_found=False) for right in rights]
    ids = [group.id for group in found if group]
    copied.write({groups: [(6, 0, ids)] if instead else [(4, id) for id in ids]})
    return make_key(copied)
analytic = ("analytic.group_analytic_accounting", "analytic.group_analytic_tags")
reading = ("base.group_user", "account.group_account_readonly")
result["auditor"] = copy_with(both, "auditor", *reading, *analytic, instead=True)
result["administrator"] = copy_with(both, "administrator", "base.group_system")
billing = users.search([("login", "=", "billing_only")])
result["clerk"] = copy_with(billing, "clerk", *analytic)
sellers = env["res.groups"].create({"name": "Sellers"})
def model_id(name):
    return env["ir.model"]._get(name).id
ledger = ("account.move", "account.move.line", "account.partial.reconcile", "account.journal")
for model in (*ledger, "account.account", "account.account.type"):
    if model in env:
        values = {"name": model, "model_id": model_id(model), "group_id": sellers.id}
        env["ir.model.access"].create({**values, "perm_read": True})
own = (("account.move", "move_type"), ("account.move.line", "move_id.move_type"))
for model, field in own:
    values = {"name": model, "model_id": model_id(model), "groups": [(4, sellers.id)]}
    env["ir.rule"].create({**values, "domain_force": str([(field, "=", "out_invoice")])})
seller = users.search([("login", "=", "plain_user")]).copy({"login": "seller", "name": "Seller"})
seller.write({groups: [(4, sellers.id)]})
result["seller"] = make_key(seller)
"""
)
