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
    left_at = fields.Datetime(
        string="Phase Left On", readonly=True, help="Empty while the deal stands in the phase, or stands in it again."
    )
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
              FROM (SELECT checked.id, checked.lead_id, way.lead_ref, last.lead_name, last.user_id, last.team_id,
                           last.company_id, last.partner_id,
                           customer.industry_id, lead.source_id, lead.kams_account_id AS account_id, account.tier,
                           way.procurement_mode, way.process_id, point.phase_id, point.phase_code, point.phase_order,
                           checked.point_id, point.code AS point_code, point.label AS point_label,
                           checked.level, checked.level = 'mandatory' AS is_mandatory,
                           checked.state = 'pass'
                               OR checked.state = 'fail' AND checked.waived_at IS NULL AND %(passed)s AS is_met,
                           checked.state = 'fail' AND NOT %(passed)s AS is_missing,
                           checked.state = 'fail' AND %(passed)s AS lapsed,
                           stay.left_at,
                           checked.waiver_approver_id, checked.waiver_reason, checked.waiver_expiry,
                           checked.waived_at, way.status AS outcome, %(closed_at)s AS closed_at,
                           point.weight * CASE checked.level WHEN 'mandatory' THEN %(mandatory)s::double precision
                                                             ELSE %(advisory)s::double precision END AS weight,
                           way.status IN ('won', 'lost') AND checked.phase_sequence < way.reached
                               AND checked.phase_sequence < route.last AS comparable,
                           judged.word, judged.audit_id AS judged_in,
                           %(slip)s AS slip
                      FROM kams_control_check checked
                      JOIN (%(points)s) point ON point.id = checked.point_id
                      JOIN kams_deal_way way
                        ON way.lead_ref = checked.lead_id AND way.process_id = point.process_id
                       AND way.reached >= checked.phase_sequence
                 LEFT JOIN kams_deal_history last ON last.id = way.last_id AND last.valid_to IS NULL
                 LEFT JOIN (%(route)s) route ON route.process_id = way.process_id
                 LEFT JOIN kams_deal_stay stay
                        ON stay.lead_ref = checked.lead_id AND stay.phase_code = point.phase_code
                 LEFT JOIN (%(judged)s) judged
                        ON judged.lead_id = checked.lead_id AND judged.point_id = checked.point_id
                 LEFT JOIN crm_lead lead ON lead.id = last.lead_id
                 LEFT JOIN kams_account account ON account.id = lead.kams_account_id
                 LEFT JOIN res_partner customer ON customer.id = last.partner_id
                 %(slips)s
                     WHERE checked.state IN ('pass', 'waived', 'fail')
                       AND way.status IN ('open', 'won', 'lost', 'archived')
                       AND (way.brought IS NULL OR checked.phase_sequence >= way.brought)
                       AND %(asked)s
                   ) row
            """,
            empty=self._empty_measures(),
            compared=self._compared(),
            passed=SQL(
                "(checked.level = 'mandatory' AND checked.phase_sequence < way.reached"
                " AND COALESCE(way.gate_reached > checked.phase_sequence, FALSE))"
            ),
            mandatory=known(rule._value("compliance_weight_mandatory"), 1.0),
            advisory=known(rule._value("compliance_weight_advisory"), 1.0),
            closed_at=self._closed_at("way"),
            # OFFSET: each point is put into words once, not with each of its checks
            points=SQL(
                """
                SELECT point.id, point.process_id, point.phase_id, point.code, point.weight,
                       concat_ws(' ', point.code, COALESCE(point.name->>%(lang)s, point.name->>'en_US')) AS label,
                       phase.code AS phase_code, %(order)s AS phase_order
                  FROM kams_control_point point
             LEFT JOIN kams_process_phase phase ON phase.id = point.phase_id
                OFFSET 0
                """,
                lang=self.env.lang or "en_US",
                order=self._phase_order(SQL("phase.code")),
            ),
            # the last phase before the contract: who leaves it forward has won
            route=SQL(
                "SELECT process_id, max(sequence) AS last FROM kams_process_phase WHERE code != 'delivery'"
                " GROUP BY process_id"
            ),
            asked=self._asked_checks(),
            judged=self._judged(),
            slip=SQL("slips.slip") if self._asks_slip() else SQL("NULL::double precision"),
            slips=self._slips() if self._asks_slip() else SQL(""),
        )

    # BUSINESS
    @api.model
    def _asked_checks(self):
        """Which checks say anything to what is asked, as SQL."""
        return SQL("checked.level = 'mandatory'") if self.env.context.get("kams_mandatory") else SQL("TRUE")

    @api.model
    def _as_asked(self, domain, groupby, aggregates, having=(), order=None):
        """Advisory points say nothing to rates of mandatory ones, and aren't read then."""
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
