from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .blank import BlankFloat, known, refuse_negative

DISCREPANCIES = [
    ("none", "No Discrepancy"),
    ("short", "Too Few"),
    ("over", "Too Many"),
    ("damaged", "Damaged"),
    ("wrong", "Wrong Goods"),
]
# What the order line is told of
TOLD = {"accepted_qty", "order_line_id", "uom_id"}


class KamsDeliveryLine(models.Model):
    """Goods of a delivery: planned, shipped, arrived, accepted, and what was wrong with them (8.2 产品交付).

    A delivery of services alone has none. What of the order it is, is the order's to say; how much was accepted is
    told to the order line, where Odoo expects somebody to type it.
    """

    _name = "kams.delivery.line"
    _description = "Goods of a delivery"
    _inherit = ["kams.computed.mixin", "kams.import.mixin"]
    _order = "delivery_id, sequence, id"

    delivery_id = fields.Many2one("kams.delivery", string="Delivery", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="delivery_id.lead_id", string="Deal")
    company_id = fields.Many2one(related="delivery_id.company_id", store=True, index=True)
    delivery_user_id = fields.Many2one(related="delivery_id.user_id", string="Project Manager")
    # What
    sequence = fields.Integer(default=10)
    order_line_id = fields.Many2one(
        "sale.order.line",
        string="Line of the Order",
        ondelete="set null",
        index="btree_not_null",
    )
    product_id = fields.Many2one("product.product", string="Product", ondelete="set null", index="btree_not_null")
    name = fields.Char(
        string="Goods", required=True, compute="_compute_name", store=True, readonly=False, precompute=True
    )
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit of Goods",
        compute="_compute_uom_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
    )
    # Planned
    planned_qty = BlankFloat(string="Planned Quantity", digits="Product Unit")
    planned_ship = fields.Date(string="To Be Shipped On")
    # Happened
    shipped_qty = BlankFloat(string="Shipped Quantity", digits="Product Unit", copy=False)
    shipped_on = fields.Date(string="Shipped On", copy=False)
    arrived_qty = BlankFloat(string="Arrived Quantity", digits="Product Unit", copy=False)
    arrived_on = fields.Date(string="Arrived On", copy=False, index=True)
    accepted_qty = BlankFloat(string="Accepted Quantity", digits="Product Unit", copy=False)
    serials = fields.Text(string="Serial Numbers", copy=False)
    # What was wrong
    discrepancy_kind = fields.Selection(
        DISCREPANCIES, string="Discrepancy", required=True, default="none", copy=False, index=True
    )
    discrepancy = fields.Text(string="What Is Wrong", copy=False)
    discrepancy_closed_on = fields.Date(string="Put Right On", copy=False)
    has_open_discrepancy = fields.Boolean(
        string="Not Put Right", compute="_compute_has_open_discrepancy", search="_search_has_open_discrepancy"
    )
    is_late = fields.Boolean(
        string="Late", compute="_compute_is_late", search="_search_is_late", help="Not shipped on the planned day."
    )

    # COMPUTES
    @api.depends("product_id")
    def _compute_name(self):
        for line in self:
            line.name = line.name or line.product_id.display_name

    @api.depends("product_id")
    def _compute_uom_id(self):
        for line in self:
            line.uom_id = line.uom_id or line.product_id.uom_id

    @api.depends("discrepancy_kind", "discrepancy_closed_on")
    def _compute_has_open_discrepancy(self):
        for line in self:
            line.has_open_discrepancy = line.discrepancy_kind != "none" and not line.discrepancy_closed_on

    def _search_has_open_discrepancy(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = [("discrepancy_kind", "!=", "none"), ("discrepancy_closed_on", "=", False)]
        return found if True in value else ["!", "&", *found]

    @api.depends("planned_ship", "shipped_on")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.is_late = bool(line.planned_ship and (line.shipped_on or line.arrived_on or today) > line.planned_ship)

    def _search_is_late(self, operator, value):
        """Those that are still to be shipped: what was late once is history."""
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        found = [("shipped_on", "=", False), ("arrived_on", "=", False), ("planned_ship", "<", today)]
        return found if True in value else ["!", "&", "&", *found]

    # CONSTRAINTS
    @api.constrains("planned_qty", "shipped_qty", "arrived_qty", "accepted_qty")
    def _check_quantities(self):
        refuse_negative(self, "planned_qty", "shipped_qty", "arrived_qty", "accepted_qty")
        for line in self:
            arrived, accepted = known(line.arrived_qty), known(line.accepted_qty)
            if arrived is not None and accepted is not None and accepted > arrived + 1e-6:
                raise ValidationError(
                    self.env._(
                        "“%(goods)s”: %(accepted)s can't be accepted of %(arrived)s that arrived.",
                        goods=line.name,
                        accepted=f"{accepted:g}",
                        arrived=f"{arrived:g}",
                    )
                )

    @api.constrains("shipped_on", "arrived_on", "discrepancy_closed_on")
    def _check_days(self):
        today = fields.Date.context_today(self)
        for line in self:
            if line.shipped_on and line.arrived_on and line.arrived_on < line.shipped_on:
                raise ValidationError(self.env._("“%s” can't arrive before it is shipped.", line.name))
            for name in ("shipped_on", "arrived_on"):
                if line[name] and line[name] > today:
                    raise ValidationError(
                        self.env._(
                            "“%(goods)s”: “%(field)s” is still to come. Note it once it happened.",
                            goods=line.name,
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    @api.constrains("order_line_id", "delivery_id")
    def _check_order(self):
        for line in self.sudo():  # sudo: which deal the order line is of
            deal = line.order_line_id.order_id.opportunity_id
            if line.order_line_id and deal != line.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(goods)s” is of an order of another deal: choose a line of an order of %(deal)s.",
                        goods=line.name,
                        deal=line.lead_id.display_name,
                    )
                )

    @api.onchange("arrived_qty", "shipped_qty")
    def _onchange_arrived(self):
        """Too few and too many are seen by the figures; what else is wrong, people say."""
        shipped, arrived = known(self.shipped_qty), known(self.arrived_qty)
        if self.discrepancy_kind in ("none", "short", "over") and shipped is not None and arrived is not None:
            self.discrepancy_kind = "short" if arrived < shipped else "over" if arrived > shipped else "none"

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.delivery_id._check_lines_free()
        if any(known(vals.get("accepted_qty")) is not None for vals in vals_list):
            lines._tell_order()
        return lines

    def write(self, vals):
        (self.delivery_id | self.delivery_id.browse(vals.get("delivery_id") or ()))._check_lines_free()
        # sudo: which lines of the order hear of it
        before = self.sudo().order_line_id if "order_line_id" in vals else self.env["sale.order.line"].sudo()
        result = super().write(vals)
        if not TOLD.isdisjoint(vals):
            self._tell_order(before)
        return result

    def unlink(self):
        # sudo: as in write
        before = self.sudo().filtered(lambda line: known(line.accepted_qty) is not None).order_line_id
        result = super().unlink()
        self.browse()._tell_order(before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self.delivery_id._check_lines_free()

    # ACTIONS
    def action_open(self):
        """The goods with all that was noted of them."""
        self.ensure_one()
        return self._get_records_action(name=self.env._("Goods"))

    # BUSINESS
    def _tell_order(self, before=None):
        """What was accepted is delivered, says the order line, where Odoo leaves that to somebody who types it.

        sudo: whoever delivers has no right to orders; only this one figure is written, nothing is shown.
        """
        order_lines = self.sudo().order_line_id | (before or self.env["sale.order.line"].sudo())
        order_lines = order_lines.filtered(lambda line: line.qty_delivered_method == "manual" and line.state == "sale")
        if not order_lines:
            return
        # sudo: two deliveries of one contract share an order line, whoever may see them
        accepted = self.sudo().search([("order_line_id", "in", order_lines.ids)])
        accepted = accepted.filtered(lambda line: known(line.accepted_qty) is not None).grouped("order_line_id")
        for order_line in order_lines:
            mine = accepted.get(order_line)
            if mine is None and order_line not in (before or ()):
                continue  # nobody has said anything yet: what was typed in the order stays
            total = sum(
                (line.uom_id or order_line.product_uom_id)._compute_quantity(
                    known(line.accepted_qty) or 0.0, order_line.product_uom_id, round=False, raise_if_failure=False
                )
                for line in mine or ()
            )
            if order_line.qty_delivered != total:
                order_line.qty_delivered = total

    @api.model
    def _import_columns(self):
        return [
            ("delivery_id", self.env._("Example Deal")),
            ("name", self.env._("Feed pump")),
            ("planned_qty", "2"),
            ("planned_ship", "2026-03-02"),
            ("shipped_qty", "2"),
            ("shipped_on", "2026-03-02"),
            ("arrived_qty", "2"),
            ("arrived_on", "2026-03-05"),
            ("serials", "FP-001, FP-002"),
        ]
