from collections import defaultdict

from odoo import api, fields, models

# Who may read invoices in Odoo
INVOICE_READERS = "sales_team.group_sale_salesman,account.group_account_invoice,account.group_account_readonly"


class CrmLead(models.Model):
    """A deal's invoices and its money (7.7)."""

    _inherit = "crm.lead"

    kams_invoice_ids = fields.Many2many(
        "account.move", compute="_compute_kams_invoice_ids", string="Invoices", groups=INVOICE_READERS
    )
    kams_invoice_count = fields.Integer(
        compute="_compute_kams_invoice_ids", string="Number of Invoices", groups=INVOICE_READERS
    )

    # COMPUTES
    @api.depends_context("uid")
    def _compute_kams_invoice_ids(self):
        """The invoices with a line for the deal, as far as the user may read them; plain deals ask nothing."""
        links = self.env["kams.money"]._invoices_of(self._origin.filtered("kams_process_id"))
        moves = self.env["account.move"].browse({move_id for _lead_id, move_id in links})
        readable = set(moves._filtered_access("read").ids) if moves else set()
        found = defaultdict(list)
        for lead_id, move_id in links:
            if move_id in readable:
                found[lead_id].append(move_id)
        for lead in self:
            lead.kams_invoice_ids = found[lead._origin.id]
            lead.kams_invoice_count = len(found[lead._origin.id])

    # ACTIONS
    def action_kams_invoices(self):
        """The invoices with a line for this deal, as far as the user may read invoices."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("account.action_move_out_invoice_type")
        return {
            **action,
            "name": self.env._("Invoices of %(deal)s", deal=self.name),
            "domain": [("id", "in", self.kams_invoice_ids.ids)],
            "context": {"create": False},
        }

    def action_kams_money(self):
        """What was quoted, ordered, invoiced and paid on this deal."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("kams_sales.kams_deal_money_action")
        form = self.env.ref("kams_sales.kams_deal_money_view_form").id
        return {**action, "res_id": self.id, "view_mode": "form", "views": [(form, "form")]}

    # BUSINESS
    def _merge_dependences(self, opportunities):
        """Lines that somebody linked to a deal that goes are linked to the one that stays."""
        result = super()._merge_dependences(opportunities)
        if opportunities.kams_process_id:
            for name in ("sale.order.line", "account.move.line"):
                # sudo: whoever may merge a deal takes along what is for it; nothing is shown
                lines = self.env[name].sudo().search([("kams_lead_id", "in", opportunities.ids)])
                lines.kams_lead_id = self
        return result
