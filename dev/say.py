"""What the person at the keyboard reads: short progress lines, one clear sentence on failure."""

import sys


class Failed(Exception):
    """Stops the command. Its text is one sentence that says what is wrong and what to do."""


def say(text):
    print(f"kams: {text}", flush=True)


def tail(path, lines=15):
    """The end of a log file, to show under a failure."""
    try:
        with open(path, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-lines:])
    except OSError:
        return ""


def complain(error):
    print(f"kams: {error}", file=sys.stderr, flush=True)
