from odoo import api, fields, models
from odoo.tools import SQL

from .kams_money import Wanted


class KamsPerformance(models.Model):
    """Where results and work are found: a statement for each part, with whose it is and when it was (``at``).

    Book chapter 9. Whoever puts the parts together leaves out what isn't asked for; parts that add up first do so
    themselves (``_where_asked``). Work on a deal is its team's of that day (``_had_on``). Where no report says what is
    behind a figure, ``ref`` is the record.
    """

    _inherit = "kams.performance"

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
            # contracts say all of it; orders and invoices needn't be read
            self.env["kams.margin.erosion"]
            .with_context(kams_money_wanted=Wanted(whole=True, names={"contracted"}))
            ._table_query,
        )

    @api.model
    def _part_checks(self):
        """Mandatory points of phases that deals left in the quarter, met as :class:`KamsCompliance` says.

        The points of a deal's phase are added up before they meet the deal: there are many.
        """
        left = self._where_asked(SQL("gone.valid_to"), SQL("whose.user_id"), SQL("whose.team_id"))
        few = self._about_asked().few
        asked = SQL(
            """
            SELECT gone.lead_ref
              FROM kams_deal_history gone
              JOIN kams_deal_history whose ON whose.lead_ref = gone.lead_ref AND whose.valid_to IS NULL
             WHERE gone.status = 'open' AND gone.valid_to IS NOT NULL AND %s
            """,
            left,
        )
        return SQL(
            """
            WITH %(asked)s stay AS MATERIALIZED (
                SELECT history.lead_ref, history.phase_id, max(phase.sequence) AS sequence,
                       CASE WHEN bool_and(history.valid_to IS NOT NULL) FILTER (WHERE history.status = 'open')
                            THEN max(history.valid_to) FILTER (WHERE history.status = 'open') END AS left_at,
                       bool_or(history.gate_result IN ('pass', 'waived')) AS passed,
                       bool_or(history.gate_result = 'exempt') AS brought
                  FROM kams_deal_history history
                  JOIN kams_process_phase phase ON phase.id = history.phase_id
                 WHERE %(of_stay)s
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
                     WHERE one.state IN ('pass', 'waived', 'fail') AND one.level = 'mandatory' AND %(of_check)s
                  GROUP BY one.lead_id, point.phase_id
                    OFFSET 0) checked
              JOIN stay ON stay.lead_ref = checked.lead_id AND stay.phase_id = checked.phase_id
              JOIN kams_process_phase phase ON phase.id = checked.phase_id
              JOIN (SELECT last.lead_ref, last.user_id, last.team_id, last.company_id, last.process_id,
                           present.sequence AS reached
                      FROM kams_deal_history last
                      JOIN kams_process_phase present ON present.id = last.phase_id
                     WHERE last.valid_to IS NULL AND last.status IN ('open', 'won', 'lost', 'archived') AND %(of_deal)s
                    OFFSET 0) deal
                ON deal.lead_ref = checked.lead_id AND deal.process_id = phase.process_id
               AND deal.reached >= checked.sequence
         LEFT JOIN (SELECT lead_ref, max(sequence) FILTER (WHERE passed) AS reached,
                           max(sequence) FILTER (WHERE brought) AS brought
                      FROM stay GROUP BY lead_ref) gate ON gate.lead_ref = checked.lead_id
             WHERE stay.left_at IS NOT NULL AND (gate.brought IS NULL OR checked.sequence >= gate.brought)
            """,
            asked=SQL("asked AS MATERIALIZED (%s),", asked) if few else SQL(),
            **{
                name: SQL("%s IN (SELECT lead_ref FROM asked)", column) if few else SQL("TRUE")
                for name, column in (
                    ("of_stay", SQL("history.lead_ref")),
                    ("of_check", SQL("one.lead_id")),
                    ("of_deal", SQL("last.lead_ref")),
                )
            },
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
            SELECT action.id AS ref, action.user_id, COALESCE(had.team_id, deal.team_id) AS team_id,
                   action.company_id, action.date_due AS at,
                   1 AS actions,
                   (action.state = 'done' AND action.done_on <= action.date_due)::int AS actions_in_time
              FROM kams_plan_action action
              JOIN kams_plan plan ON plan.id = action.plan_id AND plan.state <> 'draft'
         LEFT JOIN crm_lead deal ON deal.id = plan.lead_id
         LEFT JOIN LATERAL (%s) had ON TRUE
             WHERE action.state = 'done' OR action.state = 'open' AND action.date_due < %s
            """,
            self._had_on(SQL("plan.lead_id"), SQL("action.date_due")),
            fields.Date.context_today(self),
        )

    @api.model
    def _part_objections(self):
        return SQL(
            """
            SELECT objection.id AS ref, COALESCE(objection.user_id, had.user_id, deal.user_id) AS user_id,
                   COALESCE(had.team_id, deal.team_id) AS team_id,
                   objection.company_id, objection.date AS at, 1 AS objections,
                   (objection.state = 'accepted')::int AS objections_closed
              FROM kams_objection objection
              JOIN crm_lead deal ON deal.id = objection.lead_id
         LEFT JOIN LATERAL (%s) had ON TRUE
            """,
            self._had_on(SQL("objection.lead_id"), SQL("objection.date")),
        )

    @api.model
    def _part_reviews(self):
        days = int(self.env["kams.legal.rule"]._value("winloss_days") or 0)
        return SQL(
            """
            SELECT review.id AS ref, COALESCE(review.owner_id, had.user_id, deal.user_id) AS user_id,
                   COALESCE(had.team_id, deal.team_id) AS team_id,
                   review.company_id, review.asked_on AS at, 1 AS reviews,
                   (review.state = 'done' AND review.confirmed_at <= review.asked_on + %(days)s)::int
                       AS reviews_in_time
              FROM kams_winloss review
              JOIN crm_lead deal ON deal.id = review.lead_id
         LEFT JOIN LATERAL (%(had)s) had ON TRUE
             WHERE review.asked_on IS NOT NULL AND (review.state = 'done' OR review.asked_on + %(days)s < %(today)s)
            """,
            days=days,
            today=fields.Date.context_today(self),
            had=self._had_on(SQL("review.lead_id"), SQL("review.asked_on")),
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
