from odoo import fields, models

from .. import outbox


class MonitrOutbox(models.Model):
    """The outbox's table has a model so that no clean-up takes it for nobody's.

    Its columns are made by ``outbox.py``: Odoo would number events by an integer, which ends.
    """

    _name = "monitr.outbox"
    _description = "Monitr outbox"
    _auto = False
    _log_access = False

    stream = fields.Char(readonly=True)
    record_id = fields.Integer(readonly=True)
    note = fields.Char(readonly=True)

    def init(self):
        """Called at installation and at each update, and by Odoo where the table is missing."""
        outbox.make(self.env.cr)
