from odoo import api, fields, models
from odoo.tools import format_date, format_datetime, format_time


class KamsMeetingPaper(models.AbstractModel):
    """What papers of meetings have in common: of which deal, whose company's, a draft until the record is submitted."""

    _name = "kams.meeting.paper"
    _description = "Printed form of a meeting"
    _inherit = ["kams.paper"]
    _paper_model = "calendar.event"

    @api.model
    def _name_of(self, record):
        return record.name

    @api.model
    def _company_of(self, record):
        return record.opportunity_id.company_id or self.env.company

    @api.model
    def _head(self, event):
        """The parts of a sheet that don't depend on the kind of meeting."""
        return {
            "subtitle": event.opportunity_id.name or "",
            "mark": "" if event.kams_record_state == "done" else self.env._("Draft"),
        }

    @api.model
    def _where_and_when(self, event):
        """The facts with which every overview begins."""
        return [
            (self.env._("When"), self._when(event)),
            self._fact(event, "location"),
            (self.env._("Customer"), event.opportunity_id.partner_id.commercial_partner_id.name or ""),
        ]

    def _when(self, event):
        """Day and hours where the reader is, as short as they can be said."""
        if event.allday:
            days = [format_date(self.env, day) for day in (event.start_date, event.stop_date) if day]
            return " – ".join(dict.fromkeys(days))
        start, stop = (fields.Datetime.context_timestamp(event, moment) for moment in (event.start, event.stop))
        zone = str(start.tzinfo)
        if start.date() == stop.date():
            end = format_time(self.env, event.stop, tz=zone, time_format="short")
        else:
            end = format_datetime(self.env, event.stop, tz=zone, dt_format="short")
        return f"{format_datetime(self.env, event.start, tz=zone, dt_format='short')} – {end} ({zone})"

    def _checks(self, checks):
        """What has to be ready, to be ticked on paper too."""
        columns = [
            (self._label(checks, "item"), 44, ""),
            (self._label(checks, "user_id"), 22, ""),
            (self._label(checks, "note"), 22, ""),
            (self._label(checks, "done"), 12, "center"),
        ]
        rows = [[line.item, line.user_id.name or "", line.note or "", "☑" if line.done else "☐"] for line in checks]
        return self._section_table(self.env._("To Get Ready"), columns, rows)
