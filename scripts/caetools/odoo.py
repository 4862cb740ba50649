"""Odoo's command line in our environment."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from . import paths, postgres, shell, tree
from .ui import Problem

# Odoo 19 warns at each call of an interface that it will drop in a later version.
QUIET = (
    "odoo.addons.rpc.controllers.xmlrpc:ERROR",
    "odoo.addons.rpc.controllers.jsonrpc:ERROR",
)


def addons_path() -> list[Path]:
    """Our addons first, then Odoo's."""
    ours = [paths.ADDONS] if paths.our_addons() else []
    return ours + tree.addons_paths(tree.source())


def write_config(path: Path = paths.CONFIG, beside: Sequence[Path] = ()) -> None:
    """Odoo's configuration file, for every command that we start.

    :param beside: folders of other addons
    """
    folders = [*addons_path(), *beside]
    settings = {
        "addons_path": ",".join(str(folder) for folder in folders),
        "data_dir": paths.DATA,
        "log_handler": ",".join([":INFO", *QUIET]),
        **_database_settings(),
    }
    lines = ["[options]", *(f"{name} = {value}" for name, value in settings.items())]
    text = "\n".join(lines) + "\n"
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def _database_settings() -> dict[str, str]:
    if postgres.external():
        return {}
    variables = postgres.environment()
    return {
        "db_host": variables["PGHOST"],
        "db_port": variables["PGPORT"],
        "db_user": variables["PGUSER"],
    }


def environment() -> dict[str, str]:
    """Variables for a process that uses Odoo."""
    return {
        **postgres.environment(),
        **paths.BYTECODE,
        "ODOO_RC": str(paths.CONFIG),
        "PYTHONPATH": _joined(str(paths.SCRIPTS), os.environ.get("PYTHONPATH")),
        "PYTHONUNBUFFERED": "1",
    }


def _joined(*parts) -> str:
    return os.pathsep.join(part for part in parts if part)


def command(*arguments) -> list[str]:
    """Odoo's command line with these arguments."""
    return [str(paths.PYTHON), "-m", "odoo", *(str(part) for part in arguments)]


def execute(*arguments) -> None:
    """Become Odoo: this call does not return."""
    sys.stdout.flush()
    sys.stderr.flush()
    line = command(*arguments)
    os.execve(line[0], line, {**os.environ, **environment()})


def run_inside(module: str, *arguments, log: str, what: str, env=None) -> Path:
    """Run a module of ``caetools.inside``, its log kept in a file.

    :param env: in place of :func:`environment`
    """
    line = [paths.PYTHON, "-m", f"caetools.inside.{module}", *arguments]
    return shell.run(line, log=log, what=what, env=env or environment(), cwd=paths.ROOT)


def stream_inside(module: str, *arguments, log: str, on_line) -> None:
    """The same, with each line that the module prints handed to ``on_line``."""
    path = paths.LOGS / f"{log}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    line = [str(paths.PYTHON), "-m", f"caetools.inside.{module}", *map(str, arguments)]
    with open(path, "wb") as output:
        process = subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            cwd=paths.ROOT,
            env={**os.environ, **environment()},
        )
        with process:
            for text in process.stdout:
                on_line(text.rstrip("\n"))
    if process.returncode:
        raise Problem(f"{module} failed. Last lines of {path}:\n{shell.tail(path)}")
