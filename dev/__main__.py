"""`python3 -m dev <command>`: what the Makefile calls."""

import os
import sys

from dev import benchmark, dashboards, i18n, lint, reset, server, testing
from dev.process import leave_on_signals
from dev.say import Failed, complain

COMMANDS = {
    "run": server.main,
    "test": testing.main,
    "lint": lint.main,
    "fmt": lint.fmt,
    "bench": benchmark.main,
    "dashboards": dashboards.main,
    "shell": server.shell,
    "i18n": i18n.main,
    "up": reset.up,
    "down": reset.down,
    "reset": reset.reset,
}


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        complain(f"say one of: {' '.join(COMMANDS)}")
        return 2
    leave_on_signals()
    # A mistake of the tooling itself shows its traceback; everything foreseen is one sentence.
    try:
        return COMMANDS[arguments[0]]() or 0
    except Failed as error:
        complain(error)
        return 1
    except KeyboardInterrupt:
        complain("stopped")
        return 0 if arguments[0] == "run" else 130
    except OSError as error:
        if os.environ.get("KAMS_TRACEBACK"):
            raise
        complain(f"{error.strerror or error}: {error.filename or 'no file named'}")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
