from odoo import api, fields, models
from odoo.tools import SQL

from ..models.blank import BlankFloat
from ..models.kams_process_phase import PHASE_CODES

# What advisory points aren't in
OF_MANDATORY = {"compliance", "compliance_waived", "mandatory", "met_mandatory", "passed_mandatory"}
# Deals that stand behind a group's points, each counted once
DEALS = {"deals", "closed_deals", "won_deals"}


def known(value, otherwise):
    """A parameter, or what holds where a company has ended it. 0 is a value."""
    return otherwise if value is None else value


class KamsCompliance(models.Model):
    """Which control points deals met, which a director waived, and what skipped points went with.

    Book chapter 9, C12. A row is a control point that applies to a deal and whose phase the deal has behind it or
    stands in: by its last row in the deal history, so that deals which were deleted, merged or left KAMS aren't in it.

    - A mandatory point of a phase that the gate let the deal out of counts as it was then: a rule such as "in the last
      30 days" turns with the clock, and a waiver runs out. ``lapsed`` says that the evidence is gone since.
    - A deal that was brought along from before KAMS owes nothing of the phases that it had behind it by then: nobody
      asked it. Phases that its procurement mode leaves out don't apply.
    - What skipped and weak points go with is in ``kams_compliance_compared``.
    """

    _name = "kams.compliance"
    _description = "Control points met by deals"
    _inherit = "kams.report.deal"
    _auto = False
    _order = "id desc"
    _rec_name = "point_id"

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
    standing = fields.Selection(
        [
            ("sound", "Met, Found Sound"),
            ("met", "Met, Not Judged"),
            ("weak", "Met on Weak Evidence"),
            ("waived", "Waived"),
            ("missing", "Missing"),
        ],
        string="How the Point Stands",
        readonly=True,
        help="What the last stage audit that judged the point's evidence said, as long as the deal was open.",
    )
    audit_id = fields.Many2one("kams.stage.audit", string="Judged in Audit", readonly=True)
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
    sound = fields.Integer(string="Points Found Sound", readonly=True)
    weak = fields.Integer(string="Points Met on Weak Evidence", readonly=True)
    deals = fields.Integer(string="Deals Behind", readonly=True, help="Each deal once, whatever number of points.")
    closed_deals = fields.Integer(
        string="Closed Deals Behind",
        readonly=True,
        help="Won or lost after the point's phase; each deal once, whatever number of points.",
    )
    won_deals = fields.Integer(string="Won Deals Behind", readonly=True)
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
    win_rate = BlankFloat(
        string="Win Rate of Deals Behind (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Won ÷ won and lost, of deals that left the point's phase and had another one before the contract.",
    )
    win_low = BlankFloat(string="Win Rate: Lower Limit (%)", readonly=True, aggregator="avg", digits=(16, 1))
    win_high = BlankFloat(string="Win Rate: Upper Limit (%)", readonly=True, aggregator="avg", digits=(16, 1))

    _ratios = {
        "compliance": ("met_mandatory", "mandatory", 100),
        "compliance_waived": ("passed_mandatory", "mandatory", 100),
        "compliance_weighted": ("weight_met", "weight", 100),
        "win_rate": ("won_deals", "closed_deals", 100),
    }
    _intervals = {
        "win_low": ("won_deals", "closed_deals", -1),
        "win_high": ("won_deals", "closed_deals", 1),
    }

    _depends = {
        "crm.lead": ["kams_account_id", "source_id"],
        "kams.account": ["tier"],
        "kams.control.check": ["level", "state", "waived_at", "waiver_approver_id", "waiver_expiry", "waiver_reason"],
        "kams.control.point": ["code", "name", "phase_id", "weight"],
        "kams.deal.history": ["gate_result", "phase_id", "status", "valid_from", "valid_to"],
        "kams.margin.erosion": ["planned"],
        "kams.stage.audit": ["done_at", "done_on", "lead_id", "state"],
        "kams.stage.audit.check": ["audit_id", "judgement", "point_id", "state"],
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
                   CASE WHEN row.is_met THEN COALESCE(row.word, 'met') WHEN row.is_missing THEN 'missing'
                        ELSE 'waived' END AS standing,
                   CASE WHEN row.is_met AND row.word = 'sound' THEN 1 ELSE 0 END AS sound,
                   CASE WHEN row.is_met AND row.word = 'weak' THEN 1 ELSE 0 END AS weak,
                   CASE WHEN row.is_met THEN row.judged_in END AS audit_id,
                   CASE WHEN row.waived_at IS NULL THEN 0 ELSE 1 END AS waivers,
                   1 AS deals,
                   CASE WHEN row.comparable THEN 1 ELSE 0 END AS closed_deals,
                   CASE WHEN row.comparable AND row.outcome = 'won' THEN 1 ELSE 0 END AS won_deals,
                   %(compared)s,
                   %(empty)s
              FROM (SELECT checked.id, checked.lead_id, deal.lead_ref, deal.lead_name, deal.user_id, deal.team_id,
                           deal.company_id, deal.partner_id,
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
                           -- else PostgreSQL, asked for phases that were left, looks points up one by one
                           NULLIF(leaving.left_at, '-infinity') AS left_at,
                           checked.waiver_approver_id, checked.waiver_reason, checked.waiver_expiry,
                           checked.waived_at, deal.status AS outcome,
                           CASE WHEN deal.status != 'open' THEN COALESCE(closing.closed_at, deal.valid_from) END
                               AS closed_at,
                           point.weight * CASE checked.level WHEN 'mandatory' THEN %(mandatory)s::double precision
                                                             ELSE %(advisory)s::double precision END AS weight,
                           deal.status IN ('won', 'lost') AND checked.phase_sequence < deal.reached
                               AND checked.phase_sequence < route.last AS comparable,
                           judged.word, judged.audit_id AS judged_in,
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
                 LEFT JOIN (%(judged)s) judged
                        ON judged.lead_id = checked.lead_id AND judged.point_id = checked.point_id
                 LEFT JOIN crm_lead lead ON lead.id = deal.lead_id
                 LEFT JOIN kams_account account ON account.id = lead.kams_account_id
                 LEFT JOIN res_partner customer ON customer.id = deal.partner_id
                 %(slips)s
                     WHERE checked.state IN ('pass', 'waived', 'fail')
                       AND (gates.brought IS NULL OR checked.phase_sequence >= gates.brought)
                       AND %(level)s
                   ) row
            """,
            empty=self._empty_measures(),
            compared=self._compared(),
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
                SELECT was.lead_ref, was.lead_id, was.lead_name, was.user_id, was.team_id, was.company_id,
                       was.partner_id, was.procurement_mode, was.process_id, was.status, was.valid_from,
                       present.sequence AS reached
                  FROM kams_deal_history was
                  JOIN kams_process_phase present ON present.id = was.phase_id
                 WHERE was.valid_to IS NULL AND was.status IN ('open', 'won', 'lost', 'archived')
                OFFSET 0
                """
            ),
            level=SQL("checked.level = 'mandatory'") if self.env.context.get("kams_mandatory") else SQL("TRUE"),
            # the furthest phase into which the gate let a deal; and into which one it was brought without being asked
            gates=SQL(
                """
                SELECT history.lead_ref, max(phase.sequence) FILTER (WHERE history.gate_result != 'exempt') AS reached,
                       max(phase.sequence) FILTER (WHERE history.gate_result = 'exempt') AS brought
                  FROM kams_deal_history history
                  JOIN kams_process_phase phase ON phase.id = history.phase_id
                 WHERE history.gate_result IN ('pass', 'waived', 'exempt')
              GROUP BY history.lead_ref
                """
            ),
            judged=self._judged(),
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

    # BUSINESS
    @api.model
    def _asking(self, specs, aggregates=()):
        """This report as it is asked. Advisory points say nothing to rates of mandatory ones, and aren't read then."""
        measures = {spec.partition(":")[0] for spec in aggregates}
        return self.with_context(kams_mandatory=bool(measures) and measures <= OF_MANDATORY)

    @api.model
    def _judged(self):
        """``word`` and ``audit_id`` of a deal's points: what an audit last said of evidence that there was.

        What an audit said after the deal was closed isn't heard: whoever knows the end finds reasons for it. Points of
        delivery are met after it, so of these each audit's word is.
        """
        return SQL(
            """
            SELECT audit.lead_id, noted.point_id,
                   (array_agg(noted.judgement ORDER BY %(moment)s DESC, audit.id DESC))[1] AS word,
                   (array_agg(audit.id ORDER BY %(moment)s DESC, audit.id DESC))[1] AS audit_id
              FROM kams_stage_audit audit
              JOIN kams_stage_audit_check noted ON noted.audit_id = audit.id AND noted.state = 'met'
               AND noted.judgement IS NOT NULL
              JOIN kams_control_point point ON point.id = noted.point_id
              JOIN kams_process_phase phase ON phase.id = point.phase_id
             WHERE audit.state = 'done'
               AND (phase.code = 'delivery'
                    OR EXISTS (SELECT FROM kams_deal_history past
                                WHERE past.lead_ref = audit.lead_id AND past.status = 'open'
                                  AND past.valid_from <= %(moment)s
                                  AND (past.valid_to IS NULL OR past.valid_to > %(moment)s)))
          GROUP BY audit.lead_id, noted.point_id
            """,
            moment=SQL("COALESCE(audit.done_at, audit.done_on)"),  # those of an older version have no moment
        )

    @api.model
    def _sum(self, name, query):
        if name in DEALS:
            return SQL("%s::double precision", self._measure(name, query))
        return super()._sum(name, query)

    @api.model
    def _measure(self, name, query):
        if name in DEALS:
            return SQL(
                "COUNT(DISTINCT CASE WHEN %s = 1 THEN %s END)",
                self._field_to_sql(self._table, name, query),
                self._field_to_sql(self._table, "lead_id", query),
            )
        return super()._measure(name, query)
