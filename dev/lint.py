"""The linters. Each is one function's worth of command lines, so that tests can name them."""

import subprocess
import sys

from dev import npm, paths, venv
from dev.say import Failed, say

PRETTIER = ["prettier@3.10.1", "@prettier/plugin-xml@3.4.2"]
PYTHON = [paths.ADDON, "dev"]
# Odoo's conventions; general Python is ruff's. Two of OCA's own customs are not ours: its bot makes
# README.rst from readme/, and two classes of one addon may inherit crm.lead, an idea in each file.
PYLINT = (
    "--disable=all",
    "--enable=odoolint",
    "--disable=missing-readme,consider-merging-classes-inherited",
    # labels are said even where Odoo would derive the same; history refuses write, copy and create on purpose;
    # tests swallow what they provoke; a compute returns nothing; Odoo's partner merge lives in models for us
    "--disable=attribute-string-redundant,method-required-super,context-overridden,except-pass",
    "--disable=no-wizard-in-models,missing-return",
)


def files(*endings):
    """Of the addon, without what tools leave behind."""
    found = (path for end in endings for path in paths.ADDON_DIR.rglob(f"*.{end}"))
    return sorted(str(path.relative_to(paths.ROOT)) for path in found)


def python_folders():
    return [name for name in PYTHON if (paths.ROOT / name).exists()]


def ruff_check(fix=False):
    return [venv.lint_bin() / "ruff", "check", *(["--fix"] if fix else []), *python_folders()]


def ruff_format(fix=False):
    return [venv.lint_bin() / "ruff", "format", *([] if fix else ["--check"]), *python_folders()]


def pylint_odoo(fix=False):
    return [venv.lint_bin() / "pylint", "--rcfile=pyproject.toml", *PYLINT, paths.ADDON]


def oca_module(fix=False):
    command = [venv.lint_bin() / "oca-checks-odoo-module", "--config=dev/oca_hooks.cfg"]
    return [*command, *(["--fix"] if fix else []), paths.ADDON]


def oca_po(fix=False):
    translations = files("po", "pot")
    return [venv.lint_bin() / "oca-checks-po", "--config=dev/oca_hooks.cfg", *translations]


def prettier(fix=False):
    folder = npm.ensure("prettier", PRETTIER) / "node_modules"
    plugin = folder / "@prettier" / "plugin-xml" / "src" / "plugin.js"
    return [
        *(venv.node_bin() / "node", folder / "prettier" / "bin" / "prettier.cjs"),
        *("--config=dev/prettier.json", "--ignore-path=.gitignore", f"--plugin={plugin}"),
        *(("--write", "--log-level=warn") if fix else ("--check",)),
        *files("xml", "js"),
    ]


# Name, command, and whether it has anything to look at.
ALL = {
    "ruff check": (ruff_check, python_folders),
    "ruff format": (ruff_format, python_folders),
    "pylint-odoo": (pylint_odoo, lambda: files("py")),
    "oca checks of xml and csv": (oca_module, lambda: files("py")),
    "oca checks of translations": (oca_po, lambda: files("po", "pot")),
    "prettier": (prettier, lambda: files("xml", "js")),
}
FIXERS = ("oca checks of xml and csv", "ruff check", "ruff format", "prettier")
# These also report what they can't mend; that is for `make lint` to say.
REPORTERS = ("oca checks of xml and csv", "ruff check")


def run(name, fix=False):
    """Exit status and output of one linter."""
    command, subject = ALL[name]
    if not subject():
        return 0, ""
    done = subprocess.run(
        [str(part) for part in command(fix)],
        cwd=paths.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=npm.environment(),
    )
    return done.returncode, done.stdout


def main():
    """`make lint`"""
    failed = []
    for name in ALL:
        status, output = run(name)
        say(f"{name}: {'ok' if not status else 'FAILED'}")
        if status:
            failed.append(name)
            sys.stdout.write(output)
    if failed:
        raise Failed(f"{', '.join(failed)} found something; `make fmt` mends what it can.")


def fmt():
    """`make fmt`"""
    for name in FIXERS:
        status, output = run(name, fix=True)
        if name in REPORTERS:
            continue
        sys.stdout.write(output)
        if status:
            raise Failed(f"{name} could not read a file.")
