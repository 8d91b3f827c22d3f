"""Which warnings in an install log are ours.

Odoo logs warnings of its own, so a line counts when it names the addon, or when the same line did
not come up while Odoo's own modules were installed.
"""

import re

from dev import paths

LINE = re.compile(r"^[\d-]+ [\d:,]+ \d+ (?P<level>[A-Z]+) (?P<db>\S+) (?P<logger>\S+): (?P<text>.*)$")
BAD = ("WARNING", "ERROR", "CRITICAL")
OURS = ("kams", paths.ADDON)


def entries(text):
    """(level, logger, message) of each log entry; what follows a line belongs to it."""
    entry = None
    for line in text.splitlines():
        if match := LINE.match(line):
            if entry:
                yield entry
            entry = [match["level"], match["logger"], match["text"]]
        elif entry:
            entry[2] += "\n" + line
    if entry:
        yield entry


def normal(logger, message):
    """The same message from another process, at another time, reads the same."""
    return logger, re.sub(r"\d+", "0", message.splitlines()[0])


def complaints(text, base_text=""):
    """The entries of `text` that must not be there."""
    known = {normal(logger, message) for _level, logger, message in entries(base_text)}
    found = []
    for level, logger, message in entries(text):
        if level not in BAD:
            continue
        ours = any(word in logger or word in own_words(message) for word in OURS)
        # Python's own warnings say in which file: Odoo's are not our business.
        foreign = logger == "py.warnings" or normal(logger, message) in known
        if ours or not foreign:
            found.append(f"{level} {logger}: {message}")
    return found


def own_words(message):
    """Without the folders that happen to be named after the project."""
    for folder in (paths.CACHE, paths.WORK):
        message = message.replace(str(folder), "")
    return message
