from odoo import models


class PaymentTransaction(models.Model):
    """A customer's payment confirms a quotation only on terms that were agreed to (7.7); the money is taken anyway."""

    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """Leave quotations past our authority unconfirmed, and tell their salesperson why."""
        waiting = self.env["sale.order"]
        for order in self.sale_order_ids.filtered(lambda order: order.state in ("draft", "sent")):
            if not order._kams_customer_may_accept():
                waiting |= order
        for order in waiting:
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=(order.user_id or self.env.user).id,
                summary=self.env._("Paid, but its terms have not been agreed to yet"),
            )
        allowed = self.filtered(lambda tx: not tx.sale_order_ids & waiting)
        return super(PaymentTransaction, allowed)._check_amount_and_confirm_order()
