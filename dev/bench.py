"""What kams_sales costs, against the same operations on plain Odoo deals: `make bench`.

Each figure is the median of paired runs: plain and gated take turns in one process, so that a busy
machine slows both. Time is CPU time of this process and of its PostgreSQL backend; Odoo's tracking is
on, as users have it. Statements are those that Odoo sends.
"""

import os
import platform
import statistics
import time
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from dev import bench_board as board
from dev import bench_chain as chain
from dev import bench_control as control
from dev import bench_dashboards as dashboards
from dev import bench_delivery as delivery
from dev import bench_history as history
from dev import bench_matrix as matrix
from dev import bench_money as money
from dev import bench_nightly as nightly
from dev import bench_risk as risk
from dev import bench_screens as screens
from dev import bench_simulation as simulation
from dev import bench_value as value

RUNS = 5
DEALS = int(os.environ.get("BENCH_DEALS", "1000"))
STOCK = 3 * DEALS  # deals of each kind that the databases hold already, with fresh statistics
# what docs/benchmarks.md is written from, by hand: each part has its own databases, and some are run alone
TABLE = Path(__file__).resolve().parent.parent / ".kams" / "benchmarks.md"


class Side:
    """One database with its environment, and how to measure in it."""

    def __init__(self, env):
        self.env = env(context={**env.context, "mail_create_nosubscribe": True, "lang": "en_US"})
        self.cr = env.cr
        self.cr.execute("SELECT pg_backend_pid()")
        self.backend = self.cr.fetchone()[0]

    def backend_cpu(self):
        """CPU seconds of the PostgreSQL backend, or 0 where /proc does not show it."""
        try:
            stat = Path(f"/proc/{self.backend}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            return 0.0
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def measure(self, operation, times=1):
        """Run an operation and all that its commit would do. :return: (CPU s, statements, peak growth in MB)"""
        self.cr.flush()
        self.env.invalidate_all()
        with open("/proc/self/clear_refs", "w") as refs:
            refs.write("5")  # forget the peak so far
        memory, statements = peak_mb(), self.cr.sql_log_count
        cpu = time.process_time() + self.backend_cpu()
        for _turn in range(times):
            operation()
            self.cr.flush()
        cpu = time.process_time() + self.backend_cpu() - cpu
        return cpu, (self.cr.sql_log_count - statements) / times, peak_mb() - memory


def peak_mb():
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def savepoint(*sides):
    """Undo what a run did."""
    for side in sides:
        side.cr.flush()
        side.cr.execute("SAVEPOINT bench")
    try:
        yield
    finally:
        for side in sides:
            side.cr.precommit.clear()
            side.env.invalidate_all(flush=False)
            side.cr.execute("ROLLBACK TO SAVEPOINT bench")
            side.env.transaction.clear()


class Pipeline:
    """Deals of one kind, plain or gated, and the operations on them."""

    def __init__(self, side, gated):
        self.side, self.env = side, side.env
        env = self.env
        if gated:
            self.team = env.ref("kams_sales.team_key_accounts")
            self.first, self.second = (phase.stage_id for phase in self.team.kams_process_id.phase_ids[:2])
        else:
            self.team = env["crm.team"].create({"name": "Plain", "use_opportunities": True})
            self.first, self.second = env["crm.stage"].create(
                [{"name": f"Plain {n}", "sequence": n, "team_ids": self.team.ids} for n in (11, 12)]
            )
        self.partner = env["res.partner"].create({"name": "Bench customer"})
        self.gated = gated
        self.ready = env["crm.lead"]  # deals that may move on

    def create(self, count):
        return self.env["crm.lead"].create(
            [
                {
                    "name": f"Deal {n}",
                    "type": "opportunity",
                    "team_id": self.team.id,
                    "user_id": self.env.uid,
                    "partner_id": self.partner.id,
                    "expected_revenue": 1000.0 + n,
                    "date_deadline": date.today() + timedelta(days=30),
                }
                for n in range(count)
            ]
        )

    def stock(self):
        """Fill the (throw-away) database, so that PostgreSQL plans for a pipeline that is in use."""
        self.create(STOCK)
        self.ready = self.create(DEALS)
        if self.gated:
            self.develop(self.ready)
        else:
            self.meet(self.ready)
        self.env.cr.commit()
        tidy(self.side)

    def develop(self, deals):
        """Record everything that the first phase asks for, as its tests do."""
        from odoo.addons.kams_sales.tests import common, evidence

        common.known_account(self.env, self.partner)
        evidence.develop(deals)
        deals.activity_ids.unlink()  # the interviews' next steps: plain deals have none to show

    def meet(self, deals):
        """Give deals a meeting that was held."""
        start = self.env.cr.now().replace(microsecond=0) - timedelta(days=1)
        stop = start + timedelta(hours=1)
        return self.env["calendar.event"].create(
            [{"name": "Meeting", "start": start, "stop": stop, "opportunity_id": deal.id} for deal in deals]
        )


TABLES = ("crm_lead", "kams_control_check", "kams_deal_history", "calendar_event", "mail_message")


def tidy(*sides, tables=TABLES):
    """Clear away what undone runs left in the tables, and tell the planner how they are filled."""
    import psycopg2

    from odoo.sql_db import connection_info_for

    for side in sides:
        side.cr.rollback()
        _name, info = connection_info_for(side.cr.dbname)
        connection = psycopg2.connect(**{key: value for key, value in info.items() if value})
        connection.autocommit = True
        with connection.cursor() as cr:
            for table in tables:
                cr.execute("SELECT to_regclass(%s)", (table,))
                if cr.fetchone()[0]:
                    cr.execute(f"VACUUM ANALYZE {table}")  # pylint: disable=sql-injection  # names from lists of ours
        connection.close()


def paired(name, plain, gated, limit, prepare=lambda pipeline: None, operate=None, times=1, runs=RUNS):
    """Take turns, both orders alike; medians and what they are compared with."""
    tidy(*{plain.side: None, gated.side: None})
    figures = {plain: [], gated: []}
    for run in range(runs + 1):
        for pipeline in (plain, gated) if run % 2 else (gated, plain):
            with savepoint(pipeline.side):
                made = prepare(pipeline)
                figures[pipeline].append(pipeline.side.measure(lambda p=pipeline, m=made: operate(p, m), times))
    medians = {
        pipeline: [statistics.median(row[column] for row in rows[1:]) for column in range(3)]  # the first warms up
        for pipeline, rows in figures.items()
    }
    ratios = [ours[0] / theirs[0] for ours, theirs in zip(figures[gated][1:], figures[plain][1:], strict=True)]
    line = Line(name, medians[plain], medians[gated], statistics.median(ratios), limit)
    print(line.text(), flush=True)
    return line


class Line:
    """One row of the table."""

    def __init__(self, name, plain, gated, ratio, limit):
        self.name, self.plain, self.gated, self.ratio, self.limit = name, plain, gated, ratio, limit

    def text(self):
        return (
            f"| {self.name} | {self.plain[0]:.3f} | {self.gated[0]:.3f} | **{self.ratio:.2f}** | "
            f"{self.plain[1]:.0f} | {self.gated[1] - self.plain[1]:+.0f} | "
            f"{self.plain[2]:.0f} / {self.gated[2]:.0f} | {self.limit} |"
        )


def move(pipeline, deals):
    deals.write({"stage_id": pipeline.second.id})


def ready(count):
    def prepare(pipeline):
        return pipeline.ready[:count]

    return prepare


def main(env, base_db, addon_db, chart_db):
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    ours = Side(env)
    if only := os.environ.get("BENCH_ONLY"):  # alone, and nothing is written down
        alone = {
            "value": lambda: customers(ours, addon_db, base_db),
            "chain": lambda: chain.lines(chart_db, Line),
            "matrix": lambda: matrix.lines(addon_db, Line),
            "simulation": lambda: simulation.lines(ours),
            "delivery": lambda: delivery.lines(ours, paired),
            "board": lambda: board.lines(addon_db, Line),
            "risk": lambda: risk.lines(addon_db, Line),
            "control": lambda: control.lines(ours, tidy, savepoint, Line),
            "nightly": lambda: nightly.lines(ours, tidy),
            "screens": lambda: pages(ours, base_db, addon_db),
            "dashboards": lambda: dashboards.lines(ours, addon_db, tidy, Line),  # only alone, as money
            "history": lambda: history.lines(ours, tidy, savepoint, Line),  # likewise: its years take minutes to make
            "money": lambda: money.lines(ours, tidy, savepoint, Line),  # only alone: its books take minutes to make
        }
        print(HEAD, flush=True)
        alone[only]()
        return 0
    lines = []
    with Registry(base_db).cursor() as cr:
        without = Side(api.Environment(cr, SUPERUSER_ID, {}))
        plain, gated, bare = Pipeline(ours, False), Pipeline(ours, True), Pipeline(without, False)
        for pipeline in (plain, gated, bare):
            pipeline.stock()
        print(HEAD, flush=True)
        many = f"{DEALS:,} deals"
        lines += [
            paired(f"Move {many} one phase on", plain, gated, "1.10, +30", ready(DEALS), move),
            paired("Move one deal one phase on", plain, gated, "+12", ready(1), move, runs=15),
            paired(f"Create {many}", plain, gated, "1.15", operate=lambda p, _m: p.create(DEALS)),
            paired(
                f"Evidence touches {many}",
                plain,
                gated,
                "constant a point",
                lambda p: p.create(DEALS),
                lambda p, deals: p.meet(deals),
            ),
            paired(
                "Evidence touches 100 deals",
                plain,
                gated,
                "constant a point",
                lambda p: p.create(100),
                lambda p, deals: p.meet(deals),
            ),
            paired(f"Plain: move {many}, with the addon / without", bare, plain, "1.00", ready(DEALS), move),
            paired("Plain: move one deal", bare, plain, "1.00, +0", ready(1), move, runs=15),
            paired(f"Plain: create {many}", bare, plain, "1.00", operate=lambda p, _m: p.create(DEALS)),
            paired(
                "Plain: one deal's amount, date, salesperson, lost, restored",
                bare,
                plain,
                "1.00, +0",
                ready(1),
                live,
                times=10,
                runs=15,
            ),
        ]
        cr.rollback()
        env.cr.rollback()
        lines += screens.lines({bare: base_db, gated: addon_db, plain: addon_db}, bare, gated, plain, Line)
    lines += customers(ours, addon_db, base_db)
    lines += chain.lines(chart_db, Line)
    lines += matrix.lines(addon_db, Line)
    lines += simulation.lines(ours)
    lines += delivery.lines(ours, paired)
    lines += board.lines(addon_db, Line)
    lines += risk.lines(addon_db, Line)
    write(lines)
    return 0


def pages(ours, base_db, addon_db):
    """The rows of screens alone: deals and pipelines, under KAMS, plain, and without the addon."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with Registry(base_db).cursor() as cr:
        without = Side(api.Environment(cr, SUPERUSER_ID, {}))
        plain, gated, bare = Pipeline(ours, False), Pipeline(ours, True), Pipeline(without, False)
        for pipeline in (plain, gated, bare):
            pipeline.stock()
        cr.rollback()
        ours.cr.rollback()
        return screens.lines({bare: base_db, gated: addon_db, plain: addon_db}, bare, gated, plain, Line)


def customers(ours, addon_db, base_db):
    """The rows of accounts: their value, and their page against a contact's."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    lines = value.lines(ours, tidy, savepoint, Line)
    with Registry(base_db).cursor() as cr:
        without = Side(api.Environment(cr, SUPERUSER_ID, {}))
        return [*lines, *value.pages(ours, without, (base_db, addon_db), Line)]


def live(pipeline, deals):
    """What happens to a deal on an ordinary day."""
    deals.expected_revenue += 1
    deals.date_deadline = date.today() + timedelta(days=60)
    deals.user_id = False
    deals.action_set_lost()
    deals.action_restore()


HEAD = (
    "| operation | Odoo, CPU s | with KAMS, CPU s | ratio | statements | more | peak growth, MB | limit |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- |"
)


def machine():
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 1024 / 1024
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GiB, {platform.system()} {platform.release()}"


def write(lines):
    text = f"""# Benchmarks

Written by `make bench` on {date.today()}: {machine()}, Python {platform.python_version()}.

Medians of at least {RUNS} paired runs in one process after a warm-up: plain Odoo deals and deals under KAMS
take turns. Time is CPU time of the process and of its PostgreSQL backend, with Odoo's default tracking on.
The ratio is the median of the pairs' ratios; "more" is the number of additional SQL statements for the
whole operation, the commit's included. Screens are opened by RPC, as the web client does it: its requests go
through Odoo's HTTP layer in this process. The client keeps the descriptions of views, so that they are asked for
once a browser tab; those rows say "first". Peak growth is how far the process's memory rose during the operation,
plain / KAMS.

{HEAD}
{chr(10).join(line.text() for line in lines)}
"""
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(text)
