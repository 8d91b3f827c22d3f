from odoo import fields, models
from odoo.tools import SQL

from ..models.blank import BlankFloat
from ..models.kams_process_phase import PHASE_CODES
from .kams_funnel import OUTCOMES


class KamsPhaseTime(models.Model):
    """How long deals are in a phase, beside how long they should be, and which phases they leave backwards.

    Book section 1.2 (利用销售漏斗进行销售流程管理), C09: mean, median and 80 %. One row per deal and phase in which it
    was open. Time counts whatever came of the deal afterwards; it has no days while it is still there.
    """

    _name = "kams.phase.time"
    _description = "Time in Phase"
    _inherit = "kams.report.deal"
    _auto = False
    _order = "lead_ref desc, phase_order"

    # Which phase
    phase_code = fields.Selection(PHASE_CODES, string="Phase", readonly=True)
    phase_order = fields.Integer(string="Place of the Phase", readonly=True, aggregator=None)
    outcome = fields.Selection(OUTCOMES, string="Result of the Deal", readonly=True)
    # How long, how often
    entered_at = fields.Datetime(string="Entered On", readonly=True, help="When the deal was first open in this phase.")
    left_at = fields.Datetime(string="Left On", readonly=True, help="When the deal last left this phase.")
    days = BlankFloat(
        string="Days in Phase",
        readonly=True,
        aggregator=None,
        digits=(16, 1),
        help="Over all times that the deal was here and open; empty while it still is.",
    )
    standard_days = fields.Integer(string="Standard Days", readonly=True, aggregator="avg")
    over_days = BlankFloat(string="Days over Standard", readonly=True, aggregator="avg", digits=(16, 1))
    over_standard = fields.Boolean(string="Longer than Standard", readonly=True)
    visited = fields.Integer(string="Deals That Were Here", readonly=True)
    visits = fields.Integer(string="Times in Phase", readonly=True)
    went_back = fields.Integer(string="Times Back", readonly=True, help="How often it left this phase backwards.")
    timed = fields.Integer(string="Deals That Left", readonly=True)
    on_time = fields.Integer(string="Left within Standard", readonly=True)
    backed = fields.Integer(string="Deals That Went Back", readonly=True)
    # Of what kind
    tier = fields.Selection(help="Of the account on the day when the deal left this phase.")
    # Of a group
    mean_days = BlankFloat(string="Mean Days", readonly=True, aggregator="avg", digits=(16, 1))
    median_days = BlankFloat(string="Median Days", readonly=True, aggregator="avg", digits=(16, 1))
    p80_days = BlankFloat(
        string="80 % within Days",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="P80: four of five were quicker.",
    )
    on_time_rate = BlankFloat(
        string="Within Standard (%)", readonly=True, aggregator="avg", digits=(16, 1), help="Of those that left."
    )
    back_rate = BlankFloat(
        string="Went Back (%)", readonly=True, aggregator="avg", digits=(16, 1), help="Of the deals that were here."
    )

    _ratios = {
        "mean_days": ("days", "timed", 1),
        "on_time_rate": ("on_time", "timed", 100),
        "back_rate": ("backed", "visited", 100),
    }
    _only_within = {"back_rate": "phase_order"}
    _percentiles = {"median_days": ("days", 0.5), "p80_days": ("days", 0.8)}

    _depends = {
        "crm.lead": ["kams_account_id", "source_id"],
        "kams.account.tier.history": ["account_id", "date", "tier_from", "tier_to"],
        "kams.deal.history": [
            "company_id",
            "lead_id",
            "lead_name",
            "lead_ref",
            "partner_id",
            "phase_code",
            "phase_id",
            "phase_since",
            "procurement_mode",
            "status",
            "team_id",
            "user_id",
            "valid_from",
            "valid_to",
        ],
        "kams.process.phase": ["standard_days"],
        "res.partner": ["industry_id"],
    }

    # SQL OBJECTS
    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT row.*, %(measures)s,
                   days - standard_days AS over_days,
                   COALESCE(days > standard_days, FALSE) AS over_standard,
                   1 AS visited,
                   CASE WHEN days IS NOT NULL THEN 1 ELSE 0 END AS timed,
                   CASE WHEN days <= standard_days THEN 1 ELSE 0 END AS on_time,
                   CASE WHEN went_back > 0 THEN 1 ELSE 0 END AS backed
              FROM (SELECT stay.lead_ref * 8 + %(place)s AS id, stay.lead_ref, stay.phase_code,
                           %(place)s AS phase_order,
                           stay.came_at AS entered_at, stay.left_at, stay.days, stay.visits, stay.went_back,
                           standard.standard_days,
                           last.lead_id, last.lead_name, last.user_id, last.team_id, last.company_id, last.partner_id,
                           way.procurement_mode,
                           %(outcome)s AS outcome,
                           customer.industry_id, lead.source_id, lead.kams_account_id AS account_id, %(tier)s AS tier
                      FROM kams_deal_stay stay
                 LEFT JOIN kams_process_phase standard ON standard.id = stay.phase_id
                 LEFT JOIN kams_deal_way way ON way.lead_ref = stay.lead_ref
                 LEFT JOIN kams_deal_history last ON last.id = way.last_id AND last.valid_to IS NULL
                 LEFT JOIN crm_lead lead ON lead.id = last.lead_id
                 LEFT JOIN res_partner customer ON customer.id = last.partner_id
                 LEFT JOIN (%(tiers)s) tier ON tier.account_id = lead.kams_account_id
                   ) row
            """,
            measures=self._empty_measures(),
            place=self._phase_order(SQL("stay.phase_code")),
            outcome=self._outcome(SQL("way.status")),
            tiers=self._tiers(),
            tier=self._tier_on(SQL("stay.left_at")),
        )
