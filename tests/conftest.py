"""Make the addons' engines importable without Odoo.

``addons/cae_base/__init__.py`` imports Odoo, so the engines cannot be reached as
``cae_base.engine``. They are plain packages: each is registered under a name of its
own, ``cae_base_engine``, ``cae_payroll_engine``, …, and tests write
``from cae_base_engine import contribution``.
"""

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def register_engines():
    """Register every ``addons/*/engine`` package as ``<addon>_engine``."""
    for init in sorted(ROOT.glob("addons/*/engine/__init__.py")):
        name = f"{init.parent.parent.name}_engine"
        if name in sys.modules:
            continue
        spec = importlib.util.spec_from_file_location(
            name, init, submodule_search_locations=[str(init.parent)]
        )
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)


register_engines()
