from odoo import api, models


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
