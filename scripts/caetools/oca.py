"""Modules of the OCA beside ours, in a folder of their own.

Only the bench of pay and ``scripts/test oca`` see them: neither the environment nor
the template databases know them.
"""

import hashlib
import os
import shutil
from pathlib import Path

from . import databases, odoo, paths, venv
from .lock import cache_lock, setup_lock

REQUIREMENTS = paths.SCRIPTS / "oca.txt"
FOLDER = paths.STATE / "oca"
CONFIG = paths.STATE / "oca.conf"
#: Tells which list the folder holds.
MARKER = FOLDER / ".complete"


def ensure(step) -> None:
    """Unpack the modules of the list, downloaded once for all checkouts.

    :raises Problem: when they cannot be downloaded
    """
    with setup_lock():
        if not MARKER.exists() or MARKER.read_text() != _wanted():
            _install(step)
    odoo.write_config(CONFIG, [_addons()])


def _wanted() -> str:
    return hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]


def _addons() -> Path:
    return FOLDER / "odoo" / "addons"


def _install(step) -> None:
    wheels = _wheels(step)
    shutil.rmtree(FOLDER, ignore_errors=True)
    offline = ("--no-index", "--find-links", wheels)
    venv.pip(
        *("install", "--no-compile", "--target", FOLDER, *offline),
        *("--no-deps", "--requirement", REQUIREMENTS),
    )
    shutil.rmtree(FOLDER / venv.FORBIDDEN, ignore_errors=True)
    MARKER.write_text(_wanted())


def _wheels(step) -> Path:
    folder = paths.cache() / f"oca-{_wanted()}"
    with cache_lock("oca"):
        if not folder.exists():
            step.note("downloading modules")
            draft = paths.cache() / "oca-new"
            shutil.rmtree(draft, ignore_errors=True)
            venv.pip("download", "--no-deps", "--dest", draft, "-r", REQUIREMENTS)
            draft.rename(folder)
    return folder


def environment() -> dict[str, str]:
    """Variables for a process whose Odoo finds these modules too."""
    own = odoo.environment()
    # The modules import a package or two that lie beside them.
    path = os.pathsep.join((own["PYTHONPATH"], str(FOLDER)))
    return {**own, "ODOO_RC": str(CONFIG), "PYTHONPATH": path}


def database(name: str, *modules: str) -> None:
    """Make a database of our addons and of these modules."""
    databases.drop(name)
    databases.clone(databases.template(), name)
    odoo.run_inside(
        *("template", "addons", name, *modules),
        log="oca-modules",
        what=f"installing {', '.join(modules)}",
        env=environment(),
    )
