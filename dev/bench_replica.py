"""Do reports read from a read-only replica? `BENCH_ONLY=replica make bench`.

A primary and a hot standby that streams from it are started beside the project's own cluster, Odoo's
``db_replica_host`` is pointed at the standby, and each report is asked for over HTTP, as the web client does it, with
one company and with two of different currencies. Both servers count: the standby must have read rows, and on the
primary there must not even have been a transaction. All is asked several times over, and the server's memory watched.
"""

import contextlib
import json
import os
import shutil
import subprocess
import time
import urllib.request
from datetime import date, timedelta
from pathlib import Path

from dev import bench_history_books, paths, postgres, server
from dev.process import running
from dev.say import Failed, say

PORT = 8979
MEMORY = 100  # MB
HEAD = """| rows read by the standby | by the primary | transactions on the primary |
| --- | --- | --- | --- |"""
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
autovacuum = off
max_connections = 60
shared_buffers = 256MB
"""


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

    def wait_for(self, primary):
        """Until this standby has all that the primary has written so far."""
        target = primary.psql("SELECT pg_current_wal_lsn()")[0]
        for _turn in range(600):
            if self.psql(f"SELECT pg_last_wal_replay_lsn() >= '{target}'::pg_lsn")[0] == "t":
                return
            time.sleep(0.5)
        raise Failed("The standby does not keep up with the primary.")

    def counts(self, database):
        """``(rows read, transactions)`` of this server in the database so far."""
        # a server process tells its last numbers when it ends, else it may keep them for ten seconds
        clients = f"FROM pg_stat_activity WHERE datname = '{database}' AND backend_type = 'client backend'"
        while self.psql(f"SELECT pg_terminate_backend(pid) {clients}"):
            time.sleep(0.1)
        [found] = self.psql(
            f"SELECT tup_returned, xact_commit + xact_rollback FROM pg_stat_database WHERE datname = '{database}'"
        )
        return tuple(map(int, found.split("|")))


@contextlib.contextmanager
def pair(source):
    """A primary with a copy of the database, filled with years of deals, and a standby that streams from it."""
    owner, home = postgres.Owner(), postgres.home()
    home = home.with_name(f"{home.name}-pair")
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
    standby.wait_for(primary)
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
        answer = json.loads(self.opener.open(request, timeout=600).read())
        if "error" in answer:
            raise Failed(f"{path}: {answer['error']['data']['message']}")
        return answer["result"]

    def call(self, model, method, *args, **kwargs):
        return self.rpc(
            f"/web/dataset/call_kw/{model}/{method}", model=model, method=method, args=list(args), kwargs=kwargs
        )

    def ask(self, question, companies):
        for call in question["calls"]:
            if "get" in call:
                self.opener.open(self.url + call["get"], timeout=600).read()
                continue
            context = {**call["kwargs"].get("context", {}), "allowed_company_ids": companies}
            self.call(call["model"], call["method"], *call["args"], **{**call["kwargs"], "context": context})


def main(host, database):
    """Print a table: for each report, what the standby and what the primary had to do."""
    with pair(database) as (primary, standby):
        options = ["-d", database, f"--db_host={primary.socket}", "--db_port=5432", f"--db_user={postgres.ROLE}"]
        say(f"writing {bench_history_books.DEALS:,} deals and their history")
        asked = paths.WORK / "replica-asked.json"
        host.call(
            *("shell", *options, "--no-http"),
            log=paths.LOGS / "replica-books.log",
            script=f"from dev import bench_replica_asked as asked\nasked.prepare(env, {str(asked)!r})\n",
            failure="The years of deals could not be written.",
        )
        primary.psql("VACUUM ANALYZE", database)
        stream(primary, standby)
        command = host.command(
            *("server", *options, f"--db_replica_host={standby.socket}", "--db_replica_port=5432"),
            *(f"--http-port={PORT}", f"--db-filter=^{database}$", "--max-cron-threads=0"),
            *("--limit-time-cpu=0", "--limit-time-real=0"),  # a busy machine may need its time
        )
        log = paths.LOGS / "replica-server.log"
        with running(command, log, env=host.environment(), cwd=paths.ROOT) as child:
            server.wait_until_up(child, f"{Client.url}/web/login", log)
            return proven(child.pid, primary, standby, database, json.loads(asked.read_text()), log)


def proven(pid, primary, standby, database, asked, log):
    client, questions = Client(database), asked["questions"]
    one, both = asked["companies"][:1], asked["companies"]
    questions.append(funnel_page(client, one))
    standby.wait_for(primary)
    begun = memory(pid)
    wrong = []
    for turn, companies in enumerate((one, one, both)):
        start = time.monotonic()
        if turn == 1:  # by then all is there that is read from the primary once: views, languages, the session
            print(f"| report, {bench_history_books.DEALS:,} deals {HEAD}", flush=True)
        for question in questions:
            before = [each.counts(database) for each in (standby, primary)] if turn else []
            client.ask(question, companies)
            if not turn:
                continue
            name = question["name"] + (", two currencies" if companies == both else "")
            [[there, _], [here, begun_here]] = [
                [now - then for now, then in zip(each.counts(database), past, strict=True)]
                for each, past in zip((standby, primary), before, strict=True)
            ]
            print(f"| {name} | {there:,} | {here:,} | {begun_here} |", flush=True)
            wrong += [name] if not there or begun_here else []
        took, has = time.monotonic() - start, memory(pid)
        print(f"Round {turn + 1}: {took:.0f} s, memory of the server {has:.0f} MB, {has - begun:+.0f} MB", flush=True)
    if wrote := log.read_text(errors="replace").count("retrying with a read/write cursor"):
        wrong.append(f"{wrote} requests that wrote, see {log}")
    if memory(pid) - begun > MEMORY:
        wrong.append(f"memory, which grew by more than {MEMORY} MB")
    if wrong:
        raise Failed(f"These did not read from the standby alone: {'; '.join(wrong)}")
    return 0


def funnel_page(client, companies):
    """A page is a record of its reader: saved on the primary, read on the standby."""
    year = {"date_from": str(date.today() - timedelta(days=365)), "date_to": str(date.today())}
    context = {"allowed_company_ids": companies}
    [page] = client.call("kams.funnel.page", "create", [year], context=context)
    read = {"model": "kams.funnel.page", "method": "web_read", "args": [[page], {"page": {}}], "kwargs": {}}
    paper = {"get": f"/report/pdf/kams_sales.report_funnel/{page}"}
    return {"name": "Funnel Report, page and PDF", "calls": [read, paper]}


def memory(pid):
    """What a process has of the machine's memory, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
