from odoo import fields, models


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
