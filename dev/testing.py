"""`make test`: everything in one pytest run, whose closing line is the last one printed.

All tests run file by file on as many workers as there are cores, up to ``WORKERS``: pytest-odoo gives each worker
a copy of the database.
"""

import os

from dev import database, npm, paths, postgres
from dev.lint import PRETTIER
from dev.logcheck import complaints
from dev.odoo import Host
from dev.process import run
from dev.say import Failed, say
from dev.venv import lint_bin

# Each holds an Odoo, and now and then a browser: about 1 GB.
WORKERS = 4


def pytest(host, name, *arguments):
    """On our terminal, in a process group of its own: Chromium goes when it goes."""
    command = [
        *(host.python, "-m", "pytest", "-p", "dev.strict", "-p", "dev.workers"),
        *(f"--odoo-config={paths.CONFIG}", f"--odoo-database={database.full(name)}"),
        *("--odoo-http", "--odoo-extra", f"db-filter=^{database.full(name)}$"),
        *arguments,
    ]
    host.write_config()
    return run(command, check=False, env=host.environment(), cwd=paths.ROOT)


def main():
    if wanted := os.environ.get("T"):
        return quick(wanted)
    host = Host()
    # Fetched before the clock of a test runs.
    lint_bin()
    npm.ensure("prettier", PRETTIER)
    with database.alone("test"), postgres.cluster():
        database.bases(host)
        with database.copied(database.addon(host), "test"):
            say("running all tests")
            folders = ["dev/tests", f"{paths.ADDON}/tests", f"{paths.ADDON}/tools"]
            present = [folder for folder in folders if (paths.ROOT / folder).exists()]
            workers = max(1, min(WORKERS, os.cpu_count() or 1))
            # In the order of the folders, installing and linting first: xdist would begin with the files of many
            # tests, and end with these, which have few and take minutes, on one worker while the others are idle.
            spread = ("-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder")
            return pytest(host, "test", *spread, "--doctest-modules", *present)


def quick(wanted):
    """`make test T=…`: one file, or the tests whose names match, on a database that stays."""
    host = Host()
    with database.alone("test"), postgres.cluster():
        if wanted.startswith("dev/"):
            # These tests copy the templates themselves.
            database.bases(host)
            database.addon(host)
        database.bring_up_to_date(host, "quick")
        for log in (database.log_of("quick-upgrade"), database.log_of("addon_demo")):
            if log.exists() and (found := complaints(log.read_text(), base_log())):
                say("warnings in the install log:\n" + "\n".join(found))
        path = wanted.split("::")[0]
        if (paths.ROOT / path).exists():
            return pytest(host, "quick", wanted)
        if not (paths.ADDON_DIR / "tests").exists():
            raise Failed(f"{paths.ADDON} has no tests yet.")
        return pytest(host, "quick", f"{paths.ADDON}/tests", "-k", wanted)


def base_log():
    log = database.log_of("base_demo")
    return log.read_text() if log.exists() else ""
