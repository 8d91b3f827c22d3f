from odoo import api, fields, models
from odoo.exceptions import UserError

from .blank import known


class KamsDelivery(models.Model):
    """What of the order is delivered: its goods are taken over in one go, services on wish (8.2)."""

    _inherit = "kams.delivery"

    line_ids = fields.One2many("kams.delivery.line", "delivery_id", string="Delivery Lines")
    line_count = fields.Integer(string="Number of Goods", compute="_compute_line_counts")
    arrived_count = fields.Integer(string="Arrived Goods", compute="_compute_line_counts")
    inspection_count = fields.Integer(string="Goods to Be Inspected", compute="_compute_line_counts")
    discrepancy_count = fields.Integer(string="Open Discrepancies", compute="_compute_line_counts")

    # COMPUTES
    @api.depends("line_ids")
    def _compute_line_counts(self):
        """One search for all deliveries, as far as the user may see their goods."""
        lines = self.env["kams.delivery.line"].search([("delivery_id", "in", self.ids)]).grouped("delivery_id")
        for delivery in self:
            mine = lines.get(delivery._origin, self.env["kams.delivery.line"])
            delivery.line_count = len(mine)
            delivery.arrived_count = len(mine.filtered("arrived_on"))
            delivery.inspection_count = len(mine.filtered(lambda line: line.inspection_state == "open"))
            delivery.discrepancy_count = len(mine.filtered("has_open_discrepancy"))

    # ACTIONS
    def action_lines(self):
        """The goods of this delivery."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_delivery_line_action")
        return {
            **action,
            "domain": [("delivery_id", "=", self.id)],
            "context": {"default_delivery_id": self.id},
        }

    def action_take_lines(self):
        """Take over the goods of the order, as far as no delivery has them yet."""
        return self._take_lines(services=False)

    def action_take_services(self):
        """Take over services of the order as well."""
        return self._take_lines(services=True)

    # BUSINESS
    def _take_lines(self, services):
        self.ensure_one()
        self.check_access("write")
        orders = self._orders_to_take()
        if not orders:
            raise UserError(
                self.env._(
                    "“%s” has no confirmed order: choose it on the contract, or type the goods here.",
                    self.display_name,
                )
            )
        made = self.env["kams.delivery.line"].create(self._line_vals(orders, services))
        message = (
            self.env._("%(number)s lines were taken over from %(orders)s.", number=len(made), orders=self._said(orders))
            if made
            else self.env._("Nothing to take over: %s has nothing that isn't in a delivery.", self._said(orders))
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if made else "info",
                "message": message,
                "next": self.action_lines() if made else {"type": "ir.actions.act_window_close"},
            },
        }

    def _check_lines_free(self):
        """What was delivered stays as it was once its delivery is closed."""
        for delivery in self:
            if delivery.state == "closed":
                raise UserError(
                    self.env._("“%s” is closed: what was delivered stays. Reopen it to change it.", delivery.name)
                )

    def _said(self, orders):
        return ", ".join(orders.mapped("name"))

    def _orders_to_take(self):
        """The contract's order, else those of the deal that are confirmed.

        sudo: whoever delivers has no right to orders; they are told what is to be delivered, never a price
        """
        deal = self.sudo()
        order = deal.contract_id.order_id
        return (order or deal.lead_id.order_ids).filtered(lambda one: one.state == "sale")

    def _line_vals(self, orders, services):
        """What of these orders is in no delivery yet: of what is split between two, the rest."""
        order_lines = orders.order_line.filtered(
            lambda line: (
                not line.display_type
                and not line.is_downpayment
                and line.product_uom_qty > 0
                and line.product_id.type != "combo"
                and (services or line.product_id.type != "service")
            )
        )
        # sudo: two deliveries of one order don't take the same goods, whoever may see them
        taken = self.env["kams.delivery.line"].sudo().search([("order_line_id", "in", order_lines.ids)])
        taken = taken.filtered(lambda line: line.delivery_id == self or line.delivery_id.is_live)
        taken = taken.grouped("order_line_id")
        vals_list = []
        for line in order_lines:
            others = taken.get(line, self.env["kams.delivery.line"].sudo())
            if self in others.delivery_id:
                continue
            left = line.product_uom_qty - sum(known(one.planned_qty) or 0.0 for one in others)
            if left <= 0:
                continue
            day = line.order_id.commitment_date
            vals_list.append(
                {
                    "delivery_id": self.id,
                    "sequence": line.sequence,
                    "order_line_id": line.id,
                    "product_id": line.product_id.id,
                    "name": line.product_id.display_name or line.name,
                    "uom_id": line.product_uom_id.id,
                    "planned_qty": left,
                    "planned_ship": day and fields.Datetime.context_timestamp(self, day).date(),
                }
            )
        return vals_list
