from odoo.tests.common import tagged

from .. import columns
from ..scope import model_of
from ..wire.streams import ACCOUNTS, ANALYTIC_PLANS, JOURNAL_ITEMS, PARTNERS
from .common import RUNNING, ConnectorCase

CHANGED = (  # stream, first series, what is read from then on, what was read before
    (ACCOUNTS, 16, {"account_type"}, {"user_type_id", "internal_type", "internal_group"}),
    (ACCOUNTS, 18, {"code_store", "company_ids"}, {"code", "company_id"}),
    (ACCOUNTS, 19, {"active"}, {"deprecated"}),
    (JOURNAL_ITEMS, 16, {"analytic_distribution"}, {"analytic_account_id", "analytic_tag_ids"}),
)


@tagged("post_install", "-at_install")
class TestColumns(ConnectorCase):
    def read_of(self, stream):
        sources_of_each = columns.sources_of(self.env[model_of(self.env, stream)], stream)
        return {source.name for sources in sources_of_each.values() for source in sources}

    def test_it_reads_the_columns_of_this_series(self):
        for stream, since, new, old in CHANGED:
            with self.subTest(stream.name, since=since):
                is_new = since <= RUNNING
                self.assertEqual(self.read_of(stream) & (new | old), new if is_new else old)

    def test_it_reads_analytic_plans_where_this_series_has_them(self):
        is_new = RUNNING >= 16
        expected = "account.analytic.plan" if is_new else "account.analytic.group"

        self.assertEqual(model_of(self.env, ANALYTIC_PLANS), expected)

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
