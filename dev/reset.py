"""`make reset`, `make up`, `make down`: the life of the cluster outside a command."""

import fcntl
import shutil

from dev import database, paths, postgres
from dev.lock import lock, try_exclusive
from dev.say import Failed, say


def up():
    """Start the cluster and leave it, for psql and other tools."""
    own = postgres.is_own()
    with postgres.cluster():
        if own:
            postgres.keep_file().touch()
        say(f"PostgreSQL: {postgres.hint()}")


def down():
    postgres.keep_file().unlink(missing_ok=True)
    with postgres.cluster():
        pass


def drop_databases():
    """On a server that isn't ours."""
    with postgres.cluster():
        prefix = database.full("")
        for name in postgres.psql("SELECT datname FROM pg_database"):
            if name.startswith(prefix):
                database.drop(name.removeprefix(prefix))


def drop_cluster():
    if not postgres.OUTSIDE.exists() and not (paths.WORK / "pg").exists():
        return
    paths.make_work_dirs()
    with lock(paths.LOCKS / "pg-gate"), open(paths.LOCKS / "pg-users", "a") as hold:
        fcntl.flock(hold, fcntl.LOCK_SH)
        if not try_exclusive(hold):
            raise Failed("Another make works with these databases: end it first.")
        home = postgres.home()
        if (home / "data").exists():
            postgres.stop(home, postgres.Owner())
        shutil.rmtree(home, ignore_errors=True)


def reset():
    """Drop what the project made here; what was downloaded stays."""
    if not paths.WORK.exists():
        return
    if not postgres.is_own():
        drop_databases()
    drop_cluster()
    shutil.rmtree(paths.WORK)
    say("reset: databases, cluster and logs are gone; the download cache stays")
