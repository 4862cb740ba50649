"""The template with Odoo's modules, kept in the user's cache for the next checkout."""

import shutil
from pathlib import Path

from . import paths, postgres, shell
from .lock import cache_lock
from .ui import Problem

KEPT = 2


def _folder(name: str) -> Path:
    return paths.cache() / "templates" / name


def save(name: str, filestore: Path) -> None:
    """Keep a copy of a database; a failure only costs the next checkout some time."""
    if postgres.external():
        return
    with cache_lock("templates"):
        draft = paths.cache() / "templates" / "new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        _tool("pg_dump", "-Fc", "-Z1", "-f", draft / "dump", name)
        if filestore.exists():
            shutil.copytree(filestore, draft / "filestore")
        shutil.rmtree(_folder(name), ignore_errors=True)
        draft.rename(_folder(name))
        _drop_old()


def _drop_old() -> None:
    found = (paths.cache() / "templates").iterdir()
    by_age = sorted(found, key=lambda path: path.stat().st_mtime)
    for path in by_age[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)


def restore(name: str, database: str, filestore: Path) -> bool:
    """Make ``database`` from the copy of ``name``, if there is a good one."""
    folder = _folder(name)
    if postgres.external() or not (folder / "dump").exists():
        return False
    postgres.query(f'CREATE DATABASE "{database}" TEMPLATE template0')
    try:
        _tool("pg_restore", "-j2", "--no-owner", "-d", database, folder / "dump")
    except Problem:
        shutil.rmtree(folder, ignore_errors=True)
        return False
    if (folder / "filestore").exists():
        shutil.rmtree(filestore, ignore_errors=True)
        shutil.copytree(folder / "filestore", filestore)
    postgres.query("ANALYZE", database)
    return True


def _tool(program: str, *arguments) -> None:
    """Run one of PostgreSQL's programs."""
    command = [postgres.programs() / program, *arguments]
    shell.run(command, log=program, what=program, env=postgres.environment())
