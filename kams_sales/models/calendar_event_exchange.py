from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

from .calendar_event import GROUPS


class CalendarEvent(models.Model):
    """A technical exchange is rehearsed before and archived after it (4.2 交流): what that means in days."""

    _inherit = "calendar.event"

    kams_exchange_advice = fields.Char(compute="_compute_kams_exchange_advice", string="Advice", groups=GROUPS)

    # COMPUTES
    @api.depends("kams_kind", "start", "stop", "kams_rehearsed_at", "kams_archived_at")
    def _compute_kams_exchange_advice(self):
        exchanges = self.filtered(lambda event: event.kams_kind == "exchange" and event.start and event.stop)
        (self - exchanges).kams_exchange_advice = False
        value = self.env["kams.legal.rule"]._value
        for event in exchanges:
            # Asked here, not above the loop: a day of today reads the user, which a plain meeting is not to pay for.
            day, today = event._kams_day(), fields.Date.context_today(self)
            advice = []
            before, after = value("meeting_rehearse_days", day), value("meeting_archive_days", day)
            if not event.kams_rehearsed_at and before is not None and day >= today:
                advice.append(
                    self.env._("Rehearse by %s.", format_date(self.env, max(day - timedelta(days=before), today)))
                )
            if not event.kams_archived_at and after is not None:
                advice.append(self.env._("Archive by %s.", format_date(self.env, day + timedelta(days=after))))
            rehearsed = event.kams_rehearsed_at
            if rehearsed and before is not None and rehearsed > day - timedelta(days=before):
                advice.append(self.env._("Rehearsed too late to change much."))
            if event.kams_archived_at and after is not None and event.kams_archived_at > day + timedelta(days=after):
                advice.append(self.env._("Archived late."))
            event.kams_exchange_advice = " ".join(advice)
