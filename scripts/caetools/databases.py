"""Databases: templates that are built once, and their copies."""

import argparse
import hashlib
import os
import re
import shutil
from pathlib import Path

from . import dumps, odoo, paths, postgres, tree
from .ui import Problem

BASE_MODULES = (
    "account",
    "l10n_fr_account",
    "hr",
    "hr_expense",
    "portal",
    "mail",
    "analytic",
    "calendar",
    "api_doc",
)
BASE_PREFIX = "cae_tpl_base_"
PREFIX = "cae_tpl_"
GLUE_PREFIX = "cae_glue_"
KEPT = 2
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,49}", re.ASCII)
# These change nothing of what an installation writes.
UNIMPORTANT = {"tests", "static", "readme", "__pycache__", "README.md", "README.rst"}


def valid_name(name: str) -> str:
    """The name of a database, as given: a type of arguments.

    :raises ArgumentTypeError: when PostgreSQL, a filter or a folder would not take it
    """
    if not NAME.fullmatch(name):
        raise argparse.ArgumentTypeError(
            f"{name!r} is no name for a database: letters, digits, _ and -, a letter"
            " first, 50 characters at most"
        )
    return name


def names() -> list[str]:
    """All databases of the server."""
    return postgres.query("SELECT datname FROM pg_database ORDER BY oid")


def exists(name: str) -> bool:
    """Whether there is a database of this name."""
    return name in names()


def in_use() -> list[str]:
    """Databases that somebody is connected to, but for this question."""
    return postgres.query(
        "SELECT DISTINCT datname FROM pg_stat_activity WHERE datname IS NOT NULL"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY 1"
    )


def drop(name: str) -> None:
    """Drop a database, whoever is in it, and its files."""
    postgres.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(_filestore(name), ignore_errors=True)


def _filestore(name: str) -> Path:
    return paths.DATA / "filestore" / name


def clone(template: str, name: str) -> None:
    """Make a database as a copy of another one."""
    _disconnect(template)
    postgres.query(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    shutil.rmtree(_filestore(name), ignore_errors=True)
    if _filestore(template).exists():
        # Stored files are named by their content and never written again.
        shutil.copytree(_filestore(template), _filestore(name), copy_function=os.link)


def _disconnect(name: str) -> None:
    postgres.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    )


def rename(old: str, new: str) -> None:
    """Give a finished database its name, in place of another one."""
    _disconnect(old)
    drop(new)
    postgres.query(f'ALTER DATABASE "{old}" RENAME TO "{new}"')
    if _filestore(old).exists():
        _filestore(old).rename(_filestore(new))


def base_template() -> str:
    """Name of the template with Odoo's modules only."""
    digest = hashlib.sha256(tree.fingerprint(tree.source()).encode())
    digest.update(" ".join(BASE_MODULES).encode())
    digest.update((paths.SCRIPTS / "caetools/inside/template.py").read_bytes())
    return BASE_PREFIX + digest.hexdigest()[:10]


def template() -> str:
    """Name of the template with our addons."""
    return PREFIX + _digest(base_template(), paths.our_addons())


def glue_template() -> str:
    """Name of the template with our glue addons, and the apps of Odoo beside them."""
    return GLUE_PREFIX + _digest(template(), paths.glue_addons())


def _digest(source: str, addons: list[str]) -> str:
    digest = hashlib.sha256(source.encode())
    digest.update(" ".join(addons).encode())
    for path in _important_files(addons):
        digest.update(str(path.relative_to(paths.ADDONS)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def _important_files(addons: list[str]) -> list[Path]:
    return sorted(
        path
        for name in addons
        for path in (paths.ADDONS / name).rglob("*")
        if path.is_file() and not _is_unimportant(path.relative_to(paths.ADDONS))
    )


def _is_unimportant(path: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.parts)
    return hidden or bool(UNIMPORTANT.intersection(path.parts))


def ensure_base_template(step) -> str:
    """The template with Odoo's modules: there, kept by another checkout, or built."""
    name = base_template()
    if not exists(name) and not _restored(step, name):
        step.note("installing Odoo's modules")
        _build(name, None, "base", *BASE_MODULES)
        dumps.save(name, _filestore(name))
        _drop_old(BASE_PREFIX, name)
    return name


def _restored(step, name: str) -> bool:
    draft = f"{name}_new"
    drop(draft)
    step.note("looking for one of another checkout")
    found = dumps.restore(name, draft, _filestore(draft))
    if found:
        rename(draft, name)
    return found


def ensure_template(step) -> str:
    """The template with our addons, built when they have changed."""
    base = ensure_base_template(step)
    addons = paths.our_addons()
    if not addons:
        return base
    name = template()
    if not exists(name):
        step.note(f"installing {', '.join(addons)}")
        _build(name, base, "addons", *addons)
        _drop_old(PREFIX, name, but=BASE_PREFIX)
    return name


def ensure_glue_template(step) -> str:
    """The template with our glue addons, built when they or the others have changed."""
    source, addons = ensure_template(step), paths.glue_addons()
    name = glue_template()
    if not exists(name):
        step.note(f"installing {', '.join(addons)}")
        _build(name, source, "glue", *addons)
        _drop_old(GLUE_PREFIX, name)
    return name


def _build(name: str, source: str | None, action: str, *modules: str) -> None:
    """Build under another name: half a template is never used."""
    draft = f"{name}_new"
    drop(draft)
    if source:
        clone(source, draft)
    try:
        odoo.run_inside(
            "template",
            *(action, draft, *modules),
            log=f"template-{action}",
            what=f"installing {', '.join(modules)}",
        )
    except Problem:
        drop(draft)
        raise
    rename(draft, name)


def _drop_old(prefix: str, current: str, but: str = "\n") -> None:
    """Keep the latest templates, and no unfinished one."""
    found = [name for name in names() if name.startswith(prefix)]
    old = [name for name in found if not name.startswith(but) and name != current]
    unfinished = [name for name in old if name.endswith("_new")]
    finished = [name for name in old if name not in unfinished]
    for name in unfinished + finished[: len(finished) - KEPT + 1]:
        drop(name)
