from odoo import fields, models

from ..tools.arithmetic import ratio
from .blank import BlankFloat


class KamsDelivery(models.Model):
    """What a delivery's page says of its communication and its issues (8.5)."""

    _inherit = "kams.delivery"

    comm_plan_count = fields.Integer(string="Number of Communication Plans", compute="_compute_communication")
    comm_due = fields.Integer(string="Contacts That Were Due", compute="_compute_communication")
    comm_rate = BlankFloat(string="Communication Kept (%)", compute="_compute_communication", digits=(16, 1))
    issue_count = fields.Integer(string="Number of Delivery Issues", compute="_compute_issue_counts")
    unsolved_issue_count = fields.Integer(string="Unsolved Issues", compute="_compute_issue_counts")

    # COMPUTES
    def _compute_communication(self):
        """One statement for all: plans, and what was held of all that was due in them."""
        groups = self.env["kams.plan"]._read_group(
            [("delivery_id", "in", self._origin.ids), ("kind", "=", "communication")],
            ["delivery_id"],
            ["__count", "comm_held:sum", "comm_due:sum"],
        )
        found = {delivery.id: numbers for delivery, *numbers in groups}
        for delivery in self:
            number, held, due = found.get(delivery._origin.id, (0, 0, 0))
            delivery.comm_plan_count, delivery.comm_due = number, due
            delivery.comm_rate = ratio(held, due, 100.0)

    def _compute_issue_counts(self):
        groups = self.env["kams.issue"]._read_group(
            [("delivery_id", "in", self._origin.ids)], ["delivery_id", "state"], ["__count"]
        )
        counts = {}
        for delivery, state, number in groups:
            total, unsolved = counts.get(delivery.id, (0, 0))
            counts[delivery.id] = total + number, unsolved + (number if state == "open" else 0)
        for delivery in self:
            delivery.issue_count, delivery.unsolved_issue_count = counts.get(delivery._origin.id, (0, 0))

    # ORM
    def write(self, vals):
        """A cancelled delivery's contacts ask nobody for anything; once it is planned again they do."""
        result = super().write(vals)
        if "state" in vals:
            # sudo: whoever may cancel a delivery settles what hangs on it, seen or not
            plans = self.env["kams.plan"].sudo()
            plans.search([("delivery_id", "in", self.ids), ("state", "=", "active")]).line_ids._follow()
        return result

    # ACTIONS
    def action_comm_plans(self):
        """The delivery's communication plan; a new one, ready to be filled in, if there is none."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_plan_communication_action")
        context = {
            "default_kind": "communication",
            "default_delivery_id": self.id,
            "default_lead_id": self.lead_id.id,
            "default_user_id": self.user_id.id or self.env.uid,
        }
        for name, day in (("default_date_from", self.date_start), ("default_date_to", self.date_end)):
            if day and self.date_start and self.date_end:
                context[name] = day
        return {
            **action,
            "domain": [("kind", "=", "communication"), ("delivery_id", "=", self.id)],
            "context": context,
        }

    def action_issues(self):
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_issue_action"),
            "domain": [("delivery_id", "=", self.id)],
            "context": {"default_delivery_id": self.id, "default_lead_id": self.lead_id.id},
        }
