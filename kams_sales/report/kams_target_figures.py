from datetime import datetime
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .kams_report import SELLING

# The state that holds now is the one that holds at the end of time
NOW = datetime.max


class Asked(NamedTuple):
    """Whom and when it is asked about: a table, its first and last moment, and the moments at which it is looked."""

    table: SQL
    begins: datetime
    ends: datetime
    moments: set


class KamsTargetFigures(models.AbstractModel):
    """What deal history says of persons, teams and companies in periods, for any number of them at once.

    Book section 1.2; C04 to C08. A deal counts as won in a period if it became won in it and still was at its end, for
    whoever had it when it was won. Deals that were deleted, merged away or made plain again aren't won and not open.
    Delivery is no pipeline. A period that is over is asked about its end, else about now.
    """

    _name = "kams.target.figures"
    _description = "Figures of targets"

    # BUSINESS
    @api.model
    def _figures(self, scopes, own=False):
        """One dict for each of these records of a period: a constant number of statements.

        :param own: what follows from the chances of own history, in place of win rate and cycle
        """
        if not scopes:
            return []
        # PostgreSQL would take longer to compile such statements than to run them
        self.env.cr.execute("SET LOCAL jit = off")
        now = fields.Datetime.now()
        asked = self._asked(scopes, now)
        won = {number: found for number, *found in self._won(asked)}
        phases = {}
        for number, code, *found in self._pipeline(asked):
            phases.setdefault(number, {})[code] = dict(
                zip(("count", "value", "weighted", "variance"), found, strict=True)
            )
        rates = {} if own else {number: found for number, *found in self._rates(self._asked_before(scopes, now))}
        least = self.env["kams.legal.rule"]._value("forecast_least_deals") or 0
        chances = self._own_chances(scopes.company_id) if own else dict.fromkeys(scopes.company_id, {})
        result = []
        for number, scope in enumerate(scopes):
            own_chances = chances[scope.company_id]
            open_phases = phases.get(number, {})
            count, amount = won.get(number, (0, 0.0))
            # too few closed deals of a person or team say nothing: those of the whole company do
            nothing = (0, 0, None, None)
            narrow, wide = rates.get(number, nothing), rates.get(self._firm_number(scope, now), nothing)
            is_narrow = narrow[0] + narrow[1] >= least
            wins, losses, average, days = narrow if is_narrow else wide
            own_weighted = sum(row["value"] * (own_chances.get(code) or 0.0) for code, row in open_phases.items())
            known = all(own_chances.get(code) is not None or not row["value"] for code, row in open_phases.items())
            result.append(
                {
                    "won": amount,
                    "won_count": count,
                    "open": sum(row["value"] for row in open_phases.values()),
                    "open_count": sum(row["count"] for row in open_phases.values()),
                    "weighted": sum(row["weighted"] for row in open_phases.values()),
                    "variance": sum(row["variance"] for row in open_phases.values()),
                    "weighted_own": own_weighted if known else None,
                    "phases": open_phases,
                    "chances": own_chances,
                    "closed_count": wins + losses,
                    "is_narrow": is_narrow,
                    "win_rate": wins / (wins + losses) if wins + losses else None,
                    "average": average,
                    "days": days,
                }
            )
        return result

    @api.model
    def _own_chances(self, companies):
        """``{company: {phase code: share of its closed deals won from there}}``, C03; phases without any left out."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT phase_code, company_id, won, closed FROM (%s) own
                 WHERE company_id IS NULL OR company_id = ANY(%s)
                """,
                self.env["kams.funnel"]._win_probabilities_sql(),
                companies.ids,
            )
        )
        result = {}
        for company in companies:
            counts = {}
            for code, owner, won, closed in rows:
                if owner in (None, company.id):  # a deal of no company is everybody's
                    before = counts.get(code, (0, 0))
                    counts[code] = before[0] + won, before[1] + closed
            result[company] = {code: won / closed for code, (won, closed) in counts.items() if closed}
        return result

    @api.model
    def _deal_ids(self, scope, which):
        """The deals behind a figure, as far as they exist."""
        now = fields.Datetime.now()
        if which == "closed":
            least = self.env["kams.legal.rule"]._value("forecast_least_deals") or 0
            asked = self._asked_before(scope, now)
            counts = {number: won + lost for number, won, lost, *_more in self._rates(asked)}
            query = SQL(
                "SELECT * FROM (%s) closed WHERE number = %s",
                self._closed_sql(asked, ["won", "lost"]),
                0 if counts.get(0, 0) >= least else self._firm_number(scope, now),
            )
        else:
            asked = self._asked(scope, now)
            query = self._won_sql(asked) if which == "won" else self._open_sql(asked)
        rows = self.env.execute_query(SQL("SELECT deal.lead_id FROM (%s) deal WHERE deal.lead_id IS NOT NULL", query))
        return [lead_id for (lead_id,) in rows]

    # BUSINESS: who is asked about
    @api.model
    def _asked(self, scopes, now):
        rows = []
        for number, scope in enumerate(scopes):
            begin, end = scope._bounds()
            due = scope.date_to if "pipeline_scope" in scope._fields and scope.pipeline_scope == "due" else None
            rows.append((number, *self._whose(scope), begin, end, end if end <= now else NOW, due))
        return self._as_table(rows)

    @api.model
    def _asked_before(self, scopes, now):
        """The time before that rates are taken from: for whom it is asked, and for all of each company."""
        months = int(self.env["kams.legal.rule"]._value("forecast_history_months") or 12)
        rows, firms = [], {}
        for number, scope in enumerate(scopes):
            end = scope._bounds()[1]
            time = min(end, now) - relativedelta(months=months), end if end <= now else NOW
            company, team, user = self._whose(scope)
            rows.append((number, company, team, user, *time, time[1], None))
            firms[self._firm_number(scope, now)] = (company, None, None, *time, time[1], None)
        return self._as_table(rows + [(number, *row) for number, row in firms.items()])

    @api.model
    def _firm_number(self, scope, now):
        """Below 0: all of a company in a time; targets of one company and time share it."""
        end = scope._bounds()[1]
        day = (end if end <= now else NOW).toordinal()
        return -(scope.company_id.id * 10_000_000 + day)

    @api.model
    def _whose(self, scope):
        return scope.company_id.id or None, scope.team_id._origin.id or None, scope.user_id._origin.id or None

    @api.model
    def _as_table(self, rows):
        """The table ``asked``: whom, from when to when, and the moment at which it is looked; with its bounds."""
        columns = [list(column) for column in zip(*rows, strict=True)]
        table = SQL(
            """
            SELECT * FROM UNNEST(%s::bigint[], %s::int[], %s::int[], %s::int[], %s::timestamp[], %s::timestamp[],
                                 %s::timestamp[], %s::date[])
                       AS asked (number, company, team, salesperson, begins, ends, moment, due)
            """,
            *columns,
        )
        begins, ends, moments = ([one for one in column if one] for column in columns[4:7])
        return Asked(table, min(begins, default=NOW), max(ends, default=NOW), set(moments))

    @api.model
    def _in_scope(self, row):
        return SQL(
            """
            (%(row)s.company_id = asked.company OR %(row)s.company_id IS NULL)
            AND (asked.team IS NULL OR %(row)s.team_id = asked.team)
            AND (asked.salesperson IS NULL OR %(row)s.user_id = asked.salesperson)
            """,
            row=SQL.identifier(row),
        )

    # BUSINESS: statements
    @api.model
    def _closings(self, begins, ends):
        """Rows with which deals became won or lost within these bounds; ``again`` is when they did so once more.

        ``begun_at`` is the first moment of a deal that was won.
        """
        return SQL(
            """
            SELECT state.lead_ref, state.lead_id, state.valid_from, state.valid_to, state.status, state.company_id,
                   state.team_id, state.user_id, state.expected_revenue,
                   lead(state.valid_from) OVER (PARTITION BY state.lead_ref, state.status ORDER BY state.valid_from)
                       AS again,
                   CASE WHEN state.status = 'won' THEN (
                       SELECT one.valid_from FROM kams_deal_history one
                        WHERE one.lead_ref = state.lead_ref ORDER BY one.valid_from LIMIT 1) END AS begun_at
              FROM kams_deal_history state
         LEFT JOIN kams_deal_history before
                ON before.lead_ref = state.lead_ref AND before.valid_to = state.valid_from
               AND before.status = state.status
             WHERE state.status IN ('won', 'lost') AND before.id IS NULL
               AND state.valid_from >= %s AND state.valid_from < %s
            """,
            begins,
            ends,
        )

    @api.model
    def _closed_sql(self, asked, statuses):
        """Deals that became won or lost in the time and still were at its end, each once.

        Most closed deals change no more: only of the others it is looked what they were at the end.
        """
        return SQL(
            """
            WITH asked AS (%(asked)s), closing AS MATERIALIZED (%(closings)s)
            SELECT asked.number, closing.lead_ref, closing.status, closing.valid_from AS closed_at, closing.begun_at,
                   COALESCE(later.lead_id, closing.lead_id) AS lead_id,
                   COALESCE(later.expected_revenue, closing.expected_revenue) AS expected_revenue
              FROM asked
              JOIN closing ON closing.valid_from >= asked.begins AND closing.valid_from < asked.ends
                          AND (closing.again IS NULL OR closing.again >= asked.ends)
                          AND closing.status = ANY(%(statuses)s) AND %(scope)s
         LEFT JOIN LATERAL (
                   SELECT state.lead_id, state.status, state.expected_revenue
                     FROM kams_deal_history state
                    WHERE closing.valid_to < asked.moment
                      AND state.lead_ref = closing.lead_ref AND state.valid_from < asked.moment
                 ORDER BY state.valid_from DESC
                    LIMIT 1) later ON TRUE
             WHERE later.status IS NULL OR later.status = closing.status
            """,
            asked=asked.table,
            closings=self._closings(asked.begins, asked.ends),
            statuses=list(statuses),
            scope=self._in_scope("closing"),
        )

    @api.model
    def _won_sql(self, asked):
        return self._closed_sql(asked, ["won"])

    @api.model
    def _won(self, asked):
        """``[(number, deals won, amount), ...]``"""
        return self.env.execute_query(
            SQL(
                "SELECT number, count(*), sum(expected_revenue)::float FROM (%s) won GROUP BY number",
                self._won_sql(asked),
            )
        )

    @api.model
    def _open_sql(self, asked):
        """Open deals at the moment asked about, each with the policy's chance of its phase."""
        return SQL(
            """
            WITH asked AS (%(asked)s), state AS MATERIALIZED (%(states)s)
            SELECT asked.number, state.lead_id, state.lead_ref, state.phase_code, state.expected_revenue,
                   phase.policy_probability / 100 AS chance
              FROM asked
              JOIN state ON state.moment = asked.moment AND %(scope)s
               AND (asked.due IS NULL OR state.date_deadline <= asked.due)
         LEFT JOIN kams_process_phase phase ON phase.id = state.phase_id
            """,
            asked=asked.table,
            states=SQL(" UNION ALL ").join(self._open_at(moment) for moment in sorted(asked.moments)),
            scope=self._in_scope("state"),
        )

    @api.model
    def _open_at(self, moment):
        """Open deals before the contract at a moment: one reading of the history for all who ask about it."""
        return SQL(
            """
            SELECT %(moment)s::timestamp AS moment, one.lead_id, one.lead_ref, one.company_id, one.team_id, one.user_id,
                   one.phase_id, one.phase_code, one.expected_revenue, one.date_deadline
              FROM kams_deal_history one
             WHERE one.status = 'open' AND one.phase_code = ANY(%(selling)s) AND %(holds)s
            """,
            moment=moment,
            selling=list(SELLING),
            holds=SQL("one.valid_to IS NULL")
            if moment == NOW
            else SQL(
                "one.valid_from < %(moment)s AND (one.valid_to IS NULL OR one.valid_to >= %(moment)s)", moment=moment
            ),
        )

    @api.model
    def _pipeline(self, asked):
        """``[(number, phase code, open deals, amount, weighted by policy, its variance), ...]``"""
        return self.env.execute_query(
            SQL(
                """
                SELECT number, phase_code, count(*), sum(expected_revenue)::float,
                       sum(expected_revenue * COALESCE(chance, 0))::float,
                       sum(COALESCE(chance, 0) * (1 - COALESCE(chance, 0)) * expected_revenue ^ 2)::float
                  FROM (%s) deal
              GROUP BY number, phase_code
                """,
                self._open_sql(asked),
            )
        )

    @api.model
    def _rates(self, asked):
        """``[(number, won, lost, average amount won, average days from the first day to the win), ...]``

        A deal that was won when its history begins says nothing of how long deals take.
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT closed.number,
                       count(*) FILTER (WHERE closed.status = 'won'),
                       count(*) FILTER (WHERE closed.status = 'lost'),
                       avg(closed.expected_revenue) FILTER (WHERE closed.status = 'won')::float,
                       avg(extract(epoch FROM closed.closed_at - closed.begun_at) / 86400)
                           FILTER (WHERE closed.status = 'won' AND closed.begun_at < closed.closed_at)::float
                  FROM (%s) closed
              GROUP BY closed.number
                """,
                self._closed_sql(asked, ["won", "lost"]),
            )
        )
