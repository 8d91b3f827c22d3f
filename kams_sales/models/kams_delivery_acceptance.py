from odoo import api, fields, models
from odoo.tools import date_utils

from .blank import known


class KamsDelivery(models.Model):
    """What the customer accepts of a delivery, and the warranty that the final acceptance starts (8.3)."""

    _inherit = "kams.delivery"

    acceptance_ids = fields.One2many("kams.acceptance", "delivery_id", string="Acceptances")
    acceptance_count = fields.Integer(string="Number of Acceptances", compute="_compute_acceptance_count")
    accepted_count = fields.Integer(string="Acceptances Done", compute="_compute_acceptance_count")
    warranty_start = fields.Date(
        string="Warranty From",
        compute="_compute_warranty",
        store=True,
        help="The day of the final acceptance: of the last one, if there are several.",
    )
    warranty_end = fields.Date(
        string="Warranty Until",
        compute="_compute_warranty",
        store=True,
        help="As many months after the final acceptance as the contract says.",
    )

    # COMPUTES
    @api.depends("acceptance_ids.state", "acceptance_ids.is_superseded", "acceptance_ids.is_done")
    def _compute_acceptance_count(self):
        """One statement for all deliveries; earlier attempts don't count."""
        rows = self.env["kams.acceptance"]._read_group(
            [("delivery_id", "in", self.ids), ("state", "!=", "cancelled"), ("is_superseded", "=", False)],
            ["delivery_id", "is_done"],
            ["__count"],
        )
        for delivery in self:
            mine = [(done, number) for of, done, number in rows if of == delivery._origin]
            delivery.acceptance_count = sum(number for _done, number in mine)
            delivery.accepted_count = sum(number for done, number in mine if done)

    @api.depends(
        *("acceptance_ids.kind", "acceptance_ids.state", "acceptance_ids.signed_at", "acceptance_ids.is_superseded"),
        *("acceptance_ids.conclusion", "contract_id.warranty_months"),
    )
    def _compute_warranty(self):
        for delivery in self:
            finals = delivery.acceptance_ids.filtered(
                lambda one: one.kind == "final" and one.state != "cancelled" and not one.is_superseded
            )
            accepted = finals and all(one.state == "signed" and one.conclusion != "failed" for one in finals)
            start = max((one.signed_at for one in finals if one.signed_at), default=False) if accepted else False
            months = known(delivery.contract_id.warranty_months)
            delivery.warranty_start = start
            delivery.warranty_end = (
                date_utils.add(start, months=int(months), days=round((months % 1) * 30))
                if start and months is not None
                else False
            )

    # ACTIONS
    def action_acceptances(self):
        """Its acceptances, ready for more."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_acceptance_action")
        context = {"default_delivery_id": self.id}
        return {**action, "domain": [("delivery_id", "=", self.id)], "context": context}

    # BUSINESS
    def _plan_acceptances(self):
        """An acceptance for each phase that ends with one and has none yet; payments wait for them from now on."""
        if "acceptance_kind" not in self.env["kams.delivery.phase"]._fields:
            return self.env["kams.acceptance"]
        phases = self.env["kams.delivery.phase"].search(
            [
                *("&", ("delivery_id", "in", self.ids), ("needs_acceptance", "=", True)),
                ("acceptance_kind", "!=", False),
            ]
        )
        there = {(one.phase_id, one.kind) for one in phases.acceptance_ids if one.state != "cancelled"}
        return self.env["kams.acceptance"].create(
            [
                {
                    "delivery_id": phase.delivery_id.id,
                    "phase_id": phase.id,
                    "kind": phase.acceptance_kind,
                    "planned_on": phase.baseline_end,
                }
                for phase in phases
                if (phase, phase.acceptance_kind) not in there
            ]
        )


class KamsDeliveryPhase(models.Model):
    """A phase may end with an acceptance."""

    _inherit = "kams.delivery.phase"

    acceptance_ids = fields.One2many("kams.acceptance", "phase_id", string="Acceptances")
