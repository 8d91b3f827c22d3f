"""Locks between several `make` at once. The kernel drops them with the process, however it ends."""

import contextlib
import fcntl

from dev.say import say


@contextlib.contextmanager
def lock(path, shared=False, waiting=None):
    """Wait for the lock, hold it for the block; `waiting` tells the person what for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with open(path, "a") as handle:
        try:
            fcntl.flock(handle, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting:
                say(waiting)
            fcntl.flock(handle, mode)
        yield handle


def try_exclusive(handle):
    """Turn a held shared lock into an exclusive one; False while somebody else shares it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
