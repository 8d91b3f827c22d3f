from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SaleOrderLine(models.Model):
    """Which deal an order line is for: its order's, unless somebody says otherwise. Its invoices follow."""

    _inherit = "sale.order.line"

    kams_lead_id = fields.Many2one(
        "crm.lead",
        string="Deal of This Line",
        domain="[('kams_process_id', '!=', False), ('company_id', 'in', [False, company_id])]",
        index="btree_not_null",
        ondelete="set null",
        help="Where an order has lines for several deals. Invoices of the line are for the same deal.",
    )

    # CONSTRAINTS
    @api.constrains("kams_lead_id")
    def _check_kams_lead_id(self):
        """Terms are judged on the orders of deals: a line of a deal isn't sold by an order without one."""
        # sudo: whether the order has a deal under a process
        for line in self.sudo().filtered("kams_lead_id"):
            if not line.order_id.opportunity_id.kams_process_id:
                raise ValidationError(
                    self.env._(
                        "“%(line)s” can't be for %(deal)s: “%(order)s” belongs to no deal under a KAMS process. Choose "
                        "the order's opportunity first.",
                        line=line.name,
                        deal=line.kams_lead_id.name,
                        order=line.order_id.display_name,
                    )
                )
