import json
from collections import defaultdict
from decimal import Decimal

from odoo import _, fields, models
from odoo.tools import html_escape

from .. import series
from ..scope import account_name, model_of
from ..wire.buckets import month_of
from ..wire.marked import _lt
from ..wire.streams import JOURNAL_ITEMS, STREAMS, STREAMS_BY_NAME

LISTED = 100
REASONS = (  # as the receiver's refusal gives them: marked, to be shown translated
    _lt("Expected %(expected)s."),
    _lt("Expected %(expected)s fields, got %(got)s."),
)
ZERO = Decimal(0)


class MonitrSetAside(models.Model):
    """A record that the receiver refuses for one of its values, so that it is not sent.

    Written by ``set_aside.py``, which no one of ours else does. Of a journal item it is known what
    it amounts to, as far as that can be read.
    """

    _name = "monitr.set.aside"
    _description = "Monitr record set aside"
    _order = "stream, record_id"

    stream = fields.Char(required=True, index=True)
    record_id = fields.Integer(required=True, index=True)
    name = fields.Char(help="Of entries and their items the entry's number.")
    field_name = fields.Char(help="Of the first value that is refused; in the contract.")
    value = fields.Char()
    reason = fields.Text(required=True, help="A text and its values, as JSON.")
    in_company = fields.Integer()
    on_account = fields.Integer()
    date = fields.Char()
    debit = fields.Char()
    credit = fields.Char()
    since = fields.Datetime(required=True)

    def status(self):
        """What is set aside and what it makes short, as HTML; empty where nothing is."""
        count = self.search_count([])
        if not count:
            return ""
        more = count - LISTED
        return "<h4>%s</h4><p>%s</p>%s%s%s" % (
            html_escape(_("Set aside: %(count)s", count=count)),
            html_escape(
                _(
                    "These records have a value that Monitr refuses, so they are not in Monitr. "
                    "Correct the value in Odoo: the next push sends them."
                )
            ),
            self._list(self.search([], limit=LISTED)),
            "<p>%s</p>" % html_escape(_("And %(count)s more.", count=more)) if more > 0 else "",
            self._short(),
        )

    def _list(self, records):
        """List in the order of the streams."""
        names = [stream.name for stream in STREAMS]
        in_order = sorted(records, key=lambda record: names.index(record.stream))
        head = (_("Record"), _("Field"), _("Value"), _("Why"))
        return _table(head, [record._cells() for record in in_order])

    def _cells(self):
        stream = STREAMS_BY_NAME[self.stream]
        model = model_of(self.env, stream)
        said = self.env["monitr.run"]._said
        link = "<a href='%s'>%s</a>" % (
            html_escape(series.record_address(model, self.record_id)),
            html_escape("%s (%s)" % (self.name or said(stream.label), self.record_id)),
        )
        return (
            "%s<br/><small>%s</small>" % (link, html_escape(said(stream.label))),
            html_escape(self._field_label(stream, model)),
            html_escape(self.value or _("empty")),
            html_escape(said(**json.loads(self.reason))),
        )

    def _field_label(self, stream, model):
        """Label of the field, as Odoo calls it."""
        field = next((each for each in stream.fields if each.name == self.field_name), None)
        if not field:
            return ""
        described = self.env[model].sudo().fields_get(field.source, ["string"])
        return next(
            (described[name]["string"] for name in field.source if name in described), field.label
        )

    def _short(self):
        """By how much which account is short in which month."""
        items = self.search([("stream", "=", JOURNAL_ITEMS.name)])
        sums = defaultdict(lambda: [ZERO, ZERO, 0])
        for item in items:
            short = sums[item.in_company, item.on_account, month_of(item.date or "")]
            if item.debit and item.credit:
                short[0] += Decimal(item.debit)
                short[1] += Decimal(item.credit)
            else:
                short[2] += 1
        if not sums:
            return ""
        head = (_("Short in Monitr"), _("Month"), _("Debit"), _("Credit"))
        rows = [
            (
                html_escape(account_name(self.env, company_id, account_id)),
                html_escape(month),
                *(self._amount(amount, unreadable) for amount in (debit, credit)),
            )
            for (company_id, account_id, month), (debit, credit, unreadable) in sorted(sums.items())
        ]
        return _table(head, rows[:LISTED])

    def _amount(self, amount, unreadable):
        """An amount as Odoo's language writes it, of what can be read."""
        text = format(amount, "f")
        return (
            html_escape(_("%(amount)s and what cannot be read", amount=text))
            if unreadable
            else text
        )


def _table(head, rows):
    heads = "".join("<th>%s</th>" % html_escape(each) for each in head)
    cells = ("".join("<td>%s</td>" % cell for cell in row) for row in rows)
    body = "".join("<tr>%s</tr>" % row for row in cells)
    return "<table class='table table-sm'><thead><tr>%s</tr></thead><tbody>%s</tbody></table>" % (
        heads,
        body,
    )
