"""What ``scripts/demo`` builds: ten months closed as a team does it, one under way."""

import contract
from caetools import odoo, postgres

MONTHS = [f"{month}-01" for month in contract.MONTHS]


def test_ten_months_are_closed_and_one_is_under_way(loaded, fresh_database):
    """Pay posted, statements published, the last PDFs kept, every month locked."""
    database = fresh_database(loaded[0])
    odoo.stream_inside("demo", "build", database, log="demo_test", on_line=print)

    def rows(statement):
        return postgres.query(statement, database)

    state = "SELECT date FROM cae_period WHERE state = '{}' AND active ORDER BY date"
    assert rows(state.format("locked")) == MONTHS
    assert rows(state.format("open")) == ["2026-11-01"]
    assert rows("SELECT DISTINCT state FROM cae_pay_line") == ["posted"]
    statements = (
        "SELECT COUNT(*) FROM cae_statement WHERE month <= '2026-10-01' AND current"
    )
    assert int(rows(statements)[0]) >= len(contract.ACTIVITIES) * 9
    assert rows(f"{statements} AND NOT published") == ["0"]
    last = f"{statements} AND month = '2026-10-01'"
    assert rows(f"{last} AND pdf_id IS NULL") == ["0"]
    # Those who did it are the team, with their own rights.
    who = (
        "SELECT DISTINCT u.login FROM {0} r JOIN res_users u ON u.id = r.{1}"
        " WHERE r.{1} IS NOT NULL"
    )
    assert rows(who.format("cae_pay_line", "approved_by_id")) == ["paie"]
    # There is something to try: drafts, and bank lines to match.
    drafts = "SELECT COUNT(*) FROM account_move WHERE state = 'draft'"
    assert rows(f"{drafts} AND date >= '2026-11-01'") == ["2"]
    assert rows(drafts) == ["2"]
    lines = "SELECT COUNT(*) FROM account_bank_statement_line WHERE NOT is_reconciled"
    assert rows(lines) == ["6"]
