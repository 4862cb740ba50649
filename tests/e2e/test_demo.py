"""What ``scripts/demo`` builds: ten months closed as a team does it, one under way."""

import contract
from caetools import odoo, postgres

MONTHS = [f"{month}-01" for month in contract.MONTHS]
#: Class 5 and 181 of the activity that was settled.
TREASURY = """
    SELECT SUM(l.debit - l.credit)::numeric(9,2) FROM account_move_line l
      JOIN account_account a ON a.id = l.account_id
     WHERE l.parent_state = 'posted' AND l.date <= '2026-10-31'
       AND (a.code_store->>'1' LIKE '5%' OR a.code_store->>'1' LIKE '181%')
       AND l.analytic_distribution ? (
           SELECT analytic_account_id::text FROM cae_activity WHERE code = 'A0032')
"""
#: Capital 22 125 €, reserves, what is due of the surplus and of redeemed shares.
BALANCES = [
    *("1012|0.00", "1013|-22125.00", "1061|-7395.49", "1063|-23375.40"),
    *("1200|0.00", "4248|-9646.46", "4562|0.00", "4567|-500.00", "4570|-1071.83"),
]


def test_ten_months_are_closed_and_one_is_under_way(loaded, fresh_database):
    """Pay posted, statements published, the last PDFs kept, every month locked."""
    database = fresh_database(loaded[0])
    odoo.stream_inside("demo", "build", database, log="demo_test", on_line=print)

    def rows(statement):
        return postgres.query(statement, database)

    state = "SELECT date FROM cae_period WHERE state = '{}' AND active ORDER BY date"
    assert rows(state.format("locked")) == MONTHS
    assert rows(state.format("open")) == ["2026-11-01"]
    check_pay(rows)
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
    check_governance(rows)
    # There is something to try: drafts, and bank lines to match.
    drafts = "SELECT COUNT(*) FROM account_move WHERE state = 'draft'"
    assert rows(f"{drafts} AND date >= '2026-11-01'") == ["2"]
    assert rows(drafts) == ["2"]
    lines = "SELECT COUNT(*) FROM account_bank_statement_line WHERE NOT is_reconciled"
    assert rows(lines) == ["6"]


def check_governance(rows):
    """A register that the books agree with, a signed meeting, one to prepare."""
    states = "SELECT state, COUNT(*) FROM cae_member GROUP BY 1 ORDER BY 1"
    assert rows(states) == ["candidate|4", "left|3", "member|24"]
    # The data says since when entrepreneurs are members: so does the register.
    other = (
        "SELECT COUNT(*) FROM cae_entrepreneur e JOIN cae_member m"
        " ON m.entrepreneur_id = e.id WHERE m.date_member IS DISTINCT FROM"
        " e.member_date OR (m.state = 'member' AND m.date_member IS NULL)"
    )
    assert rows(other) == ["0"]
    balances = (
        "SELECT LEFT(a.code_store->>'1', 4), SUM(l.debit - l.credit)::numeric(9,2)"
        " FROM account_move_line l JOIN account_account a ON a.id = l.account_id"
        " WHERE l.parent_state = 'posted' AND a.code_store->>'1' ~"
        " '^(101|106|120|4248|456|457)' GROUP BY 1 ORDER BY 1"
    )
    assert rows(balances) == BALANCES
    shares = "SELECT SUM(amount)::numeric(9,2), MAX(number), COUNT(*)"
    assert rows(f"{shares} FROM cae_share_movement") == ["22125.00|36|36"]
    meetings = "SELECT date::date, kind, state, number FROM cae_meeting ORDER BY date"
    assert rows(meetings) == [
        "2026-06-18|mixed|signed|1",
        "2026-12-17|ordinary|draft|",
    ]
    present = "SELECT status, COUNT(*) FROM cae_meeting_elector GROUP BY 1 ORDER BY 1"
    assert rows(present) == ["absent|2", "present|15", "represented|5"]
    # The meeting on the accounts is the one that the settlement follows.
    accounts = "SELECT accounts_meeting_date FROM cae_year WHERE date_to = '2025-12-31'"
    assert rows(accounts) == ["2026-06-18"]


def check_pay(rows):
    """Pay of every month: a refusal, two activities, a settlement, true payslips."""
    lines = (
        "SELECT {0} FROM cae_pay_line l JOIN cae_entrepreneur e"
        " ON e.id = l.entrepreneur_id WHERE {1}"
    )
    states = "SELECT DISTINCT state FROM cae_pay_line ORDER BY state"
    assert rows(states) == ["posted", "refused"]
    assert rows("SELECT COUNT(DISTINCT month) FROM cae_pay_line") == ["10"]
    refused = lines.format("e.code, l.month, l.reason != ''", "l.state = 'refused'")
    assert rows(refused) == ["E0029|2026-01-01|t"]
    # Under CAPE since February and March: a line of zero every month, and no entry.
    cape = "e.code IN ('E0012', 'E0045') AND l.state = 'posted'"
    cape += " AND l.gross = 0 AND l.cost = 0 AND l.move_id IS NULL"
    months = lines.format("e.code, COUNT(DISTINCT l.month)", cape)
    assert rows(f"{months} GROUP BY 1 ORDER BY 1") == ["E0012|9", "E0045|8"]
    assert rows(lines.format("COUNT(*)", "e.code IN ('E0012', 'E0045')")) == ["17"]
    several = "flags LIKE '%CAE-PAY-SEVERAL%'"
    assert rows(lines.format("DISTINCT e.code", several)) == ["E0027"]
    # 2025 on paper: 22 800 of sales less 21 000 of charges is 1 800.
    settled = (
        "SELECT s.state, s.budget::numeric(9,2), s.cost + s.carried = s.budget,"
        " l.gross = s.due AND s.due > 1500 AND s.due < 1800, l.month"
        " FROM cae_settlement s JOIN cae_pay_line l ON l.settlement_id = s.id"
    )
    assert rows(settled) == ["posted|1800.00|t|t|2026-06-01"]
    assert rows("SELECT DISTINCT state FROM cae_settlement") == ["posted"]
    gaps = (
        "SELECT e.code, p.gap_cost::numeric(9,2) FROM cae_payslip p"
        " JOIN cae_entrepreneur e ON e.id = p.entrepreneur_id"
        " WHERE p.gap_cost != 0 ORDER BY e.code"
    )
    assert rows(gaps) == ["E0001|2.40", "E0013|-1.15", "E0048|18.60"]
    # Wages are not paid from the bank: the treasury is still that of the data.
    assert rows(TREASURY) == [contract.ACTIVITIES["A0032"]["tresorerie"]]
