"""Locks between several `make` at once. The kernel drops them with the process, however it ends."""

import contextlib
import fcntl


@contextlib.contextmanager
def lock(path, shared=False):
    """Wait for the lock, hold it for the block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a") as handle:
        fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield handle


def try_exclusive(handle):
    """Turn a held shared lock into an exclusive one; False while somebody else shares it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
