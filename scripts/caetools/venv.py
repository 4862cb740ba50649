"""The Python environment: pinned packages, rebuilt only when the pins change."""

import functools
import hashlib
import importlib.util
import shutil
import sys
from pathlib import Path

from . import paths, shell, system
from .lock import cache_lock
from .ui import Problem

REQUIREMENTS = paths.SCRIPTS / "requirements.txt"
CONSTRAINTS = paths.SCRIPTS / "constraints.txt"
# The constraints are complete, which spares pip the search for what fits together.
PINS = ("--no-deps", "--requirement", CONSTRAINTS)
MARKER = paths.VENV / ".complete"
# It breaks Odoo's PDF merging; some packages pull it in.
FORBIDDEN = "PyPDF2"


@functools.cache
def interpreter() -> str:
    """Python that makes the environment: the system's, when it is of our version.

    Debian builds it with optimisations that a Python built at home often lacks: all
    takes half as long again without them.
    """
    own = getattr(sys, "_base_executable", None) or sys.executable
    system_one = f"/usr/bin/python3.{sys.version_info.minor}"
    if not Path(system_one).exists():
        return own
    found = shell.capture([system_one, "-c", "import ensurepip, venv"])
    return own if found.returncode else system_one


@functools.cache
def _version(python: str | Path) -> str:
    code = "import sys; print(sys.version_info[:3])"
    return shell.capture([python, "-c", code]).stdout.strip()


def wanted() -> str:
    """Identifies the environment that the pins and this Python make."""
    return _pins_digest(f"{_version(interpreter())} {paths.VENV}")


def _pins_digest(salt: str) -> str:
    digest = hashlib.sha256(salt.encode())
    for path in (REQUIREMENTS, CONSTRAINTS):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def is_current() -> bool:
    """Whether nothing needs to be installed."""
    return MARKER.exists() and MARKER.read_text() == wanted() and paths.PYTHON.exists()


def ensure(step) -> None:
    """Make the environment, or bring it up to date."""
    if is_current():
        return
    if sys.version_info < (3, 11):
        raise Problem(f"Python {sys.version.split()[0]} is too old: 3.11 at least")
    if not _usable():
        _create(step)
    MARKER.unlink(missing_ok=True)
    wheels = _wheels(step)
    step.note("installing packages")
    offline = ("--no-index", "--find-links", wheels)
    # Python compiles what is used when it is first used.
    pip("install", "--no-compile", *offline, *PINS)
    pip("uninstall", "--yes", FORBIDDEN)
    MARKER.write_text(wanted())


def _wheels(step) -> Path:
    """The folder of all packages, downloaded and built once for all checkouts."""
    folder = paths.cache() / f"wheels-{_pins_digest(sys.implementation.cache_tag)}"
    if folder.exists():
        return folder
    with cache_lock("wheels"):
        # Another checkout may have done it in the meantime.
        if not folder.exists():
            step.note("downloading packages (150 MB)")
            draft = paths.cache() / "wheels-new"
            shutil.rmtree(draft, ignore_errors=True)
            pip("wheel", "--use-pep517", "--wheel-dir", draft, *PINS)
            draft.rename(folder)
    return folder


def _usable() -> bool:
    """Whether there is a finished environment of this very Python to update."""
    if not MARKER.exists() or not paths.PYTHON.exists():
        return False
    return _version(paths.PYTHON) == _version(interpreter())


def _create(step):
    """A new environment in place of an absent, foreign or unfinished one."""
    from . import postgres  # it runs from the environment that is being replaced

    _require_venv()
    step.note("creating")
    if not postgres.external():
        postgres.stop()
    shutil.rmtree(paths.VENV, ignore_errors=True)
    command = [interpreter(), "-m", "venv", paths.VENV]
    shell.run(command, log="venv", what="python -m venv")


def _require_venv():
    """Bare Debian has Python without venv and ensurepip."""
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    name = f"python3.{sys.version_info.minor}-venv"
    system.install([name])


def pip(*arguments) -> None:
    """Run pip of the environment."""
    shell.run(
        [paths.PYTHON, "-m", "pip", "--no-input", *arguments],
        log=f"pip-{arguments[0]}",
        what=f"pip {arguments[0]}",
        env={"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_PROGRESS_BAR": "off"},
    )


def link(odoo: Path) -> None:
    """Let the environment's Python import Odoo from this folder."""
    for site in paths.VENV.glob("lib/python3*/site-packages"):
        path = site / "cae_odoo.pth"
        if not path.exists() or path.read_text() != f"{odoo}\n":
            path.write_text(f"{odoo}\n")
