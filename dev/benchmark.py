"""`make bench`: fresh databases, of plain Odoo, with the addon, and with Odoo's employees, for dev/bench.py."""

import importlib.util
import os
import sys

from dev import bench_replica, database, paths, postgres
from dev.odoo import Host
from dev.process import run
from dev.say import Failed


def main():
    if not (paths.DEV / "bench.py").exists():
        raise Failed("There is no dev/bench.py here.")
    host = Host()
    with database.alone("bench"), postgres.cluster():
        addon = database.addon(host)
        if os.environ.get("BENCH_ONLY") == "replica":
            with database.copied(addon, "bench") as ours:
                return bench_replica.main(host, ours)
        base = database.base(host)
        with (
            database.copied(base, "bench_base") as plain,
            database.copied(addon, "bench") as ours,
            database.copied(addon, "bench_chart") as chart,
        ):
            host.call(
                *("server", "-d", chart, "-i", "hr_org_chart", "--stop-after-init", "--no-http"),
                log=database.log_of("bench_chart"),
                failure="Odoo's org chart of employees could not be installed.",
            )
            host.write_config()
            command = [host.python, "-m", "dev.benchmark", plain, ours, chart]
            return run(command, check=False, env=host.environment(), cwd=paths.ROOT)


def inside(base_db, addon_db, chart_db):
    """In the host's Python: boot the addon's database and hand it to dev/bench.py."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    options = ["-c", str(paths.CONFIG), "-d", f"{addon_db},{base_db},{chart_db}", "--no-http", "--log-level=warn"]
    config.parse_config(options, setup_logging=True)
    spec = importlib.util.spec_from_file_location("kams_bench", paths.DEV / "bench.py")
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    with Registry(addon_db).cursor() as cr:
        return bench.main(api.Environment(cr, SUPERUSER_ID, {}), base_db, addon_db, chart_db)


if __name__ == "__main__":
    sys.exit(inside(*sys.argv[1:]))
