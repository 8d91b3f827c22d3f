from odoo import api, fields, models

from ..tools.meetings import advance_rate
from .blank import BlankFloat
from .calendar_event import OUTCOME_KINDS
from .kams_meeting_part import SYSTEM


class CrmLead(models.Model):
    """What the meetings on a deal came to; they follow it into a merge, whatever state their records are in."""

    _inherit = "crm.lead"

    kams_advance_rate = BlankFloat(
        compute="_compute_kams_advance_rate",
        string="Advance Rate (%)",
        digits=(5, 2),
        help="Of the meetings recorded, how many ended in an order or an advance. Empty: none is recorded.",
    )
    kams_call_count = fields.Integer(compute="_compute_kams_advance_rate", string="Meetings Recorded")

    # COMPUTES
    @api.depends("kams_process_id")
    def _compute_kams_advance_rate(self):
        deals = self.filtered("kams_process_id")
        found = {}
        if deals:
            events = self.env["calendar.event"]._read_group(
                [
                    ("opportunity_id", "in", deals._origin.ids),
                    ("kams_kind", "in", OUTCOME_KINDS),
                    ("kams_record_state", "=", "done"),
                ],
                ["opportunity_id", "kams_outcome"],
                ["__count"],
            )
            for deal, outcome, number in events:
                found.setdefault(deal.id, {})[outcome] = number
        for lead in self:
            calls = found.get(lead._origin.id, {})
            lead.kams_call_count = sum(calls.values())
            lead.kams_advance_rate = advance_rate(calls.get("order", 0), calls.get("advance", 0), lead.kams_call_count)

    # ACTIONS
    def action_schedule_meeting(self, smart_calendar=True):
        """Odoo's own button: what is made there is a meeting of a kind from the start."""
        action = super().action_schedule_meeting(smart_calendar=smart_calendar)
        if self.kams_process_id:
            action["context"]["default_kams_kind"] = "interview"
        return action

    def action_kams_plan_demo(self):
        """A new demonstration on this deal, ready to be planned."""
        return self._kams_plan_meeting("demo", self.env._("Demonstration – %s", self.name))

    def action_kams_plan_visit(self):
        """A new visit of the customer to us, ready to be planned."""
        return self._kams_plan_meeting("company_visit", self.env._("Visit – %s", self.name))

    def action_kams_plan_reference_visit(self):
        """A new visit with the customer to a reference of ours, ready to be planned."""
        return self._kams_plan_meeting("reference_visit", self.env._("Reference Visit – %s", self.name))

    # BUSINESS
    def _kams_plan_meeting(self, kind, name):
        """The form of a new meeting of a kind. Whom to invite is for the user to say: the calendar writes to them."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "calendar.event",
            "view_mode": "form",
            "views": [(self.env.ref("kams_sales.calendar_event_view_form_kams").id, "form")],
            "context": {
                "default_opportunity_id": self.id,
                "default_kams_kind": kind,
                "default_name": name,
                "default_partner_ids": self.env.user.partner_id.ids,
                "default_user_id": self.env.uid,
                # of Odoo's own: what the meeting is about
                "default_res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                "default_res_id": self.id,
            },
        }

    def _merge_dependences_calendar_events(self, opportunities):
        return super(CrmLead, self.with_context(**SYSTEM))._merge_dependences_calendar_events(opportunities)
