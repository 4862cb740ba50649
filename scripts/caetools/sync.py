"""The command ``scripts/sync``: files into any running server over RPC, and out of it.

Each night, for example: load the files of a folder, then take the month's statements,
pay elements and key figures. Called again after it was killed, it goes on.
"""

import argparse
import base64
import os
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from . import demo_data, mapping, paths, venv
from .exports import Export, Folder
from .lock import setup_lock
from .steplog import DONE, REFUSED, StepLog
from .ui import Problem, Step

PASSWORD_VARIABLE = "CAE_PASSWORD"
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])", re.ASCII)
#: Rights that a file of ours never gives: to write to the group, any to others.
OTHERS = 0o027
EXPORTS = ("statements", "pay", "figures")


def main() -> int:
    """Connect, load, run a month, export; see the end of ``--help``."""
    options = _parser().parse_args()
    if not (options.directory or options.run or options.export):
        raise Problem(
            "nothing to do",
            "Name a DIRECTORY, a month with --run 2026-01, or a folder with --export.",
        )
    if bool(options.export) != bool(options.month):
        raise Problem("--export and --month go together", "Give --month 2026-01.")
    if options.convert:
        keep_private()
        return write_converted(options)
    _require_odoorpc()
    keep_private()
    client, log = connect(options), StepLog(options.log)
    try:
        _work(client, options, log)
    except Problem as problem:
        log.note("end", options.url, REFUSED, str(problem))
        raise
    return log.code


def keep_private():
    """What is written is for the user and the group alone: pay, names, figures."""
    os.umask(os.umask(OTHERS) | OTHERS)


def _work(client, options, log: StepLog):
    """What was asked for, until something is refused."""
    if options.directory and not load(client, options, log):
        return
    if options.run and not options.dry_run:
        run_month(client, options.run, log)
    if options.export:
        folder = Folder(options.export, options.dry_run)
        export = Export(client, options.month, folder, log)
        export.run(options.what or list(EXPORTS), options.template)


def month(text: str) -> str:
    """``2026-01``, as given: a type of arguments."""
    if not MONTH.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no month: write 2026-01")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/sync",
        description="Load the CSV files of a folder into a running Odoo, over RPC, run"
        " a month, and take its statements, pay elements and key figures into a folder."
        " Calling again is harmless: what has not changed is left as it is, and what a"
        " killed run did not do is done. All of a file is loaded, or nothing; files"
        " that are written appear whole.",
        epilog="Files that are loaded, in this order: "
        + ", ".join(f"{name} ({key})" for key, name in demo_data.DATASETS.items())
        + ". Ends with 0: all is done; 1: something was refused, or the server does not"
        " answer; 2: wrong arguments; 3: done, but something waits (a PDF that is not"
        " prepared); 130: interrupted.",
    )
    _add_server(parser)
    _add_loading(parser)
    _add_export(parser)
    parser.add_argument(
        "--log", type=Path, help="add a line for each step to this CSV file"
    )
    return parser


def _add_server(parser: argparse.ArgumentParser):
    parser.add_argument("--url", default="http://localhost:8069", help="%(default)s")
    parser.add_argument("--database", default="cae_demo", help="%(default)s")
    parser.add_argument("--user", default="admin", help="login (%(default)s)")
    parser.add_argument(
        "--password",
        help=f"password or API key; better in ${PASSWORD_VARIABLE} or a file",
    )
    parser.add_argument(
        "--key-file", type=Path, help="file whose first line is the password or API key"
    )
    parser.add_argument(
        "--timeout", type=int, default=900, help="seconds per call (%(default)s)"
    )


def _add_loading(parser: argparse.ArgumentParser):
    parser.add_argument("directory", nargs="?", type=Path, help="folder with the files")
    parser.add_argument("--only", choices=mapping.ORDER, help="one data set")
    parser.add_argument(
        "--mapping",
        type=Path,
        metavar="FILE",
        help="the files are those of another system: how to read them (JSON), see"
        " docs/moving-in.md",
    )
    parser.add_argument(
        "--convert",
        type=Path,
        metavar="FOLDER",
        help="with --mapping: write our files there, load nothing",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="check each file against the database as it is, write nothing (a month"
        " is not run)",
    )
    parser.add_argument(
        "--run", metavar="MONTH", type=month, help="then run this month (2026-01)"
    )


def _add_export(parser: argparse.ArgumentParser):
    parser.add_argument("--export", type=Path, help="then write into this folder")
    parser.add_argument("--month", type=month, help="the month that is exported")
    parser.add_argument(
        "--what",
        action="append",
        choices=EXPORTS,
        help="this export only; several times for several (all)",
    )
    parser.add_argument(
        "--template",
        default="generic",
        help="file of the payroll software (%(default)s)",
    )


def _require_odoorpc():
    """Go on in the environment's Python when this one has no odoorpc."""
    try:
        import odoorpc  # noqa: F401
    except ImportError:
        if Path(sys.prefix) == paths.VENV:
            raise
        if not venv.is_current():
            with setup_lock(), Step("Python environment") as step:
                venv.ensure(step)
        os.execv(paths.PYTHON, [str(paths.PYTHON), *sys.argv])


def connect(options):
    """An odoorpc client, logged in.

    :raises Problem: when the server does not answer or refuses
    """
    import odoorpc

    address = urlsplit(options.url)
    secure = address.scheme == "https"
    try:
        client = odoorpc.ODOO(
            address.hostname or "",
            protocol="jsonrpc+ssl" if secure else "jsonrpc",
            port=address.port or (443 if secure else 80),
            timeout=options.timeout,
        )
        client.login(options.database, options.user, password(options))
    except odoorpc.error.RPCError as error:
        raise Problem(
            f"{options.url}: {short(error)}",
            "Check the database, the login and the password.",
        ) from None
    except OSError as error:
        raise Problem(
            f"{options.url} does not answer: {error}", "Is it running?"
        ) from None
    # A user without a language would get words in one and dates in another.
    client.env.context["lang"] = client.env.context.get("lang") or "fr_FR"
    return client


def password(options) -> str:
    """The password: from the file, the option, or the environment."""
    if options.key_file:
        return options.key_file.read_text().splitlines()[0].strip()
    found = options.password or os.environ.get(PASSWORD_VARIABLE)
    if not found:
        raise Problem(
            "no password", f"Give --key-file, --password or ${PASSWORD_VARIABLE}."
        )
    return found


def short(error) -> str:
    """The last line of an RPC error, which says what happened."""
    return str(error).strip().splitlines()[-1] if str(error).strip() else repr(error)


def load(client, options, log: StepLog) -> bool:
    """Load the files; whether all were taken.

    After a refused file the next ones are not tried: they lean on it.
    """
    import odoorpc

    exchange = client.env["cae.exchange"]
    for dataset, name, data, sources in contents(options):
        content = base64.b64encode(data).decode()
        try:
            result = exchange.load_file(dataset, name, content, options.dry_run)
        except odoorpc.error.RPCError as error:
            log.note("load", name, REFUSED, short(error))
            return False
        show(name, result, log, sources)
        if result["errors"]:
            return False
    return True


def contents(options):
    """``(data set, name, content, rows of the source)`` to load, in order."""
    if not options.mapping:
        for dataset, path in demo_data.files(options.directory, options.only):
            yield dataset, path.name, path.read_bytes(), None
        return
    for found in converted(options):
        yield found.dataset, found.name, found.content(), found.sources


def converted(options) -> list[mapping.Converted]:
    """What a mapping makes of a folder.

    :raises Problem: see :func:`mapping.convert`
    """
    rules = mapping.read(options.mapping)
    return mapping.convert(rules, options.directory, options.only)


def write_converted(options) -> int:
    """Write our files, to look at them before anything is loaded."""
    if not (options.mapping and options.directory):
        raise Problem("nothing to convert", "--convert needs --mapping and DIRECTORY.")
    options.convert.mkdir(parents=True, exist_ok=True)
    for found in converted(options):
        (options.convert / found.name).write_bytes(found.content())
        print(f"{found.name}: {len(found.rows)} rows")
    return 0


def show(name: str, result: dict, log: StepLog, sources: list[int] | None = None):
    """What became of a file, and each error with its place.

    :param sources: rows of the other system's file, when it was converted
    """
    counts = (f"{result[key]} {key}" for key in ("created", "updated", "unchanged"))
    errors = result["errors"]
    detail = f"{', '.join(counts)}, {len(errors)} errors"
    log.note("load", name, REFUSED if errors else DONE, detail)
    for error in errors:
        row = error["row"]
        place = f"{name}, row {row}, column {error['column'] or '-'}"
        if sources and row and sources[row - 1]:
            place += f" (row {sources[row - 1]} of the source)"
        log.note("load", place, REFUSED, f"{error['code']}: {error['message']}")


def run_month(client, month: str, log: StepLog):
    """Call the month's run until it is done."""
    import odoorpc

    done = False
    while not done:
        try:
            result = client.env["cae.period"].month_run(month)
        except odoorpc.error.RPCError as error:
            raise Problem(f"{month}: {short(error)}") from None
        done = result["done"]
        parts = {key: result[key] for key in ("contributions", "pay", "statements")}
        log.note("run", month, DONE, f"{'done' if done else 'going on'} {parts}")
