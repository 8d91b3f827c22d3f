"""Odoo 19 itself: Debian's own package, unpacked beside the project and never installed.

There is no Odoo among Python's packages, and Debian has version 19 only in its unstable release:
a private apt configuration downloads it from there with its signature checked, and leaves the
system as it is. `ODOO=<checkout>` uses a source tree that is there already.
"""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from dev import npm, paths, system
from dev.lock import lock
from dev.process import run
from dev.say import Failed, say

EXPIRED = "is expired"  # what apt says of a list that its mirror has kept for too long

# Odoo's fonts and jQuery are links into these packages. The two fonts come from the older release:
# the newer packages no longer hold the files that the links name.
UNSTABLE = (
    "odoo-19",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
OLDER = ("fonts-font-awesome", "fonts-inconsolata")
OLDER_SUITE = "bookworm"
# Debian strips this one file; without it every page logs an error and every browser tour fails.
STRIPPED = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
STRIPPED_FROM = "@mediapipe/selfie_segmentation"
STRIPPED_VERSION = "0.1.1675465747"
PACKAGES_DIR = "usr/lib/python3/dist-packages"


def odoo_root():
    """The folder that holds the Python package `odoo`."""
    if given := os.environ.get("ODOO"):
        root = Path(given).expanduser().resolve()
        check_version(root, f"ODOO={given}")
        return root
    current = paths.CACHE / "odoo" / "current"
    if not current.exists():
        with lock(paths.CACHE / "lock" / "odoo"):
            if not current.exists():
                download(current)
    return (current / PACKAGES_DIR).resolve()


def addons_paths(root):
    """A source checkout keeps most addons beside the package, Debian's build within it."""
    folders = (root / "odoo" / "addons", root / "addons")
    return [folder for folder in folders if any(folder.glob("*/__manifest__.py"))]


def version_key(root):
    """What a prepared database depends on: the build of Odoo."""
    if not os.environ.get("ODOO"):
        return root.relative_to((paths.CACHE / "odoo").resolve()).parts[0]
    git = ["git", "-C", str(root), "rev-parse", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True).stdout.strip()
    release = (root / "odoo" / "release.py").read_bytes()
    return commit or hashlib.sha256(str(root).encode() + release).hexdigest()[:12]


def check_version(root, label):
    release = root / "odoo" / "release.py"
    if not release.is_file():
        raise Failed(f"{label} holds no Odoo: there is no odoo/release.py in it.")
    found = re.search(r"version_info = \((\d+), *(\d+)", release.read_text())
    if not found or found.group(1) != "19":
        version = ".".join(found.groups()) if found else "unknown"
        raise Failed(f"{label} is Odoo {version}, kams_sales needs Odoo 19.")


def download(current):
    """Everything happens in a folder that nobody reads, which gets its name last."""
    system.need_disk(paths.CACHE, 3)
    mirror = debian_mirror()
    store = current.parent
    store.mkdir(parents=True, exist_ok=True)
    say("fetching Odoo 19 (130 MB)")
    debs = download_debs(mirror)
    version = next(deb.name.split("_")[1] for deb in debs if deb.name.startswith("odoo-19_"))
    final = store / version.replace("%3a", ".")
    with paths.whole_or_nothing(store / ".new") as new:
        unpack(debs, new)
        shutil.rmtree(final, ignore_errors=True)
        new.rename(final)
    link(current, final.name)
    shutil.rmtree(debs[0].parent)


def unpack(debs, new):
    say("unpacking Odoo 19")
    for deb in debs:
        run(["dpkg-deb", "-x", deb, new], failure=f"{deb} could not be unpacked.")
    add_stripped_file(new / PACKAGES_DIR / "odoo" / "addons" / STRIPPED)
    check_version(new / PACKAGES_DIR, "Debian's package odoo-19")
    if dangling := [path for path in new.rglob("*") if path.is_symlink() and not path.exists()]:
        raise Failed(f"Debian's packages no longer fit together: {dangling[0]} leads nowhere.")


def link(path, target):
    """Replace a link in one step."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.rename(path)


def debian_mirror():
    """The mirror this system takes its own release from."""
    release = {}
    for line in Path("/etc/os-release").read_text().splitlines():
        key, _, value = line.partition("=")
        release[key] = value.strip('"')
    if release.get("ID") == "debian" and shutil.which("apt-get"):
        command = ["apt-get", "indextargets", "--format", "$(SITE)|$(RELEASE)|$(CODENAME)"]
        targets = subprocess.run(command, capture_output=True, text=True).stdout
        for line in targets.splitlines():
            site, *names = line.split("|")
            if site.startswith("http") and release.get("VERSION_CODENAME", "sid") in names:
                return site
    raise Failed(
        "Odoo 19 comes from Debian's mirror and this system names none: "
        "give the folder of an Odoo 19 that you have, `make run ODOO=<folder>`."
    )


def keyring():
    for end in ("gpg", "pgp"):
        path = f"/usr/share/keyrings/debian-archive-keyring.{end}"
        if os.path.exists(path):
            return path
    raise Failed("Debian's signing keys are missing: install debian-archive-keyring.")


def download_debs(mirror):
    apt = paths.CACHE / "apt"
    debs = apt / "debs"
    for folder in (apt / "sources", apt / "lists" / "partial", apt / "cache", debs):
        folder.mkdir(parents=True, exist_ok=True)
    (apt / "sources" / "odoo.sources").write_text(
        f"Types: deb\nURIs: {mirror}\nSuites: sid {OLDER_SUITE}\nComponents: main\nSigned-By: {keyring()}\n"
    )
    settings = {
        "Dir::Etc::SourceList": "/dev/null",
        "Dir::Etc::SourceParts": apt / "sources",
        "Dir::State::Lists": apt / "lists",
        "Dir::Cache": apt / "cache",
        "Acquire::Languages": "none",
        "Acquire::Retries": 2,
        "Acquire::http::Timeout": 30,
        # The sandbox user can't write into a home folder.
        "APT::Sandbox::User": "root",
        "APT::Update::Error-Mode": "any",
    }
    command = ["apt-get"]
    for key, value in settings.items():
        command += ["-o", f"{key}={value}"]
    failure = "Odoo 19 could not be fetched from Debian: is there a network?"
    options = {"failure": failure, "show": False}
    log = paths.LOGS / "odoo-update.log"
    if run([*command, "update"], log=log, check=False) and EXPIRED in log.read_text():
        # A mirror may lag weeks behind Debian. Its lists are signed all the same, and the signature is checked.
        say("this mirror's list of packages is past its date; taking it, since it is signed")
        command += ["-o", "Acquire::Check-Valid-Until=false"]
    run([*command, "update"], log=log, **options)
    names = [f"{name}/sid" for name in UNSTABLE] + [f"{name}/{OLDER_SUITE}" for name in OLDER]
    for deb in debs.glob("*"):
        deb.unlink()
    run([*command, "download", *names], log=paths.LOGS / "odoo-download.log", cwd=debs, **options)
    return sorted(debs.glob("*.deb"))


def add_stripped_file(path):
    if path.exists():
        return
    folder = npm.ensure("stripped", [f"{STRIPPED_FROM}@{STRIPPED_VERSION}"])
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / "node_modules" / STRIPPED_FROM / path.name, path)
