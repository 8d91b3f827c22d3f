"""Years of deals by the hundred thousand, for the benchmark of reports: written by SQL into a throw-away database.

``BENCH_HISTORY`` deals go through the phases of the shipped process with five rows of history each, as the engine would
have written them; Odoo's own tracking of the stage stands beside it, message by message, as Odoo writes it.
"""

import os

DEALS = int(os.environ.get("BENCH_HISTORY", "200000"))
TABLES = ("crm_lead", "kams_deal_history", "kams_control_check", "mail_message", "mail_tracking_value", "mail_activity")
NAME = "History deal "


def books(env):
    """Fill the database, once; what was there stays."""
    cr = env.cr
    if env["crm.lead"].search_count([("name", "=like", f"{NAME}%")], limit=1):
        return
    team = env.ref("kams_sales.team_key_accounts")
    stages = env["ir.model.fields"]._get("crm.lead", "stage_id")
    facts = {
        "deals": DEALS,
        "company": env.company.id,
        "currency": env.company.currency_id.id,
        "currency_name": env.company.currency_id.name,
        "team": team.id,
        "team_name": team.name,
        "process": team.kams_process_id.id,
        "users": env["res.users"].search([], limit=20).ids,
        "partners": env["res.partner"].search([("is_company", "=", True)], limit=200).ids,
        "modes": env["kams.procurement.mode"].search([]).mapped("code"),
        "sources": env["utm.source"].search([], limit=10).ids,
        "uid": env.uid,
        "field": stages.id,
        "subtype": env.ref("crm.mt_lead_stage").id,
        "author": env.user.partner_id.id,
    }
    env.flush_all()
    # keys to other tables would be looked up a row at a time, for minutes; the database is thrown away afterwards
    cr.execute(
        "SELECT conrelid::regclass, conname FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)",
        [list(TABLES)],
    )
    for table, name in cr.fetchall():
        cr.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for statement in STATEMENTS:
        cr.execute(statement, facts)
    cr.commit()
    env.invalidate_all()
    env.registry.clear_cache()


STATEMENTS = (
    # the demo's few deals, some of which skip phases by their route: the statements by hand needn't know of routes
    "ALTER TABLE kams_deal_history DISABLE TRIGGER USER",
    "DELETE FROM kams_deal_history",
    "DELETE FROM kams_deal_stay",
    "DELETE FROM kams_deal_way",
    "ALTER TABLE kams_deal_history ENABLE TRIGGER USER",
    # how far each deal came, whether it was won, lost, given up or is still open, and when it began
    """
    CREATE TEMP TABLE history_deal AS
    SELECT n, nextval('crm_lead_id_seq')::int AS id,
           CASE WHEN n %% 100 < 40 THEN 1 WHEN n %% 100 < 60 THEN 2 WHEN n %% 100 < 70 THEN 3
                WHEN n %% 100 < 85 THEN 4 ELSE 5 END AS reached,
           CASE WHEN n %% 10 = 9 THEN 'open' WHEN n %% 100 >= 88 THEN 'won' WHEN n %% 13 = 5 THEN 'archived'
                ELSE 'lost' END AS ending,
           (now() AT TIME ZONE 'utc')::timestamp(0) - interval '1 hour' * (3400 + (n::bigint * 7919) %% 24000) AS began,
           (%(users)s)[1 + n %% array_length(%(users)s, 1)] AS user_id,
           (%(partners)s)[1 + (n * 7) %% array_length(%(partners)s, 1)] AS partner_id,
           (%(modes)s::varchar[])[1 + (n * 3) %% array_length(%(modes)s::varchar[], 1)] AS mode,
           round(10000 + (n::bigint * 31337) %% 990000 / 7.0, 2) AS amount
      FROM generate_series(1, %(deals)s) n
    """,
    "ANALYZE history_deal",
    # each phase is one row, or two where the amount or the date changed in the middle of it; then the end
    """
    CREATE TEMP TABLE history_step AS
    SELECT deal.id, phase.id AS phase_id, phase.code, phase.stage_id, step.place, step.part, phase.sequence,
           deal.began + interval '1 hour' * ((step.place - 1) * (150 + deal.n %% 500) + step.part * (30 + deal.n %% 40))
               AS valid_from,
           CASE WHEN step.place > deal.reached THEN deal.ending ELSE 'open' END AS status,
           CASE step.part WHEN 0 THEN 'forward' ELSE 'amount' END AS reason,
           deal.amount * (1 + 0.05 * step.part + 0.01 * step.place) AS amount
      FROM history_deal deal
CROSS JOIN LATERAL (
           SELECT place, part
             FROM generate_series(1, 6) place CROSS JOIN generate_series(0, 1) part
            WHERE place <= deal.reached AND (part = 0 OR (deal.n + place) %% 3 >= part)
               OR place = deal.reached + 1 AND part = 0 AND deal.ending <> 'open'
           ) step
      JOIN (SELECT id, code, stage_id, sequence, row_number() OVER (ORDER BY sequence, id) AS place
              FROM kams_process_phase WHERE process_id = %(process)s
           ) phase ON phase.place = CASE WHEN step.place <= deal.reached THEN step.place
                                         WHEN deal.ending = 'won' THEN 6 ELSE deal.reached END
    """,
    "ANALYZE history_step",
    """
    INSERT INTO kams_deal_history
           (lead_id, lead_ref, lead_name, valid_from, valid_to, process_id, phase_id, phase_code, phase_since, stage_id,
            stage_name, status, procurement_mode, expected_revenue, currency_id, currency_name, probability,
            date_deadline, user_id, user_name, team_id, team_name, partner_id, partner_name, company_id, reason,
            gate_result, create_uid, create_date)
    SELECT step.id, step.id, 'History deal ' || deal.n, step.valid_from,
           lead(step.valid_from) OVER (PARTITION BY step.id ORDER BY step.valid_from), %(process)s, step.phase_id,
           step.code, min(step.valid_from) OVER (PARTITION BY step.id, step.phase_id), step.stage_id, step.code,
           step.status, deal.mode, step.amount, %(currency)s, %(currency_name)s, 10 * step.place,
           (step.valid_from + interval '90 days')::date, deal.user_id, 'User ' || deal.user_id, %(team)s,
           %(team_name)s, deal.partner_id, 'Customer ' || deal.partner_id, %(company)s,
           CASE WHEN step.status <> 'open' THEN step.status ELSE step.reason END, 'pass', %(uid)s, step.valid_from
      FROM history_step step JOIN history_deal deal ON deal.id = step.id
     ORDER BY step.valid_from
    """,
    """
    INSERT INTO crm_lead (id, name, type, active, probability, expected_revenue, prorated_revenue, stage_id, team_id,
                          user_id, company_id, partner_id, source_id, kams_process_id, kams_phase_id, won_status,
                          date_deadline, create_date, kams_procurement_mode, kams_imported, date_closed)
    SELECT last.lead_ref, last.lead_name, 'opportunity', last.status IN ('open', 'won'), last.probability,
           last.expected_revenue, 0, last.stage_id, last.team_id, last.user_id, last.company_id, last.partner_id,
           (%(sources)s::int[])[1 + last.lead_ref %% GREATEST(array_length(%(sources)s::int[], 1), 1)], last.process_id,
           last.phase_id, CASE WHEN last.status IN ('won', 'lost') THEN last.status ELSE 'pending' END,
           last.date_deadline, last.valid_from, last.procurement_mode, TRUE,
           CASE WHEN last.status <> 'open' THEN last.valid_from END
      FROM kams_deal_history last JOIN history_deal deal ON deal.id = last.lead_ref
     WHERE last.valid_to IS NULL
    """,
    # what the points of the phases entered said
    """
    INSERT INTO kams_control_check (lead_id, point_id, company_id, phase_sequence, sequence, level, owner_role,
                                    checked_at, state)
    SELECT deal.id, point.id, %(company)s, phase.sequence, point.sequence, point.level, point.owner_role, deal.began,
           CASE WHEN (deal.n + point.id) %% 9 = 1 THEN 'fail' WHEN (deal.n + point.id) %% 23 = 1 THEN 'waived'
                ELSE 'pass' END
      FROM history_deal deal
      JOIN (SELECT id, sequence, row_number() OVER (ORDER BY sequence, id) AS place
              FROM kams_process_phase WHERE process_id = %(process)s
           ) phase ON phase.place <= deal.reached
      JOIN kams_control_point point ON point.phase_id = phase.id
    """,
    # what Odoo notes of the same moves
    """
    CREATE TEMP TABLE history_message AS
    SELECT nextval('mail_message_id_seq')::int AS message_id, step.id, step.valid_from, step.stage_id, step.code,
           lag(step.stage_id) OVER (PARTITION BY step.id ORDER BY step.valid_from) AS before
      FROM history_step step WHERE step.part = 0
    """,
    """
    INSERT INTO mail_message (id, model, res_id, date, message_type, subtype_id, author_id, is_internal, create_date)
    SELECT message_id, 'crm.lead', id, valid_from, 'notification', %(subtype)s, %(author)s, TRUE, valid_from
      FROM history_message WHERE before IS NOT NULL AND before <> stage_id
    """,
    """
    INSERT INTO mail_tracking_value (field_id, old_value_integer, new_value_integer, new_value_char, mail_message_id,
                                     create_date)
    SELECT %(field)s, before, stage_id, code, message_id, valid_from
      FROM history_message WHERE before IS NOT NULL AND before <> stage_id
    """,
    "DROP TABLE history_message, history_step, history_deal",
)
