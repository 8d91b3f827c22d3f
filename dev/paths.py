"""Where things are: the checkout, what the project makes in it, and the download cache outside."""

import contextlib
import hashlib
import os
import shutil
from pathlib import Path

ADDON = "kams_sales"
ROOT = Path(__file__).resolve().parent.parent
ADDON_DIR = ROOT / ADDON
DEV = ROOT / "dev"
WORK = ROOT / ".kams"
LOGS = WORK / "log"
LOCKS = WORK / "lock"
DATA = WORK / "data"
FILESTORE = DATA / "filestore"
CONFIG = WORK / "odoo.conf"

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kams_sales"

# Two checkouts on one server, or two clusters in /var/tmp, must not meet under one name.
CHECKOUT_ID = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]


def make_work_dirs():
    for folder in (WORK, LOGS, LOCKS, DATA, FILESTORE):
        folder.mkdir(parents=True, exist_ok=True)


def tree_hash(folder):
    """One value for everything a folder holds: it changes when, and only when, a file does."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(str(path.relative_to(folder)).encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def whole_or_nothing(folder):
    """Start from no such folder, and leave none behind if making it fails or is broken off."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
