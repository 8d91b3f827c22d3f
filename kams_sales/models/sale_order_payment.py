from odoo import models


class SaleOrder(models.Model):
    """A deal's order tells its contracts when it grants another time to pay. Orders without a deal ask nothing."""

    _inherit = "sale.order"

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if "payment_term_id" in vals and (orders := self._kams_on_deals()):
            # sudo: what contracts say follows from the order, whoever changes it
            contracts = self.env["kams.contract"].sudo().search([("order_id", "in", orders.ids)])
            contracts._judge_payments()
        return result
