from odoo import api, fields, models

from .calendar_event import GROUPS


class CalendarEvent(models.Model):
    """Who is invited and who stands in the decision chain are the same people: one is offered from the other."""

    _inherit = "calendar.event"

    kams_unknown_partner_ids = fields.Many2many(
        "res.partner",
        compute="_compute_kams_unknown_partner_ids",
        string="Not in the Decision Chain",
        groups=GROUPS,
        help="People of the customer who are invited and don't stand in the deal's decision chain yet.",
    )

    # COMPUTES
    @api.depends("kams_kind", "opportunity_id", "partner_ids")
    def _compute_kams_unknown_partner_ids(self):
        meetings = self.filtered(lambda event: event.kams_kind and event.opportunity_id)
        (self - meetings).kams_unknown_partner_ids = False
        chains = meetings._kams_chains()
        for event in meetings:
            customer = event.opportunity_id.sudo().partner_id.commercial_partner_id  # sudo: compared, not shown
            event.kams_unknown_partner_ids = event.partner_ids.filtered(
                lambda partner, event=event, customer=customer: (
                    partner.commercial_partner_id == customer
                    and not partner.is_company
                    and (event.opportunity_id.id, partner._origin.id) not in chains
                )
            )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        events._kams_take_attendance()
        return events

    def write(self, vals):
        before = {event: event.partner_ids for event in self.filtered("kams_kind")} if "partner_ids" in vals else {}
        result = super().write(vals)
        if before:
            self._kams_take_attendance(before)
        elif (vals.get("opportunity_id") or vals.get("kams_kind")) and not self._kams_by_system():
            self._kams_take_attendance()
        return result

    # ACTIONS
    def action_kams_add_to_chain(self):
        """Put the customer's people who are invited into the deal's decision chain."""
        for event in self:
            self.env["kams.stakeholder"].create(
                [
                    {"lead_id": event.opportunity_id.id, "partner_id": partner.id}
                    for partner in event.kams_unknown_partner_ids
                ]
            )
        self.invalidate_recordset(["kams_unknown_partner_ids"])
        self._kams_take_attendance()
        return True

    # BUSINESS
    def _kams_chains(self):
        """``{(deal id, partner id): stakeholder}`` of these meetings' deals."""
        stakeholders = self.env["kams.stakeholder"]
        if not self or not stakeholders.has_access("read"):
            return {}
        found = stakeholders.search([("lead_id", "in", self.opportunity_id.ids)])
        return {(one.lead_id.id, one.partner_id.id): one for one in found}

    def _kams_take_attendance(self, before=None):
        """Those of the decision chain who are invited are listed: who didn't come is struck off by hand.

        :param before: ``{meeting: contacts}`` that were invited before; they are listed, or struck off, already
        """
        open_meetings = self.filtered(
            lambda event: event.kams_kind and event.opportunity_id and event.kams_record_state != "done"
        )
        if not open_meetings or not self.env["kams.meeting.attendance"].has_access("create"):
            return
        chains = open_meetings._kams_chains()
        lines = []
        for event in open_meetings:
            listed = event.kams_attendance_ids
            # of a deal that the meeting has left
            astray = listed.filtered(lambda line, event=event: line.stakeholder_id.lead_id != event.opportunity_id)
            astray.filtered("stakeholder_id").unlink()
            known = (before or {}).get(event, self.env["res.partner"]) | event.kams_attendance_ids.partner_id
            for partner in event.partner_ids - known:
                if stakeholder := chains.get((event.opportunity_id.id, partner.id)):
                    lines.append({"event_id": event.id, "stakeholder_id": stakeholder.id})
        self.env["kams.meeting.attendance"].create(lines)
