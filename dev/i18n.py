"""`make i18n`: write the addon's terms to its .pot and bring them into zh_CN.po."""

import sys

from dev import database, paths, postgres
from dev.odoo import Host
from dev.process import run
from dev.say import say

LANGUAGE = "zh_CN"


def main():
    """From a database without demo data, as Odoo's own templates are made."""
    host = Host()
    folder = paths.ADDON_DIR / "i18n"
    folder.mkdir(exist_ok=True)
    new = paths.WORK / f"{paths.ADDON}.pot"
    with database.alone("i18n"), postgres.cluster():
        base = database.base(host, demo=False)
        with database.copied(base, "i18n") as name:
            log = database.log_of("i18n")
            say(f"installing {paths.ADDON} to read its terms")
            database.install(host, "i18n", log, demo=False)
            host.call(
                *("i18n", "export", paths.ADDON, "-d", name, "-l", "pot", "-o", new),
                log=log,
                failure="Odoo could not export the terms.",
            )
    run([host.python, "-m", "dev.i18n", new, folder], env=host.environment(), cwd=paths.ROOT)


def inside(new, folder):
    """In the host's Python, which has polib: keep what is translated, whatever has moved."""
    import polib

    template = polib.pofile(new, wrapwidth=78)
    # The time of the export says nothing and would change the file at each run.
    for key in ("POT-Creation-Date", "PO-Revision-Date"):
        template.metadata.pop(key, None)
    template.save(f"{folder}/{paths.ADDON}.pot")
    path = f"{folder}/{LANGUAGE}.po"
    try:
        translated = polib.pofile(path, wrapwidth=78)
    except OSError:
        translated = polib.POFile(wrapwidth=78)
        translated.metadata = {**template.metadata, "Language": LANGUAGE}
    translated.merge(template)
    order = {(entry.msgctxt, entry.msgid): place for place, entry in enumerate(template)}
    last = len(order)
    translated.sort(key=lambda entry: (order.get((entry.msgctxt, entry.msgid), last), entry.msgid))
    translated.save(path)
    done, left = len(translated.translated_entries()), len(translated.untranslated_entries())
    print(f"kams: {path}: {done} translated, {left} to do")
    for entry in translated.untranslated_entries()[:20]:
        print(f"      {entry.msgid!r}")


if __name__ == "__main__":
    inside(*sys.argv[1:])
