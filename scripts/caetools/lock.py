"""One setup at a time in a checkout."""

import contextlib
import fcntl
import os

from . import paths
from .ui import notice


@contextlib.contextmanager
def setup_lock():
    """Wait for another setup of the same checkout, then hold the lock."""
    paths.STATE.mkdir(exist_ok=True)
    with open(paths.STATE / "lock", "a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            notice(f"waiting for another setup (process {handle.read().strip()})")
            fcntl.flock(handle, fcntl.LOCK_EX)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
