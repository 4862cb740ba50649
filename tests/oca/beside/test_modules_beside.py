"""Our addons are upgraded and uninstalled beside modules of the OCA."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "scripts"))

from caetools import databases, oca, odoo, paths, postgres  # noqa: E402

ERROR = re.compile(r"^\S+ \S+ \d+ (ERROR|CRITICAL) .*|^Traceback.*", re.M)
OURS = re.compile(r"^\S+ \S+ \d+ WARNING .*(?:cae_|cae\.).*", re.M)
LEFT_OVER = (
    "SELECT table_name || '.' || column_name FROM information_schema.columns"
    " WHERE table_schema = 'public'"
    " AND (table_name LIKE 'cae\\_%' OR column_name LIKE 'cae\\_%')"
)


def module(action, database, *names):
    process = subprocess.run(
        odoo.command("module", action, "--database", database, *names),
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, **oca.environment()},
        check=False,
    )
    log = process.stdout + process.stderr
    assert not process.returncode, log[-2000:]
    found = [*ERROR.finditer(log), *OURS.finditer(log)]
    assert not [match.group() for match in found]


def installed(database, pattern):
    return postgres.query(
        "SELECT name FROM ir_module_module WHERE state = 'installed'"
        f" AND name LIKE '{pattern}' ORDER BY 1",
        database,
    )


@pytest.fixture
def database():
    name = f"{os.environ['CAE_OCA_DATABASE']}_copy"
    databases.drop(name)
    databases.clone(os.environ["CAE_OCA_DATABASE"], name)
    yield name
    databases.drop(name)


def test_upgrade_and_uninstall(database):
    ours = installed(database, "cae\\_%")
    assert "cae_payroll" in ours
    module("upgrade", database, "cae_base")
    assert installed(database, "cae\\_%") == ours
    module("uninstall", database, "cae_base")
    assert not installed(database, "cae\\_%")
    assert not postgres.query(LEFT_OVER, database)
    # Theirs stay, and work without ours.
    theirs = installed(database, "account_payment_%")
    assert "account_payment_sepa_credit_transfer" in theirs
    module("upgrade", database, "account_payment_batch_oca")


def test_theirs_leave_ours_alone(database):
    ours = installed(database, "cae\\_%")
    names = ("account_payment_method_base", "account_statement_base", "payroll")
    module("uninstall", database, *names)
    assert not installed(database, "%\\_oca")
    assert installed(database, "cae\\_%") == ours
    module("upgrade", database, "cae_payroll")
