"""What the rest of chapter 9 counts, beside the years of deals of dev/bench_history_books.py: written by SQL.

Reviews of a tenth of the closed deals, targets and closed forecasts of everybody by quarter, what a director waived,
what people planned with their deals, and the cards of deals.
"""

from dev import bench_history_books as history

TABLES = (
    *("kams_winloss", "kams_forecast", "kams_forecast_line", "kams_target", "kams_control_check", "mail_activity"),
    *("calendar_event", "kams_deal_card"),
)
MARK = "Written by the benchmark"


def books(env):
    """Fill the database, once; what was there stays."""
    history.books(env)
    cr = env.cr
    cr.execute("SELECT FROM kams_target WHERE note = %s LIMIT 1", [MARK])
    if cr.rowcount:
        return
    facts = {
        "mark": MARK,
        "name": f"{history.NAME}%",
        "company": env.company.id,
        "uid": env.uid,
        "model": env["ir.model"]._get_id("crm.lead"),
        "todo": env.ref("mail.mail_activity_data_todo").id,
    }
    env.flush_all()
    for statement in STATEMENTS:
        cr.execute(statement, facts)
    env.invalidate_all()
    env["kams.reminder.run"]._begin(env.cr.now().date())  # what deals usually took, which the night finds out
    cr.commit()
    env.invalidate_all()
    env.registry.clear_cache()


STATEMENTS = (
    """
    INSERT INTO kams_winloss
           (lead_id, company_id, user_id, owner_id, closing_id, result, main_reason, secondary_reason, reason_source,
            state, date, decision_date, asked_on, confirmed_at, interviewed_at, our_price, winner_price, amount,
            reminders, create_uid, create_date)
    SELECT ended.lead_ref, %(company)s, ended.user_id, ended.user_id, ended.id,
           CASE WHEN ended.status = 'archived' OR ended.lead_ref %% 70 = 3 AND ended.status = 'lost' THEN 'no_decision'
                ELSE ended.status END,
           (ARRAY['price', 'technical', 'relationship', 'service', 'other'])[1 + ended.lead_ref / 10 %% 5],
           (ARRAY['contract', 'competitor', NULL])[1 + ended.lead_ref / 10 %% 3],
           (ARRAY['customer', 'opening', 'guess'])[1 + ended.lead_ref / 10 %% 3],
           CASE WHEN ended.lead_ref / 10 %% 10 = 0 THEN 'draft' ELSE 'done' END,
           ended.valid_from::date, ended.valid_from::date, ended.valid_from::date,
           CASE WHEN ended.lead_ref / 10 %% 10 > 0
                THEN ended.valid_from::date + (ended.lead_ref / 10 %% 30)::int END,
           CASE WHEN ended.lead_ref / 10 %% 3 = 0 THEN ended.valid_from::date END,
           1000 + ended.lead_ref %% 97, 1000 + ended.lead_ref %% 89, ended.expected_revenue, 0, %(uid)s,
           ended.valid_from
      FROM kams_deal_history ended
     WHERE ended.valid_to IS NULL AND ended.status IN ('won', 'lost', 'archived') AND ended.lead_ref %% 10 = 3
       AND ended.lead_name LIKE %(name)s
    """,
    # targets of people, teams and the company: eight quarters that are over, the present one and the next
    """
    INSERT INTO kams_target (company_id, team_id, user_id, period_kind, tz, pipeline_scope, date_from, date_to, quota,
                             note, create_uid, create_date)
    SELECT %(company)s, whose.team_id, whose.user_id, 'quarter', 'UTC', 'all', quarter::date,
           (quarter + interval '3 months - 1 day')::date, 5000000 + 1000 * COALESCE(whose.user_id, 0), %(mark)s,
           %(uid)s, now() AT TIME ZONE 'utc'
      FROM (SELECT DISTINCT user_id, team_id FROM kams_deal_history WHERE lead_name LIKE %(name)s
             UNION SELECT NULL, team_id FROM kams_deal_history WHERE lead_name LIKE %(name)s
             UNION SELECT NULL, NULL) whose
CROSS JOIN generate_series(date_trunc('quarter', now()) - interval '24 months', now() + interval '3 months',
                           interval '3 months') quarter
    """,
    """
    INSERT INTO kams_forecast (company_id, team_id, user_id, period_kind, tz, state, date_from, date_to, forecast,
                               adjustment, adjusted, won_before, actual_won, actual_invoiced, locked_at, closed_at,
                               create_uid, create_date)
    SELECT company_id, team_id, user_id, period_kind, tz, 'closed', date_from, date_to, quota * place, 5000,
           quota * place + 5000, 0, CASE WHEN user_id = 2 AND place < 1.02 THEN 0 ELSE 4500000 + 1000 * id END,
           3500000 + 1000 * id, date_from, date_to, %(uid)s, date_from
      FROM (SELECT target.*, 1 + (row_number() OVER (ORDER BY date_from, id) %% 11) / 50.0 AS place
              FROM kams_target target
             WHERE note = %(mark)s AND date_to < now()::date) target
    """,
    # the deals in them: open when the quarter began, to close by its end, each with what became of it
    """
    INSERT INTO kams_forecast_line (forecast_id, company_id, lead_id, lead_ref, lead_name, partner_name, user_id,
                                    team_id, phase_code, category, by_hand, deadline, amount, weighted, probability,
                                    own_probability, odoo_probability, outcome, actual_amount, create_uid, create_date)
    SELECT forecast.id, forecast.company_id, state.lead_ref, state.lead_ref, state.lead_name, state.partner_name,
           state.user_id, state.team_id, state.phase_code,
           CASE WHEN phase.policy_probability >= 80 THEN 'commit' WHEN phase.policy_probability >= 50 THEN 'best_case'
                ELSE 'pipeline' END,
           FALSE, state.date_deadline, state.expected_revenue, state.expected_revenue * phase.policy_probability / 100,
           phase.policy_probability, 15, state.probability, COALESCE(ended.status, 'gone'),
           CASE WHEN ended.status = 'won' THEN ended.expected_revenue END, %(uid)s, forecast.locked_at
      FROM kams_forecast forecast
      JOIN kams_deal_history state
        ON state.user_id = forecast.user_id AND state.valid_from < forecast.date_from
       AND (state.valid_to IS NULL OR state.valid_to >= forecast.date_from)
       AND state.status = 'open' AND state.phase_code <> 'delivery' AND state.date_deadline <= forecast.date_to
      JOIN kams_process_phase phase ON phase.id = state.phase_id
 LEFT JOIN kams_deal_history ended
        ON ended.lead_ref = state.lead_ref AND ended.valid_from < forecast.date_to + 1
       AND (ended.valid_to IS NULL OR ended.valid_to >= forecast.date_to + 1)
    """,
    """
    UPDATE kams_control_check waived
       SET waiver_approver_id = CASE WHEN waived.id %% 3 = 0 THEN 2 ELSE person.id END, waived_at = waived.checked_at,
           waiver_reason = 'Reason ' || waived.id %% 7, waiver_expiry = waived.checked_at::date + 90
      FROM (SELECT max(id) AS id FROM res_users WHERE active AND share IS NOT TRUE) person
     WHERE waived.state = 'waived'
    """,
    # what people mean to do: every second open deal has a next step, every fifth was met or will be
    """
    INSERT INTO mail_activity (res_model_id, res_model, res_id, res_name, activity_type_id, summary, user_id,
                               date_deadline, active, automated, create_uid, create_date)
    SELECT %(model)s, 'crm.lead', state.lead_ref, state.lead_name, %(todo)s, 'Step', state.user_id,
           now()::date + state.lead_ref / 2 %% 61 - 40, TRUE, FALSE, %(uid)s, state.valid_from
      FROM kams_deal_history state
     WHERE state.valid_to IS NULL AND state.status = 'open' AND state.lead_name LIKE %(name)s
       AND state.lead_ref / 10 %% 2 = 0
    """,
    """
    INSERT INTO calendar_event (name, active, start, stop, allday, user_id, opportunity_id, res_model, res_id, privacy,
                                show_as, create_uid, create_date)
    SELECT 'Meeting', TRUE, moment.start, moment.start + interval '1 hour', FALSE, moment.user_id, moment.lead_ref,
           'crm.lead', moment.lead_ref, 'public', 'busy', %(uid)s, now() AT TIME ZONE 'utc'
      FROM (SELECT state.lead_ref, state.user_id,
                   date_trunc('day', now() AT TIME ZONE 'utc') + interval '10 hours'
                   + interval '1 day' * (state.lead_ref / 50 %% 101 - 80) AS start
              FROM kams_deal_history state
             WHERE state.valid_to IS NULL AND state.status = 'open' AND state.lead_name LIKE %(name)s
               AND state.lead_ref / 10 %% 5 = 0) moment
    """,
    """
    INSERT INTO kams_deal_card (lead_id, says)
    SELECT state.lead_ref,
           CASE WHEN state.lead_ref / 10 %% 4 = 0 THEN '{"done": 4, "total": 4, "missing": {}}'
                ELSE '{"done": 1, "total": 4, "missing": {"code": "A0-1", "name": {"en_US": "Known"}}}' END
      FROM kams_deal_history state
     WHERE state.valid_to IS NULL AND state.status = 'open' AND state.lead_name LIKE %(name)s
    """,
)
