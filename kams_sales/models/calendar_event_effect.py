from odoo import api, fields, models
from odoo.tools import formatLang

from ..tools import chain
from .calendar_event import GROUPS
from .kams_meeting_attendance import number


class CalendarEvent(models.Model):
    """What a meeting did to the decision chain: its support before and after, by those whose attitude changed (5.3)."""

    _inherit = "calendar.event"

    kams_support_effect = fields.Char(
        string="Effect on the Decision Chain",
        compute="_compute_kams_support_effect",
        groups=GROUPS,
        help="The deal's support index with the attitudes that people came with, and with those that they left with.",
    )

    # COMPUTES
    @api.depends(
        "kams_kind", "opportunity_id", "kams_attendance_ids.attitude_before", "kams_attendance_ids.attitude_after"
    )
    @api.depends_context("lang")
    def _compute_kams_support_effect(self):
        meetings = self.filtered(lambda event: event.kams_kind and event.opportunity_id)
        (self - meetings).kams_support_effect = False
        told = meetings.filtered(lambda event: any(event.kams_attendance_ids.mapped("attitude_after")))
        (meetings - told).kams_support_effect = False
        people = self.env["kams.stakeholder"]
        if told and people.has_access("read"):
            people = people.search_fetch(
                [("lead_id", "in", told.opportunity_id._origin.ids)], ["lead_id", "influence", "attitude"]
            )
        chains = people.grouped("lead_id")
        for event in told:
            lines = event.kams_attendance_ids.grouped("stakeholder_id")
            before, after = [], []
            for person in chains.get(event.opportunity_id._origin, people.browse()):
                line = lines.get(person)
                weight = number(person.influence)
                before.append((weight, number(line.attitude_before if line else person.attitude)))
                after.append((weight, number(line.attitude_after or line.attitude_before if line else person.attitude)))
            event.kams_support_effect = self.env._(
                "Support index %(before)s → %(after)s",
                before=self._kams_index(before),
                after=self._kams_index(after),
            )

    # BUSINESS
    def _kams_index(self, people):
        index = chain.support_index(people)
        return "–" if index is None else formatLang(self.env, index, digits=1)
