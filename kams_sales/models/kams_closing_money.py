from odoo import api, fields, models

from .blank import BlankFloat, BlankMonetary, known
from .kams_change import SELLERS

COSTS = ("estimated_cost", "change_cost", "actual_cost")
PROFITS = ("estimated_profit", "realised_profit", "estimated_margin_pct", "realised_margin_pct")


class KamsDeliveryClosing(models.Model):
    """What a delivery cost and what was earned, against what was estimated (8.8).

    Costs are the delivery's own and the project manager's to see. Profit is the deal's, and is for those who sell.
    With the approval both stay as they were then.
    """

    _inherit = "kams.delivery.closing"

    figures = fields.Json(copy=False, readonly=True, groups=SELLERS)
    estimated_cost = BlankMonetary(
        string="Estimated Cost", compute="_compute_costs", help="Planned costs of all phases; empty: one isn't known."
    )
    change_cost = BlankMonetary(
        string="Cost of Changes", compute="_compute_costs", help="What signed changes were to cost us."
    )
    actual_cost = BlankMonetary(
        string="Actual Cost", compute="_compute_costs", help="What was booked on the project, and noted beside."
    )
    cost_overrun = BlankMonetary(
        string="Cost above Estimate", compute="_compute_costs", help="Actual less estimated and changes."
    )
    estimated_profit = BlankMonetary(
        string="Estimated Profit",
        compute="_compute_profits",
        groups=SELLERS,
        help="Of the deal: what its contracts come to, by their margin; without taxes.",
    )
    realised_profit = BlankMonetary(
        string="Realised Profit", compute="_compute_profits", groups=SELLERS, help="Of the deal, as it was invoiced."
    )
    estimated_margin_pct = BlankFloat(
        string="Estimated Margin (%)", compute="_compute_profits", groups=SELLERS, digits=(16, 1)
    )
    realised_margin_pct = BlankFloat(
        string="Margin Realised (%)", compute="_compute_profits", groups=SELLERS, digits=(16, 1)
    )

    # COMPUTES
    @api.depends("state", "delivery_id")
    def _compute_costs(self):
        # sudo: of the figures that were kept, costs alone are taken; live ones are read as the user
        kept = {closing: closing.sudo().figures or {} for closing in self}
        live = self.filtered(lambda one: not kept[one])._costs()
        for closing in self:
            row = kept[closing] or live[closing]
            for name in COSTS:
                closing[name] = row.get(name)
            planned = row.get("estimated_cost")
            actual = row.get("actual_cost")
            closing.cost_overrun = (
                None if planned is None or actual is None else actual - planned - (row.get("change_cost") or 0.0)
            )

    @api.depends("state", "lead_id")
    @api.depends_context("uid")
    def _compute_profits(self):
        live = self.filtered(lambda one: not one.figures)._profits()
        for closing in self:
            row = closing.figures or live[closing]
            for name in PROFITS:
                closing[name] = row.get(name)

    # BUSINESS
    def _money(self):
        """Costs and profits as they are now, kept with the approval."""
        self.ensure_one()
        return {**self._costs()[self], **self._profits()[self]}

    def _costs(self):
        """``{closing: planned, of changes, actual}`` of each delivery; a part that nobody knows makes a sum unknown."""
        changes = self.env["kams.change"].search(
            [("delivery_id", "in", self.delivery_id.ids), ("state", "=", "signed")]
        )
        of = changes.grouped("delivery_id")
        found = {}
        for closing in self:
            signed = [known(one.cost) for one in of.get(closing.delivery_id, changes.browse())]
            found[closing] = {
                "estimated_cost": known(closing.delivery_id.bac),
                "change_cost": None if None in signed else sum(signed),
                "actual_cost": known(closing.delivery_id.actual_cost),
            }
        return found

    def _profits(self):
        """``{closing: profits and margins}`` of each deal, by the rows that the reader may see."""
        rows = {row.lead_id: row for row in self.env["kams.deal.money"].search([("lead_id", "in", self.lead_id.ids)])}
        found = {}
        for closing in self:
            row = rows.get(closing.lead_id)
            if not row:
                found[closing] = {}
                continue
            contracted, margin = known(row.contracted), known(row.contract_margin_pct)
            found[closing] = {
                "estimated_profit": None if contracted is None or margin is None else contracted * margin / 100,
                "estimated_margin_pct": margin,
                "realised_profit": known(row.realised_margin),
                "realised_margin_pct": known(row.realised_margin_pct),
            }
        return found
