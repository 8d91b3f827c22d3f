import re
from datetime import datetime, time

from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

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
# What a measure is made of, besides itself
MADE_OF = {"won_on_quota": ("won_amount", "quota"), "quota": ("own_quota", "team_quota"), "decided": ("won", "lost")}
# A row's number is made of company, team, user and quarter, and stays below what a browser counts exactly
USERS, TEAMS = 1_000_000, 10_000
FEW = 200
WORD = re.compile(r"\w+")


class KamsPerformance(models.Model):
    """What a salesperson or a team brought in a quarter, beside how they worked for it.

    Book chapter 9: evaluate by person and team, and show process beside result; who is praised for amounts alone learns
    to skip what wins the next deal. A row is a person in a team, or a team, in a quarter of the reader's time zone.
    Results count in the quarter in which a deal was closed, work in the quarter in which it was due or done. What lacks
    a next step or stagnates is told of the present quarter only: nobody recorded it before.
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
    @api.depends("user_id", "team_id", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for row in self:
            whose = row.user_id.name if row.kind == "person" else row.team_id.name
            quarter = format_date(self.env, row.date_from, date_format="QQQ yyyy") if row.date_from else ""
            whose = whose or self.env._("No Team")
            row.display_name = f"{whose} · {quarter}"

    @property
    def _table_query(self) -> SQL:
        asked = self._asked_parts()
        columns = {name: kind for part in PARTS.values() for name, kind in part.items()}
        parts = SQL(" UNION ALL ").join(
            SQL(
                "SELECT part.user_id, part.team_id, part.company_id, %(quarter)s AS date_from, %(columns)s"
                " FROM (%(part)s) part",
                quarter=self._quarter(SQL("part.at"), dated=name in ("quotas", "actions", "objections", "reviews")),
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
                      FROM (SELECT each.user_id, COALESCE(each.team_id, own.team_id, person.sale_team_id)
                                       AS team_id,
                                   COALESCE(each.company_id, %(company)s) AS company_id, each.date_from, %(columns)s
                              FROM (%(parts)s) each
                         LEFT JOIN res_users person ON person.id = each.user_id
                         LEFT JOIN (%(own)s) own ON own.user_id = each.user_id
                             WHERE each.date_from IS NOT NULL AND %(only)s) found
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
            only=self._only(),
            # what hangs on no deal is done for the team under a process that somebody is in, else for their first one
            own=SQL(
                "SELECT member.user_id, min(member.crm_team_id) AS team_id FROM crm_team_member member"
                " JOIN crm_team team ON team.id = member.crm_team_id AND team.kams_process_id IS NOT NULL"
                " WHERE member.active GROUP BY member.user_id"
            ),
        )

    @api.model
    def _of_row(self, name):
        if name == "decided":
            return SQL("(row.won + row.lost)")
        if name == "won_on_quota":
            return SQL("row.won_amount")
        return SQL("row.%s", SQL.identifier(name))

    # ORM
    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        if not field_names:
            return super().search_fetch(domain, field_names, offset=offset, limit=limit, order=order)
        asking = self._asking(domain, [*field_names, *WORD.findall(order or self._order)], {})
        rows = super(KamsPerformance, asking).search_fetch(domain, field_names, offset=offset, limit=limit, order=order)
        return rows.with_env(self.env)

    def fetch(self, field_names=None):
        """Rows that are known by their ids are asked for with the people or teams that they are about."""
        if len(self) > FEW:
            return super().fetch(field_names)
        places = [divmod(id_ // 1000, USERS) for id_ in self._ids if isinstance(id_, int)]
        users = sorted({user for _team, user in places if user})
        teams = sorted({team % TEAMS for team, user in places if not user})
        asking = self.with_context(kams_people=users, kams_teams=teams)
        return super(KamsPerformance, asking).fetch(field_names)

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), **kwargs):
        asking = self._asking(domain, [*groupby, *aggregates], kwargs)
        return super(KamsPerformance, asking)._read_group(domain, groupby, aggregates, **kwargs)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), **kwargs):
        asking = self._asking(domain, [*aggregates, *(spec for one in grouping_sets for spec in one)], kwargs)
        return super(KamsPerformance, asking)._read_grouping_sets(domain, grouping_sets, aggregates, **kwargs)

    # ACTIONS
    @api.readonly
    def action_part(self):
        """What a figure is made of: the context says which (``part``)."""
        self.ensure_one()
        part = self.env.context.get("part")
        places = self._places()
        if part not in places:
            raise UserError(self.env._("Choose a figure of “%s” first.", self.display_name))
        name, model, domain = places[part]
        views = ["list", "form"] if self.env[model]._auto else ["list"]
        return {
            "type": "ir.actions.act_window",
            "name": f"{name} · {self.display_name}",
            "res_model": model,
            "views": [(False, view) for view in views],
            "domain": [*self._whose(model), *domain],
        }

    # BUSINESS: what is asked for
    @api.model
    def _asking(self, domain, specs, kwargs):
        """This report as it is asked: each part reads tables of its own, and only what somebody wants is read."""
        names = {spec.partition(":")[0] for spec in specs}
        names |= {condition.field_expr for condition in Domain(domain).iter_conditions()}
        names |= {part[0].partition(":")[0] for part in kwargs.get("having") or () if not isinstance(part, str)}
        names |= set(WORD.findall(kwargs.get("order") or ""))
        queue = list(names)
        while queue:
            name = queue.pop()
            more = {*self._ratios.get(name, ())[:2], *MADE_OF.get(name, ())} - names
            names |= more
            queue += more
        wanted = sorted(part for part, columns in PARTS.items() if not names.isdisjoint(columns))
        return self.with_context(kams_parts=wanted) if wanted else self

    @api.model
    def _asked_parts(self):
        asked = self.env.context.get("kams_parts")
        return (set(PARTS) & set(asked) if isinstance(asked, (list, tuple)) else None) or set(PARTS)

    @api.model
    def _only(self):
        """Whose work is asked for, where that is known: read as data, it shows nothing that isn't asked for anyway."""
        people, teams = (self.env.context.get(key) for key in ("kams_people", "kams_teams"))
        if not isinstance(people, list) or not isinstance(teams, list):
            return SQL("TRUE")
        conditions = [SQL("each.user_id = ANY(%s::int[])", people)] if people else []
        if teams:
            conditions.append(
                SQL("COALESCE(each.team_id, own.team_id, person.sale_team_id, 0) = ANY(%s::int[])", teams)
            )
        return SQL("(%s)", SQL(" OR ").join(conditions)) if conditions else SQL("TRUE")

    @api.model
    def _zone(self):
        return self.env.context.get("tz") or self.env.user.tz or "UTC"

    @api.model
    def _quarter(self, moment, dated=False):
        """The first day of a moment's quarter, where the reader is."""
        if dated:
            return SQL("date_trunc('quarter', %s::timestamp)::date", moment)
        return SQL("date_trunc('quarter', (%s AT TIME ZONE 'UTC') AT TIME ZONE %s)::date", moment, self._zone())

    # BUSINESS: where it comes from
    @api.model
    def _part_closings(self):
        """Closed deals as :class:`KamsWinlossReport` has them, in the reader's currency."""
        return SQL(
            """
            SELECT deal.user_id, deal.team_id, deal.company_id, deal.closed_at AS at, deal.won, deal.lost,
                   deal.undecided, deal.won_amount,
                   CASE WHEN deal.won = 1 THEN extract(epoch FROM deal.closed_at - way.first_at) / 86400 END
                       AS cycle_days
              FROM (%s) deal
         LEFT JOIN kams_deal_way way ON way.lead_ref = deal.lead_id
            """,
            self.env["kams.winloss.report"]._table_query,
        )

    @api.model
    def _part_quotas(self):
        """A quarter's quota, else that of its months, else a quarter of the year's; in the company's currency."""
        return SQL(
            """
            SELECT user_id, team_id, company_id, at,
                   CASE WHEN user_id IS NOT NULL THEN quota END AS own_quota,
                   CASE WHEN user_id IS NULL THEN quota END AS team_quota
              FROM (SELECT target.user_id, target.team_id, target.company_id, quarter.at,
                           COALESCE(sum(target.quota) FILTER (WHERE target.period_kind = 'quarter'),
                                    sum(target.quota) FILTER (WHERE target.period_kind = 'month'),
                                    sum(target.quota) FILTER (WHERE target.period_kind = 'year') / 4) AS quota
                      FROM kams_target target
                CROSS JOIN LATERAL (SELECT generate_series(
                                        date_trunc('quarter', target.date_from::timestamp),
                                        date_trunc('quarter', target.date_to::timestamp), '3 months')::date AS at
                                   ) quarter
                     WHERE target.team_id IS NOT NULL OR target.user_id IS NOT NULL
                  GROUP BY target.user_id, target.team_id, target.company_id, quarter.at) each
            """
        )

    @api.model
    def _part_erosion(self):
        """Margins of deals whose documents the reader may see."""
        return SQL(
            """
            SELECT user_id, team_id, company_id, date_closed AS at, eroded, contracted
              FROM (%s) erosion
             WHERE eroded IS NOT NULL AND date_closed IS NOT NULL
            """,
            self.env["kams.margin.erosion"]._table_query,
        )

    @api.model
    def _part_checks(self):
        """Mandatory points of phases that deals left in the quarter, met as :class:`KamsCompliance` says.

        The points of a deal's phase are added up before they meet the deal: there are many.
        """
        return SQL(
            """
            WITH stay AS MATERIALIZED (
                SELECT history.lead_ref, history.phase_id, max(phase.sequence) AS sequence,
                       CASE WHEN bool_and(history.valid_to IS NOT NULL) FILTER (WHERE history.status = 'open')
                            THEN max(history.valid_to) FILTER (WHERE history.status = 'open') END AS left_at,
                       bool_or(history.gate_result IN ('pass', 'waived')) AS passed,
                       bool_or(history.gate_result = 'exempt') AS brought
                  FROM kams_deal_history history
                  JOIN kams_process_phase phase ON phase.id = history.phase_id
              GROUP BY history.lead_ref, history.phase_id
            )
            SELECT deal.user_id, deal.team_id, deal.company_id, stay.left_at AS at, checked.points::int,
                   (checked.met + CASE WHEN checked.sequence < deal.reached AND gate.reached > checked.sequence
                                       THEN checked.failed ELSE 0 END)::int AS points_met
              FROM (SELECT one.lead_id, point.phase_id, max(one.phase_sequence) AS sequence, count(*) AS points,
                           count(*) FILTER (WHERE one.state = 'pass') AS met,
                           count(*) FILTER (WHERE one.state = 'fail' AND one.waived_at IS NULL) AS failed
                      FROM kams_control_check one
                      JOIN kams_control_point point ON point.id = one.point_id
                     WHERE one.state IN ('pass', 'waived', 'fail') AND one.level = 'mandatory'
                  GROUP BY one.lead_id, point.phase_id
                    OFFSET 0) checked
              JOIN stay ON stay.lead_ref = checked.lead_id AND stay.phase_id = checked.phase_id
              JOIN kams_process_phase phase ON phase.id = checked.phase_id
              JOIN (SELECT last.lead_ref, last.user_id, last.team_id, last.company_id, last.process_id,
                           present.sequence AS reached
                      FROM kams_deal_history last
                      JOIN kams_process_phase present ON present.id = last.phase_id
                     WHERE last.valid_to IS NULL AND last.status IN ('open', 'won', 'lost', 'archived')
                    OFFSET 0) deal
                ON deal.lead_ref = checked.lead_id AND deal.process_id = phase.process_id
               AND deal.reached >= checked.sequence
         LEFT JOIN (SELECT lead_ref, max(sequence) FILTER (WHERE passed) AS reached,
                           max(sequence) FILTER (WHERE brought) AS brought
                      FROM stay GROUP BY lead_ref) gate ON gate.lead_ref = checked.lead_id
             WHERE stay.left_at IS NOT NULL AND (gate.brought IS NULL OR checked.sequence >= gate.brought)
            """
        )

    @api.model
    def _part_meetings(self):
        return SQL(
            """
            SELECT user_id, team_id, company_id, date AS at, 1 AS meetings, (advance_rate > 0)::int AS advances,
                   (late_rate > 0)::int AS late
              FROM (%s) meeting
            """,
            self.env["kams.meeting.report"]._table_query,
        )

    @api.model
    def _part_actions(self):
        """Actions of plans in force whose day is over, or that were done before it was."""
        return SQL(
            """
            SELECT action.user_id, deal.team_id, action.company_id, action.date_due AS at, 1 AS actions,
                   (action.state = 'done' AND action.done_on <= action.date_due)::int AS actions_in_time
              FROM kams_plan_action action
              JOIN kams_plan plan ON plan.id = action.plan_id AND plan.state <> 'draft'
         LEFT JOIN crm_lead deal ON deal.id = plan.lead_id
             WHERE action.state = 'done' OR action.state = 'open' AND action.date_due < %s
            """,
            fields.Date.context_today(self),
        )

    @api.model
    def _part_objections(self):
        return SQL(
            """
            SELECT COALESCE(objection.user_id, deal.user_id) AS user_id, deal.team_id, objection.company_id,
                   objection.date AS at, 1 AS objections, (objection.state = 'accepted')::int AS objections_closed
              FROM kams_objection objection
              JOIN crm_lead deal ON deal.id = objection.lead_id
            """
        )

    @api.model
    def _part_reviews(self):
        days = int(self.env["kams.legal.rule"]._value("winloss_days") or 0)
        return SQL(
            """
            SELECT COALESCE(review.owner_id, deal.user_id) AS user_id, deal.team_id, review.company_id,
                   review.asked_on AS at, 1 AS reviews,
                   (review.state = 'done' AND review.confirmed_at <= review.asked_on + %(days)s)::int
                       AS reviews_in_time
              FROM kams_winloss review
              JOIN crm_lead deal ON deal.id = review.lead_id
             WHERE review.asked_on IS NOT NULL AND (review.state = 'done' OR review.asked_on + %(days)s < %(today)s)
            """,
            days=days,
            today=fields.Date.context_today(self),
        )

    @api.model
    def _part_pipeline(self):
        """What open deals lack today: nothing is known of earlier quarters."""
        return SQL(
            """
            SELECT user_id, team_id, company_id, %(now)s AS at, 1 AS open_deals,
                   (step_state IN ('missing', 'stale'))::int AS without_step, stagnant
              FROM (%(deals)s) deal
            """,
            now=SQL("%s::timestamp", fields.Datetime.now()),
            deals=self.env["kams.pipeline"].with_context(kams_as_of=None)._table_query,
        )

    # BUSINESS: what is behind a figure
    def _whose(self, model):
        """The records of a model that belong to whom this row is about."""
        user, team = {
            "calendar.event": ("user_id", "opportunity_id.team_id"),
            "kams.plan.action": ("user_id", "plan_id.lead_id.team_id"),
            "kams.objection": ("user_id", "lead_id.team_id"),
            "kams.winloss": ("owner_id", "lead_id.team_id"),
        }.get(model, ("user_id", "team_id"))
        domain = Domain("company_id", "in", (self.company_id.id, False)) if model != "calendar.event" else Domain.TRUE
        if self.kind == "person":
            domain &= Domain(user, "=", self.user_id.id)
        if model != "kams.plan.action":
            domain &= Domain(team, "=", self.team_id.id)
        return list(domain)

    def _places(self):
        """``{part: (name, model, domain)}`` of the figures that lead somewhere."""
        result, days = "kams.winloss.report", int(self.env["kams.legal.rule"]._value("winloss_days") or 0)
        late = fields.Date.subtract(fields.Date.context_today(self), days=days)
        asked = ["|", ("state", "=", "done"), ("asked_on", "<", late)]
        closed, held = self._within("closed_at", True), self._within("date", True)
        points = [("level", "=", "mandatory"), *self._within("left_at", True)]
        actions = [("plan_id.state", "!=", "draft"), ("state", "!=", "dropped"), *self._within("date_due")]
        names = self._place_names()
        return {
            part: (names[part], model, domain)
            for part, model, domain in (
                ("won", result, [("outcome", "=", "won"), *closed]),
                ("lost", result, [("outcome", "=", "lost"), *closed]),
                ("undecided", result, [("outcome", "not in", ("won", "lost")), *closed]),
                ("erosion", "kams.margin.erosion", self._within("date_closed", True)),
                ("compliance", "kams.compliance", points),
                ("meetings", "kams.meeting.report", held),
                ("late", "kams.meeting.report", [("late_rate", ">", 0), *held]),
                ("actions", "kams.plan.action", actions),
                ("objections", "kams.objection", self._within("date")),
                ("reviews", "kams.winloss", [*asked, *self._within("asked_on")]),
                ("without_step", "kams.pipeline", [("step_state", "in", ("missing", "stale"))]),
                ("stagnant", "kams.pipeline", [("is_stagnant", "=", True)]),
            )
        }

    @api.model
    def _place_names(self):
        return {
            "won": self.env._("Won Deals"),
            "lost": self.env._("Lost Deals"),
            "undecided": self.env._("Deals without Decision"),
            "erosion": self.env._("Margin Erosion"),
            "compliance": self.env._("Compliance"),
            "meetings": self.env._("Meetings Held"),
            "late": self.env._("Records Late"),
            "actions": self.env._("Plan Actions Due"),
            "objections": self.env._("Objections Raised"),
            "reviews": self.env._("Win/Loss Reviews Due"),
            "without_step": self.env._("Next Step Missing or Stale"),
            "stagnant": self.env._("Stagnant Deals"),
        }

    def _within(self, name, moment=False):
        """The quarter of this row, as a domain on a day or on a moment."""
        first, after = self.date_from, fields.Date.add(self.date_from, months=3)
        if moment:
            zone = timezone(self._zone())
            first, after = (
                zone.localize(datetime.combine(day, time.min)).astimezone(utc).replace(tzinfo=None)
                for day in (first, after)
            )
        return [(name, ">=", first), (name, "<", after)]
