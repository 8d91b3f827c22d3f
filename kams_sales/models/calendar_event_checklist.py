from odoo import api, fields, models

from .calendar_event import GROUPS
from .calendar_event_visit import VISITS
from .kams_meeting_part import MeetingLines

CHECKED = ("demo", *VISITS)


class CalendarEvent(models.Model):
    """What must be ready before a demonstration or a visit: the usual list to start from, ticked off (5.2, 5.3)."""

    _inherit = "calendar.event"

    kams_check_ids = MeetingLines("kams.meeting.check", "event_id", string="To Get Ready", copy=True, groups=GROUPS)
    kams_checklist = fields.Char(string="Checklist", compute="_compute_kams_checklist", groups=GROUPS)

    # COMPUTES
    @api.depends("kams_kind", "kams_check_ids.done")
    @api.depends_context("lang")
    def _compute_kams_checklist(self):
        for event in self:
            checks = event.kams_check_ids
            ready = len(checks.filtered("done"))
            event.kams_checklist = bool(checks) and self.env._(
                "%(ready)s of %(all)s ready", ready=ready, all=len(checks)
            )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        events._kams_take_checklist()
        return events

    def write(self, vals):
        result = super().write(vals)
        if (vals.get("kams_kind") or vals.get("opportunity_id")) and not self._kams_by_system():
            self._kams_take_checklist()
        return result

    # BUSINESS
    def _kams_take_checklist(self):
        """Give those without a list the usual one of their kind; it is theirs to change from then on."""
        meetings = self.filtered(
            lambda event: event.kams_kind in CHECKED and event.opportunity_id and event.kams_record_state != "done"
        ).filtered(lambda event: not event.kams_check_ids)
        if not meetings:
            return
        usual = self._kams_usual_checks()
        checks = self.env["kams.meeting.check"]
        writable = meetings.opportunity_id._filtered_access("write") if checks.has_access("create") else ()
        checks.create(
            [
                {"event_id": event.id, "sequence": 10 * place, "item": item}
                for event in meetings
                if event.opportunity_id in writable
                for place, item in enumerate(usual[event.kams_kind], 1)
            ]
        )

    @api.model
    def _kams_usual_checks(self):
        """``{kind of meeting: what must be ready}``, in the user's words."""
        reception = [
            self.env._("Vehicles"),
            self.env._("Lodging"),
            self.env._("Meeting Room"),
            self.env._("Documents to Hand Out"),
            self.env._("Name Cards on the Table"),
            self.env._("Interpreter"),
        ]
        return {
            "demo": [
                self.env._("Demonstration Environment"),
                self.env._("The Customer's Own Data"),
                self.env._("Accounts and Licences"),
                self.env._("Network and Power"),
                self.env._("Projector and Sound"),
                self.env._("Copy That Works Without the Network"),
            ],
            "company_visit": reception,
            "reference_visit": [reception[0], reception[1], reception[3], reception[5]],
        }
