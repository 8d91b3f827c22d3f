"""What reports of chapter 9 cost on years of deals, against the same figures by one hand-written statement each.

The time of a report is that of ``formatted_read_group``, which pivots, graphs and dashboards call. Both say the same
before they are timed. The figure that Odoo's own tracking values give is asked of ``duration_tracking``, which is how
Odoo itself rebuilds it.
"""

import statistics
import time
from datetime import timedelta
from unittest.mock import patch

from dev import bench_history_books as history
from dev import bench_history_sql as by_hand

RUNS = 5


def lines(side, tidy, savepoint, Line):
    env = side.env
    history.books(env)
    tidy(side, tables=history.TABLES)
    side.cr.execute("SET max_parallel_workers_per_gather = 0")  # time of other processes wouldn't be counted
    side.cr.execute("SET jit = off")
    found = []
    for name, theirs, ours, limit, same in questions(side):
        same(theirs(), ours())
        found.append(pair(side, savepoint, Line, name, theirs, ours, limit))
    found.append(tracked(side, savepoint, Line))
    nightly(side)
    return found


def tracked(side, savepoint, Line):
    """Days in each stage as Odoo itself rebuilds them from its tracking values, against the same from history."""
    env = side.env
    deals = env["crm.lead"].with_context(active_test=False).search([("name", "=like", f"{history.NAME}%")]).ids

    def rebuilt():
        days = {}
        for start in range(0, len(deals), 1000):
            some = env["crm.lead"].browse(deals[start : start + 1000])
            for durations in some.mapped("duration_tracking"):
                for stage, seconds in durations.items():
                    days[stage] = days.get(stage, 0) + seconds / 86400
            env.invalidate_all()
        return days

    def ours():
        return env["kams.phase.time"].formatted_read_group([], ["phase_code"], ["days:sum", "mean_days:avg"])

    name = "Time in phase, against Odoo's tracking values"
    return pair(side, savepoint, Line, name, rebuilt, ours, "0.10", runs=1)


def nightly(side):
    """The nightly look at all open deals: how long, and how many statements for each batch."""
    env, seen = side.env, []
    reminders = env["kams.reminder"]
    compare = type(reminders)._compare

    def counted(self, *args):
        before = side.cr.sql_log_count, time.process_time() + side.backend_cpu()
        result = compare(self, *args)
        seen.append((side.cr.sql_log_count - before[0], time.process_time() + side.backend_cpu() - before[1]))
        return result

    with patch.object(type(reminders), "_compare", counted):
        reminders._cron_remind()
    half = len(seen) // 2
    seconds = [sum(cpu for _count, cpu in part) for part in (seen[:half], seen[half : 2 * half])]
    statements = sorted({count for count, _cpu in seen})
    print(
        f"Nightly look: {len(seen)} batches of open deals, statements a batch {statements},"
        f" first half {seconds[0]:.2f} s, second half {seconds[1]:.2f} s",
        flush=True,
    )


def pair(side, savepoint, Line, name, theirs, ours, limit, runs=RUNS):
    rows = {theirs: [], ours: []}
    for run in range(runs):
        for operation in (theirs, ours) if run % 2 else (ours, theirs):
            with savepoint(side):
                rows[operation].append(side.measure(operation))
    medians = [[statistics.median(row[n] for row in rows[one]) for n in range(3)] for one in (theirs, ours)]
    ratios = [mine[0] / other[0] for mine, other in zip(rows[ours], rows[theirs], strict=True)]
    line = Line(f"{name}, {history.DEALS:,} deals", *medians, statistics.median(ratios), limit)
    print(line.text(), flush=True)
    return line


def questions(side):
    """``(name, by hand, as the report is asked, limit, check that both say the same)`` of each."""
    env, cr = side.env, side.cr

    def sql(statement, **values):
        def ask():
            cr.execute("SET LOCAL work_mem = '64MB'")  # as much as a report takes
            cr.execute(statement, values)
            return {row[0]: row[1:] for row in cr.fetchall()}

        return ask

    def report(model, domain, groupby, measures, **context):
        def ask():
            cr.cache.pop("kams_report_jit_off", None)  # as in a request of its own
            rows = env[model].with_context(**context).formatted_read_group(domain, [groupby], measures)
            return {key(row[groupby]): [row[name] for name in measures] for row in rows}

        return ask

    def key(value):
        return value[0] if isinstance(value, (list, tuple)) else value

    def near(theirs, ours):
        assert theirs and theirs.keys() == ours.keys(), (sorted(theirs, key=str), sorted(ours, key=str))
        for name, numbers in theirs.items():
            for one, other in zip(numbers, ours[name], strict=True):
                assert abs(float(one or 0) - float(other or 0)) <= 1e-6 * max(1, abs(float(one or 0))), (
                    name,
                    numbers,
                    ours[name],
                )

    yield (
        "Conversion by phase",
        sql(by_hand.CONVERSION),
        report("kams.funnel", [], "phase_code", ["entered:sum", "advanced:sum", "won:sum"]),
        "1.20",
        near_cohort,
    )
    yield (
        "Time in phase: mean, median, P80",
        sql(by_hand.TIME),
        report("kams.phase.time", [], "phase_code", ["mean_days:avg", "median_days:avg", "p80_days:avg"]),
        "1.20",
        near,
    )
    yield (
        "Pipeline by phase, weighted",
        sql(by_hand.PIPELINE),
        report("kams.pipeline", [], "phase_code", ["__count", "amount:sum", "weighted:sum"]),
        "1.20",
        near,
    )
    start = (env.cr.now() - timedelta(days=365)).replace(microsecond=0)
    end = (env.cr.now() - timedelta(days=180)).replace(microsecond=0)
    yield (
        "What changed between two days",
        sql(by_hand.CHANGE, start=start, end=end),
        report("kams.pipeline.change", [], "kind", ["amount:sum"], kams_from=str(start), kams_to=str(end)),
        "1.20",
        near_ends,
    )
    yield (
        "Compliance by team",
        sql(by_hand.COMPLIANCE),
        report("kams.compliance", [], "team_id", ["compliance:avg"]),
        "1.20",
        near,
    )
    as_of = env["kams.deal.history"]._as_of_domain(start)
    yield (
        "Pipeline as of a day a year ago",
        sql(by_hand.AS_OF, at=start),
        report(
            "kams.deal.history",
            [*as_of, ("status", "=", "open"), ("phase_code", "!=", "delivery")],
            "phase_code",
            ["__count", "expected_revenue:sum"],
        ),
        "1.20",
        near,
    )


def near_cohort(theirs, ours):
    assert {name: [int(one) for one in numbers] for name, numbers in theirs.items()} == ours, (theirs, ours)


def near_ends(theirs, ours):
    for place, kind in enumerate(("opening", "closing")):
        assert abs(float(theirs["all"][place]) - ours[kind][0]) < 0.01, (kind, theirs, ours)
