"""Node and npm from Python's own registry, so that a machine without them needs nothing more."""

import hashlib
import os

from dev import paths, venv
from dev.lock import lock
from dev.process import run
from dev.say import say


def environment():
    """npm's scripts look for `node` on PATH."""
    path = f"{venv.node_bin()}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "npm_config_update_notifier": "false"}


def fetch(package, folder):
    """Unpacked by npm itself: `folder/node_modules/<package>`, checked against npm's checksums."""
    command = [venv.node_bin() / "npm", "install", "--prefix", folder, "--no-audit", "--no-fund"]
    command += ["--ignore-scripts", "--loglevel=error", *package]
    run(
        command,
        log=paths.LOGS / "npm.log",
        env=environment(),
        failure=f"npm could not fetch {' '.join(package)}: is there a network?",
        show=False,
    )


def ensure(name, packages):
    """A cached folder with these packages in its node_modules."""
    key = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:10]
    folder = paths.CACHE / "npm" / f"{name}-{key}"
    if folder.exists():
        return folder
    with lock(paths.CACHE / "lock" / folder.name):
        if not folder.exists():
            say(f"fetching {' '.join(packages)}")
            new = folder.with_name(folder.name + ".new")
            with paths.whole_or_nothing(new):
                new.mkdir(parents=True)
                fetch(packages, new)
                new.rename(folder)
    return folder
