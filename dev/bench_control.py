"""What the other reports of chapter 9 cost on years of deals, each against one hand-written statement.

Both say the same before they are timed. Reports ask PostgreSQL for 64 MB to sort and add up in; the statements by hand
have as much.
"""

from datetime import timedelta

from dev import bench_control_books as control
from dev import bench_control_sql as by_hand
from dev import bench_history as history
from dev.bench_screens import view_spec

LIMIT = "1.20"


def lines(side, tidy, savepoint, Line):
    control.books(side.env)
    tidy(side, tables=(*history.history.TABLES, *control.TABLES))
    side.cr.execute("SET max_parallel_workers_per_gather = 0")  # time of other processes wouldn't be counted
    side.cr.execute("SET jit = off")
    found = []
    for name, theirs, ours in questions(side):
        near(name, theirs(), ours())
        found.append(history.pair(side, savepoint, Line, name, theirs, ours, LIMIT))
    return found


def near(name, theirs, ours):
    """Both know the same groups, and the numbers that both tell are the same."""
    assert theirs and theirs.keys() == ours.keys(), (name, sorted(theirs, key=str), sorted(ours, key=str))
    for group, numbers in theirs.items():
        for one, other in zip(numbers, ours[group], strict=True):
            assert abs(float(one or 0) - float(other or 0)) <= 1e-6 * max(1, abs(float(one or 0))), (
                name,
                group,
                numbers,
                ours[group],
            )


def questions(side):
    """``(name, by hand, as the page asks)`` of each."""
    env, cr = side.env, side.cr
    now = env.cr.now().replace(microsecond=0)
    year, tz = now - timedelta(days=365), env.user.tz or "UTC"

    def sql(*statements, **values):
        def ask():
            cr.execute("SET LOCAL work_mem = '64MB'")
            for statement in reversed(statements):
                cr.execute(statement, values)
            return {row[0] or False: row[1:] for row in cr.fetchall()}

        return ask

    def report(model, domain, groupby, measures):
        def ask():
            cr.cache.clear()  # as in a request of its own
            rows = env[model].formatted_read_group(domain, groupby, measures)
            return {
                " ".join(str(key(row[one])) for one in groupby) if groupby[1:] else key(row[groupby[0]]): [
                    row[name] for name in measures
                ]
                for row in rows
            }

        return ask

    yield (
        "Wins and losses by reason",
        sql(by_hand.WINLOSS),
        report(
            "kams.winloss.report",
            [],
            ["main_reason"],
            ["__count", "won:sum", "lost:sum", "win_rate:avg", "won_amount:sum"],
        ),
    )
    yield (
        "… by salesperson, closed within a year",
        sql(by_hand.WINLOSS_YEAR, year=year),
        report(
            "kams.winloss.report",
            [("closed_at", ">=", str(year))],
            ["user_id"],
            ["__count", "won:sum", "lost:sum", "win_rate:avg", "review_rate:avg"],
        ),
    )
    people = [("kind", "=", "person")]
    by_quarter = ["user_id", "date_from:quarter"]
    yield (
        "Result by salesperson and quarter",
        sql(by_hand.PERFORMANCE, tz=tz),
        report("kams.performance", people, by_quarter, ["won:sum", "lost:sum", "won_amount:sum"]),
    )
    yield (
        "Compliance beside it, by salesperson and quarter",
        sql(by_hand.PROCESS, tz=tz),
        report("kams.performance", people, by_quarter, ["compliance:avg"]),
    )
    yield (
        "Forecast against actual by salesperson",
        sql(by_hand.ACCURACY),
        report(
            "kams.forecast.accuracy",
            [],
            ["user_id"],
            ["forecast:sum", "actual_won:sum", "wape:avg", "bias:avg", "brier:avg"],
        ),
    )
    yield from targets(env, sql, now)
    yield (
        "Waivers by director",
        sql(by_hand.WAIVERS),
        report("kams.compliance", [("state", "=", "waived")], ["waiver_approver_id"], ["__count"]),
    )
    yield my_day(env, sql, now)
    yield funnel(env, sql, now, year)


def key(value):
    return value[0] if isinstance(value, (list, tuple)) else value


def targets(env, sql, now):
    listed = env["kams.target"].search([("note", "=", control.MARK)])
    present = listed.filtered(lambda one: one.user_id and one.date_from <= now.date() <= one.date_to)[:1]

    def ask(records, spec):
        def asked():
            records.invalidate_recordset()
            return {
                row["id"]: [row["closed_count"], row["closed"], row["open_count"], row["open_pipeline"]]
                for row in records.web_read(spec)
            }

        return asked

    counts = {"closed_count": {}, "open_count": {}}
    for name, records, kind, statements in (
        (f"List {len(listed)} targets of ten quarters", listed, "list", [by_hand.TARGETS]),
        ("Open one target", present, "form", [by_hand.TARGETS, by_hand.CHANCES]),
    ):
        spec = view_spec(env, kind, env.ref(f"kams_sales.kams_target_view_{kind}").id, "kams.target")
        yield name, sql(*statements, ids=records.ids, now=now), ask(records, {**spec, **counts})


def my_day(env, sql, now):
    env.cr.execute(
        "SELECT user_id FROM kams_deal_history WHERE valid_to IS NULL AND status = 'open' AND lead_name LIKE %s"
        " GROUP BY user_id ORDER BY count(*) DESC, user_id LIMIT 1",
        [f"{history.history.NAME}%"],
    )
    user = env["res.users"].browse(env.cr.fetchone()[0])
    mine = env["kams.today"].with_user(user)
    _user, _partner, today, begin, end = mine._person(user)
    limits = env["kams.lack"]._limits(today)
    facts = {
        "user": user.id,
        "today": today,
        "until": today + timedelta(days=int(env["kams.legal.rule"]._value("digest_ahead_days", today) or 0)),
        "begin": begin,
        "end": end,
        "now": now,
        "step": today - timedelta(days=int(limits["step"])),
        "contact": now - timedelta(days=int(limits["contact"])),
        "ageing": limits["ageing"],
    }

    def ask():
        env.cr.cache.clear()
        return {row["section"]: [row["__count"]] for row in mine.formatted_read_group([], ["section"], ["__count"])}

    return "My Day of somebody with thousands of open deals", sql(by_hand.TODAY, **facts), ask


def funnel(env, sql, now, year):
    page = env["kams.funnel.page"].create({"date_from": year.date(), "date_to": now.date()})
    first, last = page._midnight(page.date_from), page._midnight(page.date_to + timedelta(days=1))
    names = ("entered", "advanced", "won", "present", "present_amount")

    def ask():
        env.cr.cache.clear()
        phases = page._values()["phases"]
        return {phase["code"]: [phase[name] for name in names] for phase in phases}

    return "Funnel Report of a year", sql(by_hand.FUNNEL, first=first, last=last), ask
