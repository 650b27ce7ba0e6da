from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.sql_db import db_connect
from odoo.tests.common import tagged
from odoo.tools import mute_logger

from .. import push
from ..models.monitr_connection import MonitrConnection
from .common import PushCase, fails

ALONE = push._alone  # as it is outside of these tests
LOGGER = MonitrConnection.__module__
LOCK = "SELECT pg_advisory_xact_lock(%s)"


@tagged("post_install", "-at_install")
class TestSchedule(PushCase):
    def push_that_ended(self, hours_ago):
        """Where one is due each day."""
        self.connection.push_every = "1440"
        run = self.connection.env["monitr.run"].create(
            {
                "connection_id": self.connection.id,
                "state": "succeeded",
                "started_at": fields.Datetime.now() - timedelta(hours=hours_ago),
            }
        )
        self.connection.env.cr.commit()  # pylint: disable=invalid-commit
        return run

    def test_a_push_without_a_key_fails_with_a_sentence(self):
        run = push.push_slice(self.connection)

        self.assertEqual(run.state, "failed")
        self.assertIn("Paste the connection key first", run.error)

    def test_a_push_to_nobody_is_tried_again_later(self):
        self.connect()

        run = push.push_slice(self.connection)

        self.assertEqual((run.state, run.failed_tries), ("running", 1))
        self.assertGreater(run.retry_at, fields.Datetime.now())

    def test_whatever_goes_wrong_is_recorded_and_not_raised(self):
        self.connect()

        with patch.object(push, "say_hello", fails), mute_logger(push.__name__):
            run = push.push_slice(self.connection)

        self.assertEqual(run.state, "failed")
        self.assertIn("Unexpected error ZeroDivisionError", run.error)

    def test_what_cannot_be_recorded_is_logged_and_not_raised(self):
        with patch.object(push, "_push_slice", fails), self.assertLogs(push.__name__) as logged:
            run = push.push_slice(self.connection)

        self.assertFalse(run)
        self.assertIn("ZeroDivisionError", logged.output[0])

    def test_the_cron_raises_nothing(self):
        connections = self.connection.env["monitr.connection"]

        with (
            patch.object(MonitrConnection, "_push_if_due", fails),
            self.assertLogs(LOGGER) as logged,
        ):
            connections._push_on_schedule()

        self.assertIn("monitr cron failed", logged.output[0])

    def test_the_cron_pushes_what_is_due(self):
        self.connect()
        before = self.push_that_ended(hours_ago=25)

        self.connection.env["monitr.connection"]._push_on_schedule()

        self.assertEqual(len(self.connection.run_ids - before), 1)

    def test_the_cron_pushes_nothing_before_it_is_due(self):
        self.connect()
        before = self.push_that_ended(hours_ago=23)

        self.connection.env["monitr.connection"]._push_on_schedule()

        self.assertEqual(self.connection.run_ids, before)

    def test_the_button_shows_why_a_push_failed(self):
        try:
            shown = self.connection.action_push_now()["params"]["message"]
        except UserError as error:  # in 14
            shown = error.args[0]

        self.assertIn("Paste the connection key first", shown)

    def test_the_button_says_that_a_push_is_under_way(self):
        other = db_connect(self.env.cr.dbname).cursor()
        self.addCleanup(other.close)
        other.execute(LOCK, [push.LOCK + self.connection.id])

        is_refused = self.assertRaisesRegex(UserError, "A push is under way")
        with patch.object(push, "_alone", ALONE), is_refused:
            self.connection.action_push_now()
