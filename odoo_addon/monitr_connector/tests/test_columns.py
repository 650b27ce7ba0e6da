from odoo.tests.common import tagged

from .. import columns
from ..scope import model_of
from ..wire.streams import ACCOUNTS, ANALYTIC_PLANS, PARTNERS
from .common import ConnectorCase
from .series import PLANS_MODEL, READ_OR_NOT


@tagged("post_install", "-at_install")
class TestColumns(ConnectorCase):
    def read_of(self, stream):
        sources_of_each = columns.sources_of(self.env[model_of(self.env, stream)], stream)
        return {source.name for sources in sources_of_each.values() for source in sources}

    def test_it_reads_the_columns_of_this_series(self):
        for stream, read, not_read in READ_OR_NOT:
            with self.subTest(stream.name, read=read):
                self.assertEqual(self.read_of(stream) & (read | not_read), read)

    def test_it_reads_analytic_plans_where_this_series_has_them(self):
        self.assertEqual(model_of(self.env, ANALYTIC_PLANS), PLANS_MODEL)

    def test_a_record_is_sent_as_odoo_shows_it(self):
        partner = self.env["res.partner"].create({"name": "Tab\there", "ref": "M-1"})

        line = self.line_of(PARTNERS, partner)

        self.assertEqual(line["name"], "Tab\\there")
        self.assertEqual(line["reference"], "M-1")
        self.assertEqual(line["id"], str(partner.id))

    def test_an_account_is_sent_with_its_code_in_its_company(self):
        account = self.new_account("MTR1")

        line = self.line_of(ACCOUNTS, account)

        self.assertEqual(line["codes"], '{"%d": "MTR1"}' % self.env.company.id)
        self.assertEqual(line["type"], "expense")
