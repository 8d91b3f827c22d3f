"""Do reports read from a read-only replica? `BENCH_ONLY=replica make bench`.

A primary and a hot standby that streams from it are started beside the project's own cluster, Odoo's
``db_replica_host`` is pointed at the standby, and each report is asked for over HTTP, as the web client does it. Both
servers count which rows of the history they read: the standby's count must grow, the primary's must not.
"""

import contextlib
import json
import os
import shutil
import subprocess
import time
import urllib.request

from dev import bench_history_books, paths, postgres, server
from dev.process import running
from dev.say import Failed, say

PORT = 8979
TABLE = "kams_deal_history"
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0777
fsync = off
synchronous_commit = off
wal_level = replica
max_wal_senders = 4
hot_standby = on
hot_standby_feedback = on
max_connections = 60
shared_buffers = 256MB
"""
# What the client asks of each report: (model, measures, grouped by)
REPORTS = [
    ("kams.funnel", ["entered:sum", "advanced:sum", "conversion:avg"], ["phase_code"]),
    ("kams.funnel", ["median_days:avg", "p80_days:avg"], ["phase_code", "team_id"]),
    ("kams.pipeline", ["amount:sum", "weighted:sum"], ["phase_code"]),
    ("kams.pipeline.change", ["amount:sum"], ["kind"]),
    ("kams.forecast.accuracy", ["forecast:sum"], ["user_id"]),
    ("kams.compliance", ["strict:avg"], ["team_id"]),
    ("kams.winloss.report", ["__count"], ["result"]),
    ("kams.performance", ["won_amount:sum"], ["user_id"]),
]


class Server:
    """A PostgreSQL server of its own folder, reached by a socket in it."""

    def __init__(self, owner, folder):
        self.owner, self.folder = owner, folder
        self.data, self.socket = folder / "data", folder / "sock"

    def configure(self):
        self.socket.mkdir(mode=0o700, exist_ok=True)
        os.chown(self.socket, self.owner.uid, self.owner.gid)
        conf = self.data / "kams.conf"
        conf.write_text(SETTINGS.format(socket=self.socket))
        os.chown(conf, self.owner.uid, self.owner.gid)
        main = self.data / "postgresql.conf"
        if "kams.conf" not in main.read_text():
            with open(main, "a") as file:
                file.write("include = 'kams.conf'\n")

    def start(self):
        program = postgres.find("pg_ctl")
        command = [program, "-D", self.data, "-l", self.folder / "log", "-w", "start"]
        if self.owner.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            raise Failed(f"PostgreSQL did not start: see {self.folder / 'log'}")

    def stop(self):
        command = [postgres.find("pg_ctl"), "-D", self.data, "-m", "immediate", "-w", "stop"]
        self.owner.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def psql(self, query, database="postgres", user=postgres.ADMIN):
        return postgres.psql(query, database, user=user, socket=self.socket)

    def rows_read(self, database):
        """How many rows of the history this server has read so far."""
        time.sleep(1.5)  # statistics are written down a moment after the statement
        found = self.psql(
            f"SELECT COALESCE(seq_tup_read, 0) + COALESCE(idx_tup_fetch, 0) FROM pg_stat_user_tables"
            f" WHERE relname = '{TABLE}'",
            database,
        )
        return int(found[0]) if found else 0


@contextlib.contextmanager
def pair(source):
    """A primary with a copy of the database, filled with years of deals, and a standby that streams from it."""
    owner, home = postgres.Owner(), postgres.home() / "pair"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700)
    os.chown(home, owner.uid, owner.gid)
    servers = []
    for name in ("a", "b"):
        folder = home / name
        folder.mkdir(mode=0o700)
        os.chown(folder, owner.uid, owner.gid)
        servers.append(Server(owner, folder))
    primary, standby = servers
    try:
        owner.run(
            [postgres.find("initdb"), "-D", primary.data, "-U", postgres.ADMIN, "-A", "trust", "-E", "UTF8"]
            + ["--locale=C.UTF-8", "--no-sync"],
            check=True,
            capture_output=True,
        )
        primary.configure()
        primary.start()
        primary.psql(f"CREATE ROLE {postgres.ROLE} LOGIN CREATEDB")
        primary.psql(f'CREATE DATABASE "{source}" OWNER {postgres.ROLE}')
        say("copying the database to a primary of its own")
        dump = subprocess.Popen([postgres.find("pg_dump"), "-Fc", "-Z1", source], stdout=subprocess.PIPE)
        target = dict(os.environ, PGHOST=str(primary.socket), PGPORT="5432", PGUSER=postgres.ROLE)
        restored = subprocess.run(
            [postgres.find("pg_restore"), "-d", source, "--no-owner", "--no-comments"],
            stdin=dump.stdout,
            env=target,
            capture_output=True,
            text=True,
        )
        if dump.wait() or "FATAL" in restored.stderr:
            raise Failed(f"The database could not be copied: {restored.stderr[-500:]}")
        yield primary, standby
    finally:
        for each in reversed(servers):
            if each.data.exists():
                each.stop()
        shutil.rmtree(home, ignore_errors=True)


def stream(primary, standby):
    """Start the standby from a base backup, and wait until it has everything."""
    say("starting a standby that streams from it")
    standby.owner.run(
        [postgres.find("pg_basebackup"), "-D", standby.data, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
        + ["-h", primary.socket, "-U", postgres.ADMIN],
        check=True,
        capture_output=True,
    )
    standby.configure()
    standby.start()
    target = primary.psql("SELECT pg_current_wal_lsn()")[0]
    for _turn in range(240):
        if standby.psql(f"SELECT pg_last_wal_replay_lsn() >= '{target}'::pg_lsn")[0] == "t":
            break
        time.sleep(0.5)
    state = primary.psql("SELECT state FROM pg_stat_replication")
    if state != ["streaming"] or standby.psql("SELECT pg_is_in_recovery()") != ["t"]:
        raise Failed(f"The standby does not stream: {state}")


class Client:
    """The web client's calls."""

    url = f"http://{server.ADDRESS}:{PORT}"

    def __init__(self, database):
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self.rpc("/web/session/authenticate", db=database, login="admin", password="admin")

    def rpc(self, path, **params):
        request = urllib.request.Request(
            self.url + path,
            json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode(),
            {"Content-Type": "application/json"},
        )
        answer = json.loads(self.opener.open(request, timeout=120).read())
        if "error" in answer:
            raise Failed(f"{path}: {answer['error']['data']['message']}")
        return answer["result"]

    def call(self, model, method, *args, **kwargs):
        return self.rpc(
            f"/web/dataset/call_kw/{model}/{method}", model=model, method=method, args=list(args), kwargs=kwargs
        )


def main(host, database):
    """Print a table: for each report, rows of the history read by the standby and by the primary."""
    with pair(database) as (primary, standby):
        options = ["-d", database, f"--db_host={primary.socket}", "--db_port=5432", f"--db_user={postgres.ROLE}"]
        host.call(
            *("shell", *options, "--no-http"),
            log=paths.LOGS / "replica-books.log",
            script="from dev import bench_history_books as b\nb.books(env)\n",
            failure="The years of deals could not be written.",
        )
        primary.psql("ANALYZE", database)
        stream(primary, standby)
        command = host.command(
            *("server", *options, f"--db_replica_host={standby.socket}", "--db_replica_port=5432"),
            *(f"--http-port={PORT}", f"--db-filter=^{database}$", "--max-cron-threads=0"),
        )
        log = paths.LOGS / "replica-server.log"
        with running(command, log, env=host.environment(), cwd=paths.ROOT) as child:
            server.wait_until_up(child, f"{Client.url}/web/login", log)
            client = Client(database)
            print(f"| report, {bench_history_books.DEALS:,} deals | rows read by the standby | by the primary |")
            print("| --- | --- | --- |")
            wrong = [name for name, *read in asked(client, primary, standby, database) if not read[0] or read[1]]
    if wrong:
        raise Failed(f"These did not read from the standby alone: {', '.join(wrong)}")
    return 0


def asked(client, primary, standby, database):
    for model, measures, groups in REPORTS:
        before = standby.rows_read(database), primary.rows_read(database)
        client.call(model, "formatted_read_group", [], groups, measures)
        client.call(model, "web_search_read", [], {"display_name": {}}, limit=40)
        read = [
            now - then
            for now, then in zip((standby.rows_read(database), primary.rows_read(database)), before, strict=True)
        ]
        name = f"{model} by {', '.join(groups)}"
        print(f"| {name} | {read[0]:,} | {read[1]:,} |", flush=True)
        yield name, *read
