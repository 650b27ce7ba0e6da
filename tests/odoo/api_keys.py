"""API keys of the test books' users, made as Odoo's own form makes them."""

import json
from dataclasses import dataclass

from tests.odoo.books_script import USERS
from tests.odoo.server import Odoo

EXPIRED = "expired"
ARCHIVED = "archived"
CLERK = "clerk"
OTHER_SCOPE = "other_scope"


@dataclass(frozen=True)
class Keyed:
    """A running Odoo and `{login: API key}`: of each user, and of those below.

    EXPIRED is a key of accountant_a that has run out, where the series lets keys do so; OTHER_SCOPE
    one of accountant_a that is no key for programs; ARCHIVED is the login of an archived user, and
    CLERK of one who may read all that is needed and is no accountant.
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
archived = accountant.copy({"login": "archived", "name": "Archived"})
result["archived"] = make_key(archived)
archived.active = False
groups = "group_ids" if "group_ids" in users._fields else "groups_id"
clerk = users.search([("login", "=", "billing_only")]).copy({"login": "clerk", "name": "Clerk"})
for right in ("group_analytic_accounting", "group_analytic_tags"):
    if env.ref("analytic." + right, raise_if_not_found=False):
        clerk.write({groups: [(4, env.ref("analytic." + right).id)]})
result["clerk"] = make_key(clerk)
"""
)
