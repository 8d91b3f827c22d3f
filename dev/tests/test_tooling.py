"""What the tooling says when it can't go on, and what its checks let through."""

import os
import socket
import subprocess
import sys
import time

import pytest

from dev import database, host, lint, paths, postgres, process, schema, server, system
from dev.lock import lock, try_exclusive
from dev.logcheck import complaints
from dev.say import Failed


def test_a_taken_port_is_named(monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        number = other.getsockname()[1]
        with pytest.raises(Failed, match=f"Port {number} is taken"):
            server.check_port(number)


def test_a_port_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("PORT", "http")
    with pytest.raises(Failed, match="PORT=http is no port"):
        server.port()


@pytest.mark.parametrize(
    "text", ["postgres (PostgreSQL) 12.4 (Debian 12.4-1)", "120004", "postgres (PostgreSQL) 9.6.2"]
)
def test_an_old_postgresql_is_refused(text):
    with pytest.raises(Failed, match="needs PostgreSQL 13 or newer"):
        postgres.check_version(text, "This server")


@pytest.mark.parametrize("text", ["postgres (PostgreSQL) 13.0", "150018", "18devel 180000"[8:]])
def test_a_newer_postgresql_is_taken(text):
    postgres.check_version(text, "This server")


def test_a_full_disk_is_found_out_first(tmp_path):
    with pytest.raises(Failed, match="GB are free"):
        system.need_disk(tmp_path / "not" / "there", 10**9)


def test_a_folder_without_odoo_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO", str(tmp_path))
    with pytest.raises(Failed, match="holds no Odoo"):
        host.odoo_root()


def test_another_odoo_is_refused(tmp_path, monkeypatch):
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo" / "release.py").write_text("version_info = (18, 0, 0, FINAL, 0, '')\n")
    monkeypatch.setenv("ODOO", str(tmp_path))
    with pytest.raises(Failed, match="is Odoo 18.0, kams_sales needs Odoo 19"):
        host.odoo_root()


APT = """#!/bin/sh
# update: refused as expired, unless the date isn't asked for; download: one package
case "$*" in
*download*) touch odoo-19_19.0_all.deb ;;
*Check-Valid-Until=false*) exit {lenient} ;;
*) echo "E: Release file for sid is expired (invalid since 19d). Updates will not be applied."; exit 100 ;;
esac
"""


@pytest.fixture
def apt(tmp_path, monkeypatch):
    """A mirror that lags behind, for an apt-get of our own."""

    def behave(lenient):
        (tmp_path / "apt-get").write_text(APT.format(lenient=lenient))
        (tmp_path / "apt-get").chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(paths, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(paths, "LOGS", tmp_path / "log")
    monkeypatch.setattr(host, "keyring", lambda: "/dev/null")
    return behave


def test_a_mirror_that_lags_behind_is_taken_at_its_signature(apt, capsys):
    apt(lenient=0)
    assert [deb.name for deb in host.download_debs("http://mirror")] == ["odoo-19_19.0_all.deb"]
    assert "past its date" in capsys.readouterr().out


def test_a_mirror_that_fails_otherwise_is_one_sentence(apt):
    apt(lenient=100)
    with pytest.raises(Failed, match="could not be fetched from Debian"):
        host.download_debs("http://mirror")


def test_missing_packages_without_root_and_sudo_are_named(monkeypatch):
    monkeypatch.setattr(system, "missing_packages", lambda: ["chromium", "wkhtmltopdf"])
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)
    which = {"apt-get": "/usr/bin/apt-get"}
    monkeypatch.setattr(system.shutil, "which", which.get)
    with pytest.raises(Failed, match="no sudo: install chromium wkhtmltopdf"):
        system.install_missing_packages()


def test_a_child_goes_with_its_own_children(tmp_path):
    log = tmp_path / "log"
    with process.running(["sh", "-c", "sleep 300 & sleep 300"], log) as child:
        assert process.group_alive(child)
    # an orphan that has ended counts as alive until the system's first process buries it
    for _wait in range(50):
        if not process.group_alive(child):
            break
        time.sleep(0.1)
    assert not process.group_alive(child)


def test_the_last_user_of_a_lock_knows_it(tmp_path):
    with lock(tmp_path / "users", shared=True) as first:
        code = (
            "import fcntl, sys, time\n"
            f"file = open({str(tmp_path / 'users')!r}, 'a')\n"
            "fcntl.flock(file, fcntl.LOCK_SH)\n"
            "print('held', flush=True)\n"
            "time.sleep(300)\n"
        )
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
            other.stdout.readline()
            assert not try_exclusive(first)
            other.kill()
        deadline = time.monotonic() + 5
        while not try_exclusive(first):
            assert time.monotonic() < deadline


LINE = "2026-01-02 03:04:05,678 42 {} test {}: {}\n"


def test_warnings_of_the_addon_are_found():
    text = LINE.format("INFO", "odoo.modules.loading", "loading kams_sales/views/lead.xml")
    text += LINE.format("WARNING", "odoo.addons.kams_sales.models.lead", "hm")
    text += LINE.format("ERROR", "odoo.models", "Model kams.review has no table")
    text += LINE.format("WARNING", "odoo.fields", "something new")
    assert len(complaints(text)) == 3


def test_odoos_own_warnings_are_not_ours():
    base = LINE.format("WARNING", "odoo.fields", "field 7 is odd")
    text = LINE.format("WARNING", "odoo.fields", "field 8 is odd")
    text += LINE.format("WARNING", "py.warnings", "/lib/odoo/x.py:3: DeprecationWarning: old")
    text += LINE.format("WARNING", "py.warnings", f"{paths.CACHE}/odoo/x.py:3: old")
    assert complaints(text, base) == []


def test_a_traceback_belongs_to_its_line():
    text = LINE.format("ERROR", "odoo.http", "failed") + "Traceback\n  File kams_sales/x.py\n"
    assert "kams_sales/x.py" in complaints(text, LINE.format("ERROR", "odoo.http", "failed"))[0]


def test_a_changed_file_changes_the_hash(tmp_path):
    (tmp_path / "a.py").write_text("1")
    first = paths.tree_hash(tmp_path)
    assert paths.tree_hash(tmp_path) == first
    (tmp_path / "a.py").write_text("2")
    assert paths.tree_hash(tmp_path) != first


def test_the_picture_of_a_database_sees_its_objects():
    with database.copied("base_plain", "test_picture") as name:
        before = schema.picture(name)
        postgres.psql("ALTER TABLE crm_lead ADD kams_left integer", name)
        postgres.psql("CREATE TABLE kams_left (id integer)", name)
        postgres.psql('INSERT INTO ir_ui_menu (name) VALUES (\'{"en_US": "Left"}\')', name)
        left = schema.picture(name) - before
    assert {"column crm_lead.kams_left integer", "table kams_left"} <= left
    assert any(line.startswith("row ir_ui_menu ") and "Left" in line for line in left)


def test_linters_look_at_this_project():
    assert "dev" in lint.python_folders()
