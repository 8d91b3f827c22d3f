from odoo import api, fields, models
from odoo.tools import SQL

from ..models.blank import BlankFloat, BlankInteger
from ..models.kams_account_tier import TIERS
from ..models.kams_process_phase import PHASE_CODES

# A percentage of a group: it means nothing in a row, and nothing is averaged
SLIPS = {"slip_met", "slip_missed", "slip_difference", "slip_met_deals", "slip_missed_deals"}
# Deals counted for a control point: points mixed would count a deal as often as it has points
DEALS = {"closed_met", "won_met", "closed_missed", "won_missed", "slip_met_deals", "slip_missed_deals"}
# What advisory points aren't in
OF_MANDATORY = {"compliance", "compliance_waived", "mandatory", "met_mandatory", "passed_mandatory"}
# What compares the deals of one control point
OF_ONE_POINT = {
    *("win_rate_met", "win_met_low", "win_met_high", "win_rate_missed", "win_missed_low", "win_missed_high"),
    *("difference", "slip_met", "slip_missed", "slip_difference"),
}
# {difference: (first rate, second, deals counted of the first, of the second)}
DIFFERENCES = {
    "difference": ("win_rate_met", "win_rate_missed", "closed_met", "closed_missed"),
    "slip_difference": ("slip_missed", "slip_met", "slip_missed_deals", "slip_met_deals"),
}


def known(value, otherwise):
    """A parameter, or what holds where a company has ended it. 0 is a value."""
    return otherwise if value is None else value


class KamsCompliance(models.Model):
    """Which control points deals met, which a director waived, and what skipped points went with.

    Book chapter 9, C12. A row is a control point that applies to a deal and whose phase the deal has behind it or
    stands in: by its last row in the deal history, so that deals which were deleted, merged or left KAMS aren't in it.

    - A mandatory point of a phase that the gate let the deal out of counts as it was then: a rule such as "in the last
      30 days" turns with the clock, and a waiver runs out. ``lapsed`` says that the evidence is gone since.
    - Rates of winning are of deals that left the point's phase forward and had another phase before the contract. A
      lost deal misses what its last phase still asked for, because it was lost: that would make each point a reason.
    - Lost and won are compared only from 20 closed deals on either side (``verdict_least_deals``); deals given up
      without a decision are neither (C38).
    """

    _name = "kams.compliance"
    _description = "Control points met by deals"
    _inherit = "kams.report"
    _auto = False
    _order = "id desc"
    _rec_name = "point_id"

    # Whose
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    industry_id = fields.Many2one("res.partner.industry", string="Industry", readonly=True)
    source_id = fields.Many2one("utm.source", string="Source", readonly=True)
    account_id = fields.Many2one("kams.account", string="Key Account", readonly=True)
    tier = fields.Selection(TIERS, readonly=True)
    procurement_mode = fields.Selection(
        selection=lambda self: self.env["kams.procurement.mode"]._selection(), readonly=True
    )
    # Which point
    process_id = fields.Many2one("kams.process", string="Process", readonly=True)
    phase_id = fields.Many2one("kams.process.phase", string="Phase", readonly=True)
    phase_code = fields.Selection(PHASE_CODES, string="Phase Kind", readonly=True)
    phase_order = fields.Integer(readonly=True, aggregator=None)
    point_id = fields.Many2one("kams.control.point", string="Control Point of This Version", readonly=True)
    point_code = fields.Char(string="Code of the Control Point", readonly=True)
    point_label = fields.Char(string="Control Point", readonly=True)
    level = fields.Selection([("mandatory", "Mandatory"), ("advisory", "Advisory")], readonly=True)
    # What became of it
    state = fields.Selection(
        [("met", "Met"), ("waived", "Waived"), ("missing", "Missing")], string="Status", readonly=True
    )
    lapsed = fields.Boolean(
        string="Met Then, Not Now",
        readonly=True,
        help="The gate let the deal pass on evidence that is gone or out of date today.",
    )
    left_at = fields.Datetime(string="Phase Left On", readonly=True)
    waiver_approver_id = fields.Many2one("res.users", string="Waived By", readonly=True)
    waiver_reason = fields.Char(readonly=True)
    waiver_expiry = fields.Date(string="Waived Until", readonly=True)
    waived_at = fields.Datetime(string="Waived On", readonly=True)
    # What became of the deal
    outcome = fields.Selection(
        [("open", "Open"), ("won", "Won"), ("lost", "Lost"), ("archived", "Archived")],
        string="Outcome of the Deal",
        readonly=True,
    )
    closed_at = fields.Datetime(string="Closed On", readonly=True)
    # Counts
    applicable = fields.Integer(string="Points That Apply", readonly=True)
    mandatory = fields.Integer(string="Mandatory Points", readonly=True)
    met = fields.Integer(string="Points Met (All)", readonly=True)
    waived = fields.Integer(string="Points Waived", readonly=True)
    missing = fields.Integer(string="Points Missing", readonly=True)
    met_mandatory = fields.Integer(string="Mandatory Points Met", readonly=True)
    passed_mandatory = fields.Integer(string="Mandatory Points Met or Waived", readonly=True)
    weight = fields.Float(string="Weight of Points", readonly=True)
    weight_met = fields.Float(string="Weight of Points Met", readonly=True)
    closed_met = BlankInteger(string="Closed Deals, Point Met", readonly=True)
    won_met = BlankInteger(string="Won Deals, Point Met", readonly=True)
    closed_missed = BlankInteger(
        string="Closed Deals, Point Skipped", readonly=True, help="Missing, or waived: nobody had the evidence."
    )
    won_missed = BlankInteger(string="Won Deals, Point Skipped", readonly=True)
    slip_met_deals = BlankInteger(string="Deals with a Known Slip, Point Met", readonly=True)
    slip_missed_deals = BlankInteger(string="Deals with a Known Slip, Point Skipped", readonly=True)
    # Rates
    compliance = BlankFloat(
        string="Compliance (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 2),
        help="Mandatory points that were met ÷ those that apply. A waiver isn't evidence.",
    )
    compliance_waived = BlankFloat(
        string="Compliance with Waivers (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 2),
        help="Mandatory points that were met or waived ÷ those that apply.",
    )
    compliance_weighted = BlankFloat(
        string="Weighted Compliance (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 2),
        help="All points that apply, by their weight; mandatory ones count more.",
    )
    win_rate_met = BlankFloat(string="Win Rate, Point Met (%)", readonly=True, aggregator="avg", digits=(16, 1))
    win_met_low = BlankFloat(string="Point Met: Lower Limit (%)", readonly=True, aggregator="avg", digits=(16, 1))
    win_met_high = BlankFloat(string="Point Met: Upper Limit (%)", readonly=True, aggregator="avg", digits=(16, 1))
    win_rate_missed = BlankFloat(string="Win Rate, Point Skipped (%)", readonly=True, aggregator="avg", digits=(16, 1))
    win_missed_low = BlankFloat(
        string="Point Skipped: Lower Limit (%)", readonly=True, aggregator="avg", digits=(16, 1)
    )
    win_missed_high = BlankFloat(
        string="Point Skipped: Upper Limit (%)", readonly=True, aggregator="avg", digits=(16, 1)
    )
    difference = BlankFloat(
        string="Won More Often Where Met (Points)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Win rate where the point was met less win rate where it was skipped. Empty with too few closed deals on "
        "either side. What goes together need not be cause and effect.",
    )
    slip_met = BlankFloat(
        string="Margin Slip, Point Met (Points)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Points of margin that deals lost after their bid, on the mean; each deal counts alike.",
    )
    slip_missed = BlankFloat(
        string="Margin Slip, Point Skipped (Points)", readonly=True, aggregator="avg", digits=(16, 1)
    )
    slip_difference = BlankFloat(
        string="Slipped More Where Skipped (Points)", readonly=True, aggregator="avg", digits=(16, 1)
    )

    _ratios = {
        "compliance": ("met_mandatory", "mandatory", 100),
        "compliance_waived": ("passed_mandatory", "mandatory", 100),
        "compliance_weighted": ("weight_met", "weight", 100),
        "win_rate_met": ("won_met", "closed_met", 100),
        "win_rate_missed": ("won_missed", "closed_missed", 100),
        "slip_met": ("slip_met_points", "slip_met_deals", 1),
        "slip_missed": ("slip_missed_points", "slip_missed_deals", 1),
    }
    _intervals = {
        "win_met_low": ("won_met", "closed_met", -1),
        "win_met_high": ("won_met", "closed_met", 1),
        "win_missed_low": ("won_missed", "closed_missed", -1),
        "win_missed_high": ("won_missed", "closed_missed", 1),
    }
    slip_met_points = fields.Float(readonly=True)
    slip_missed_points = fields.Float(readonly=True)

    _depends = {
        "crm.lead": ["kams_account_id", "source_id"],
        "kams.account": ["tier"],
        "kams.control.check": ["level", "state", "waived_at", "waiver_approver_id", "waiver_expiry", "waiver_reason"],
        "kams.control.point": ["code", "name", "phase_id", "weight"],
        "kams.deal.history": ["gate_result", "phase_id", "status", "valid_to"],
        "res.partner": ["industry_id"],
    }

    @property
    def _table_query(self) -> SQL:
        rule = self.env["kams.legal.rule"]
        return SQL(
            """
            SELECT row.*, 1 AS applicable,
                   CASE WHEN row.is_met THEN 'met' WHEN row.is_missing THEN 'missing' ELSE 'waived' END AS state,
                   CASE WHEN row.is_mandatory THEN 1 ELSE 0 END AS mandatory,
                   CASE WHEN row.is_met THEN 1 ELSE 0 END AS met,
                   CASE WHEN row.is_met OR row.is_missing THEN 0 ELSE 1 END AS waived,
                   CASE WHEN row.is_missing THEN 1 ELSE 0 END AS missing,
                   CASE WHEN row.is_mandatory AND row.is_met THEN 1 ELSE 0 END AS met_mandatory,
                   CASE WHEN row.is_mandatory AND NOT row.is_missing THEN 1 ELSE 0 END AS passed_mandatory,
                   CASE WHEN row.is_met THEN row.weight ELSE 0 END AS weight_met,
                   CASE WHEN row.comparable AND row.is_met THEN 1 ELSE 0 END AS closed_met,
                   CASE WHEN row.comparable AND row.is_met AND row.outcome = 'won' THEN 1 ELSE 0 END AS won_met,
                   CASE WHEN row.comparable AND NOT row.is_met THEN 1 ELSE 0 END AS closed_missed,
                   CASE WHEN row.comparable AND NOT row.is_met AND row.outcome = 'won' THEN 1 ELSE 0 END AS won_missed,
                   CASE WHEN row.is_met AND row.slip IS NOT NULL THEN 1 ELSE 0 END AS slip_met_deals,
                   CASE WHEN NOT row.is_met AND row.slip IS NOT NULL THEN 1 ELSE 0 END AS slip_missed_deals,
                   CASE WHEN row.is_met THEN row.slip END AS slip_met_points,
                   CASE WHEN NOT row.is_met THEN row.slip END AS slip_missed_points,
                   %(empty)s
              FROM (SELECT checked.id, checked.lead_id, deal.user_id, deal.team_id, deal.company_id, deal.partner_id,
                           customer.industry_id, lead.source_id, lead.kams_account_id AS account_id, account.tier,
                           deal.procurement_mode, deal.process_id, point.phase_id, phase.code AS phase_code,
                           %(order)s AS phase_order, checked.point_id, point.code AS point_code,
                           concat_ws(' ', point.code, COALESCE(point.name->>%(lang)s, point.name->>'en_US'))
                               AS point_label,
                           checked.level, checked.level = 'mandatory' AS is_mandatory,
                           checked.state = 'pass'
                               OR checked.state = 'fail' AND checked.waived_at IS NULL AND %(passed)s AS is_met,
                           checked.state = 'fail' AND NOT %(passed)s AS is_missing,
                           checked.state = 'fail' AND %(passed)s AS lapsed,
                           leaving.left_at, checked.waiver_approver_id, checked.waiver_reason, checked.waiver_expiry,
                           checked.waived_at, deal.status AS outcome,
                           CASE WHEN deal.status != 'open' THEN COALESCE(closing.closed_at, deal.valid_from) END
                               AS closed_at,
                           point.weight * CASE checked.level WHEN 'mandatory' THEN %(mandatory)s::double precision
                                                             ELSE %(advisory)s::double precision END AS weight,
                           deal.status IN ('won', 'lost') AND checked.phase_sequence < deal.reached
                               AND checked.phase_sequence < route.last AS comparable,
                           %(slip)s AS slip
                      FROM kams_control_check checked
                      JOIN kams_control_point point ON point.id = checked.point_id
                      JOIN (%(deals)s) deal
                        ON deal.lead_ref = checked.lead_id AND deal.process_id = point.process_id
                       AND deal.reached >= checked.phase_sequence
                 LEFT JOIN kams_process_phase phase ON phase.id = point.phase_id
                 LEFT JOIN (%(route)s) route ON route.process_id = deal.process_id
                 LEFT JOIN (%(gates)s) gates ON gates.lead_ref = checked.lead_id
                 LEFT JOIN (%(closing)s) closing ON closing.lead_ref = checked.lead_id
                 LEFT JOIN (%(leaving)s) leaving
                        ON leaving.lead_ref = checked.lead_id AND leaving.phase_id = point.phase_id
                 LEFT JOIN crm_lead lead ON lead.id = deal.lead_id
                 LEFT JOIN kams_account account ON account.id = lead.kams_account_id
                 LEFT JOIN res_partner customer ON customer.id = deal.partner_id
                 %(slips)s
                     WHERE checked.state IN ('pass', 'waived', 'fail')
                       AND %(level)s
                   ) row
            """,
            empty=self._empty_measures(),
            order=self._phase_order(SQL("phase.code")),
            lang=self.env.lang or "en_US",
            passed=SQL(
                "(checked.level = 'mandatory' AND checked.phase_sequence < deal.reached"
                " AND COALESCE(gates.reached > checked.phase_sequence, FALSE))"
            ),
            mandatory=known(rule._value("compliance_weight_mandatory"), 1.0),
            advisory=known(rule._value("compliance_weight_advisory"), 1.0),
            # the last phase before the contract: who leaves it forward has won
            route=SQL(
                "SELECT process_id, max(sequence) AS last FROM kams_process_phase WHERE code != 'delivery'"
                " GROUP BY process_id"
            ),
            # OFFSET: put together once per deal, before they meet their checks, of which there are many more
            deals=SQL(
                """
                SELECT was.lead_ref, was.lead_id, was.user_id, was.team_id, was.company_id, was.partner_id,
                       was.procurement_mode, was.process_id, was.status, was.valid_from, present.sequence AS reached
                  FROM kams_deal_history was
                  JOIN kams_process_phase present ON present.id = was.phase_id
                 WHERE was.valid_to IS NULL AND was.status IN ('open', 'won', 'lost', 'archived')
                OFFSET 0
                """
            ),
            level=SQL("checked.level = 'mandatory'") if self.env.context.get("kams_mandatory") else SQL("TRUE"),
            # the furthest phase into which the gate let a deal
            gates=SQL(
                """
                SELECT history.lead_ref, max(phase.sequence) AS reached
                  FROM kams_deal_history history
                  JOIN kams_process_phase phase ON phase.id = history.phase_id
                 WHERE history.gate_result IN ('pass', 'waived')
              GROUP BY history.lead_ref
                """
            ),
            closing=SQL(
                "SELECT lead_ref, max(valid_to) AS closed_at FROM kams_deal_history WHERE status = 'open'"
                " GROUP BY lead_ref"
            ),
            # a deal that stands in a phase again hasn't left it
            leaving=SQL(
                """
                SELECT lead_ref, phase_id,
                       CASE WHEN bool_and(valid_to IS NOT NULL) THEN max(valid_to) END AS left_at
                  FROM kams_deal_history WHERE status = 'open' GROUP BY lead_ref, phase_id
                """
            ),
            slip=SQL("slips.slip") if self._asks_slip() else SQL("NULL::double precision"),
            slips=self._slips() if self._asks_slip() else SQL(""),
        )

    # ORM
    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), **kwargs):
        asking = self._asking([*groupby, *aggregates], aggregates)
        return super(KamsCompliance, asking)._read_group(domain, groupby, aggregates, **kwargs)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), **kwargs):
        asking = self._asking(aggregates, aggregates)
        return super(KamsCompliance, asking)._read_grouping_sets(domain, grouping_sets, aggregates, **kwargs)

    # ACTIONS
    @api.readonly
    def action_open_deal(self):
        self.ensure_one()
        return self.lead_id._get_records_action(name=self.lead_id.display_name)

    # BUSINESS
    @api.model
    def _asking(self, specs, aggregates=()):
        """This report as it is asked: what margins slipped is dear, and read only where somebody wants it.

        Advisory points say nothing to rates of mandatory ones, and aren't read for them.
        """
        measures = {spec.partition(":")[0] for spec in aggregates}
        slip = any(spec.partition(":")[0] in SLIPS for spec in specs)
        return self.with_context(kams_slip=slip, kams_mandatory=bool(measures) and measures <= OF_MANDATORY)

    @api.model
    def _asks_slip(self):
        return bool(self.env.context.get("kams_slip"))

    @api.model
    def _slips(self):
        """Points lost of each deal's margin, as far as the reader may see its documents."""
        return SQL(
            """
            LEFT JOIN (SELECT erosion.lead_id, max(COALESCE(erosion.erosion_total, erosion.erosion)) AS slip
                         FROM (%s) erosion GROUP BY erosion.lead_id) slips ON slips.lead_id = checked.lead_id
            """,
            self.env["kams.margin.erosion"]._table_query,
        )

    @api.model
    def _measure(self, name, query):
        if name in DIFFERENCES:
            first, second, of_first, of_second = DIFFERENCES[name]
            least = known(self.env["kams.legal.rule"]._value("verdict_least_deals"), 20)
            measure = SQL(
                "CASE WHEN %s >= %s AND %s >= %s THEN %s - %s END",
                self._sum(of_first, query),
                least,
                self._sum(of_second, query),
                least,
                super()._measure(first, query),
                super()._measure(second, query),
            )
        elif name in DEALS:
            measure = SQL("SUM(%s)", self._field_to_sql(self._table, name, query))
        else:
            measure = super()._measure(name, query)
        if name not in OF_ONE_POINT | DEALS:
            return measure
        code = self._field_to_sql(self._table, "point_code", query)
        return SQL("CASE WHEN MIN(%s) = MAX(%s) THEN %s END", code, code, measure)

    @api.model
    def _empty_measures(self):
        differences = (SQL("NULL::double precision AS %s", SQL.identifier(name)) for name in DIFFERENCES)
        return SQL(", ").join([super()._empty_measures(), *differences])
