"""What somebody else's module may do to Odoo's models. Never imported but by ``loaded``: who
imports a model makes it one of the addon's own.
"""

from odoo import api, fields, models


class ResPartner(models.Model):
    """Computes what Odoo stores."""

    _inherit = "res.partner"

    ref = fields.Char(compute="_compute_ref", store=False)

    @api.depends("name")
    def _compute_ref(self):
        for partner in self:
            partner.ref = "computed of %s" % partner.name


class AccountMove(models.Model):
    """Takes a name that another module, which is read, has for something else."""

    _inherit = "account.move"

    closing_type = fields.Integer()
