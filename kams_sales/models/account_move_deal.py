from odoo import api, fields, models


class AccountMoveLine(models.Model):
    """Which deal an invoice line is for, where its order doesn't tell."""

    _inherit = "account.move.line"

    kams_lead_id = fields.Many2one(
        "crm.lead",
        string="Deal of This Line",
        domain="[('kams_process_id', '!=', False), ('company_id', 'in', [False, company_id])]",
        index="btree_not_null",
        ondelete="set null",
        help="Set by hand where the order doesn't tell, or tells another. It comes before the deal of the order.",
    )


class AccountMove(models.Model):
    """From an invoice to the deals it is for, as far as the reader may see them."""

    _inherit = "account.move"

    kams_lead_ids = fields.Many2many(
        "crm.lead", compute="_compute_kams_lead_ids", string="Deals", groups="base.group_user"
    )
    kams_lead_count = fields.Integer(
        compute="_compute_kams_lead_ids", string="Number of Deals", groups="base.group_user"
    )

    # COMPUTES
    @api.depends("invoice_line_ids.kams_lead_id", "invoice_line_ids.sale_line_ids")
    @api.depends_context("uid")
    def _compute_kams_lead_ids(self):
        """One statement for all; a deal that the reader may not see isn't named, and isn't counted."""
        deals = self.env["kams.money"]._deals_of(self)
        readable = self.env["crm.lead"].browse({id_ for ids in deals.values() for id_ in ids})
        readable = set(readable._filtered_access("read").ids) if readable else set()
        for move in self:
            ids = [id_ for id_ in deals.get(move._origin.id, ()) if id_ in readable]
            move.kams_lead_ids = ids
            move.kams_lead_count = len(ids)

    # ACTIONS
    def action_kams_deals(self):
        """The deals that this invoice is for."""
        self.check_access("read")
        return self.kams_lead_ids._get_records_action(name=self.env._("Deals"))

    def action_kams_lines(self):
        """Say which deal each line is for, also of a posted invoice: nothing in the books changes by it."""
        self.check_access("read")
        view = self.env.ref("kams_sales.account_move_line_deal_view_list")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Link to Deals"),
            "res_model": "account.move.line",
            "view_mode": "list",
            "views": [(view.id, "list")],
            "domain": [("move_id", "in", self.ids), ("display_type", "=", "product")],
        }
