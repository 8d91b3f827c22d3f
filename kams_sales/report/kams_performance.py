from babel.dates import format_skeleton

from odoo import api, fields, models
from odoo.tools import SQL, babel_locale_parse

from ..models.blank import BlankFloat, BlankInteger, BlankMonetary

RATE = {"readonly": True, "aggregator": "avg", "digits": (16, 1)}
# What each part of the statement finds out: {part: {column: PostgreSQL type}}. A part that isn't asked for is left out
PARTS = {
    "closings": {
        "won": "int",
        "lost": "int",
        "undecided": "int",
        "won_amount": "numeric",
        "cycle_days": "numeric",
    },
    "quotas": {"own_quota": "numeric", "team_quota": "numeric"},
    "erosion": {"eroded": "numeric", "contracted": "numeric"},
    "checks": {"points": "int", "points_met": "int"},
    "meetings": {"meetings": "int", "advances": "int", "late": "int"},
    "actions": {"actions": "int", "actions_in_time": "int"},
    "objections": {"objections": "int", "objections_closed": "int"},
    "reviews": {"reviews": "int", "reviews_in_time": "int"},
    "pipeline": {"open_deals": "int", "without_step": "int", "stagnant": "int"},
}
# These know the day; the others the moment, whose quarter is that of the reader's time zone
DATED = ("quotas", "actions", "objections", "reviews")
# These tell of deals under a process; the others may tell of work for a plain team, or of none for a deal
OF_DEALS = {"closings", "erosion", "checks", "pipeline"}
# A row's number is made of company, team, user and quarter, and stays below what a browser counts exactly
USERS, TEAMS = 1_000_000, 10_000


class KamsPerformance(models.Model):
    """What a salesperson or a team brought in a quarter, beside how they worked for it.

    Book chapter 9: evaluate by person and team, and show process beside result; who is praised for amounts alone learns
    to skip what wins the next deal. A row is a person in a team, or a team, in a quarter of the reader's time zone.
    Results count in the quarter in which a deal was closed, work in the quarter in which it was due or done. What lacks
    a next step or stagnates is told of the present quarter only: nobody recorded it before. Plain teams aren't in it;
    what hangs on no deal is done for the team under KAMS that somebody is in or has deals in.
    """

    _name = "kams.performance"
    _description = "Process beside result"
    _inherit = "kams.report"
    _auto = False
    _order = "date_from desc, won_amount desc nulls last, id desc"

    # Whose, and when
    kind = fields.Selection([("person", "Salesperson"), ("team", "Sales Team")], string="Of Whom", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date_from = fields.Date(string="Quarter", readonly=True)
    # Result
    won_amount = BlankMonetary(string="Amount Won", readonly=True)
    won = fields.Integer(string="Won Deals", readonly=True)
    lost = fields.Integer(string="Lost Deals", readonly=True)
    decided = fields.Integer(string="Deals Decided", readonly=True)
    undecided = fields.Integer(string="Deals without Decision", readonly=True)
    quota = BlankMonetary(readonly=True)
    won_on_quota = BlankMonetary(string="Amount Won on a Quota", readonly=True)
    cycle_days = fields.Float(string="Days of Won Deals", readonly=True)
    eroded = BlankMonetary(string="Margin Eroded", readonly=True)
    contracted = BlankMonetary(string="Contracts with Known Margin", readonly=True)
    win_rate = BlankFloat(string="Win Rate (%)", help="Won ÷ won and lost.", **RATE)
    attainment = BlankFloat(string="Attainment (%)", help="Amount won ÷ quota.", **RATE)
    days_to_close = BlankFloat(string="Days to Close", help="From the first day to the win, on average.", **RATE)
    erosion = BlankFloat(
        string="Margin Erosion (Points)", help="Points of margin lost after the bid, on what was contracted.", **RATE
    )
    # Process
    points = fields.Integer(string="Mandatory Points", readonly=True)
    points_met = fields.Integer(string="Mandatory Points Met", readonly=True)
    meetings = fields.Integer(string="Meetings Held", readonly=True)
    advances = fields.Integer(string="Meetings That Advanced", readonly=True)
    late = fields.Integer(string="Records Late", readonly=True)
    actions = fields.Integer(string="Plan Actions Due", readonly=True)
    actions_in_time = fields.Integer(string="Plan Actions in Time", readonly=True)
    objections = fields.Integer(string="Objections Raised", readonly=True)
    objections_closed = fields.Integer(string="Objections Closed", readonly=True)
    reviews = fields.Integer(string="Win/Loss Reviews Due", readonly=True)
    reviews_in_time = fields.Integer(string="Win/Loss Reviews in Time", readonly=True)
    open_deals = BlankInteger(string="Open Deals", readonly=True)
    without_step = BlankInteger(string="Next Step Missing or Stale", readonly=True)
    stagnant = BlankInteger(string="Stagnant Deals", readonly=True)
    compliance = BlankFloat(
        string="Compliance (%)", help="Mandatory points met ÷ those that apply. A waiver isn't evidence.", **RATE
    )
    advance_rate = BlankFloat(string="Advance Rate (%)", help="Meetings that brought a commitment.", **RATE)
    late_rate = BlankFloat(string="Recorded Late (%)", **RATE)
    action_rate = BlankFloat(string="Plan Actions in Time (%)", **RATE)
    objection_rate = BlankFloat(string="Objections Closed (%)", help="Of those raised in the quarter.", **RATE)
    review_rate = BlankFloat(string="Win/Loss Reviews in Time (%)", **RATE)
    step_rate = BlankFloat(string="Without Next Step (%)", help="Of open deals.", **RATE)
    stagnant_rate = BlankFloat(string="Stagnant (%)", help="Of open deals.", **RATE)

    _ratios = {
        "win_rate": ("won", "decided", 100),
        "attainment": ("won_on_quota", "quota", 100),
        "days_to_close": ("cycle_days", "won", 1),
        "erosion": ("eroded", "contracted", 100),
        "compliance": ("points_met", "points", 100),
        "advance_rate": ("advances", "meetings", 100),
        "late_rate": ("late", "meetings", 100),
        "action_rate": ("actions_in_time", "actions", 100),
        "objection_rate": ("objections_closed", "objections", 100),
        "review_rate": ("reviews_in_time", "reviews", 100),
        "step_rate": ("without_step", "open_deals", 100),
        "stagnant_rate": ("stagnant", "open_deals", 100),
    }
    _depends = {
        "calendar.event": [
            "kams_outcome",
            "kams_record_late",
            "kams_record_state",
            "opportunity_id",
            "start",
            "user_id",
        ],
        "kams.deal.history": ["lead_ref", "status", "valid_from", "valid_to"],
        "kams.objection": ["date", "lead_id", "state", "user_id"],
        "kams.plan": ["lead_id", "state"],
        "kams.plan.action": ["date_due", "done_on", "plan_id", "state", "user_id"],
        "kams.winloss": ["asked_on", "confirmed_at", "lead_id", "owner_id", "result", "state"],
    }

    # COMPUTES
    @api.depends("kind", "user_id", "team_id", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        locale = babel_locale_parse(self.env.lang or "en_US")
        for row in self:
            whose = row.user_id.name if row.kind == "person" else row.team_id.name
            quarter = format_skeleton("yQQQ", row.date_from, locale=locale) if row.date_from else ""
            whose = whose or self.env._("No Team")
            row.display_name = f"{whose} · {quarter}"

    @property
    def _table_query(self) -> SQL:
        asked = self._asked_parts()
        columns = {name: kind for part in PARTS.values() for name, kind in part.items()}
        parts = SQL(" UNION ALL ").join(
            SQL(
                "SELECT part.user_id, part.team_id, part.company_id, %(quarter)s AS date_from, %(columns)s"
                " FROM (%(part)s) part WHERE %(asked)s",
                quarter=self._quarter(SQL("part.at"), dated=name in DATED),
                asked=self._where_asked(SQL("part.at"), SQL("part.user_id"), SQL("part.team_id")),
                columns=SQL(", ").join(
                    SQL(
                        "%s::%s AS %s",
                        SQL("part.%s", SQL.identifier(column)) if column in PARTS[name] else SQL("NULL"),
                        SQL(kind),
                        SQL.identifier(column),
                    )
                    for column, kind in columns.items()
                ),
                part=getattr(self, f"_part_{name}")(),
            )
            for name in PARTS
            if name in asked
        )
        factor = self._present_rate(SQL("found.company_id"))
        return SQL(
            """
            %(held)s
            SELECT row.*, row.won + row.lost AS decided,
                   CASE WHEN row.quota IS NOT NULL THEN row.won_amount END AS won_on_quota,
                   %(ratios)s
              FROM (SELECT ((found.company_id * %(teams)s::bigint + COALESCE(found.team_id, 0)) * %(users)s
                            + CASE WHEN GROUPING(found.user_id) = 0 THEN found.user_id ELSE 0 END) * 1000
                           + (extract(year FROM found.date_from) - 1970)::int * 4
                           + extract(quarter FROM found.date_from)::int AS id,
                           CASE WHEN GROUPING(found.user_id) = 0 THEN 'person' ELSE 'team' END AS kind,
                           found.user_id, found.team_id, found.company_id, %(currency)s AS currency_id,
                           found.date_from,
                           COALESCE(sum(found.won), 0)::int AS won, COALESCE(sum(found.lost), 0)::int AS lost,
                           COALESCE(sum(found.undecided), 0)::int AS undecided,
                           COALESCE(sum(found.won_amount), 0) AS won_amount,
                           (CASE WHEN GROUPING(found.user_id) = 0 THEN sum(found.own_quota)
                                 ELSE COALESCE(sum(found.team_quota), sum(found.own_quota)) END) * max(%(factor)s)
                               AS quota,
                           sum(found.cycle_days) AS cycle_days, sum(found.eroded) AS eroded,
                           sum(found.contracted) AS contracted, %(counts)s
                      FROM (SELECT each.user_id, %(team)s AS team_id,
                                   COALESCE(each.company_id, %(company)s) AS company_id, each.date_from, %(columns)s
                              FROM (%(parts)s) each %(own)s
                             WHERE each.date_from IS NOT NULL) found
                  GROUP BY GROUPING SETS ((found.company_id, found.team_id, found.user_id, found.date_from),
                                          (found.company_id, found.team_id, found.date_from))
                    HAVING GROUPING(found.user_id) = 1 OR found.user_id IS NOT NULL
                   ) row
            """,
            ratios=SQL(", ").join(
                SQL(
                    "%s::double precision * %s / NULLIF(%s, 0) AS %s",
                    times,
                    self._of_row(part),
                    self._of_row(whole),
                    SQL.identifier(name),
                )
                for name, (part, whole, times) in self._ratios.items()
            ),
            users=USERS,
            teams=TEAMS,
            currency=self._currency(),
            factor=factor,
            counts=SQL(", ").join(
                SQL(
                    "sum(found.%s)::int AS %s" if part == "pipeline" else "COALESCE(sum(found.%s), 0)::int AS %s",
                    SQL.identifier(name),
                    SQL.identifier(name),
                )
                for part in ("checks", "meetings", "actions", "objections", "reviews", "pipeline")
                for name in PARTS[part]
            ),
            company=self.env.company.id,
            columns=SQL(", ").join(SQL("each.%s", SQL.identifier(name)) for name in columns),
            parts=parts,
            **self._teams(asked),
        )

    @api.model
    def _of_row(self, name):
        if name == "decided":
            return SQL("(row.won + row.lost)")
        if name == "won_on_quota":
            return SQL("row.won_amount")
        return SQL("row.%s", SQL.identifier(name))

    @api.model
    def _teams(self, asked):
        """Whose team's a row is, as SQL: ``team``, and the joins that it needs, which leave plain teams out."""
        if asked <= OF_DEALS:
            return {"held": SQL(), "team": SQL("each.team_id"), "own": SQL()}
        held = SQL(
            """
            WITH held AS MATERIALIZED (
                SELECT user_id, team_id, max(valid_from) AS since
                  FROM kams_deal_history
                 WHERE valid_to IS NULL AND status IN ('open', 'won', 'lost', 'archived') AND team_id IS NOT NULL
              GROUP BY user_id, team_id
            )
            """
        )
        joins = SQL(
            """
         LEFT JOIN (SELECT member.user_id, min(member.crm_team_id) AS team_id
                      FROM crm_team_member member
                      JOIN crm_team team ON team.id = member.crm_team_id AND team.kams_process_id IS NOT NULL
                     WHERE member.active
                  GROUP BY member.user_id) own ON own.user_id = each.user_id
         LEFT JOIN (SELECT DISTINCT ON (user_id) user_id, team_id
                      FROM held
                  ORDER BY user_id, since DESC, team_id) latest ON latest.user_id = each.user_id
              JOIN (SELECT id FROM crm_team WHERE kams_process_id IS NOT NULL
                     UNION SELECT team_id FROM held
                     UNION SELECT 0) kams
                ON kams.id = COALESCE(each.team_id, own.team_id, latest.team_id, 0)
            """
        )
        return {"held": held, "team": SQL("COALESCE(each.team_id, own.team_id, latest.team_id)"), "own": joins}
