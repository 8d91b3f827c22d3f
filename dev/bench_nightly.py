"""What the nightly jobs cost when all deals are open, and that one which is killed in the middle does each thing once.

Each job runs in a process of its own, as Odoo's cron does it. The first is killed (SIGKILL) once it has done a part,
the second goes on. What is in the database afterwards is asked by SQL.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from dev import bench_history_books as history

PEOPLE = 300
CLOSED = 2000  # deals that were closed in the last weeks
JOBS = {
    "winloss": ("kams.winloss", "_cron_start"),
    "remind": ("kams.reminder", "_cron_remind"),
    "digest": ("kams.digest", "_cron_digest"),
    "lock": ("kams.forecast", "_cron_lock"),
}
# How much of each job is done: when half of it is there, the process is killed
DONE = {
    "winloss": ("SELECT count(*) FROM kams_winloss WHERE closing_id IS NOT NULL", CLOSED),
    "remind": ("SELECT COALESCE(max(deals), 0) FROM kams_reminder_run", history.DEALS),
    "digest": ("SELECT count(*) FROM kams_digest", PEOPLE),
    "lock": ("SELECT count(*) FROM kams_forecast WHERE state = 'locked'", PEOPLE),
}
# What may be there once only: {job: {what: statement that counts what is there too often, or is missing}}
ONCE = {
    "winloss": {
        "closings with two reviews": """
            SELECT count(*) FROM (SELECT closing_id FROM kams_winloss WHERE closing_id IS NOT NULL
                                  GROUP BY closing_id HAVING count(*) > 1) twice""",
        "reviews with two activities": """
            SELECT count(*) FROM (SELECT res_id FROM mail_activity WHERE res_model = 'kams.winloss' AND active
                                  GROUP BY res_id HAVING count(*) > 1) twice""",
        "reviews without an activity": """
            SELECT count(*) FROM kams_winloss review WHERE review.state = 'draft' AND review.asked_on = now()::date
               AND NOT EXISTS (SELECT FROM mail_activity one
                                WHERE one.res_model = 'kams.winloss' AND one.res_id = review.id)""",
    },
    "remind": {
        "deals not looked at, or twice": """
            SELECT abs((SELECT deals FROM kams_reminder_run ORDER BY day DESC LIMIT 1) - count(*))
              FROM kams_deal_history WHERE valid_to IS NULL AND status = 'open'""",
        "lacks noted twice": """
            SELECT count(*) FROM (SELECT FROM kams_reminder GROUP BY lead_id, kind HAVING count(*) > 1) twice""",
        "lacks counted, but not there": """
            SELECT abs((SELECT noticed FROM kams_reminder_run ORDER BY day DESC LIMIT 1) - count(*))
              FROM kams_reminder WHERE is_open AND opened_on = (SELECT max(day) FROM kams_reminder_run)""",
        "reminders with two activities": """
            SELECT count(*) FROM (SELECT res_id FROM mail_activity WHERE res_model = 'kams.reminder' AND active
                                  GROUP BY res_id HAVING count(*) > 1) twice""",
        "activities that no reminder knows": """
            SELECT count(*) FROM mail_activity one WHERE one.res_model = 'kams.reminder' AND one.active
               AND NOT EXISTS (SELECT FROM kams_reminder WHERE activity_id = one.id)""",
        "people without their activities": """
            SELECT count(*) FROM (SELECT user_id FROM kams_reminder WHERE is_open GROUP BY user_id
                                  HAVING count(activity_id) = 0) nothing""",
    },
    "digest": {
        "people told twice": """
            SELECT count(*) FROM (SELECT FROM kams_digest GROUP BY user_id, day HAVING count(*) > 1) twice""",
        "mails without their digest, or twice": """
            SELECT abs((SELECT count(*) FROM kams_digest WHERE sent_on IS NOT NULL)
                       - (SELECT count(*) FROM mail_mail WHERE auto_delete AND body_html LIKE '%kams_today_%'))""",
        "people not told": f"SELECT greatest({PEOPLE} - count(DISTINCT user_id), 0) FROM kams_digest",
    },
    "lock": {
        "deals twice in a forecast": """
            SELECT count(*) FROM (SELECT FROM kams_forecast_line GROUP BY forecast_id, lead_ref
                                  HAVING count(*) > 1) twice""",
        "forecasts of one target twice": """
            SELECT count(*) FROM (SELECT FROM kams_forecast
                                  GROUP BY company_id, team_id, user_id, date_from, period_kind
                                  HAVING count(*) > 1) twice""",
        "forecasts not locked": "SELECT count(*) FROM kams_forecast WHERE state = 'draft'",
        "calls that differ from their lines": """
            SELECT count(*) FROM kams_forecast forecast
             WHERE forecast.state = 'locked' AND forecast.locked_at > now() - interval '1 day'
               AND abs(forecast.forecast - forecast.won_before - COALESCE(
                   (SELECT sum(amount) FROM kams_forecast_line line
                     WHERE line.forecast_id = forecast.id AND line.category = 'commit'), 0)) > 0.01""",
    },
}


def lines(side, tidy, savepoint=None, Line=None):
    history.books(side.env)
    people(side)
    tidy(side, tables=(*history.TABLES, "res_users", "res_partner"))
    for job in JOBS:
        run(side, job)
        if job == "winloss":
            reopen(side)
            tidy(side, tables=history.TABLES)
    return []


def people(side):
    """A salesforce that all deals are shared among, and closings of the last weeks."""
    env, cr = side.env, side.cr
    group = env.ref("kams_sales.group_salesperson")
    made = (
        env["res.users"]
        .with_context(no_reset_password=True, mail_create_nolog=True, tracking_disable=True)
        .create(
            [
                {
                    "name": f"Night {n}",
                    "login": f"night{n}",
                    "email": f"night{n}@example.com",
                    "tz": "UTC",
                    "group_ids": [(4, group.id)],
                }
                for n in range(PEOPLE)
            ]
        )
    )
    env.flush_all()
    cr.execute("DELETE FROM mail_activity WHERE res_model = 'kams.reminder'")
    for table in ("kams_reminder", "kams_reminder_run", "kams_digest"):
        cr.execute(f"DELETE FROM {table}")  # pylint: disable=sql-injection  # names of ours
    cr.execute("ALTER TABLE kams_deal_history DISABLE TRIGGER USER")
    share = "(%(users)s::int[])[1 + {} %% array_length(%(users)s::int[], 1)]"
    facts = {"users": made.ids, "name": f"{history.NAME}%", "closed": CLOSED}
    cr.execute(
        f"UPDATE kams_deal_history SET user_id = {share.format('lead_ref')}"
        " WHERE valid_to IS NULL AND lead_name LIKE %(name)s",
        facts,
    )
    cr.execute(f"UPDATE crm_lead SET user_id = {share.format('id')} WHERE name LIKE %(name)s", facts)
    cr.execute(
        """
        CREATE TEMP TABLE night_closing AS
        SELECT ended.id, before.id AS before_id,
               (now() AT TIME ZONE 'utc')::timestamp(0) - interval '1 minute' * (10 + ended.lead_ref %% 20000) AS moment
          FROM kams_deal_history ended
          JOIN kams_deal_history before ON before.lead_ref = ended.lead_ref AND before.valid_to = ended.valid_from
         WHERE ended.valid_to IS NULL AND ended.status IN ('won', 'lost') AND before.status = 'open'
           AND ended.lead_name LIKE %(name)s AND ended.valid_from < now() - interval '60 days'
      ORDER BY ended.lead_ref %% 101, ended.id LIMIT %(closed)s
        """,
        facts,
    )
    cr.execute("UPDATE kams_deal_history h SET valid_to = c.moment FROM night_closing c WHERE h.id = c.before_id")
    cr.execute("UPDATE kams_deal_history h SET valid_from = c.moment FROM night_closing c WHERE h.id = c.id")
    cr.execute("ALTER TABLE kams_deal_history ENABLE TRIGGER USER")
    keep(env)
    # each has a target of the present quarter, which the lock makes a forecast of
    cr.execute(
        """
        INSERT INTO kams_target (company_id, user_id, period_kind, tz, pipeline_scope, date_from, date_to, quota,
                                 create_uid, create_date)
        SELECT %(company)s, person, 'quarter', 'UTC', 'all', date_trunc('quarter', now())::date,
               (date_trunc('quarter', now()) + interval '3 months - 1 day')::date, 1000000, %(uid)s, now()
          FROM unnest(%(users)s::int[]) person
        """,
        {**facts, "company": env.company.id, "uid": env.uid},
    )
    cr.commit()
    env.invalidate_all()
    env.registry.clear_cache()


def reopen(side):
    """All deals are open, in the last phase of selling that they came to."""
    cr = side.cr
    cr.execute("DELETE FROM mail_activity WHERE res_model = 'kams.winloss'")
    cr.execute("ALTER TABLE kams_deal_history DISABLE TRIGGER USER")
    cr.execute(
        """
        UPDATE kams_deal_history last
           SET status = 'open', phase_id = phase.id, phase_code = phase.code, stage_id = phase.stage_id
          FROM kams_process_phase phase
         WHERE last.valid_to IS NULL AND last.status IN ('won', 'lost', 'archived') AND last.lead_name LIKE %(name)s
           AND phase.process_id = last.process_id
           AND phase.code = CASE WHEN last.phase_code = 'delivery' THEN 'negotiation' ELSE last.phase_code END
        """,
        {"name": f"{history.NAME}%"},
    )
    cr.execute("ALTER TABLE kams_deal_history ENABLE TRIGGER USER")
    cr.execute(
        """
        UPDATE crm_lead deal SET active = TRUE, won_status = 'pending', date_closed = NULL, stage_id = last.stage_id,
                                 kams_phase_id = last.phase_id
          FROM kams_deal_history last
         WHERE last.lead_ref = deal.id AND last.valid_to IS NULL AND last.status = 'open' AND deal.name LIKE %(name)s
        """,
        {"name": f"{history.NAME}%"},
    )
    keep(side.env)
    cr.commit()


def keep(env):
    """What the database keeps of the history is told anew: its triggers were off."""
    env.cr.execute("DELETE FROM kams_deal_stay")
    env.cr.execute("DELETE FROM kams_deal_way")
    env["kams.deal.history"]._keep_all()


def run(side, job):
    """A job that is killed half way, and the one that goes on: what both did, and what is there afterwards."""
    cr = side.cr
    statement, whole = DONE[job]
    before = ask(cr, statement)
    killed = start(side, job)
    while killed.poll() is None and ask(cr, statement) - before < whole // 2:
        time.sleep(0.02)
    alive = killed.poll() is None
    if alive:
        killed.send_signal(signal.SIGKILL)
    killed.wait()
    then = ask(cr, statement) - before
    again = start(side, job)
    if again.wait():
        raise RuntimeError(f"The second run of {job} failed.")
    logs = [report(job, process.pid) for process in (killed, again)]
    wrong = {what: found for what, count in ONCE[job].items() if (found := ask(cr, count))}
    print(
        f"\nNightly, {job}: {'killed' if alive else 'was through before it could be killed'} after"
        f" {then:,} of {ask(cr, statement) - before:,}; wrong afterwards: {wrong or 'nothing'}",
        flush=True,
    )
    tell(logs)
    assert alive and not wrong, (job, wrong)


def tell(logs):
    """Batches of both runs, whole ones: statements of each, and whether the second half took longer."""
    steps = [row for log in logs for row in log if row["number"]]
    if reached := [row["reach"] for row in steps if row["reach"]]:
        assert reached == sorted(set(reached)), "a batch was done again"
    full = max(row["number"] for row in steps)
    whole = [row for row in steps if row["number"] == full]
    half = len(whole) // 2
    first, second, total = (
        sum(row["cpu"] for row in part) for part in (whole[:half], whole[-half:] if half else [], steps)
    )
    print(
        f"  {len(whole)} whole batches of {full:,}, statements a batch {sorted({row['statements'] for row in whole})};"
        f" CPU of the first half {first:.2f} s, of the second {second:.2f} s, of all {total:.1f} s",
        flush=True,
    )


def ask(cr, statement):
    cr.rollback()
    cr.execute(statement)
    return cr.fetchone()[0]


# THE PROCESS
def start(side, job):
    from odoo.tools import config

    command = [sys.executable, "-m", "dev.bench_nightly", config["config"], side.cr.dbname, job]
    return subprocess.Popen(command)


def place(job, pid):
    return Path(f"/tmp/kams-nightly-{job}-{pid}.jsonl")


def report(job, pid):
    file = place(job, pid)
    rows = [json.loads(row) for row in file.read_text().splitlines()] if file.exists() else []
    file.unlink(missing_ok=True)
    return rows


def inside(config_file, database, job):
    """The job itself, which notes what each batch took once it is committed."""
    from unittest.mock import patch

    from odoo import SUPERUSER_ID, api, fields
    from odoo.modules.registry import Registry
    from odoo.tools import config

    from dev.bench import Side

    config.parse_config(["-c", config_file, "-d", database, "--no-http", "--log-level=warn"], setup_logging=True)
    model, method = JOBS[job]
    with Registry(database).cursor() as cr, place(job, os.getpid()).open("w") as notes:
        side = Side(api.Environment(cr, SUPERUSER_ID, {}))
        env = side.env
        cr.execute("SET max_parallel_workers_per_gather = 0")
        cron, digests = type(env["ir.cron"]), type(env["kams.digest"])
        commit, waiting = cron._commit_progress, digests._waiting

        def committed(self, processed=0, **kwargs):
            left = commit(self, processed, **kwargs)
            now = cr.sql_log_count, time.process_time() + side.backend_cpu()
            cr.execute(
                "SELECT last_ref FROM kams_reminder_run ORDER BY day DESC LIMIT 1" if job == "remind" else "SELECT 0"
            )
            reach = cr.fetchone()
            row = {
                "number": processed,
                "statements": now[0] - seen[0],
                "cpu": now[1] - seen[1],
                "reach": reach and reach[0] if processed == history_batch(env) else 0,
            }
            notes.write(json.dumps(row) + "\n")
            notes.flush()
            seen[:] = cr.sql_log_count, time.process_time() + side.backend_cpu()
            return left

        def of_a_morning(self, now):
            calendar, morning = self.env["kams.holiday"]._calendar(self.env.company), now.replace(hour=12)
            while calendar.is_off(morning.date()):
                morning = fields.Datetime.add(morning, days=1)
            return waiting(self, morning)

        seen = [cr.sql_log_count, time.process_time() + side.backend_cpu()]
        with patch.object(cron, "_commit_progress", committed), patch.object(digests, "_waiting", of_a_morning):
            getattr(env[model], method)()
        cr.commit()
    return 0


def history_batch(env):
    from odoo.addons.kams_sales.models import kams_reminder

    return kams_reminder.BATCH


if __name__ == "__main__":
    sys.exit(inside(*sys.argv[1:]))
