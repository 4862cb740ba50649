"""Run commands with their output in a log file, shown when they fail."""

import os
import subprocess
from pathlib import Path

from . import paths
from .ui import Problem

HINTS = (
    (
        (
            "Temporary failure",
            "Could not resolve",
            "Failed to establish a new connection",
            "NewConnectionError",
            "Unable to connect",
            "Could not connect",
            "Connection failed",
            "Network is unreachable",
            "Connection timed out",
            "ConnectTimeoutError",
            "Connection refused",
            "Name or service not known",
        ),
        "A package registry could not be reached: check the network (or the proxy and"
        " mirror settings of apt and pip), then run again.",
    ),
    (
        ("No space left on device",),
        "The disk is full: free some space, then run again.",
    ),
)


def hint_for(output: str) -> str:
    """What to do about a failure with this output, as far as it is known."""
    for signs, hint in HINTS:
        if any(sign in output for sign in signs):
            return hint
    return ""


def tail(path: Path, lines: int = 25) -> str:
    """The last lines of a log."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def run(command, *, log: str, what: str, env=None, **kwargs):
    """Run a command, its output going to ``.odoo/log/<log>.log``.

    :raises Problem: with the last lines of the log, when it fails
    """
    path = paths.LOGS / f"{log}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as output:
        code = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            check=False,
            **kwargs,
        ).returncode
    if code:
        shown = tail(path)
        raise Problem(
            f"{what} failed (exit code {code}). Last lines of {path}:\n{shown}",
            hint_for(shown),
        )
    return path


def capture(command, env=None, **kwargs) -> subprocess.CompletedProcess:
    """Run a short command and return its output, whatever its exit code."""
    return subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, **(env or {})},
        check=False,
        **kwargs,
    )
