"""Child processes that never outlive us, and signals turned into a clean way out."""

import contextlib
import os
import signal
import subprocess

from dev.say import Failed, tail

# Also those that another thread waits for.
children = set()


def leave_on_signals():
    """Ctrl-C, SIGTERM and SIGHUP end us through every `finally`; a second one can't cut that."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def leave(signum, frame):
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        for child in list(children):
            signal_group(child, signal.SIGTERM)
        raise KeyboardInterrupt

    for signum in signals:
        signal.signal(signum, leave)


def start(command, **options):
    """Start a child in a group of its own, so that `stop` reaches its children too."""
    options = {"stdin": subprocess.DEVNULL, **options}
    child = subprocess.Popen([str(part) for part in command], start_new_session=True, **options)
    children.add(child)
    return child


def signal_group(child, signum):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signum)


def group_alive(child):
    try:
        os.killpg(child.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def stop(child, patience=15):
    """End the child and all of its group: asked first, then told."""
    children.discard(child)
    for signum, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5)):
        signal_group(child, signum)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(seconds)
        if not group_alive(child):
            return


def run(command, log=None, failure=None, check=True, show=True, **options):
    """Run to the end and return the exit status; `failure` is the sentence when it isn't 0.

    The log's end is shown with it, unless the sentence says all that helps.
    """
    with contextlib.ExitStack() as stack:
        if log:
            log.parent.mkdir(parents=True, exist_ok=True)
            options["stdout"] = stack.enter_context(open(log, "w"))
            options["stderr"] = subprocess.STDOUT
        child = start(command, **options)
        try:
            status = child.wait()
        finally:
            stop(child)
    if check and status:
        text = failure or f"`{' '.join(map(str, command))}` ended with status {status}."
        if log:
            text += f"\n{tail(log)}(all of it: {log})" if show else f" ({log} has the details)"
        raise Failed(text)
    return status


@contextlib.contextmanager
def running(command, log, **options):
    """A child for the length of the block."""
    with open(log, "w") as output:
        child = start(command, stdout=output, stderr=subprocess.STDOUT, **options)
        try:
            yield child
        finally:
            stop(child)
