"""Calling Odoo: its configuration, its environment, its command line."""

import itertools
import os
import subprocess
import threading

from dev import host, paths, system, venv
from dev.process import run


class Host:
    """An Odoo that is ready to be called: everything that had to be fetched is there."""

    def __init__(self):
        paths.make_work_dirs()
        system.install_missing_packages()
        self.python = venv.host_python()
        self.root = host.odoo_root()
        self.key = host.version_key(self.root)
        # Short names for people and editors.
        host.link(paths.WORK / "venv", self.python.parent.parent)
        host.link(paths.WORK / "odoo", self.root)

    def environment(self, **more):
        path = os.pathsep.join([str(self.root), str(paths.ROOT)])
        return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **more}

    def addons_path(self):
        folders = host.addons_paths(self.root)
        if (paths.ADDON_DIR / "__manifest__.py").exists():
            folders.append(paths.ROOT)
        return ",".join(map(str, folders))

    def write_config(self):
        """Inside `postgres.cluster()`, which says where the server is."""
        options = {
            "addons_path": self.addons_path(),
            "data_dir": paths.DATA,
            "db_host": os.environ["PGHOST"],
            "db_port": os.environ.get("PGPORT", "5432"),
            "http_interface": "127.0.0.1",
        }
        if user := os.environ.get("PGUSER"):
            options["db_user"] = user
        lines = ["[options]", *(f"{key} = {value}" for key, value in options.items()), ""]
        new = paths.CONFIG.with_suffix(f".{os.getpid()}-{threading.get_ident()}")  # databases are made side by side
        new.write_text("\n".join(lines))
        new.rename(paths.CONFIG)

    def command(self, *arguments):
        self.write_config()
        # `server`, `shell`, `module uninstall`, `i18n export`: their options come behind the verbs.
        verbs = list(itertools.takewhile(lambda word: not str(word).startswith("-"), arguments))
        options = arguments[len(verbs) :]
        return [self.python, "-m", "odoo", *verbs, "-c", paths.CONFIG, *options]

    def call(self, *arguments, log, failure=None, check=True, script=None):
        """One call to its end, all output in the log; `script` goes to `odoo shell`."""
        options = {"env": self.environment(), "cwd": paths.ROOT}
        if script:
            source = paths.WORK / f"script.{os.getpid()}-{threading.get_ident()}"
            source.write_text(script)
            try:
                with open(source) as stdin:
                    return run(
                        self.command(*arguments),
                        log=log,
                        failure=failure,
                        check=check,
                        stdin=stdin,
                        **options,
                    )
            finally:
                source.unlink()
        return run(self.command(*arguments), log=log, failure=failure, check=check, **options)

    def python_call(self, *arguments, **options):
        """Any Python module in the host's environment, on our own terminal."""
        command = [str(part) for part in (self.python, *arguments)]
        return subprocess.call(command, env=self.environment(), cwd=paths.ROOT, **options)
