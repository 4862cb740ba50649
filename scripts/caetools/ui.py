"""What the user sees: steps with their time, and problems said in words."""

import contextlib
import errno
import os
import signal
import sys
import threading
import time


class Problem(Exception):
    """Something the user can act on: what happened, and what to do."""

    def __init__(self, message: str, hint: str = ""):
        super().__init__(message)
        self.hint = hint


class Step:
    """One line of the display: redrawn on a terminal, printed plainly elsewhere."""

    def __init__(self, name: str, stream=None):
        self.name = name
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self.started = time.monotonic()
        self.detail = ""
        self._done = threading.Event()
        self._ticker = None

    @property
    def elapsed(self) -> str:
        """Seconds since the start, as text."""
        return f"{time.monotonic() - self.started:.1f} s"

    def note(self, detail: str):
        """Say what the step is at."""
        self.detail = detail
        if not self.live:
            self._write(f"    {self.name}: {detail}\n")

    def _write(self, text: str):
        self.stream.write(text)
        self.stream.flush()

    def _draw(self, sign: str, end: str = ""):
        detail = f"  {self.detail}" if self.detail else ""
        line = f"{sign} {self.name}  {self.elapsed}{detail}"
        self._write(f"\r\033[K{line[: _width()]}{end}")

    def _tick(self):
        while not self._done.wait(0.2):
            self._draw("…")

    def __enter__(self):
        if self.live:
            self._ticker = threading.Thread(target=self._tick, daemon=True)
            self._ticker.start()
        else:
            self._write(f"… {self.name}\n")
        return self

    def __exit__(self, kind, error, _traceback):
        self._done.set()
        sign = "✗" if error else "✓"
        if self._ticker:
            self._ticker.join()
            self._draw(sign, "\n")
        else:
            self._write(f"{sign} {self.name}  {self.elapsed}\n")
        return False


class Aside:
    """Stands for a step whose work has begun before its turn to be shown."""

    def __init__(self):
        self.detail = ""
        self.step = None

    def note(self, detail: str):
        """Say what the step is at: shown when it is followed."""
        self.detail = detail
        if self.step:
            self.step.note(detail)

    def follow(self, step: Step):
        """Show it from now on as this step."""
        self.step = step
        if self.detail:
            step.note(self.detail)


def _width() -> int:
    try:
        return max(20, os.get_terminal_size(sys.stderr.fileno()).columns - 1)
    except OSError:
        return 79


def notice(text: str):
    """Tell something that does not stop the work."""
    print(f"! {text}", file=sys.stderr, flush=True)


def run_main(main) -> int:
    """Call ``main`` and turn what the user can act on into a short message."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(encoding="utf-8", errors="replace")
    # Ended from outside: end as by Ctrl-C, so that children and locks go too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return main() or 0
    except Problem as problem:
        _complain(str(problem), problem.hint)
    except KeyboardInterrupt:
        _complain("interrupted", "Run the same command again: it goes on.")
        return 130
    except PermissionError as error:
        _complain(f"no permission: {error.filename}", "Whose file is it?")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _complain(f"the disk is full ({error.filename})", "Free some space and repeat.")
    return 1


def _complain(message: str, hint: str):
    print(f"\nError: {message}", file=sys.stderr)
    if hint:
        print(hint, file=sys.stderr)
