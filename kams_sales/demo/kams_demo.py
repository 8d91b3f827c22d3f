from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

# What is dated by the day on which it is recorded, beside create_date
DATED = {
    "kams_qualification": ("date",),
    "kams_scorecard": ("date",),
    "kams_survey": ("date", "confirmed_at"),
    "kams_conflict_check": ("date",),
    "kams_review": ("submitted_at", "figures_on", "decided_at"),
    "kams_review_opinion": ("voted_at",),
    "kams_plan": ("approved_on",),
    "kams_objection": ("date", "confirmed_at", "closed_at"),
    "kams_proposal": ("date_start", "submitted_at", "benefit_confirmed_at"),
    "kams_negotiation": ("approved_at",),
    "kams_contract": ("compared_at", "signed_at", "effective_at"),
    "kams_payment_milestone": ("trigger_date", "date_due"),
    "kams_handover": ("collected_at", "sent_at", "accepted_at"),
}


class CrmLead(models.Model):
    """The demo deals live through their phases in one transaction: it needs a clock of its own."""

    _inherit = "crm.lead"

    @api.model
    def _kams_demo_day(self, days_ago):
        """End the present day, so that history notes it, and go on so many days ago; 0 is now."""
        cr = self.env.cr
        cr.flush()
        self._kams_demo_date_back()
        cr._now = None
        cr._now = cr.now() - timedelta(days=days_ago)

    def _kams_demo_date_back(self):
        """Deals of the past were judged and reviewed on their day, which points had to see as today."""
        cr = self.env.cr
        for table, columns in DATED.items():
            for column in columns:
                cr.execute(
                    SQL(
                        """
                        UPDATE %(table)s
                           SET %(column)s = %(column)s
                             - make_interval(days => (now() at time zone 'UTC')::date - create_date::date)
                         WHERE create_date = %(now)s AND %(of_a_deal)s
                        """,
                        table=SQL.identifier(table),
                        column=SQL.identifier(column),
                        now=cr.now(),
                        of_a_deal=SQL("TRUE" if table == "kams_review_opinion" else "lead_id IS NOT NULL"),
                    )
                )
        cr.execute(
            """
            UPDATE calendar_event SET kams_recorded_at = stop + interval '5 hours', kams_record_late = FALSE
             WHERE kams_record_state = 'done'
            """
        )
        self.env.invalidate_all()
