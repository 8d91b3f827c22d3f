from odoo import api, fields, models
from odoo.tools import SQL

from ..models.calendar_event import KINDS, OUTCOME_KINDS, OUTCOMES


class KamsMeetingReport(models.Model):
    """How many meetings end in a commitment, by whom, of which kind and when: the advance rate (3.4, C18).

    One row per submitted record of a meeting that has an outcome. Orders and advances count, nothing else.
    """

    _name = "kams.meeting.report"
    _description = "Outcomes of meetings"
    _auto = False
    _order = "date desc, id desc"

    # Which meeting
    event_id = fields.Many2one("calendar.event", string="Meeting", readonly=True)
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True)
    customer_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    user_id = fields.Many2one("res.users", string="Organizer", readonly=True)
    date = fields.Datetime(string="Met On", readonly=True)
    kind = fields.Selection(KINDS, string="Kind of Meeting", readonly=True)
    # What came of it
    outcome = fields.Selection(OUTCOMES, readonly=True)
    advance_rate = fields.Float(string="Advance Rate (%)", readonly=True, aggregator="avg")
    late_rate = fields.Float(string="Recorded Late (%)", readonly=True, aggregator="avg")

    _depends = {
        "calendar.event": [
            "active",
            "kams_kind",
            "kams_outcome",
            "kams_record_late",
            "kams_record_state",
            "opportunity_id",
            "start",
            "user_id",
        ],
        "crm.lead": ["company_id", "partner_id", "team_id"],
        "res.partner": ["commercial_partner_id"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT event.id,
                   event.id AS event_id,
                   deal.id AS lead_id,
                   partner.commercial_partner_id AS customer_id,
                   deal.company_id,
                   deal.team_id,
                   event.user_id,
                   event.start AS date,
                   event.kams_kind AS kind,
                   event.kams_outcome AS outcome,
                   CASE WHEN event.kams_outcome IN ('order', 'advance') THEN 100.0 ELSE 0.0 END AS advance_rate,
                   CASE WHEN event.kams_record_late THEN 100.0 ELSE 0.0 END AS late_rate
              FROM calendar_event event
              JOIN crm_lead deal ON deal.id = event.opportunity_id
         LEFT JOIN res_partner partner ON partner.id = deal.partner_id
             WHERE event.kams_kind IN %s
               AND event.kams_record_state = 'done'
               AND event.active
            """,
            OUTCOME_KINDS,
        )

    # ACTIONS
    @api.readonly
    def action_open_meeting(self):
        """The meeting behind a row, as far as the user may see it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "calendar.event",
            "res_id": self.event_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }
