"""What the addon's tests stand on. They need no receiver: those that push to one stand in
``tests/odoo`` of the project.
"""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests.common import TransactionCase, new_test_user

from .. import push, send, series
from ..extract import Reader
from ..scope import ACCOUNTANT_GROUP, ANALYTIC_GROUPS, sync_env
from ..wire.connection_key import ConnectionKey, encode_connection_key
from .series import HAS_TYPE_RECORDS, enter_test_mode

SECRET = "whsec_" + "QUJD" * 8
NOBODY = "http://127.0.0.1:1"  # where nothing listens


def connection_key(address="https://monitr.example", name="acme"):
    return encode_connection_key(ConnectionKey(address, name, SECRET))


def not_connected(env):
    """The addon's one connection, as it is after the installation."""
    connection = env.ref("monitr_connector.connection")
    connection.run_ids.unlink()
    connection.write(
        {
            "sealed_key": False,
            "authority": False,
            "bound_to": False,
            "push_every": "60",
            "start_date": False,
            "user_id": False,
            "company_ids": [(6, 0, env.company.ids)],
        }
    )
    return connection


def new_administrator(env, login="monitr_administrator"):
    return new_user(env, login, "base.group_user", "base.group_system")


def new_accountant(env, login="monitr_accountant"):
    """With the highest rights that accounting has, who may read all that is sent."""
    highest = (ACCOUNTANT_GROUP, "account.group_account_manager")
    wanted = ("base.group_user", *highest, *ANALYTIC_GROUPS)
    groups = [group for group in wanted if env.ref(group, raise_if_not_found=False)]
    return new_user(env, login, *groups)


def new_user(env, login, *groups):
    without_mail = {"no_reset_password": True}
    return new_test_user(env, login=login, groups=",".join(groups), context=without_mail)


def fails(*_arguments, **_named):
    raise ZeroDivisionError


def once(attempt):
    return attempt()


@contextmanager
def alone(_connection):
    yield True


class ConnectorCase(TransactionCase):
    def setUp(self):
        super().setUp()
        self.connection = not_connected(self.env)

    def flush(self):
        """What was done is in the database; nothing is taken from Odoo's cache."""
        series.forget_values(self.env["base"])

    def captured(self):
        """``{(stream, id)}`` of what was noted, and the outbox is empty again."""
        self.flush()
        self.env.cr.execute(
            "DELETE FROM monitr_outbox WHERE record_id IS NOT NULL RETURNING stream, record_id"
        )
        return set(self.env.cr.fetchall())

    def line_of(self, stream, record):
        """``{field of the contract: text}`` of a record as it is sent."""
        self.connection.user_id = new_accountant(self.env, "monitr_sync_user")
        self.flush()
        reader = Reader(sync_env(self.connection), stream, None)
        [(lines, _deleted)] = reader.read_some(record.ids)
        values = lines.decode().rstrip("\n").split("\t")
        return dict(zip([field.name for field in stream.fields], values))  # noqa: B905

    def new_entry(self):
        """A draft entry of two items, in a journal and on accounts of its own."""
        journal = self.env["account.journal"].create(
            {"name": "Monitr", "code": "MTR", "type": "general"}
        )
        accounts = [self.new_account("MTR%d" % number) for number in (1, 2)]
        items = [
            {"account_id": account.id, "name": "Monitr", "debit": debit, "credit": 5 - debit}
            for account, debit in zip(accounts, (5, 0))  # noqa: B905
        ]
        lines = [(0, 0, item) for item in items]
        return self.env["account.move"].create({"journal_id": journal.id, "line_ids": lines})

    def new_account(self, code):
        values = {"code": code, "name": code}
        if HAS_TYPE_RECORDS:
            values["user_type_id"] = self.env.ref("account.data_account_type_expenses").id
        else:
            values["account_type"] = "expense"
        return self.env["account.account"].create(values)


class PushCase(TransactionCase):
    """On a cursor whose commits and rollbacks end where the test ends.

    Odoo's test cursors share one transaction and are closed in turn, which the push's lock, taken
    on a cursor of its own, is not: ``alone`` stands in for it.
    """

    def setUp(self):
        super().setUp()
        enter_test_mode(self)
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        self.connection = not_connected(self.env(cr=cr))
        cr.commit()  # pylint: disable=invalid-commit
        for where, name, stand_in in (
            (push, "_alone", alone),
            (send, "_patiently", once),
            (send, "TIMEOUT_SECONDS", 10),  # Odoo 19's test runner knows no pair
        ):
            patcher = patch.object(where, name, stand_in)
            patcher.start()
            self.addCleanup(patcher.stop)

    def connect(self, address=NOBODY):
        env = self.connection.env
        self.connection.set_key(connection_key(address))
        self.connection.user_id = env.ref("base.user_admin")
        env.cr.commit()  # pylint: disable=invalid-commit
