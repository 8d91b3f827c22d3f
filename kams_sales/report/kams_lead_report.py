from odoo import api, fields, models
from odoo.tools import SQL

from ..models.blank import BlankFloat
from ..models.crm_lead_clue import CLUE_TYPES, CREDIBILITY, RELIABILITY, VERDICTS
from ..models.crm_lead_response import RESPONSE_STATES


class KamsLeadReport(models.Model):
    """One row per lead of ours: what became of it and how soon it was answered, for pivots and graphs.

    Book section 3.3 (发现客户线索): lead-to-opportunity rate and response time, by whatever one likes to compare.
    """

    _name = "kams.lead.report"
    _description = "Analysis of leads"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", string="Lead", readonly=True)
    date = fields.Datetime(string="Discovered At", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    # Where it came from, what became of it
    source_id = fields.Many2one("kams.lead.source", string="Lead Source", readonly=True)
    clue_type = fields.Selection(CLUE_TYPES, readonly=True)
    reliability = fields.Selection(RELIABILITY, readonly=True)
    credibility = fields.Selection(CREDIBILITY, readonly=True)
    verdict = fields.Selection(VERDICTS, readonly=True)
    expected_revenue = fields.Monetary(string="Expected Revenue", currency_field="currency_id", readonly=True)
    converted = BlankFloat(string="Converted (%)", readonly=True, aggregator="avg")
    won = BlankFloat(string="Won (%)", readonly=True, aggregator="avg")
    # How soon it was answered
    response_state = fields.Selection(RESPONSE_STATES, string="Response", readonly=True)
    response_hours = BlankFloat(string="Answered After (Hours)", readonly=True, aggregator="avg")
    overdue = BlankFloat(
        string="Overdue or Late (%)",
        readonly=True,
        aggregator="avg",
        help="Of the leads that were answered or should have been by now.",
    )

    _depends = {
        "crm.lead": [
            "active",
            "company_id",
            "date_conversion",
            "expected_revenue",
            "kams_clue_type",
            "kams_credibility",
            "kams_discovered_at",
            "kams_first_response_at",
            "kams_lead_source_id",
            "kams_process_id",
            "kams_reliability",
            "kams_sla_hours",
            "kams_verdict",
            "partner_id",
            "team_id",
            "type",
            "user_id",
            "won_status",
        ],
        "crm.team": ["kams_process_id"],
        "kams.lead.source": ["sla_hours"],
        "kams.legal.rule": ["key", "valid_from", "valid_to", "value"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT l.id, l.id AS lead_id, clock.since AS date, l.company_id, l.user_id, l.team_id, l.partner_id,
                   company.currency_id,
                   l.kams_lead_source_id AS source_id, l.kams_clue_type AS clue_type,
                   l.kams_reliability AS reliability, l.kams_credibility AS credibility, l.kams_verdict AS verdict,
                   l.expected_revenue,
                   CASE WHEN l.type = 'opportunity' THEN 100.0 ELSE 0.0 END AS converted,
                   CASE WHEN l.won_status = 'won' THEN 100.0 ELSE 0.0 END AS won,
                   clock.state AS response_state, clock.hours AS response_hours,
                   CASE WHEN clock.state IN ('late', 'overdue') THEN 100.0
                        WHEN clock.state = 'on_time' THEN 0.0 END AS overdue
              FROM (%s) clock
              JOIN crm_lead l ON l.id = clock.id
         LEFT JOIN res_company company ON company.id = COALESCE(l.company_id, %s)
            """,
            self.env["crm.lead"]._kams_clock(),
            self.env.company.id,
        )

    @api.model
    def _search_display_name(self, operator, value):
        return [("lead_id.name", operator, value)]

    # ACTIONS
    @api.readonly
    def action_open_lead(self):
        """Open the lead that this row tells of."""
        self.ensure_one()
        return self.lead_id._get_records_action(name=self.lead_id.display_name)
