"""The figures of dev/bench_control.py by hand: one statement each, as good as we can write it for these books.

They may take for granted what a report may not: that a deal has one end to review, and that what was closed stays so.
"""

CLOSING = "SELECT lead_ref, max(valid_to) AS closed_at FROM kams_deal_history WHERE status = 'open' GROUP BY lead_ref"
CLOSED = """
    SELECT deal.lead_ref, deal.user_id, deal.expected_revenue AS amount, review.main_reason, review.state,
           CASE WHEN review.state = 'done' THEN review.result WHEN deal.status = 'archived' THEN 'no_decision'
                ELSE deal.status END AS outcome {more}
      FROM kams_deal_history deal
 LEFT JOIN (SELECT DISTINCT ON (lead_id) lead_id, main_reason, state, result
              FROM kams_winloss ORDER BY lead_id, closing_id DESC NULLS LAST, id DESC) review
        ON review.lead_id = deal.lead_ref
      {closing}
     WHERE deal.valid_to IS NULL AND deal.status IN ('won', 'lost', 'archived')
"""

WINLOSS = f"""
SELECT main_reason, count(*), count(*) FILTER (WHERE outcome = 'won'), count(*) FILTER (WHERE outcome = 'lost'),
       100.0 * count(*) FILTER (WHERE outcome = 'won') / NULLIF(count(*) FILTER (WHERE outcome IN ('won', 'lost')), 0),
       sum(amount) FILTER (WHERE outcome = 'won')
  FROM ({CLOSED.format(more="", closing="")}) deal
 GROUP BY main_reason
"""

WINLOSS_YEAR = f"""
SELECT user_id, count(*), count(*) FILTER (WHERE outcome = 'won'), count(*) FILTER (WHERE outcome = 'lost'),
       100.0 * count(*) FILTER (WHERE outcome = 'won') / NULLIF(count(*) FILTER (WHERE outcome IN ('won', 'lost')), 0),
       100.0 * count(*) FILTER (WHERE state = 'done') / count(*)
  FROM ({CLOSED.format(more="", closing=f"JOIN ({CLOSING} HAVING max(valid_to) >= %(year)s) closing USING (lead_ref)")}
       ) deal
 GROUP BY user_id
"""

PERFORMANCE = f"""
SELECT user_id || ' ' || date_trunc('quarter', (closed_at AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date,
       count(*) FILTER (WHERE outcome = 'won'), count(*) FILTER (WHERE outcome = 'lost'),
       sum(CASE WHEN outcome = 'won' THEN amount ELSE 0 END)
  FROM ({
    CLOSED.format(
        more=", COALESCE(closing.closed_at, deal.valid_from) AS closed_at",
        closing=f"LEFT JOIN ({CLOSING}) closing USING (lead_ref)",
    )
}) deal
 WHERE user_id IS NOT NULL
 GROUP BY user_id, date_trunc('quarter', (closed_at AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date
"""

# mandatory points of phases that were left, by whose deal it is and the quarter
PROCESS = """
WITH stay AS (
    SELECT lead_ref, phase_id, max(valid_to) AS left_at
      FROM kams_deal_history WHERE status = 'open' GROUP BY lead_ref, phase_id HAVING count(valid_to) = count(*)
), gate AS (
    SELECT h.lead_ref, max(phase.sequence) FILTER (WHERE h.gate_result <> 'exempt') AS reached,
           max(phase.sequence) FILTER (WHERE h.gate_result = 'exempt') AS brought
      FROM kams_deal_history h JOIN kams_process_phase phase ON phase.id = h.phase_id
     WHERE h.gate_result IN ('pass', 'waived', 'exempt') GROUP BY h.lead_ref
), deal AS (
    SELECT h.lead_ref, h.user_id, phase.sequence
      FROM kams_deal_history h JOIN kams_process_phase phase ON phase.id = h.phase_id
     WHERE h.valid_to IS NULL AND h.status IN ('open', 'won', 'lost', 'archived') AND h.user_id IS NOT NULL
), checked AS (
    SELECT c.lead_id, point.phase_id, max(c.phase_sequence) AS sequence, count(*) AS points,
           count(*) FILTER (WHERE c.state = 'pass') AS met,
           count(*) FILTER (WHERE c.state = 'fail' AND c.waived_at IS NULL) AS failed
      FROM kams_control_check c JOIN kams_control_point point ON point.id = c.point_id
     WHERE c.state IN ('pass', 'waived', 'fail') AND c.level = 'mandatory'
     GROUP BY c.lead_id, point.phase_id
)
SELECT deal.user_id || ' ' || date_trunc('quarter', (stay.left_at AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date,
       100.0 * sum(met + CASE WHEN gate.reached > checked.sequence AND deal.sequence > checked.sequence
                              THEN failed ELSE 0 END) / sum(points)
  FROM checked
  JOIN stay ON stay.lead_ref = checked.lead_id AND stay.phase_id = checked.phase_id
  JOIN deal ON deal.lead_ref = checked.lead_id AND deal.sequence >= checked.sequence
  LEFT JOIN gate ON gate.lead_ref = checked.lead_id
 WHERE gate.brought IS NULL OR checked.sequence >= gate.brought
 GROUP BY deal.user_id, date_trunc('quarter', (stay.left_at AT TIME ZONE 'UTC') AT TIME ZONE %(tz)s)::date
"""

ACCURACY = """
SELECT user_id, forecast, won, wape, bias, brier
  FROM (SELECT user_id, sum(forecast) AS forecast, sum(actual_won) AS won,
               100 * sum(abs(forecast - actual_won)) / NULLIF(sum(actual_won), 0) AS wape,
               100 * sum(forecast - actual_won) / NULLIF(sum(actual_won), 0) AS bias
          FROM kams_forecast WHERE state = 'closed' GROUP BY user_id) called
  LEFT JOIN (SELECT line.user_id, avg((line.probability / 100 - CASE WHEN line.outcome = 'won' THEN 1 ELSE 0 END) ^ 2)
                    AS brier
               FROM kams_forecast_line line
               JOIN kams_forecast forecast ON forecast.id = line.forecast_id AND forecast.state = 'closed'
              WHERE line.outcome <> 'gone' GROUP BY line.user_id) chance USING (user_id)
"""

# each target's won deals and amount, its open deals and amount when it was over or now, and the win rate before
TARGETS = """
WITH asked AS (
    SELECT id, team_id, user_id, date_from::timestamp AS begins, (date_to + 1)::timestamp AS ends,
           CASE WHEN date_to + 1 <= %(now)s THEN (date_to + 1)::timestamp ELSE 'infinity' END AS moment,
           LEAST((date_to + 1)::timestamp, %(now)s) - interval '12 months' AS since
      FROM kams_target WHERE id = ANY(%(ids)s)
), closed AS MATERIALIZED (
    SELECT user_id, team_id, status, date_trunc('day', valid_from) AS day, valid_from >= %(now)s - interval '12 months'
           AS late, count(*) AS deals, sum(expected_revenue) AS amount
      FROM kams_deal_history
     WHERE valid_to IS NULL AND status IN ('won', 'lost') GROUP BY 1, 2, 3, 4, 5
), open AS MATERIALIZED (
    SELECT moment.moment, deal.*
      FROM (SELECT DISTINCT moment FROM asked) moment
CROSS JOIN LATERAL (
           SELECT user_id, team_id, count(*) AS deals, sum(expected_revenue) AS amount
             FROM kams_deal_history
            WHERE status = 'open' AND phase_code <> 'delivery' AND valid_from < moment.moment
              AND (valid_to IS NULL OR valid_to >= moment.moment)
            GROUP BY 1, 2) deal
)
SELECT asked.id, won.deals, won.amount, pipeline.deals, pipeline.amount
  FROM asked
  LEFT JOIN LATERAL (
       SELECT sum(deals) FILTER (WHERE status = 'won' AND day >= asked.begins AND day < asked.ends) AS deals,
              sum(amount) FILTER (WHERE status = 'won' AND day >= asked.begins AND day < asked.ends) AS amount,
              sum(deals) FILTER (WHERE status = 'won' AND day >= asked.since AND day < asked.ends) AS before_won,
              sum(deals) FILTER (WHERE day >= asked.since AND day < asked.ends) AS before_closed
         FROM closed
        WHERE (asked.team_id IS NULL OR closed.team_id = asked.team_id)
          AND (asked.user_id IS NULL OR closed.user_id = asked.user_id)) won ON TRUE
  LEFT JOIN LATERAL (
       SELECT sum(deals) AS deals, sum(amount) AS amount FROM open
        WHERE open.moment = asked.moment AND (asked.team_id IS NULL OR open.team_id = asked.team_id)
          AND (asked.user_id IS NULL OR open.user_id = asked.user_id)) pipeline ON TRUE
"""

# … and of one target what its form shows besides: how many closed deals were won from each phase on
CHANCES = """
WITH deal AS (
    SELECT lead_ref, max(array_position(
               ARRAY['development','initiation','proposal','tendering','negotiation','delivery']::varchar[], phase_code)
           ) AS far, max(status) FILTER (WHERE valid_to IS NULL) AS status
      FROM kams_deal_history GROUP BY lead_ref HAVING bool_or(status = 'open')
), counted AS (
    SELECT far, count(*) AS closed, count(*) FILTER (WHERE status = 'won') AS won
      FROM deal WHERE status IN ('won', 'lost', 'archived') GROUP BY far
)
SELECT phase, sum(won)::float / sum(closed) FROM counted JOIN generate_series(1, 5) phase ON phase <= far GROUP BY phase
"""

WAIVERS = """
SELECT c.waiver_approver_id, count(*)
  FROM kams_control_check c
  JOIN kams_deal_history deal ON deal.lead_ref = c.lead_id AND deal.valid_to IS NULL
   AND deal.status IN ('open', 'won', 'lost', 'archived')
  JOIN kams_process_phase phase ON phase.id = deal.phase_id AND phase.sequence >= c.phase_sequence
 WHERE c.state = 'waived'
 GROUP BY c.waiver_approver_id
"""

TODAY = """
WITH deal AS MATERIALIZED (
    SELECT lead.id, h.phase_code, h.phase_since, h.date_deadline, lead.create_date, lead.company_id
      FROM crm_lead lead JOIN kams_deal_history h ON h.lead_ref = lead.id AND h.valid_to IS NULL
     WHERE lead.user_id = %(user)s AND h.status = 'open' AND h.phase_code <> 'delivery'
), step AS (
    SELECT res_id, max(date_deadline) AS due FROM mail_activity
     WHERE res_model = 'crm.lead' AND active AND res_id IN (SELECT id FROM deal) GROUP BY res_id
), meeting AS (
    SELECT opportunity_id, bool_or(start >= %(now)s) AS ahead, max(start) FILTER (WHERE stop <= %(now)s) AS held
      FROM calendar_event WHERE active AND opportunity_id IN (SELECT id FROM deal) GROUP BY opportunity_id
), usual AS (
    SELECT key, value::float AS days FROM jsonb_each_text((
        SELECT usual_days FROM kams_reminder_run ORDER BY day DESC LIMIT 1))
), known AS (
    SELECT deal.*, step.due, meeting.ahead, COALESCE(meeting.held, deal.create_date) AS contact, usual.days
      FROM deal LEFT JOIN step ON step.res_id = deal.id LEFT JOIN meeting ON meeting.opportunity_id = deal.id
      LEFT JOIN usual ON usual.key = deal.company_id || '/' || deal.phase_code
)
SELECT section, count(*)
  FROM (SELECT CASE WHEN a.date_deadline < %(today)s THEN '1_overdue' ELSE '2_today' END AS section
          FROM mail_activity a JOIN crm_lead lead ON lead.id = a.res_id AND lead.kams_process_id IS NOT NULL
         WHERE a.res_model = 'crm.lead' AND a.user_id = %(user)s AND a.active AND a.date_deadline <= %(today)s
     UNION ALL
        SELECT CASE WHEN res_model IN ('kams.tender', 'kams.guarantee') THEN '3_dates'
                    WHEN res_model IN ('kams.review', 'kams.winloss', 'kams.stage.audit') THEN '4_reviews'
                    WHEN res_model = 'kams.plan' THEN '5_plans'
                    WHEN date_deadline < %(today)s THEN '1_overdue' ELSE '2_today' END
          FROM mail_activity
         WHERE res_model LIKE 'kams.%%' AND res_model <> 'kams.reminder' AND user_id = %(user)s AND active
           AND date_deadline <= CASE WHEN res_model IN ('kams.tender', 'kams.guarantee', 'kams.review', 'kams.winloss',
                                                        'kams.stage.audit', 'kams.plan')
                                     THEN %(until)s ELSE %(today)s END
     UNION ALL
        SELECT '2_today' FROM calendar_event
         WHERE user_id = %(user)s AND active AND start BETWEEN %(begin)s AND %(end)s AND opportunity_id IS NOT NULL
     UNION ALL
        SELECT '6_lacking' FROM known WHERE ahead IS NOT TRUE AND (due IS NULL OR due < %(step)s)
     UNION ALL
        SELECT '6_lacking' FROM known WHERE contact < %(contact)s
     UNION ALL
        SELECT '6_lacking' FROM known WHERE date_deadline < %(today)s
     UNION ALL
        SELECT '7_stagnant' FROM known WHERE extract(epoch FROM %(now)s - phase_since) / 86400 > days * %(ageing)s
     UNION ALL
        SELECT '8_points' FROM known JOIN kams_deal_card card ON card.lead_id = known.id
         WHERE card.says::jsonb -> 'missing' ->> 'code' IS NOT NULL
       ) mine
 GROUP BY section
"""

FUNNEL = """
WITH deal AS (
    SELECT lead_ref, max(array_position(
               ARRAY['development','initiation','proposal','tendering','negotiation','delivery']::varchar[], phase_code)
           ) AS far, max(status) FILTER (WHERE valid_to IS NULL) AS status,
           max(valid_to) FILTER (WHERE status = 'open') AS closed_at,
           max(expected_revenue) FILTER (WHERE valid_to IS NULL) AS amount
      FROM kams_deal_history GROUP BY lead_ref HAVING bool_or(status = 'open')
), counted AS (
    SELECT far, status, closed_at >= %(first)s AND closed_at < %(last)s AS within, count(*) AS deals,
           sum(amount) AS amount
      FROM deal GROUP BY 1, 2, 3
)
SELECT (ARRAY['development','initiation','proposal','tendering','negotiation'])[phase],
       COALESCE(sum(deals) FILTER (WHERE within AND status IN ('won', 'lost', 'archived')), 0),
       COALESCE(sum(deals) FILTER (
           WHERE within AND (status = 'won' OR far > phase AND status IN ('lost', 'archived'))), 0),
       COALESCE(sum(deals) FILTER (WHERE within AND status = 'won'), 0),
       COALESCE(sum(deals) FILTER (WHERE far = phase AND status = 'open'), 0),
       COALESCE(sum(amount) FILTER (WHERE far = phase AND status = 'open'), 0)
  FROM counted JOIN generate_series(1, 5) phase ON phase <= far
 GROUP BY phase
"""
