"""Bring the environment up, in steps that do nothing when nothing changed."""

import argparse
import concurrent.futures
import shutil

from . import databases, odoo, paths, postgres, system, tree, venv
from .lock import setup_lock
from .ui import Aside, Problem, Step, notice

NEEDED_GB = 4


def runtime(refresh: bool = False) -> None:
    """Odoo, Python and PostgreSQL: what Odoo's command line needs."""
    with setup_lock():
        _runtime(refresh)


def full(base: bool = False, glue: bool = False) -> str:
    """Everything, and the name of the template database.

    :param base: the template with Odoo's own modules only
    :param glue: the template with the glue addons too
    """
    ensure = databases.ensure_template
    if base or glue:
        ensure = (
            databases.ensure_base_template if base else databases.ensure_glue_template
        )
    with setup_lock():
        _runtime()
        with Step("Template database") as step:
            return ensure(step)


def _runtime(refresh: bool = False) -> None:
    if not venv.MARKER.exists():
        _require_space()
    # Odoo's step waits for the network and the disk, Python's for the processor.
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        aside = Aside()
        tree_ready = pool.submit(tree.ensure, aside, refresh)
        with Step("Python environment") as step:
            venv.ensure(step)
        with Step("Odoo 19") as step:
            aside.follow(step)
            folder = tree_ready.result()
    venv.link(folder)
    with Step("PostgreSQL") as step:
        postgres.ensure(step)
    odoo.write_config()


def _require_space() -> None:
    free = shutil.disk_usage(paths.ROOT).free / 1e9
    if free < NEEDED_GB:
        raise Problem(
            f"{free:.1f} GB free on this disk ({paths.ROOT}), {NEEDED_GB} needed",
            "Free some space, then run again.",
        )


def display_packages(wanted=None) -> None:
    """What PDF files and browser tests need; absent, the rest still works."""
    packages = system.missing(wanted or system.DISPLAY)
    if not packages:
        return
    try:
        with Step("System packages") as step:
            step.note(", ".join(packages))
            system.install(packages)
    except Problem as problem:
        notice(f"{problem}\n{problem.hint}".rstrip())


def main() -> None:
    """The command ``scripts/setup``."""
    options = _parser().parse_args()
    if options.stop:
        stop()
        return
    if options.refresh:
        runtime(refresh=True)
    name = full(options.base, options.glue)
    if options.database:
        with Step(f"Database {options.database}"):
            databases.drop(options.database)
            databases.clone(name, options.database)
    display_packages()
    print(f"Ready. Template database: {name}. Odoo's command line: scripts/odoo")


def stop() -> None:
    """Stop our PostgreSQL, and tell who loses it."""
    used = databases.in_use() if postgres.running() else []
    if used:
        notice(f"a server is still running on {', '.join(used)}: stop it too")
    print("PostgreSQL stopped" if postgres.stop() else "PostgreSQL was not running")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/setup",
        description="Prepare Odoo 19, Python, PostgreSQL and a template database in"
        " .odoo/. Run it as often as you like: what is current is left alone.",
        epilog="Environment: ODOO_HOME, an Odoo 19 of your own; PGHOST (PGPORT, PGUSER,"
        " PGPASSWORD), a PostgreSQL server of your own; XDG_CACHE_HOME, where downloads"
        " are kept; CAE_ADDONS, the addons to install and test (default: all). Our own"
        " PostgreSQL runs without fsync: good for trying out and for tests, not for"
        " data that matters.",
    )
    parser.add_argument(
        "--stop", action="store_true", help="stop our PostgreSQL server"
    )
    parser.add_argument(
        "--base", action="store_true", help="Odoo's own modules only, not our addons"
    )
    parser.add_argument(
        "--glue",
        action="store_true",
        help="our glue addons too, with the apps of Odoo that they join (Sales)",
    )
    parser.add_argument(
        "--database",
        metavar="NAME",
        type=databases.valid_name,
        help="make this database, anew, as a copy of the template",
    )
    parser.add_argument(
        "--refresh", action="store_true", help="download Odoo again, even when current"
    )
    return parser
