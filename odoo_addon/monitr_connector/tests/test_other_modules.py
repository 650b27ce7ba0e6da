from odoo.tests.common import tagged

from .. import columns
from ..wire.streams import JOURNAL_ENTRIES, PARTNERS
from .common import ConnectorCase
from .other_modules import load_models


@tagged("post_install", "-at_install")
class TestOtherModules(ConnectorCase):
    def setUp(self):
        super().setUp()
        load_models(self)
        self.connection = self.env.ref("monitr_connector.connection")

    def test_what_another_module_computes_is_sent_as_odoo_shows_it(self):
        partner = self.env["res.partner"].create({"name": "Monitr"})

        self.assertEqual(
            columns.columns_of(self.env["res.partner"], PARTNERS).computed, {"reference": "ref"}
        )
        self.assertEqual(self.line_of(PARTNERS, partner)["reference"], "computed of Monitr")

    def test_a_known_name_that_means_something_else_is_not_read(self):
        entry = self.new_entry()
        entry.closing_type = 7
        entry.action_post()

        self.assertEqual(self.line_of(JOURNAL_ENTRIES, entry)["closing_type"], "\\N")

    def test_work_with_models_of_another_module_is_captured(self):
        entry = self.new_entry()
        self.captured()

        entry.closing_type = 7

        self.assertIn(("journal_entries", entry.id), self.captured())
