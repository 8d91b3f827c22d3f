"""The PostgreSQL server: the one that PGHOST names, or a cluster of the project's own.

Our own cluster listens on a unix socket in an ignored folder and on nothing else. Whoever needs it
first starts it, whoever leaves it last stops it.
"""

import contextlib
import fcntl
import glob
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

from dev import paths
from dev.lock import lock, try_exclusive
from dev.say import Failed, say, tail

OLDEST = 13
# Where the cluster is if it can't be in the checkout.
OUTSIDE = Path("/var/tmp") / f"kams-{paths.CHECKOUT_ID}"
ADMIN = "kams_admin"
# Odoo's own role may create databases and nothing else, as in a company.
ROLE = "kams"
# Handed to children by environment, like the server itself: how our databases' names begin.
PREFIX = "KAMS_DB_PREFIX"
# A socket's path may have 107 characters, and ".s.PGSQL.5432" is 14 of them.
LONGEST_SOCKET_DIR = 90
# The data can be made again, so speed is worth more here than surviving a power cut. An installation locks 5,300 tables
# and indexes, a worker's tests 2,500: several at a time are more than the 6,400 of PostgreSQL's own setting.
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0777
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
shared_buffers = 256MB
max_connections = 100
max_locks_per_transaction = 256
"""


def find(program):
    """The newest of a program of PostgreSQL, or None. Debian keeps the server's off PATH."""
    places = glob.glob(f"/usr/lib/postgresql/*/bin/{program}")
    places.sort(key=lambda path: int(re.findall(r"\d+", path)[0]), reverse=True)
    if found := shutil.which(program):
        places.append(found)
    return next((path for path in places if os.access(path, os.X_OK)), None)


def major_version(text):
    """15 from "postgres (PostgreSQL) 15.18 (Debian …)" or from 150018."""
    if text.strip().isdigit():
        return int(text) // 10000
    found = re.search(r"\(PostgreSQL\) (\d+)", text)
    return int(found.group(1)) if found else 0


def check_version(text, where):
    if major_version(text) < OLDEST:
        raise Failed(
            f"{where} is {text.strip()}, Odoo 19 needs PostgreSQL {OLDEST} or newer: "
            "install one, or set PGHOST to a server that has it."
        )


def is_own():
    return not os.environ.get("PGHOST")


class Owner:
    """The account that runs the cluster: ours, or `postgres` when we are root."""

    def __init__(self):
        self.options = {"cwd": "/"}
        self.uid, self.gid = os.geteuid(), os.getegid()
        if not self.uid:
            try:
                account = pwd.getpwnam("postgres")
            except KeyError:
                raise Failed(
                    "PostgreSQL does not run as root and there is no account postgres: "
                    "install Debian's package postgresql."
                ) from None
            self.uid, self.gid = account.pw_uid, account.pw_gid
            self.options.update(user=self.uid, group=self.gid, extra_groups=[])

    def run(self, command, **options):
        command = [str(part) for part in command]
        # In a session of its own: Ctrl-C is for us, and must not cut a start or stop in two.
        options = {"stdin": subprocess.DEVNULL, "start_new_session": True, **options}
        options.update(self.options)
        return subprocess.run(command, **options)

    def reaches(self, folder):
        """A checkout below /root is closed to everybody else."""
        return self.run(["test", "-x", folder]).returncode == 0


def home():
    """The cluster's folder: in the checkout if its owner gets there and the path is short."""
    inside = paths.WORK / "pg"
    paths.make_work_dirs()
    if len(str(inside / "sock")) <= LONGEST_SOCKET_DIR and Owner().reaches(paths.WORK):
        return inside
    return OUTSIDE


def make_home(folder, owner):
    """Open to its owner only, so that nobody else gets at the socket."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in (owner.uid, os.geteuid()):
        raise Failed(f"{folder} belongs to somebody else: remove it and try again.")
    os.chown(folder, owner.uid, owner.gid)
    folder.chmod(0o700)


def initialise(folder, owner):
    """A new cluster, under another name until it is whole."""
    initdb = find("initdb")
    new, data = folder / "data.new", folder / "data"
    shutil.rmtree(new, ignore_errors=True)
    say("making a PostgreSQL cluster")
    command = [initdb, "-D", new, "-U", ADMIN, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    done = owner.run([*command, "--no-sync"], capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"PostgreSQL's initdb failed: {done.stderr.strip()}")
    new.rename(data)


def configure(folder, owner):
    socket = folder / "sock"
    if not socket.exists():
        socket.mkdir(mode=0o700)
        os.chown(socket, owner.uid, owner.gid)
    conf = folder / "data" / "kams.conf"
    text = SETTINGS.format(socket=socket)
    if not conf.exists() or conf.read_text() != text:
        conf.write_text(text)
        os.chown(conf, owner.uid, owner.gid)
    include = "include = 'kams.conf'\n"
    main = folder / "data" / "postgresql.conf"
    if include not in main.read_text():
        with open(main, "a") as file:
            file.write(include)


def pg_ctl(folder):
    """The pg_ctl of the version that made the cluster."""
    version = (folder / "data" / "PG_VERSION").read_text().strip()
    program = f"/usr/lib/postgresql/{version}/bin/pg_ctl"
    program = program if os.path.exists(program) else find("pg_ctl")
    found = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    if major_version(found) != int(version):
        raise Failed(
            f"The project's cluster was made by PostgreSQL {version}, which is gone: run `make reset` and try again."
        )
    return program


def is_running(folder, owner):
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        return False
    return not owner.run([pg_ctl(folder), "-D", data, "status"], capture_output=True).returncode


def start(folder, owner):
    version = subprocess.run([find("postgres"), "--version"], capture_output=True, text=True)
    check_version(version.stdout, "The PostgreSQL of this machine")
    make_home(folder, owner)
    if not (folder / "data" / "PG_VERSION").exists():
        initialise(folder, owner)
    configure(folder, owner)
    if is_running(folder, owner):
        return
    log = folder / "log"
    command = [pg_ctl(folder), "-D", folder / "data", "-l", log, "-w", "start"]
    if owner.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        raise Failed(f"PostgreSQL did not start.\n{tail(log, 5)}(all of it: {log})")
    query = f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'"
    if not psql(query, user=ADMIN, socket=folder / "sock"):
        psql(f"CREATE ROLE {ROLE} LOGIN CREATEDB", user=ADMIN, socket=folder / "sock")


def stop(folder, owner):
    if is_running(folder, owner):
        owner.run(
            [pg_ctl(folder), "-D", folder / "data", "-m", "fast", "-w", "stop"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def psql(query, database="postgres", user=None, socket=None):
    """The answer as lines of text; columns are parted by `|`."""
    command = [find("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", query]
    environment = dict(os.environ, PGCONNECT_TIMEOUT="10")
    if user:
        environment["PGUSER"] = user
    if socket:
        environment.update(PGHOST=str(socket), PGPORT="5432")
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise Failed(f"PostgreSQL says: {' '.join(done.stderr.split())}")
    return done.stdout.splitlines()


def check_given_server():
    """PGHOST was set by the user: say early what Odoo would trip over."""
    if os.environ.get("PGUSER") == "postgres":
        raise Failed("Odoo refuses to work as PostgreSQL's user postgres: set PGUSER to another.")
    where = f"The server PGHOST={os.environ['PGHOST']}"
    try:
        version = psql("SHOW server_version_num")[0]
    except Failed as error:
        raise Failed(f"{where} can't be used. {error}") from None
    check_version(version, where)


@contextlib.contextmanager
def cluster():
    """The server for the length of the block; the environment then leads every child to it."""
    paths.make_work_dirs()
    if not is_own():
        check_given_server()
        # Others use this server too: the checkout's databases must be told apart.
        os.environ[PREFIX] = f"kams_{paths.CHECKOUT_ID[:6]}_"
        yield
        return
    owner, folder = Owner(), home()
    gate, users = paths.LOCKS / "pg-gate", paths.LOCKS / "pg-users"
    before = {key: os.environ.get(key) for key in ("PGHOST", "PGPORT", "PGUSER")}
    with open(users, "a") as hold:
        with lock(gate):
            fcntl.flock(hold, fcntl.LOCK_SH)
            start(folder, owner)
        os.environ.update(PGHOST=str(folder / "sock"), PGPORT="5432", PGUSER=ROLE)
        os.environ[PREFIX] = "kams_"
        try:
            yield
        finally:
            for key, value in before.items():
                os.environ.pop(key, None)
                if value is not None:
                    os.environ[key] = value
            with lock(gate):
                if try_exclusive(hold) and not keep_file().exists():
                    stop(folder, owner)


def keep_file():
    """While it exists, nobody stops the cluster: `make up` leaves it, `make down` takes it away."""
    return paths.WORK / "keep-cluster"


def hint():
    return f"PGHOST={os.environ['PGHOST']} PGUSER={os.environ.get('PGUSER', '')}"
