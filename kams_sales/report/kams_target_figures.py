from datetime import datetime
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..models.kams_deal_history_kept import BITS
from .kams_report import SELLING

# The state that holds now is the one that holds at the end of time
NOW = datetime.max


class Asked(NamedTuple):
    """Whom and when it is asked about: a table, the moments between which and at which it is looked, and whose rows.

    ``whose`` is a condition on ``state``, a row of the history: what nobody asks about is left out before counting.
    """

    table: SQL
    edges: list
    moments: list
    whose: SQL
    by_day: bool

    @property
    def begins(self):
        return self.edges[0] if self.edges else NOW

    @property
    def ends(self):
        return self.edges[-1] if self.edges else NOW


class Closed(NamedTuple):
    """How many deals were won and lost, the amount won, and the days of the won ones whose beginning is known."""

    won: int = 0
    lost: int = 0
    amount: float = 0.0
    days: float = 0.0
    timed: int = 0


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
        phases = {}
        for number, code, *found in self._pipeline(self._asked(scopes, now)):
            phases.setdefault(number, {})[code] = dict(
                zip(("count", "value", "weighted", "variance"), found, strict=True)
            )
        least = self.env["kams.legal.rule"]._value("forecast_least_deals") or 0
        # own history is asked of what is open; what was won is known by then
        closed = {} if own else self._closed(scopes, now, least)
        chances = self._own_chances(scopes.company_id) if own else dict.fromkeys(scopes.company_id, {})
        result = []
        for number, scope in enumerate(scopes):
            own_chances = chances[scope.company_id]
            open_phases = phases.get(number, {})
            won = closed.get(number, Closed())
            # too few closed deals of a person or team say nothing: those of the whole company do
            before = closed.get(number + len(scopes), Closed())
            is_narrow = before.won + before.lost >= least
            if not is_narrow:
                before = closed.get(self._firm_number(scope, now), Closed())
            own_weighted = sum(row["value"] * (own_chances.get(code) or 0.0) for code, row in open_phases.items())
            known = all(own_chances.get(code) is not None or not row["value"] for code, row in open_phases.items())
            result.append(
                {
                    "won": won.amount,
                    "won_count": won.won,
                    "open": sum(row["value"] for row in open_phases.values()),
                    "open_count": sum(row["count"] for row in open_phases.values()),
                    "weighted": sum(row["weighted"] for row in open_phases.values()),
                    "variance": sum(row["variance"] for row in open_phases.values()),
                    "weighted_own": own_weighted if known else None,
                    "phases": open_phases,
                    "chances": own_chances,
                    "closed_count": before.won + before.lost,
                    "is_narrow": is_narrow,
                    "win_rate": before.won / (before.won + before.lost) if before.won + before.lost else None,
                    "average": before.amount / before.won if before.won else None,
                    "days": before.days / before.timed if before.timed else None,
                }
            )
        return result

    @api.model
    def _own_chances(self, companies):
        """``{company: {phase code: share of its closed deals won from there}}``, C03; phases without any left out."""
        # deals that went through the same phases are added up before they meet their phases
        sums = self.env.execute_query(
            SQL(
                """
                SELECT deal.here, COALESCE(last.company_id, 0), sum(deal.won)::int, count(*)
                  FROM (%s) deal
                  JOIN kams_deal_history last ON last.id = deal.last_id AND last.valid_to IS NULL
                 WHERE deal.closed = 1
              GROUP BY 1, 2
                """,
                self.env["kams.report"]._deals(),
            )
        )
        rows = [
            (code, owner, won, closed) for here, owner, won, closed in sums for code in SELLING if here & BITS[code]
        ]
        result = {}
        for company in companies:
            counts = {}
            for code, owner, won, closed in rows:
                if owner in (0, company.id):  # a deal of no company is everybody's
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
            asked = self._as_table(self._rows_before(scope, now))
            counts = {number: won + lost for number, won, lost, *_more in self._counted(asked)}
            if counts.get(0, 0) < least:
                asked = self._as_table(self._rows_of_firms(scope, now))
            query = self._closed_sql(asked, ["won", "lost"])
        else:
            asked = self._asked(scope, now)
            query = self._won_sql(asked) if which == "won" else self._open_sql(asked)
        rows = self.env.execute_query(SQL("SELECT deal.lead_id FROM (%s) deal WHERE deal.lead_id IS NOT NULL", query))
        return [lead_id for (lead_id,) in rows]

    # BUSINESS: who is asked about
    @api.model
    def _asked(self, scopes, now):
        return self._as_table(self._rows(scopes, now))

    @api.model
    def _rows(self, scopes, now):
        rows = []
        for number, scope in enumerate(scopes):
            begin, end = scope._bounds()
            due = scope.date_to if "pipeline_scope" in scope._fields and scope.pipeline_scope == "due" else None
            rows.append((number, *self._whose(scope), begin, end, end if end <= now else NOW, due))
        return rows

    @api.model
    def _rows_before(self, scopes, now, first=0):
        """The time before that rates are taken from, of whom it is asked."""
        months = int(self.env["kams.legal.rule"]._value("forecast_history_months") or 12)
        rows = []
        for number, scope in enumerate(scopes, first):
            end = scope._bounds()[1]
            time = min(end, now) - relativedelta(months=months), end if end <= now else NOW
            rows.append((number, *self._whose(scope), *time, time[1], None))
        return rows

    @api.model
    def _rows_of_firms(self, scopes, now):
        """The same time, of all of each company: targets of one company and time share it."""
        return list(
            {
                self._firm_number(scope, now): (self._firm_number(scope, now), row[1], None, None, *row[4:])
                for scope, row in zip(scopes, self._rows_before(scopes, now), strict=True)
            }.values()
        )

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
        _number, companies, teams, people, begins, ends, moments, due = columns
        whose = [SQL("(state.company_id IS NULL OR state.company_id = ANY(%s::int[]))", sorted({*companies} - {None}))]
        for name, ids in (("team_id", teams), ("user_id", people)):
            if None not in ids:
                whose.append(SQL("%s = ANY(%s::int[])", SQL.identifier("state", name), sorted(set(ids))))
        return Asked(
            table,
            sorted({*begins, *ends} - {None}),
            sorted({*moments} - {None}),
            SQL(" AND ").join(whose),
            any(due),
        )

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

    # BUSINESS: deals
    @api.model
    def _closings(self, asked):
        """Rows with which deals became won or lost within the bounds of what is asked, of whom it is asked about."""
        return SQL(
            """
            SELECT state.lead_ref, state.lead_id, state.valid_from, state.valid_to, state.status, state.company_id,
                   state.team_id, state.user_id, state.expected_revenue
              FROM kams_deal_history state
             WHERE state.status IN ('won', 'lost') AND state.valid_from >= %s AND state.valid_from < %s AND %s
               AND NOT EXISTS (SELECT
                                 FROM kams_deal_history before
                                WHERE before.lead_ref = state.lead_ref AND before.valid_to = state.valid_from
                                  AND before.status = state.status
                                  -- said again, so that PostgreSQL meets no others
                                  AND before.status IN ('won', 'lost') AND before.valid_to IS NOT NULL)
            """,
            asked.begins,
            asked.ends,
            asked.whose,
        )

    @api.model
    def _changed_sql(self, statuses=("won", "lost")):
        """Of the ``closing`` that changed afterwards, those that still held at the end of who has ``asked``.

        The last one within a time counts, as the deal was at its end.
        """
        return SQL(
            """
            SELECT asked.number, closing.lead_ref, closing.status, closing.valid_from AS closed_at,
                   COALESCE(later.lead_id, closing.lead_id) AS lead_id,
                   COALESCE(later.expected_revenue, closing.expected_revenue) AS expected_revenue
              FROM asked
              JOIN (SELECT closing.*,
                           lead(valid_from) OVER (PARTITION BY lead_ref, status ORDER BY valid_from) AS again
                      FROM closing
                     WHERE lead_ref IN (SELECT lead_ref FROM closing WHERE valid_to IS NOT NULL)
                   ) closing ON closing.valid_to IS NOT NULL
                            AND closing.valid_from >= asked.begins AND closing.valid_from < asked.ends
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
            statuses=list(statuses),
            scope=self._in_scope("closing"),
        )

    @api.model
    def _closed_sql(self, asked, statuses):
        """Deals that became won or lost in the time and still were at its end, each once.

        Most closed deals change no more: only of the others it is looked what they were at the end.
        """
        return SQL(
            """
            WITH asked AS (%(asked)s), closing AS MATERIALIZED (%(closings)s)
            SELECT asked.number, closing.lead_ref, closing.status, closing.valid_from AS closed_at, closing.lead_id,
                   closing.expected_revenue
              FROM asked
              JOIN closing ON closing.valid_to IS NULL
                          AND closing.valid_from >= asked.begins AND closing.valid_from < asked.ends
                          AND closing.status = ANY(%(statuses)s) AND %(scope)s
         UNION ALL
            %(changed)s
            """,
            asked=asked.table,
            closings=self._closings(asked),
            statuses=list(statuses),
            scope=self._in_scope("closing"),
            changed=self._changed_sql(statuses),
        )

    @api.model
    def _won_sql(self, asked):
        return self._closed_sql(asked, ["won"])

    @api.model
    def _open_sql(self, asked):
        """Open deals at the moment asked about."""
        return SQL(
            """
            WITH asked AS (%(asked)s)
            SELECT asked.number, state.lead_id, state.lead_ref
              FROM asked
              JOIN kams_deal_history state ON %(scope)s
               AND state.status = 'open' AND state.phase_code = ANY(%(selling)s)
               AND state.valid_from < asked.moment AND (state.valid_to IS NULL OR state.valid_to >= asked.moment)
               AND (asked.due IS NULL OR state.date_deadline <= asked.due)
            """,
            asked=asked.table,
            selling=list(SELLING),
            scope=self._in_scope("state"),
        )

    # BUSINESS: counts
    @api.model
    def _closed(self, scopes, now, least):
        """``{number: Closed}`` of the periods, of the times before (number + as many), and of all of each company.

        The company is asked about only where somebody closed too few deals: most often a person's own are enough.
        """
        rows = self._rows(scopes, now) + self._rows_before(scopes, now, first=len(scopes))
        found = {number: Closed(*counts) for number, *counts in self._counted(self._as_table(rows))}
        few = scopes.browse()
        for number, scope in enumerate(scopes, len(scopes)):
            if (before := found.get(number, Closed())).won + before.lost < least:
                few |= scope
        if few:
            rows = self._rows_of_firms(few, now)
            found.update((number, Closed(*counts)) for number, *counts in self._counted(self._as_table(rows)))
        return found

    @api.model
    def _won(self, asked):
        """``[(number, deals won, amount), ...]``"""
        return [(number, won, amount) for number, won, _lost, amount, *_more in self._counted(asked) if won]

    @api.model
    def _counted(self, asked):
        """``[(number, won, lost, amount won, days of those won, how many of these), ...]``

        Deals that changed no more are added up between the moments that somebody asks about, once for all who ask. A
        deal that was won when its history begins says nothing of how long deals take.
        """
        return self.env.execute_query(
            SQL(
                """
                WITH asked AS (%(asked)s), closing AS MATERIALIZED (%(closings)s), summed AS (
                    SELECT company_id, team_id, user_id, status,
                           width_bucket(valid_from, %(edges)s::timestamp[]) AS place,
                           count(*) AS deals, sum(expected_revenue) AS amount, %(days)s
                      FROM (SELECT closing.*, %(begun)s AS begun_at FROM closing WHERE valid_to IS NULL) closing
                  GROUP BY 1, 2, 3, 4, 5
                ), counted AS (
                    SELECT asked.number, summed.status, summed.deals, summed.amount, summed.days, summed.timed
                      FROM asked
                      JOIN summed ON summed.place >= width_bucket(asked.begins, %(edges)s::timestamp[])
                                 AND summed.place < width_bucket(asked.ends, %(edges)s::timestamp[]) AND %(scope)s
                 UNION ALL
                    SELECT number, status, count(*), sum(expected_revenue), %(days)s
                      FROM (SELECT closing.*, %(begun)s AS begun_at, closed_at AS valid_from
                              FROM (%(changed)s) closing) changed
                  GROUP BY number, status
                )
                SELECT number, COALESCE(sum(deals) FILTER (WHERE status = 'won'), 0)::int,
                       COALESCE(sum(deals) FILTER (WHERE status = 'lost'), 0)::int,
                       COALESCE(sum(amount) FILTER (WHERE status = 'won'), 0)::float,
                       COALESCE(sum(days), 0)::float, COALESCE(sum(timed), 0)::int
                  FROM counted
              GROUP BY number
                """,
                asked=asked.table,
                closings=self._closings(asked),
                edges=asked.edges,
                days=SQL(
                    "sum(extract(epoch FROM valid_from - begun_at) / 86400) FILTER (WHERE begun_at < valid_from)"
                    " AS days, count(*) FILTER (WHERE begun_at < valid_from) AS timed"
                ),
                begun=SQL(
                    """
                    CASE WHEN status = 'won' THEN (
                         SELECT way.first_at FROM kams_deal_way way WHERE way.lead_ref = closing.lead_ref) END
                    """
                ),
                scope=self._in_scope("summed"),
                changed=self._changed_sql(),
            )
        )

    @api.model
    def _pipeline(self, asked):
        """``[(number, phase code, open deals, amount, weighted by policy, its variance), ...]``

        One reading of the history for all moments: a row counts at those that lie within it.
        """
        return self.env.execute_query(
            SQL(
                """
                WITH asked AS (%(asked)s), summed AS MATERIALIZED (
                    SELECT state.company_id, state.team_id, state.user_id, state.phase_id, state.phase_code,
                           %(day)s AS due, moment.place, count(*) AS deals, sum(state.expected_revenue) AS amount,
                           sum(state.expected_revenue ^ 2) AS squared
                      FROM %(states)s
                     WHERE state.status = 'open' AND state.phase_code = ANY(%(selling)s) AND %(whose)s
                  GROUP BY 1, 2, 3, 4, 5, 6, 7
                )
                SELECT asked.number, summed.phase_code, sum(summed.deals)::int, sum(summed.amount)::float,
                       sum(summed.amount * COALESCE(phase.policy_probability / 100, 0))::float,
                       sum(summed.squared * COALESCE(phase.policy_probability / 100, 0)
                           * (1 - COALESCE(phase.policy_probability / 100, 0)))::float
                  FROM asked
                  JOIN summed ON summed.place = width_bucket(asked.moment, %(moments)s::timestamp[]) AND %(scope)s
                   AND (asked.due IS NULL OR summed.due <= asked.due)
             LEFT JOIN kams_process_phase phase ON phase.id = summed.phase_id
              GROUP BY asked.number, summed.phase_code
                """,
                asked=asked.table,
                moments=asked.moments,
                day=SQL("state.date_deadline") if asked.by_day else SQL("NULL::date"),
                states=self._states(asked),
                selling=list(SELLING),
                whose=asked.whose,
                scope=self._in_scope("summed"),
            )
        )

    @api.model
    def _states(self, asked):
        """Rows of the history, each with the places of the moments at which it held."""
        if asked.moments == [NOW]:
            return SQL(
                "(SELECT * FROM kams_deal_history WHERE valid_to IS NULL) state CROSS JOIN (SELECT 1 AS place) moment"
            )
        return SQL(
            """
            (SELECT row.*, width_bucket(valid_from, %(moments)s::timestamp[]) AS first,
                    CASE WHEN valid_to IS NULL THEN %(number)s
                         ELSE width_bucket(valid_to, %(moments)s::timestamp[]) END AS last
               FROM kams_deal_history row
              WHERE valid_from < %(end)s AND status = 'open'
             OFFSET 0) state
            JOIN LATERAL generate_series(state.first + 1, state.last) moment (place) ON state.first < state.last
            """,
            moments=asked.moments,
            number=len(asked.moments),
            end=asked.moments[-1],
        )
