from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.blank import BlankFloat, known
from ..models.kams_deal_history_kept import BITS, SELLING
from ..models.kams_process_phase import PHASE_CODES

OUTCOMES = [
    ("open", "Open"),
    ("won", "Won"),
    ("lost", "Lost"),
    ("archived", "Archived"),
    ("gone", "Gone"),
]


class KamsFunnel(models.Model):
    """How deals go through the phases: how many come further, where they leak, how long they stay, where they go back.

    Book section 1.2 (利用销售漏斗进行销售流程管理), C01–C03, C09, C10, C38. One row per deal and selling phase that
    it came to, told by its history alone. A phase that it jumped over was entered and advanced from; one that its way
    of buying skips doesn't exist for it. Rates are of deals that closed or advanced: an open one isn't a loss.
    Salesperson, team and the like are those whom the deal belonged to last.

    What isn't in any rate: deals that were deleted, merged away or made plain (“Gone”: nobody knows how they would have
    ended), and deals that came along closed and were never in our funnel.
    """

    _name = "kams.funnel"
    _description = "Deals through Phases"
    _inherit = "kams.report.deal"
    _auto = False
    _order = "lead_ref desc, phase_order"

    # Which phase
    phase_code = fields.Selection(PHASE_CODES, string="Phase", readonly=True)
    phase_order = fields.Integer(string="Place of the Phase", readonly=True, aggregator=None)
    # When
    entered_at = fields.Datetime(
        string="Entered On", readonly=True, help="When the deal first came to this phase, or past it."
    )
    left_at = fields.Datetime(string="Left On", readonly=True, help="When the deal last left this phase.")
    closed_at = fields.Datetime(string="Closed On", readonly=True)
    days = BlankFloat(
        string="Days in Phase",
        readonly=True,
        aggregator=None,
        digits=(16, 1),
        help="Over all times that the deal was here and open; empty while it still is, and where it jumped over.",
    )
    visits = fields.Integer(string="Times in Phase", readonly=True)
    went_back = fields.Integer(string="Times Back", readonly=True, help="How often it left this phase backwards.")
    standard_days = fields.Integer(string="Standard Days", readonly=True, aggregator="avg")
    over_standard = fields.Boolean(string="Longer than Standard", readonly=True)
    # What became of it
    state = fields.Selection(
        [("advanced", "Advanced"), *OUTCOMES],
        string="Result of the Phase",
        readonly=True,
        help="Advanced, or how the deal ended or stands in the last phase that it came to.",
    )
    outcome = fields.Selection(OUTCOMES, string="Result of the Deal", readonly=True)
    is_furthest = fields.Boolean(string="Furthest Phase", readonly=True)
    present = fields.Integer(string="Stand Here Now", readonly=True)
    entered = fields.Integer(
        readonly=True, help="Deals that came to this phase and closed or advanced from it: the cohort of all rates."
    )
    advanced = fields.Integer(readonly=True, help="Came further than this phase, or were won from it.")
    leaked = fields.Integer(readonly=True, help="Ended here without being won.")
    won = fields.Integer(string="Won in the End", readonly=True, help="Of the deals that entered this phase.")
    lost = fields.Integer(string="Lost in the End", readonly=True, help="Of the deals that entered this phase.")
    closed = fields.Integer(string="Closed in the End", readonly=True, help="Won, lost or archived.")
    deals = fields.Integer(string="Deals", readonly=True, help="Each deal once, in the furthest phase that it came to.")
    deals_closed = fields.Integer(string="Closed Deals", readonly=True)
    deals_won = fields.Integer(string="Won Deals", readonly=True)
    deals_lost = fields.Integer(string="Lost Deals", readonly=True)
    deals_undecided = fields.Integer(
        string="Without a Decision", readonly=True, help="Archived: neither won nor lost to somebody else."
    )
    deals_gone = fields.Integer(string="Gone Deals", readonly=True, help="Deleted, merged away or made plain.")
    # Columns that rates are made of
    decided = fields.Integer(readonly=True, aggregator=None)
    visited = fields.Integer(readonly=True, aggregator=None)
    timed = fields.Integer(readonly=True, aggregator=None)
    on_time = fields.Integer(readonly=True, aggregator=None)
    backed = fields.Integer(readonly=True, aggregator=None)
    # Money
    amount = fields.Monetary(string="Expected Revenue", readonly=True, help="As it was last.")
    leaked_amount = fields.Monetary(readonly=True)
    present_amount = fields.Monetary(string="Amount Here Now", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    # Of what kind
    lead_source_id = fields.Many2one("kams.lead.source", string="Lead Source", readonly=True)
    tier = fields.Selection(help="Of the account on the day when the deal closed; today's while it is open.")
    # Rates of a group
    conversion = BlankFloat(string="Conversion (%)", readonly=True, aggregator="avg", digits=(16, 1))
    leak_share = BlankFloat(
        string="Share of Leakage (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Of all deals shown that ended without being won.",
    )
    win_probability = BlankFloat(
        string="Win Probability (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Won in the end, of the closed deals that entered this phase.",
    )
    win_low = BlankFloat(
        string="At Least (%)", readonly=True, aggregator="avg", digits=(16, 1), help="95 times of 100."
    )
    win_high = BlankFloat(
        string="At Most (%)", readonly=True, aggregator="avg", digits=(16, 1), help="95 times of 100."
    )
    win_rate = BlankFloat(
        string="Win Rate (%)", readonly=True, aggregator="avg", digits=(16, 1), help="Won, of won and lost deals."
    )
    undecided_rate = BlankFloat(
        string="Without a Decision (%)", readonly=True, aggregator="avg", digits=(16, 1), help="Of all closed deals."
    )
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

    # Not a column: which deals a figure of the funnel report is made of
    figure = fields.Integer(store=False, search="_search_figure")

    _ratios = {
        "conversion": ("advanced", "entered", 100),
        "win_probability": ("won", "closed", 100),
        "win_rate": ("deals_won", "decided", 100),
        "undecided_rate": ("deals_undecided", "deals_closed", 100),
        "mean_days": ("days", "timed", 1),
        "on_time_rate": ("on_time", "timed", 100),
        "back_rate": ("backed", "visited", 100),
    }
    _percentiles = {"median_days": ("days", 0.5), "p80_days": ("days", 0.8)}
    # each phase has its own; those of several phases together would be nobody's
    _only_within = dict.fromkeys(("conversion", "win_probability", "win_low", "win_high", "back_rate"), "phase_order")
    _intervals = {"win_low": ("won", "closed", -1), "win_high": ("won", "closed", 1)}

    _depends = {
        "crm.lead": ["kams_account_id", "kams_lead_source_id", "source_id"],
        "kams.account.tier.history": ["account_id", "date", "tier_from", "tier_to"],
        "kams.deal.history": [
            "company_id",
            "expected_revenue",
            "lead_id",
            "lead_name",
            "lead_ref",
            "partner_id",
            "phase_code",
            "phase_id",
            "phase_since",
            "procurement_mode",
            "process_id",
            "status",
            "team_id",
            "user_id",
            "valid_from",
            "valid_to",
        ],
        "kams.process.phase": ["code", "process_id", "procurement_modes", "standard_days"],
        "kams.procurement.mode": ["code"],
        "res.partner": ["industry_id"],
    }

    # SQL OBJECTS
    @property
    def _table_query(self) -> SQL:
        amount = self._presently(SQL("last.expected_revenue"), SQL("last.company_id"))
        return SQL(
            """
            SELECT row.*, %(measures)s, NULL::double precision AS leak_share,
                   CASE WHEN further AND outcome <> 'gone' THEN 'advanced' ELSE outcome END AS state,
                   CASE WHEN present = 1 THEN amount ELSE 0 END AS present_amount,
                   CASE WHEN leaked = 1 THEN amount ELSE 0 END AS leaked_amount,
                   CASE WHEN is_furthest THEN 1 ELSE 0 END AS deals,
                   CASE WHEN is_furthest THEN closed ELSE 0 END AS deals_closed,
                   CASE WHEN is_furthest THEN won ELSE 0 END AS deals_won,
                   CASE WHEN is_furthest THEN lost ELSE 0 END AS deals_lost,
                   CASE WHEN is_furthest THEN closed - won - lost ELSE 0 END AS deals_undecided,
                   CASE WHEN is_furthest AND outcome = 'gone' THEN 1 ELSE 0 END AS deals_gone,
                   CASE WHEN is_furthest THEN won + lost ELSE 0 END AS decided,
                   CASE WHEN visits > 0 THEN 1 ELSE 0 END AS visited,
                   CASE WHEN went_back > 0 THEN 1 ELSE 0 END AS backed,
                   CASE WHEN days IS NOT NULL THEN 1 ELSE 0 END AS timed,
                   CASE WHEN days <= standard_days THEN 1 ELSE 0 END AS on_time,
                   COALESCE(days > standard_days, FALSE) AS over_standard
              FROM (SELECT deal.lead_ref * 8 + phase.place AS id,
                           last.lead_id, deal.lead_ref, last.lead_name,
                           phase.code::varchar AS phase_code, phase.place AS phase_order,
                           CASE phase.place WHEN 1 THEN deal.came_1 WHEN 2 THEN deal.came_2 WHEN 3 THEN deal.came_3
                                            WHEN 4 THEN deal.came_4 ELSE deal.came_5 END AS entered_at,
                           stay.left_at, deal.closed_at, stay.days, COALESCE(stay.visits, 0) AS visits,
                           COALESCE(stay.went_back, 0) AS went_back, standard.standard_days,
                           deal.outcome, deal.won, deal.lost, deal.closed,
                           deal.whole >= 2 * phase.bit AS further,
                           deal.whole < 2 * phase.bit AS is_furthest,
                           CASE WHEN deal.stands = phase.code THEN 1 ELSE 0 END AS present,
                           CASE WHEN deal.closed = 1 OR deal.counted AND deal.whole >= 2 * phase.bit
                                THEN 1 ELSE 0 END AS entered,
                           CASE WHEN deal.won = 1 OR deal.counted AND deal.whole >= 2 * phase.bit
                                THEN 1 ELSE 0 END AS advanced,
                           CASE WHEN deal.closed > deal.won AND deal.whole < 2 * phase.bit
                                THEN 1 ELSE 0 END AS leaked,
                           %(amount)s AS amount, %(currency)s AS currency_id,
                           last.user_id, last.team_id, last.company_id, last.partner_id, deal.procurement_mode,
                           customer.industry_id, lead.source_id, lead.kams_lead_source_id AS lead_source_id,
                           lead.kams_account_id AS account_id, %(tier)s AS tier
                      FROM (%(deals)s) deal
                      JOIN (VALUES %(phases)s) phase (here, place, bit, code) ON phase.here = deal.here
                 LEFT JOIN kams_deal_history last ON last.id = deal.last_id AND last.valid_to IS NULL
                 LEFT JOIN kams_deal_stay stay ON stay.lead_ref = deal.lead_ref AND stay.phase_code = phase.code
                 LEFT JOIN kams_process_phase standard ON standard.id = stay.phase_id
                 LEFT JOIN crm_lead lead ON lead.id = last.lead_id
                 LEFT JOIN res_partner customer ON customer.id = last.partner_id
                 LEFT JOIN (%(tiers)s) tier ON tier.account_id = lead.kams_account_id
                   ) row
            """,
            measures=self._empty_measures(),
            deals=self._deals(),
            phases=self._phases_of(),
            tiers=self._tiers(),
            tier=self._tier_on(SQL("deal.closed_at")),
            amount=amount,
            currency=self._currency(),
        )

    @api.model
    def _phases_of(self):
        """For each set of phases that a deal may have: its phases. A deal then meets its own, and no others."""
        return SQL(", ").join(
            SQL("(%s, %s, %s, %s)", here, place, BITS[code], code)
            for here in range(1, 1 << len(SELLING))
            for place, code in enumerate(SELLING, 1)
            if here & BITS[code]
        )

    # ORM
    def _read_group_select(self, aggregate_spec, query):
        """Leakage is shared among all rows that are asked for, which each way of grouping has once."""
        if aggregate_spec.partition(":")[0] == "leak_share":
            leaked = self._sum("leaked", query)
            sets = self.env.context.get("kams_grouping_sets")
            sets = sets if isinstance(sets, int) and sets > 0 else 1
            return SQL("100 * %(leaked)s * %(sets)s / NULLIF(SUM(%(leaked)s) OVER (), 0)", leaked=leaked, sets=sets)
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        ways = len({tuple(one) for one in grouping_sets})
        records = self.with_context(kams_grouping_sets=ways)
        return super(KamsFunnel, records)._read_grouping_sets(domain, grouping_sets, aggregates, order)

    @api.model
    def _search_figure(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = [self.env["kams.funnel.page"]._domain_of(number) for number in value if isinstance(number, int)]
        return Domain.OR(domain for domain in found if domain is not None) if found else Domain.FALSE

    # BUSINESS: what others plan with
    @api.model
    def _win_probabilities(self, domain=()):
        """C03: ``{phase code: (won, closed)}`` of the deals that entered each phase and closed, within a domain.

        A phase from which nothing closed yet is left out. As the present user; see :meth:`_win_probabilities_sql`.
        """
        groups = self._read_group(list(domain), ["phase_code"], ["won:sum", "closed:sum"])
        return {code: (won, closed) for code, won, closed in groups if closed}

    @api.model
    def _median_days(self, domain=()):
        """C09: ``{phase code: days or None}``, the median of what won deals took in each phase."""
        groups = self._read_group([("outcome", "=", "won"), *domain], ["phase_code"], ["median_days:avg"])
        return {code: known(days) for code, days in groups}

    @api.model
    def _win_probabilities_sql(self, until=None):
        """:meth:`_win_probabilities` of each company as a statement: phase_code, company_id, won, closed.

        It asks no record rule: counts of a company's whole past name no deal. Join by company and phase; deals without
        a company have company 0.

        :param until: a moment; only what had closed by then counts
        """
        return SQL(
            """
            SELECT phase_code, COALESCE(company_id, 0) AS company_id, SUM(won)::int AS won, SUM(closed)::int AS closed
              FROM (%s) funnel
             WHERE closed = 1 AND %s
          GROUP BY phase_code, COALESCE(company_id, 0)
            """,
            self._table_query,
            SQL("closed_at <= %s", until) if until else SQL("TRUE"),
        )

    @api.model
    def _median_days_sql(self, until=None):
        """:meth:`_median_days` of each company as a statement: phase_code, company_id, days; as above."""
        return SQL(
            """
            SELECT phase_code, COALESCE(company_id, 0) AS company_id,
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY days) AS days
              FROM (%s) stay
             WHERE outcome = 'won' AND days IS NOT NULL AND %s
          GROUP BY phase_code, COALESCE(company_id, 0)
            """,
            self.env["kams.phase.time"]._table_query,
            SQL(
                """
                lead_ref IN (SELECT lead_ref
                               FROM kams_deal_history
                              WHERE status = 'won' AND valid_from <= %(until)s
                                AND (valid_to IS NULL OR valid_to > %(until)s))
                """,
                until=until,
            )
            if until
            else SQL("TRUE"),
        )
