"""`make run`: a server with demo data, until Ctrl-C."""

import os
import socket
import time
import urllib.error
import urllib.request

from dev import database, paths, postgres
from dev.odoo import Host
from dev.process import running
from dev.say import Failed, say, tail

ADDRESS = "127.0.0.1"
# So that the first page does not keep its reader waiting.
WARM_UP = """
env['ir.qweb']._pregenerate_assets_bundles()
env.cr.commit()
"""


def port():
    text = os.environ.get("PORT") or "8069"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Failed(f"PORT={text} is no port: give a number from 1 to 65535.")
    return int(text)


def check_port(number):
    with socket.socket() as probe:
        # As the server does it: an address that is only cooling down is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, number))
        except PermissionError:
            raise Failed(f"Port {number} needs root: try `make run PORT=8070`.") from None
        except OSError:
            raise Failed(
                f"Port {number} is taken by another program: stop it, or try `make run PORT={number + 1}`."
            ) from None


def wait_until_up(child, url, log, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise Failed(f"The server ended at once.\n{tail(log)}(all of it: {log})")
        try:
            with urllib.request.urlopen(url, timeout=30):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise Failed(f"The server gave no page within {seconds} seconds: see {log}")


def main():
    number = port()
    check_port(number)
    host = Host()
    with postgres.cluster():
        if database.bring_up_to_date(host, "run"):
            say("preparing the pages")
            host.call(
                *("shell", "-d", database.full("run"), "--no-http"),
                log=paths.LOGS / "warm-up.log",
                script=WARM_UP,
                check=False,
            )
        log = paths.LOGS / "server.log"
        url = f"http://{ADDRESS}:{number}"
        name = database.full("run")
        command = host.command(
            *("server", "-d", name, f"--db-filter=^{name}$", f"--http-port={number}"),
        )
        check_port(number)
        with running(command, log, env=host.environment(), cwd=paths.ROOT) as child:
            wait_until_up(child, f"{url}/web/login", log)
            print(f"\n    Odoo with {paths.ADDON} is at {url}\n    login admin, password admin\n")
            say(f"its log: {log}; Ctrl-C ends it")
            child.wait()
            raise Failed(f"The server ended by itself.\n{tail(log)}(all of it: {log})")


def shell():
    """`make shell`: Odoo's Python prompt on the database of `make run`."""
    host = Host()
    with postgres.cluster():
        database.bring_up_to_date(host, "run")
        arguments = host.command("shell", "-d", database.full("run"), "--no-http")
        return host.python_call(*arguments[1:])
