from odoo import fields, models


class KamsAccount(models.Model):
    """What we still owe a customer: deals that are won and neither delivered to the end nor paid (8)."""

    _inherit = "kams.account"

    unfinished_count = fields.Integer(string="Won, Not Finished (Number)", compute="_compute_deals")
    unfinished_amount = fields.Monetary(string="Won, Not Finished (Amount)", compute="_compute_deals")

    # ACTIONS
    def action_view_unfinished(self):
        """The deals that are won and not finished, with what each still lacks."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.crm_lead_unfinished_action")
        return {**action, "domain": [("kams_account_id", "=", self.id), ("kams_is_unfinished", "=", True)]}
