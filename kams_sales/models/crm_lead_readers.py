from odoo import api, fields, models


class CrmLead(models.Model):
    """Who may only read deals (finance, legal, the bid desk) isn't offered buttons that Odoo answers with a refusal."""

    _inherit = "crm.lead"

    kams_may_change = fields.Boolean(string="May Change Deals", compute="_compute_kams_may")
    kams_may_quote = fields.Boolean(string="May Make Quotations", compute="_compute_kams_may")

    # COMPUTES
    @api.depends_context("uid")
    def _compute_kams_may(self):
        """By the access of models, which is cached: no statement, on plain leads neither."""
        self.kams_may_change = self.browse().has_access("write")
        self.kams_may_quote = self.env["sale.order"].has_access("create")
