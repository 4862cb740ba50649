"""What ``scripts/demo`` builds: ten months closed as a team does it, one under way."""

import contract
from caetools import postgres

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


def test_ten_months_are_closed_and_one_is_under_way(demo):
    """Pay posted, statements published, the last PDFs kept, every month locked."""

    def rows(statement):
        return postgres.query(statement, demo)

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
    check_journey(rows)
    check_interviews(rows)
    check_workshops(rows)
    check_support(rows)
    check_purchases(rows)
    check_quotes(rows)
    # Nothing speaks English.
    assert rows("SELECT DISTINCT name FROM account_payment_method_line") == [
        "Paiement manuel"
    ]
    logos = "SELECT COUNT(*) FROM res_company WHERE logo_web IS NOT NULL"
    assert rows(logos) == ["1"]
    # There is something to try: drafts, and bank lines to match.
    drafts = "SELECT COUNT(*) FROM account_move WHERE state = 'draft'"
    assert rows(f"{drafts} AND date >= '2026-11-01'") == ["9"]
    assert rows(drafts) == ["9"]
    lines = "SELECT COUNT(*) FROM account_bank_statement_line WHERE NOT is_reconciled"
    assert rows(lines) == ["6"]


def check_purchases(rows):
    """Declared on the portal: booked, to check and sent back; approved and waiting."""
    bills = (
        "SELECT state, cae_correction IS NOT NULL, COUNT(*) FROM account_move"
        " WHERE cae_declarer_id IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert rows(bills) == ["draft|f|1", "draft|t|1", "posted|f|1"]
    claims = (
        "SELECT state, COUNT(*) FROM hr_expense WHERE cae_declarer_id IS NOT NULL"
        " GROUP BY 1 ORDER BY 1"
    )
    assert rows(claims) == ["approved|2", "submitted|4"]


def check_quotes(rows):
    """Of five activities, in every state; deposits and invoices of some of them."""
    states = (
        "SELECT o.state, COUNT(*), COUNT(DISTINCT o.cae_activity_id) FROM sale_order o"
        " GROUP BY 1 ORDER BY 1"
    )
    assert rows(states) == ["cancel|2|2", "draft|1|1", "sale|5|4", "sent|3|2"]
    signed = "SELECT COUNT(signed_by), COUNT(cae_accepted_on) FROM sale_order"
    assert rows(signed) == ["3|2"]
    invoices = (
        "SELECT cae_deposit, state, payment_state, COUNT(*) FROM account_move"
        " WHERE cae_quote_id IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    assert rows(invoices) == [
        *("f|draft|not_paid|1", "f|posted|paid|1"),
        *("t|draft|not_paid|1", "t|posted|not_paid|2"),
    ]
    lost = "SELECT COUNT(*) FROM sale_order WHERE cae_lost_reason IS NOT NULL"
    assert rows(lost) == ["2"]


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


def check_journey(rows):
    """Candidates of every stage, one of them entered; files with what lacks."""
    stages = "SELECT stage_kind, COUNT(*) FROM cae_candidate GROUP BY 1 ORDER BY 1"
    assert rows(stages) == [
        *("accepted|1", "contact|1", "converted|1", "diagnosis|2"),
        *("information|3", "refused|2"),
    ]
    entered = (
        "SELECT e.code, e.stage, c.kind, c.date_end, a.name FROM cae_candidate d"
        " JOIN cae_entrepreneur e ON e.id = d.entrepreneur_id"
        " JOIN cae_contract c ON c.id = d.contract_id"
        " JOIN cae_activity a ON a.id = d.activity_id"
    )
    assert rows(entered) == ["E0061|cape|cape|2027-11-01|Terres de Margaux"]
    seats = (
        "SELECT r.state, COUNT(*) FROM event_registration r"
        " JOIN event_event e ON e.id = r.event_id WHERE e.cae_information"
        " GROUP BY 1 ORDER BY 1"
    )
    assert rows(seats) == ["done|5", "open|4"]
    left = (
        "SELECT code, date_exit FROM cae_entrepreneur WHERE date_exit >= '2026-01-01'"
    )
    assert rows(left) == ["E0054|2026-11-20"]
    assert rows("SELECT COUNT(*), MIN(recommend) FROM cae_exit_interview") == ["1|9"]
    papers = (
        "SELECT state, COUNT(*) FROM cae_person_document"
        " WHERE state != 'accepted' GROUP BY 1 ORDER BY 1"
    )
    assert rows(papers) == ["received|1", "refused|1"]
    told = (
        "SELECT res_model, COUNT(*) FROM mail_activity WHERE active AND automated"
        " AND res_model IN ('cae.person.document', 'cae.social.aid')"
        " GROUP BY 1 ORDER BY 1"
    )
    assert rows(told) == ["cae.person.document|1", "cae.social.aid|5"]


def check_interviews(rows):
    """Two signed interviews per twelve months, but for two who are late."""
    states = (
        "SELECT state, report_state, COUNT(*) FROM cae_interview"
        " WHERE date_start >= '2026-01-01' GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert rows(states) == [
        *("absent|draft|1", "cancelled|draft|1", "excused|draft|1"),
        *("held|shared|1", "held|signed|71", "planned|draft|5"),
    ]
    short = (
        "SELECT code, interview_state, interview_missing, interview_deadline"
        " FROM cae_entrepreneur WHERE interview_state IN ('late', 'soon')"
        " ORDER BY 2, 1"
    )
    assert rows(short) == [
        *("E0004|late|1|2025-12-29", "E0025|late|2|2026-06-12"),
        *("E0031|soon|1|2026-12-31", "E0039|soon|1|2026-12-31"),
    ]
    # Each is signed by the person and by a coach; the last waits for the person.
    signed = (
        "SELECT entrepreneur_id IS NULL, COUNT(*) FROM cae_interview_signature"
        " WHERE date >= '2026-01-01' GROUP BY 1 ORDER BY 1"
    )
    assert rows(signed) == ["f|71", "t|72"]
    actions = (
        "SELECT state, COUNT(*), SUM((date_deadline < '2026-11-27')::int)"
        " FROM cae_coaching_action GROUP BY 1 ORDER BY 1"
    )
    assert rows(actions) == ["done|3|3", "dropped|1|1", "todo|7|3"]
    causes = (
        "SELECT e.code, a.state, a.urgency, a.facts->>'missing'"
        " FROM cae_coaching_alert a JOIN cae_entrepreneur e ON e.id = a.entrepreneur_id"
        " WHERE a.cause = 'interview' ORDER BY 1"
    )
    assert rows(causes) == [
        *("E0004|open|2|1", "E0025|open|2|2", "E0031|open|1|1", "E0039|open|1|1"),
    ]
    # One Odoo activity for each alert that is open; the one that rests has none.
    told = (
        "SELECT a.state, COUNT(*), COUNT(m.id) FROM cae_coaching_alert a"
        " LEFT JOIN mail_activity m ON m.res_model = 'cae.coaching.alert'"
        " AND m.res_id = a.id AND m.active GROUP BY 1 ORDER BY 1"
    )
    (opened, resting) = rows(told)
    _state, alerts, activities = opened.split("|")
    assert alerts == activities and 20 < int(alerts) < 60
    assert resting == "resting|1|0"


def check_workshops(rows):
    """A whole one, one to sign, a full one with people who wait, one with seats."""
    seats = (
        "SELECT e.name->>'fr_FR', r.state, COUNT(*) FROM event_registration r"
        " JOIN event_event e ON e.id = r.event_id WHERE e.cae_workshop"
        " GROUP BY e.date_begin, 1, 2 ORDER BY e.date_begin, 2"
    )
    assert rows(seats) == [
        "Devis, marges et prix|open|8",
        "Outils numériques : factures et notes de frais|open|6",
        *("Prospecter sans se forcer|draft|2", "Prospecter sans se forcer|open|6"),
        "Retraite et prévoyance|open|3",
    ]
    sheets = (
        "SELECT state, signed_on IS NOT NULL, COUNT(*) FROM cae_workshop_attendance"
        " WHERE date < '2026-11-27' GROUP BY 1, 2 ORDER BY 1, 2"
    )
    assert rows(sheets) == ["excused|f|2", "present|f|6", "present|t|14"]
    assert rows("SELECT COUNT(*), SUM(hours) FROM cae_workshop_certificate") == ["7|49"]
    marks = "SELECT complaint_state, COUNT(*) FROM cae_workshop_evaluation GROUP BY 1"
    assert rows(f"{marks} ORDER BY 1") == ["answered|1", "none|4"]
    hours = (
        "SELECT l.code, h.kind, h.signed, SUM(h.hours) FROM cae_funded_hour h"
        " JOIN cae_funder_line l ON l.id = h.line_id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    assert rows(hours) == [
        *("2.3.1|interview|t|6.5", "2.3.1|workshop|t|7", "2.3.2|interview|f|1.5"),
        *("2.3.2|interview|t|52.5", "2.3.2|workshop|f|14", "2.3.2|workshop|t|10.5"),
    ]
    twice = (
        "SELECT COUNT(*) FROM (SELECT source_model, source_id, entrepreneur_id FROM"
        " cae_funded_hour GROUP BY 1, 2, 3 HAVING COUNT(*) > 1) t"
    )
    assert rows(twice) == ["0"]


def check_support(rows):
    """Assessments of two dates, entries of the directory, requests and time."""
    levels = (
        "SELECT a.date, a.kind, a.state, a.lacking FROM cae_skill_assessment a"
        " JOIN cae_entrepreneur e ON e.id = a.entrepreneur_id"
        " WHERE e.code = 'E0001' ORDER BY 1"
    )
    assert rows(levels) == [
        *("2026-04-21|self|done|6", "2026-04-23|coach|done|5"),
        *("2026-10-20|self|done|2", "2026-10-22|coach|done|2"),
    ]
    assert rows("SELECT COUNT(*) FROM cae_directory_entry WHERE listed") == ["6"]
    requests = "SELECT state, COUNT(*) FROM cae_service_request GROUP BY 1 ORDER BY 1"
    assert rows(requests) == ["doing|1", "done|4", "new|2", "refused|1", "waiting|1"]
    # Whoever answered is reminded no longer.
    reminders = (
        "SELECT COUNT(*) FROM mail_activity WHERE active"
        " AND res_model = 'cae.service.request'"
    )
    assert rows(reminders) == ["4"]
    # A demo has no mail that failed.
    assert rows("SELECT COUNT(*) FROM mail_mail") == ["0"]
    failed = "SELECT COUNT(*) FROM mail_notification WHERE notification_status = '{}'"
    assert rows(failed.format("exception")) == ["0"]


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
