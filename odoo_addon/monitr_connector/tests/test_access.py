from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests.common import tagged
from odoo.tools import mute_logger

from .. import push
from .common import (
    SECRET,
    ConnectorCase,
    connection_key,
    fails,
    new_accountant,
    new_administrator,
    new_user,
)

OURS = ("monitr.connection", "monitr.run", "monitr.outbox", "monitr.set.aside")


@tagged("post_install", "-at_install")
class TestAccess(ConnectorCase):
    def setUp(self):
        super().setUp()
        self.connection.set_key(connection_key())
        self.administrator = new_administrator(self.env)
        self.accountant = new_accountant(self.env)
        self.flush()

    def assert_refused(self, user, model, operation, *arguments):
        """From where the web client begins: with nothing in the cache."""
        records = self.env[model].with_user(user)
        if model == "monitr.connection" and operation not in ("create", "search"):
            records = records.browse(self.connection.id)
        with mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"):
            self.assertRaises(AccessError, getattr(records, operation), *arguments)

    def test_an_accountant_may_press_no_button(self):
        for button in ("action_push_now", "action_test_connection", "action_let_go"):
            with self.subTest(button), patch.object(push, "push_slice", fails):
                self.assert_refused(self.accountant, "monitr.connection", button)

    def test_an_accountant_may_neither_read_nor_change_the_settings(self):
        self.assert_refused(self.accountant, "monitr.connection", "read", ["address"])
        self.assert_refused(self.accountant, "monitr.connection", "write", {"push_every": "0"})
        self.assert_refused(self.accountant, "monitr.connection", "set_key", connection_key())

    def test_an_accountant_sees_nothing_of_ours(self):
        for model in OURS:
            with self.subTest(model):
                self.assert_refused(self.accountant, model, "search", [])

    def test_a_plain_user_sees_nothing_of_ours(self):
        user = new_user(self.env, "monitr_plain", "base.group_user")
        for model in OURS:
            with self.subTest(model):
                self.assert_refused(user, model, "search", [])

    def test_an_administrator_changes_the_settings(self):
        connection = self.connection.with_user(self.administrator)

        connection.write({"push_every": "15"})
        connection.set_key(connection_key(name="globex"))

        self.assertEqual(self.connection.push_every, "15")

    def test_an_administrator_makes_no_second_connection_and_removes_none(self):
        self.assert_refused(self.administrator, "monitr.connection", "create", {})
        self.assert_refused(self.administrator, "monitr.connection", "unlink")

    def test_an_administrator_only_reads_runs_and_changes(self):
        for model in OURS[1:]:
            with self.subTest(model):
                self.env[model].with_user(self.administrator).search([])
                self.assert_refused(self.administrator, model, "create", {})

    def test_not_even_an_administrator_reads_the_secret(self):
        connection = self.connection.with_user(self.administrator)
        names = list(connection._fields)

        shown = str(connection.read()) + str(connection.export_data(names))

        self.assertIn("https://monitr.example", shown)
        self.assertNotIn(SECRET, shown)
        self.assertNotIn(connection_key(), shown)
