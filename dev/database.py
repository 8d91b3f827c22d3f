"""Databases: templates that are built once, and copies of them that take a second.

    base_demo, base_plain    what kams_sales depends on, with and without demo data
    addon_demo               base_demo with kams_sales installed

A template's comment says what it was built from; it is built anew when that has changed.
"""

import ast
import contextlib
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

from dev import paths, postgres, system
from dev.lock import lock
from dev.say import Failed, say

# Until the addon says so itself.
DEPENDS = ["sale_crm", "sale_project", "spreadsheet_dashboard", "web_hierarchy"]


def full(name):
    return os.environ[postgres.PREFIX] + name


def quote(text):
    return "'" + text.replace("'", "''") + "'"


def exists(name):
    return bool(postgres.psql(f"SELECT 1 FROM pg_database WHERE datname = {quote(full(name))}"))


def note(name):
    """What the database was built from, or None if there is no such database."""
    rows = postgres.psql(
        f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = {quote(full(name))}"
    )
    return rows[0] if rows else None


def set_note(name, text):
    postgres.psql(f'COMMENT ON DATABASE "{full(name)}" IS {quote(text)}')


def filestore(name):
    return paths.FILESTORE / full(name)


def patiently(command):
    """Again and again while somebody is still in the database, for ten seconds."""
    for attempt in range(20):
        try:
            return postgres.psql(command)
        except Failed as error:
            if "being accessed" not in str(error) or attempt == 19:
                raise
            time.sleep(0.5)


def drop(name):
    # Not WITH (FORCE): an autovacuum worker is not ours to end, and a plain DROP asks it to leave.
    postgres.psql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = {quote(full(name))} AND usename = current_user"
    )
    patiently(f'DROP DATABASE IF EXISTS "{full(name)}"')
    shutil.rmtree(filestore(name), ignore_errors=True)


def copy(source, target):
    """PostgreSQL copies the rows, we the files: Odoo keeps attachments outside the database."""
    with template_lock(source):
        copy_alone(source, target)
    return full(target)


def template_lock(name):
    """Nobody rebuilds a template while another copies it."""
    return lock(paths.LOCKS / f"db-{full(name)}", waiting=f"waiting for another make that uses {full(name)}")


def copy_alone(source, target):
    drop(target)
    patiently(f'CREATE DATABASE "{full(target)}" TEMPLATE "{full(source)}"')
    if filestore(source).exists():
        shutil.copytree(filestore(source), filestore(target))


def rename(old, new):
    drop(new)
    postgres.psql(f'ALTER DATABASE "{full(old)}" RENAME TO "{full(new)}"')
    if filestore(old).exists():
        filestore(old).rename(filestore(new))


@contextlib.contextmanager
def copied(source, target):
    """A copy that is gone after the block."""
    try:
        yield copy(source, target)
    finally:
        drop(target)


def alone(work):
    """For work on databases with fixed names: a second one of the kind waits."""
    return lock(paths.LOCKS / f"work-{work}", waiting=f"waiting for another `make {work}` in this checkout")


def depends():
    manifest = paths.ADDON_DIR / "__manifest__.py"
    if not manifest.exists():
        return DEPENDS
    return sorted(ast.literal_eval(manifest.read_text(encoding="utf-8"))["depends"])


def base_key(host):
    return f"{host.key} {','.join(depends())}"


def addon_key(host):
    return f"{base_key(host)} {paths.tree_hash(paths.ADDON_DIR)}"


def demo_option(demo):
    return "--with-demo" if demo else "--without-demo"


def template(name, key, build):
    """Build it under another name, and give it its own when it is whole."""
    with template_lock(name):
        if note(name) != key:
            system.need_disk(paths.WORK, 2)
            new = f"{name}_new"
            drop(new)
            build(new)
            set_note(new, key)
            rename(new, name)
    return name


def base(host, demo=True):
    """Odoo with the modules that kams_sales depends on."""
    name = "base_demo" if demo else "base_plain"

    def build(new):
        say(f"preparing Odoo's own modules {'with' if demo else 'without'} demo data")
        host.call(
            *("server", "-d", full(new), "-i", ",".join(depends()), demo_option(demo)),
            *("--stop-after-init", "--no-http"),
            log=log_of(name),
            failure="Odoo's own modules could not be installed.",
        )

    return template(name, base_key(host), build)


def bases(host):
    """Both at once: each keeps one core busy."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda demo: base(host, demo), (True, False)))


def log_of(name):
    return paths.LOGS / f"{name}.log"


def addon(host):
    """kams_sales with demo data; its log stays for the check of warnings."""
    if not (paths.ADDON_DIR / "__manifest__.py").exists():
        raise Failed(f"There is no {paths.ADDON} here yet: {paths.ADDON_DIR} has no manifest.")
    base(host)

    def build(new):
        say(f"installing {paths.ADDON} with demo data")
        copy("base_demo", new)
        install(host, new, log_of("addon_demo"))

    return template("addon_demo", addon_key(host), build)


def install(host, name, log, demo=True, extra=(), flag="-i"):
    host.call(
        *("server", "-d", full(name), flag, paths.ADDON, demo_option(demo), *extra),
        *("--stop-after-init", "--no-http"),
        log=log,
        failure=f"{paths.ADDON} could not be {'installed' if flag == '-i' else 'upgraded'}.",
    )


def bring_up_to_date(host, name):
    """A database that people work in: made once, upgraded when the addon's files have changed."""
    key = addon_key(host)
    with template_lock(name):
        if exists(name) and note(name) == key:
            return False
        if exists(name) and (note(name) or "").startswith(base_key(host)):
            say(f"{paths.ADDON} has changed: upgrading the database {full(name)}")
            install(host, name, log_of(f"{name}-upgrade"), flag="-u")
        else:
            new = f"{name}_new"
            copy(addon(host), new)
            rename(new, name)
        set_note(name, key)
    return True
