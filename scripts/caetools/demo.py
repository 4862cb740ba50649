"""The command ``scripts/demo``: a cooperative of forty activities, ready to look at."""

import argparse
import json

from . import databases, network, odoo, paths, postgres, setup, system
from .lock import setup_lock
from .ui import Problem, Step, notice

STATE = "cae_demo.state"
LOGINS = (
    ("manager", "manager", "CAE manager: everything"),
    ("comptable", "comptable", "accountant"),
    ("paie", "paie", "payroll officer"),
    ("conseil", "conseil", "coach of the south"),
    ("nord", "nord", "coach of the north"),
    (
        "accompagnement",
        "accompagnement",
        "head of coaching, coach of the west: funders, workshops",
    ),
    (
        "secretaire",
        "secretaire",
        "secretary: register, meetings of June and December",
    ),
    ("ines", "ines", "entrepreneur Inès N’Diaye, member and director (portal)"),
    ("nadia", "nadia", "entrepreneur Nadia Benoît, who applied as a member (portal)"),
    ("admin", "admin", "administrator"),
)


def main() -> None:
    """Set up, build what is missing, print the logins, serve."""
    options = _parser().parse_args()
    if not options.no_serve:
        network.require_free(options.port, options.interface)
    template = setup.full(glue=True)
    setup.display_packages(system.PDF)
    with setup_lock():
        build(options.database, template, options.reset)
    _print_logins(options)
    if not options.no_serve:
        # Invoices fetch their style sheets from there.
        url = f"http://127.0.0.1:{options.port}"
        _set_parameter(options.database, "report.url", url)
        odoo.execute(*serve_arguments(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="Set up, build the demo cooperative (ten months of 2026) and serve"
        " it. What is built already is used again; an interrupted build goes on.",
    )
    parser.add_argument(
        "--database",
        default="cae_demo",
        type=databases.valid_name,
        help="name (%(default)s)",
    )
    parser.add_argument("--port", type=int, default=8069, help="%(default)s")
    parser.add_argument(
        "--interface",
        default="127.0.0.1",
        help="address to listen on (%(default)s: this machine only, as the passwords"
        " are no secret)",
    )
    parser.add_argument("--reset", action="store_true", help="build it anew")
    parser.add_argument("--no-serve", action="store_true", help="build only")
    return parser


def build(database: str, template: str, reset: bool = False) -> None:
    """Make the demo database, or finish or update the one that is there."""
    if "cae_base" not in paths.our_addons():
        raise Problem("there is no addon to show: addons/cae_base is missing")
    if reset:
        databases.drop(database)
    if not databases.exists(database):
        _create(database, template)
    state = read_state(database)
    action = "build" if state.get("template") == template else "update"
    if action == "build" and "finish" in state["done"]:
        return
    with Progress() as progress:
        addons = *paths.our_addons(), *paths.glue_addons()
        arguments = (action, database, *addons)
        odoo.stream_inside("demo", *arguments, log="demo", on_line=progress.read)
    _write_state(database, {**read_state(database), "template": template})


def _create(database: str, template: str) -> None:
    """A copy of the template, marked as a demo before it gets its name."""
    draft = f"{database}_new"
    with Step(f"Database {database}"):
        databases.drop(draft)
        databases.clone(template, draft)
        _write_state(draft, {"done": [], "template": template})
        databases.rename(draft, database)


def read_state(database: str) -> dict:
    """What has been done in a demo database.

    :raises Problem: when the database is another's
    """
    question = f"SELECT value FROM ir_config_parameter WHERE key = '{STATE}'"
    try:
        lines = postgres.query(question, database)
    except Problem:
        lines = []
    if not lines:
        raise Problem(
            f"the database {database} exists and is not a demo",
            "Choose another one with --database, or replace it with --reset.",
        )
    return json.loads(lines[0])


def _write_state(database: str, state: dict) -> None:
    _set_parameter(database, STATE, json.dumps(state))


def _set_parameter(database: str, key: str, value: str) -> None:
    value = value.replace("'", "''")
    postgres.query(
        f"INSERT INTO ir_config_parameter (key, value) VALUES ('{key}', '{value}')"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        database,
    )


class Progress:
    """Shows the lines of ``caetools.inside.demo`` as steps."""

    def __init__(self):
        self.step = None

    def __enter__(self):
        return self

    def read(self, line: str) -> None:
        """``> label`` begins a step, ``. text`` says what it is at."""
        if line.startswith("> "):
            self._end()
            self.step = Step(line[2:]).__enter__()
        elif line.startswith(". ") and self.step:
            self.step.note(line[2:])

    def _end(self, *error) -> None:
        if self.step:
            self.step.__exit__(*(error or (None, None, None)))
        self.step = None

    def __exit__(self, *error):
        self._end(*error)
        return False


def serve_arguments(options) -> tuple[str, ...]:
    """Odoo's arguments for serving the demo and nothing else."""
    return (
        "server",
        *("--database", options.database, "--db-filter", f"^{options.database}$"),
        *("--http-interface", options.interface, "--http-port", str(options.port)),
    )


def _print_logins(options) -> None:
    width = max(len(login) for login, _password, _who in LOGINS)
    print(f"\nLogins of {options.database} (login / password):")
    for login, password, who in LOGINS:
        print(f"  {login:{width}} / {password:{width}}  {who}")
    if options.no_serve:
        chosen = f" --database {options.database} --port {options.port}"
        print(f"\nServe it with: scripts/demo{chosen}")
    else:
        print(f"\nhttp://localhost:{options.port}   (Ctrl-C stops it)\n", flush=True)
    if not postgres.external():
        notice("PostgreSQL goes on running; scripts/setup --stop stops it.")
