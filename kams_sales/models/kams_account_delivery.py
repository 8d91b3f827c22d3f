from odoo import api, fields, models


class KamsAccount(models.Model):
    """What we still owe a customer: deals that are won and neither delivered to the end nor paid (8)."""

    _inherit = "kams.account"

    unfinished_count = fields.Integer(string="Won, Not Finished (Number)", compute="_compute_unfinished")
    unfinished_amount = fields.Monetary(string="Won, Not Finished (Amount)", compute="_compute_unfinished")

    # COMPUTES
    @api.depends("lead_ids.kams_is_unfinished", "lead_ids.expected_revenue")
    @api.depends_context("uid")
    def _compute_unfinished(self):
        """As the user may see them, by one statement for all."""
        found = {
            account.id: figures
            for account, *figures in self.env["crm.lead"]._read_group(
                [("kams_account_id", "in", self.ids), ("kams_is_unfinished", "=", True)],
                ["kams_account_id"],
                ["__count", "expected_revenue:sum"],
            )
        }
        for account in self:
            account.unfinished_count, account.unfinished_amount = found.get(account._origin.id, (0, 0.0))

    # ACTIONS
    def action_view_unfinished(self):
        """The deals that are won and not finished, with what each still lacks."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.crm_lead_unfinished_action")
        return {**action, "domain": [("kams_account_id", "=", self.id), ("kams_is_unfinished", "=", True)]}
