"""Python environments: for Odoo and its tests, the linters, Node. Cached, never half made."""

import hashlib
import os

from dev import paths, system
from dev.lock import lock
from dev.process import run
from dev.say import say

HOST = ("requirements.txt", "requirements-test.txt")
LINT = ("requirements-lint.txt",)
NODE = ("requirements-node.txt",)


def ensure(name, files):
    """The folder of the environment that holds these requirement files."""
    python = system.find_python()
    version = system.python_version(python)
    digest = hashlib.sha256(os.path.realpath(python).encode())
    for file in files:
        digest.update((paths.DEV / file).read_bytes())
    folder = paths.CACHE / "venv" / f"{name}-py{version}-{digest.hexdigest()[:10]}"
    done = folder / ".complete"
    if done.exists():
        return folder
    with lock(paths.CACHE / "lock" / folder.name):
        if not done.exists():
            with paths.whole_or_nothing(folder):
                make(python, folder, files)
                done.touch()
    return folder


def make(python, folder, files):
    """In place, since an environment can't be moved."""
    system.need_disk(paths.CACHE, 3)
    say(f"making the Python environment {folder.name}")
    run(
        [python, "-m", "venv", folder],
        log=paths.LOGS / "venv.log",
        failure="Python could not make a virtual environment.",
    )
    pip = [folder / "bin" / "python", "-m", "pip"]
    command = [*pip, "install", "--no-input", "--progress-bar=off", "--retries=2"]
    for file in files:
        command += ["-r", paths.DEV / file]
    run(
        command,
        log=paths.LOGS / "pip.log",
        failure="Python's packages could not be fetched: is there a network?",
        show=False,
    )


def host_python():
    return ensure("odoo", HOST) / "bin" / "python"


def lint_bin():
    return ensure("lint", LINT) / "bin"


def node_bin():
    return ensure("node", NODE) / "bin"
