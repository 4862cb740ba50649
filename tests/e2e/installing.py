"""Odoo's command ``module``, and what a database has without our addons."""

import os
import re
import subprocess

from caetools import odoo, paths, postgres

FINDING = re.compile(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) .*|^Traceback.*", re.M)
ADDONS = ("cae_base", "cae_payroll", "cae_governance", "cae_coaching")
#: What Odoo has without us: count, and a total that must not move.
OWN_DATA = {
    "account_move": "SUM(amount_total) FILTER (WHERE state = 'posted')",
    "account_move_line": "SUM(debit)",
    "account_analytic_line": "SUM(amount)",
    "account_analytic_account": "COUNT(code)",
    "account_analytic_plan": "COUNT(*)",
    "account_partial_reconcile": "SUM(amount)",
    "account_payment": "SUM(amount)",
    "account_account": "COUNT(*)",
    "account_tax": "COUNT(*) FILTER (WHERE active)",
    "hr_employee": "COUNT(*)",
    "hr_version": "SUM(wage)",
    "res_partner": "COUNT(*)",
    "res_partner_bank": "COUNT(*)",
    "res_users": "COUNT(*)",
}
#: Of each row, what must stay as it was to the letter: no sum hides two changes.
CHECKSUMS = {
    "account_move": "name, state, date, ref, partner_id, amount_total, payment_state,"
    " inalterable_hash",
    "account_move_line": "move_id, account_id, partner_id, date, name, debit, credit,"
    " amount_residual, full_reconcile_id, tax_line_id",
    "account_analytic_line": "date, amount, account_id, general_account_id,"
    " move_line_id",
    "account_partial_reconcile": "debit_move_id, credit_move_id, amount, max_date",
    "account_payment": "name, amount, date, partner_id, state",
    "account_bank_statement_line": "move_id, amount, payment_ref, is_reconciled",
    "hr_employee": "name, work_contact_id, user_id, active, company_id",
    "hr_version": "employee_id, date_version, contract_date_start, contract_date_end,"
    " wage",
    "res_partner": "name, email, active, is_company",
    "res_users": "login, active, partner_id",
}


def run(*arguments, environment=None, clean=True):
    """Odoo's command line; its log has no finding.

    :param environment: variables in place of those of this checkout
    :param clean: whether a finding in its log fails
    """
    process = subprocess.run(
        odoo.command(*arguments),
        cwd=paths.ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={**os.environ, **odoo.environment(), **(environment or {})},
        check=False,
    )
    log = process.stdout + process.stderr
    assert not process.returncode, log[-2000:]
    found = [match.group() for match in FINDING.finditer(log)]
    assert not (clean and found), found


def module(action, database, *names, **options):
    """Odoo's command ``module``, see :func:`run`."""
    run("module", action, "--database", database, *names, **options)


def update(database, *names):
    """New code comes to a database of before.

    Not by ``module upgrade``: it reads records before it has added their columns.
    """
    names = ",".join(names)
    run("--database", database, "--update", names, "--stop-after-init", "--no-http")


def installed(database):
    return set(
        postgres.query(
            "SELECT name FROM ir_module_module"
            " WHERE state = 'installed' AND name LIKE 'cae\\_%'",
            database,
        )
    )


def own_data(database):
    return {
        table: postgres.query(f"SELECT COUNT(*), {total} FROM {table}", database)
        for table, total in OWN_DATA.items()
    }


def checksums(database, until=None):
    """``{table: checksum}`` of Odoo's own rows, in the order of their ids.

    :param until: ``{table: last id}``: rows after it are left out
    """
    found = {}
    for table, columns in CHECKSUMS.items():
        last = f"WHERE id <= {until[table]}" if until else ""
        found[table] = postgres.query(
            f"SELECT COUNT(*), md5(string_agg((t.*)::text, '|' ORDER BY id))"
            f" FROM (SELECT id, {columns} FROM {table} {last}) t",
            database,
        )
    return found


def last_ids(database):
    """``{table: last id}`` of Odoo's own rows."""
    return {
        table: int(postgres.query(f"SELECT MAX(id) FROM {table}", database)[0] or 0)
        for table in CHECKSUMS
    }
