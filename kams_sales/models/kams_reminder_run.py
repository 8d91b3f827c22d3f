from odoo import api, fields, models
from odoo.tools import SQL


class KamsReminderRun(models.Model):
    """What a night's look at all open deals came to, and how far it got: started again, it goes on from there."""

    _name = "kams.reminder.run"
    _description = "Nightly run of reminders"
    _order = "day desc"
    _rec_name = "day"

    day = fields.Date(required=True, readonly=True)
    last_ref = fields.Integer(string="Got as Far as Deal Number", readonly=True, aggregator=None)
    deals = fields.Integer(string="Deals Looked At", readonly=True, aggregator=None)
    noticed = fields.Integer(string="Lacks Noticed", readonly=True, aggregator=None)
    mended = fields.Integer(string="Lacks Mended", readonly=True, aggregator=None)
    activities = fields.Integer(string="Activities Given", readonly=True, aggregator=None)
    usual_days = fields.Json(
        readonly=True, help="How long won deals usually were in each phase, by company: asked once a night."
    )
    finished_at = fields.Datetime(readonly=True)

    _once = models.UniqueIndex("(day)", "One run a day.")

    # BUSINESS
    @api.model
    def _begin(self, today):
        """The run of a day: one that didn't end goes on, one that did starts anew."""
        run = self.search([("day", "=", today)])
        if run and not run.finished_at:
            return run
        fresh = {
            "usual_days": self._ask_usual_days(),
            "last_ref": 0,
            "deals": 0,
            "noticed": 0,
            "mended": 0,
            "activities": 0,
            "finished_at": False,
        }
        if run:
            run.write(fresh)
            return run
        return self.create({"day": today, **fresh})

    @api.model
    def _ask_usual_days(self):
        """``{"company id/phase code": days}``, the median of what won deals took (C09); no company is 0."""
        rows = self.env.execute_query(
            SQL(
                "SELECT COALESCE(company_id, 0), phase_code, days FROM (%s) usual WHERE days > 0",
                self.env["kams.funnel"]._median_days_sql(),
            )
        )
        return {f"{company_id}/{phase}": days for company_id, phase, days in rows}
