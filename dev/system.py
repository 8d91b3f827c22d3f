"""What the operating system must bring: Debian packages, disk space, a Python that Odoo takes."""

import glob
import os
import shutil
import subprocess
import sys

from dev import paths
from dev.say import Failed, say

PYTHONS = [(3, 11), (3, 12), (3, 13), (3, 10)]
# The names that Odoo's own test runner tries, in its order.
CHROMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
GIGABYTE = 1024**3


def find_python():
    """A Python that Odoo 19 takes: the one that runs this, or else one from PATH."""
    if sys.version_info[:2] in PYTHONS:
        return sys.executable
    for major, minor in PYTHONS:
        if found := shutil.which(f"python{major}.{minor}"):
            return found
    raise Failed(f"Odoo 19 needs Python 3.10 to 3.13, this is {sys.version.split()[0]}: install one of them.")


def python_version(python):
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.check_output([python, "-c", code], text=True).strip()


def missing_packages():
    """Debian names of what is not there yet."""
    from dev import postgres

    missing = []
    python = find_python()
    if subprocess.run([python, "-c", "import ensurepip, venv"], capture_output=True).returncode:
        # Debian keeps these two in a package of their own for each Python.
        missing.append(f"python{python_version(python)}-venv")
    if os.environ.get("PGHOST"):
        if not postgres.find("psql"):
            missing.append("postgresql-client")
    elif not (postgres.find("initdb") and postgres.find("psql")):
        missing.append("postgresql")
    if not any(shutil.which(name) for name in CHROMES):
        missing.append("chromium")
    if not shutil.which("wkhtmltopdf"):
        missing.append("wkhtmltopdf")
    if not glob.glob("/usr/share/fonts/**/NotoSansCJK*", recursive=True):
        missing.append("fonts-noto-cjk")
    if not os.path.exists("/etc/ssl/certs/ca-certificates.crt"):
        missing.append("ca-certificates")
    return missing


def install_missing_packages():
    """Get them from Debian, as root or with sudo."""
    missing = missing_packages()
    if not missing:
        return
    names = " ".join(missing)
    if not shutil.which("apt-get"):
        raise Failed(f"This needs {names} (Debian's names): install them and try again.")
    sudo = []
    if os.geteuid():
        if not shutil.which("sudo"):
            raise Failed(f"Debian packages are missing and there is no sudo: install {names}.")
        sudo = ["sudo"]
    need_disk(paths.WORK, 3)
    say(f"installing Debian packages: {names}")
    log = paths.LOGS / "apt.log"
    environment = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive"]
    steps = (
        ["apt-get", "-o", "APT::Update::Error-Mode=any", "update"],
        ["apt-get", "install", "-y", "--no-install-recommends", *missing],
    )
    with open(log, "w") as output:
        for step in steps:
            command = environment + step
            if subprocess.run(command, stdout=output, stderr=subprocess.STDOUT).returncode:
                raise Failed(
                    f"Debian's packages {names} could not be installed: is there a network? ({log} has the details)"
                )
    if left := missing_packages():
        raise Failed(f"apt-get installed {names}, but {' '.join(left)} can't be found afterwards.")


def need_disk(folder, gigabytes):
    """Refuse before the first byte, rather than half way."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < gigabytes * GIGABYTE:
        raise Failed(
            f"Only {free / GIGABYTE:.1f} GB are free in {folder}, {gigabytes} GB are needed: make room and try again."
        )
