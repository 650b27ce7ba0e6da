from odoo import api, fields, models

NOT_COMPUTED = "Fails"


class ResPartner(models.Model):
    """As OCA's partner_multi_company does it; the reference is each company's own."""

    _inherit = "res.partner"

    company_ids = fields.Many2many("res.company", "changed_fields_company_rel")
    company_id = fields.Many2one(
        compute="_compute_company_id", search="_search_company_id", store=False
    )
    ref = fields.Char(company_dependent=True)

    @api.depends("company_ids")
    @api.depends_context("company")
    def _compute_company_id(self):
        for partner in self:
            own = partner.company_ids & self.env.company
            partner.company_id = own or partner.company_ids[:1]

    def _search_company_id(self, operator, value):
        none = operator == "in" and isinstance(value, (list, tuple)) and False in value
        domain = [("company_ids", operator, value)]
        return ["|", ("company_ids", "=", False), *domain] if none else domain


class AccountMove(models.Model):
    _inherit = "account.move"

    invoice_origin = fields.Char(compute="_compute_invoice_origin", store=False)
    invoice_date_due = fields.Date(compute="_compute_invoice_date_due", store=True)

    @api.depends("name", "ref")
    def _compute_invoice_origin(self):
        for move in self:
            if move.ref == NOT_COMPUTED:
                raise ValueError("a fault of this addon")
            move.invoice_origin = f"tab\t{move.name}, {move.ref}" if move.ref else False

    @api.depends("date")
    def _compute_invoice_date_due(self):
        for move in self:
            move.invoice_date_due = move.date
