"""One at a time: a setup of this checkout, a download into the shared cache."""

import contextlib
import fcntl
import os
from pathlib import Path

from . import paths
from .ui import notice


@contextlib.contextmanager
def _lock(path: Path, what: str):
    """Wait for another process, then hold the lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            notice(f"waiting for another {what} (process {handle.read().strip()})")
            fcntl.flock(handle, fcntl.LOCK_EX)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def setup_lock():
    """One setup of this checkout at a time."""
    return _lock(paths.STATE / "lock", "setup")


def cache_lock(name: str):
    """One download of this name into the user's cache at a time."""
    return _lock(paths.cache() / f"{name}.lock", "download")


def tests_lock(name: str):
    """One process of the tests at a time that makes this."""
    return _lock(paths.STATE / "results" / f"{name}.lock", "test that makes it")
