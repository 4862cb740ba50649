"""Where things are."""

import ast
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ADDONS = ROOT / "addons"
SCRIPTS = ROOT / "scripts"
STATE = ROOT / ".odoo"
VENV = STATE / "venv"
LOGS = STATE / "log"
DATA = STATE / "data"
CONFIG = STATE / "odoo.conf"
PYTHON = VENV / "bin" / "python"
#: Compiled once: Odoo has thousands of modules, and starts in a quarter of the time.
#: In a folder of its own, so that neither Odoo's tree nor our sources are written to.
BYTECODE = {
    "PYTHONPYCACHEPREFIX": str(STATE / "bytecode"),
    "PYTHONDONTWRITEBYTECODE": "",
}


def cache() -> Path:
    """The folder of the user's downloads, shared by all checkouts."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "cae-odoo"


def our_addons() -> list[str]:
    """Names of the addons of this checkout, or of those that CAE_ADDONS chooses."""
    found = [name for name in _addons() if not _is_glue(name)]
    chosen = os.environ.get("CAE_ADDONS", "").replace(",", " ").split()
    return [name for name in found if not chosen or name in chosen]


def glue_addons() -> list[str]:
    """Names of the addons that install themselves beside an optional app of Odoo.

    Their app is in no database of ours but their own tests': it would slow all others.
    """
    return [name for name in _addons() if _is_glue(name)]


def _addons() -> list[str]:
    return sorted(path.parent.name for path in ADDONS.glob("*/__manifest__.py"))


def _is_glue(name: str) -> bool:
    manifest = ast.literal_eval((ADDONS / name / "__manifest__.py").read_text())
    return bool(manifest.get("auto_install"))
