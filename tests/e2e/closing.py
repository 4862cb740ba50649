"""The close of months by those who do it, and what it leaves in the books.

``close`` does what an accountant does, over and over until it is through: it survives
a server that goes away and somebody else who is at it. ``books`` reads what it leaves,
by keys that mean the same in two copies of a database.
"""

import http.client
import http.cookiejar
import itertools
import json
import os
import signal
import time
import urllib.request
import xmlrpc.client

import contract
from caetools import postgres
from contract import Refused

#: What a client sees of a server whose process is gone.
GONE = (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError)
#: What a colleague who is at the same month may be told; then one looks again.
MEANWHILE = {
    *("CAE-PERIOD-BUSY", "CAE-STATEMENT-BUSY", "CAE-STATEMENT-SAME"),
    *("CAE-STATEMENT-STATE", "CAE-PAY-STATE", "CAE-SETTLEMENT-STATE"),
}
#: Seconds after which a close that does not get through has failed.
PATIENCE = 300


def kill(server):
    """Kill the server and all that it started, as a crash would; start it again."""
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()
    check_nothing_is_broken(server.database)
    server.start()


class WebClient:
    """Calls as Odoo's screens make them: a session, and ``/web/dataset/call_kw``."""

    def __init__(self, server, login, password=None):
        self.server, self.numbers = server, itertools.count(1)
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(cookies)
        self._send(
            "/web/session/authenticate",
            db=server.database, login=login, password=password or login,
        )  # fmt: skip

    def call(self, model, method, ids=None, **named):
        """Call a method; ``ids`` for methods of records.

        :raises Refused: what the screen would show
        """
        arguments = contract.positional(method, ids, named)
        path = f"/web/dataset/call_kw/{model}/{method}"
        return self._send(
            path, model=model, method=method, args=arguments, kwargs=named
        )

    def _send(self, path, **params):
        body = {"jsonrpc": "2.0", "method": "call", "id": next(self.numbers)}
        request = urllib.request.Request(
            self.server.url + path,
            data=json.dumps({**body, "params": params}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with self.opener.open(request, timeout=600) as answer:
            result = json.load(answer)
        if "error" not in result:
            return result["result"]
        data = result["error"]["data"]
        kind = contract.NAMES.get(data["name"], "crash")
        raise Refused(kind, data["message"], data["name"])


# The close ---------------------------------------------------------------------------


def insist(action):
    """Do something until it works, whoever is in the way.

    :return: ``(result, times that the server was gone, times that it was busy)``
    """
    limit = time.monotonic() + PATIENCE
    gone = busy = 0
    while time.monotonic() < limit:
        try:
            return action(), gone, busy
        except GONE:
            gone += 1
        except Refused as error:
            if error.code not in MEANWHILE:
                raise
            busy += 1
        time.sleep(0.2)
    raise AssertionError("the close does not get through")


def close(connect, months, pdf=False, plead=None):
    """Close months one after the other, to the lock.

    :param connect: makes a client
    :param plead: called with the month each time that it cannot be locked because
        somebody posted in it since it was run; without it nobody may
    :return: ``{"gone", "busy"}``: how often the server was, for this user
    """
    seen = {"gone": 0, "busy": 0}
    do = doing(connect, seen)
    steps = [run, approve_pay, run, publish_again, *([batch] if pdf else [])]
    for month in months:
        do(check, month)
        locked = False
        while not locked:
            for step in steps:
                do(step, month)
            locked = do(lock, month)
            if not locked:
                plead(month)
    return seen


def doing(connect, seen):
    """Function that does something to a month, however often it takes."""

    def do(action, month):
        # A client of its own for each call: the one before may have lost its server.
        result, gone, busy = insist(lambda: action(connect(), month))
        seen["gone"] += gone
        seen["busy"] += busy
        return result

    return do


def pay(connect, month):
    """Pay a month: its own pay, what needs an approval, and balances of years.

    :return: as :func:`close`
    """
    seen = {"gone": 0, "busy": 0}
    do = doing(connect, seen)
    for step in (run_pay, approve_pay, run_pay):
        do(step, month)
    return seen


def run_pay(client, month):
    client.run(month, steps=["pay"])


def check(client, month):
    client.call("cae.period", "checks", month=month)


def lock(client, month):
    """Lock a month; False when something was posted since it was run."""
    try:
        client.call("cae.period", "lock", month=month)
    except Refused as error:
        if error.code != "CAE-PERIOD-FINDINGS":
            raise
        return False
    return True


def run(client, month):
    while not client.call("cae.period", "month_run", month=month)["done"]:
        pass


def batch(client, month):
    while not client.call("cae.period", "statement_batch", month=month)["done"]:
        pass


def approve_pay(client, month):
    """Approve what waits for a decision; pay of the month only.

    Who posts meanwhile may change what is approved: it is computed again, then.
    """
    domain = [("month", "=", f"{month}-01"), ("state", "=", "draft")]
    ids = client.call("cae.pay.line", "search", domain=domain)
    while ids:
        try:
            client.call("cae.pay.line", "action_approve", ids)
            return
        except Refused as refusal:
            if "CAE-PAY-STALE" not in str(refusal):
                raise
        client.call("cae.pay.line", "action_draft", ids)


def publish_again(client, month):
    """Statements whose accounts changed since they were published."""
    domain = [("month", "=", f"{month}-01"), ("published", "=", True)]
    domain += [("current", "=", True), ("kind", "=", "month")]
    rows = client.call(
        "cae.statement", "search_read", domain=domain, fields=["outdated"]
    )
    ids = [row["id"] for row in rows if row["outdated"]]
    if ids:
        client.call(
            "cae.statement", "action_publish_again", ids, reason="Pièce tardive"
        )


# The books ---------------------------------------------------------------------------

#: What a close leaves, each row a text; ids are of records that the copies share.
FACTS = {
    "entries": (
        "SELECT name, date, journal_id, ref, state, move_type FROM account_move"
    ),
    "items": (
        "SELECT e.name, i.account_id, i.date, i.debit, i.credit, i.partner_id, i.name,"
        " i.analytic_distribution, i.parent_state, i.reconciled"
        " FROM account_move_line i JOIN account_move e ON e.id = i.move_id"
    ),
    "analytic": (
        "SELECT e.name, l.general_account_id, l.{column}, l.date, l.amount"
        " FROM account_analytic_line l"
        " JOIN account_move_line i ON i.id = l.move_line_id"
        " JOIN account_move e ON e.id = i.move_id"
    ),
    "contributions": (
        "SELECT c.activity_id, c.rule_id, c.month, c.revision, c.amount,"
        " c.explanation, e.name FROM cae_contribution_line c"
        " LEFT JOIN account_move e ON e.id = c.move_id"
    ),
    "pay": (
        "SELECT p.entrepreneur_id, p.month, p.state, p.gross, p.cost, p.net, p.flags,"
        " p.available, p.settlement_id, p.booked, e.name FROM cae_pay_line p"
        " LEFT JOIN account_move e ON e.id = p.move_id"
    ),
    "shares of pay": (
        "SELECT entrepreneur_id, month, activity_id, gross, cost, net"
        " FROM cae_pay_share"
    ),
    "settlements": (
        "SELECT entrepreneur_id, year_id, month, state, due, cost, carried, left_amount"
        " FROM cae_settlement"
    ),
    "statements": (
        "SELECT activity_id, month, kind, version, current, published, data_hash,"
        " pdf_id IS NOT NULL AND pdf_hash IS NOT NULL FROM cae_statement"
    ),
    "months": "SELECT company_id, date, state FROM cae_period WHERE active",
    "files": (
        "SELECT name, res_model, COUNT(*) FROM ir_attachment WHERE cae_frozen"
        " GROUP BY 1, 2"
    ),
}


def books(database):
    """``{kind: sorted rows}`` of what a close leaves."""
    column = contract.activity_column(database)
    return {
        kind: sorted(postgres.query(statement.format(column=column), database))
        for kind, statement in FACTS.items()
    }


def difference(found, expected):
    """What two books do not share: ``{kind: (only found, only expected)}``."""
    result = {}
    for kind, rows in expected.items():
        more, less = surplus(found[kind], rows), surplus(rows, found[kind])
        if more or less:
            result[kind] = (more[:5], less[:5])
    return result


def surplus(rows, others):
    """Rows that the others lack, each as often as it is too many."""
    left = list(others)
    result = []
    for row in rows:
        if row in left:
            left.remove(row)
        else:
            result.append(row)
    return result


# What no moment of a close may leave, whatever the database: the rows of each query.
CONTRIBUTION_RULES = {
    "a contribution is double": (
        "SELECT activity_id, rule_id, month, revision, COUNT(*)"
        " FROM cae_contribution_line GROUP BY 1, 2, 3, 4 HAVING COUNT(*) > 1"
    ),
    "a contribution is not what was booked": (
        "SELECT c.id, c.amount, i.balance FROM cae_contribution_line c"
        " LEFT JOIN account_move_line i ON i.id = c.move_line_id"
        " WHERE c.amount <> 0 AND (i.balance IS DISTINCT FROM c.amount"
        " OR i.parent_state <> 'posted')"
    ),
    "a charge has no contribution": (
        "SELECT i.id FROM account_move_line i JOIN res_company o"
        " ON o.id = i.company_id AND o.cae_charge_account_id = i.account_id"
        " WHERE NOT EXISTS (SELECT 1 FROM cae_contribution_line c"
        " WHERE c.move_line_id = i.id)"
    ),
}

PAY_RULES = {
    "a pay is double": (
        "SELECT entrepreneur_id, month, settlement_id FROM cae_pay_line"
        " WHERE state <> 'cancelled' GROUP BY 1, 2, 3 HAVING COUNT(*) > 1"
    ),
    "a pay is posted without entry": (
        "SELECT p.id FROM cae_pay_line p LEFT JOIN account_move e"
        " ON e.id = p.move_id WHERE p.state = 'posted'"
        " AND p.cost <> 0 AND e.state IS DISTINCT FROM 'posted'"
    ),
    "a settlement and its pay do not agree": (
        "SELECT s.id, s.state, s.due, p.state, p.gross FROM cae_settlement s"
        " LEFT JOIN cae_pay_line p ON p.settlement_id = s.id"
        " AND p.state <> 'cancelled' WHERE (s.state = 'posted' AND s.due > 0)"
        " <> (p.id IS NOT NULL) OR p.state <> 'posted' OR p.gross <> s.due"
    ),
    "wages in the books are not those of the pay": (
        "SELECT (SELECT COALESCE(SUM(i.balance), 0) FROM account_move_line i"
        " WHERE i.parent_state = 'posted' AND i.account_id = o.wage)"
        " - (SELECT COALESCE(SUM(p.gross), 0) FROM cae_pay_line p"
        " WHERE p.state = 'posted') AS gap FROM (SELECT"
        " cae_pay_wage_account_id AS wage FROM res_company WHERE id = 1) o"
        " WHERE EXISTS (SELECT 1 FROM cae_pay_line WHERE state = 'posted')"
        " AND (SELECT COALESCE(SUM(i.balance), 0) FROM account_move_line i"
        " WHERE i.parent_state = 'posted' AND i.account_id = o.wage)"
        " <> (SELECT SUM(p.gross) FROM cae_pay_line p WHERE p.state = 'posted')"
    ),
}

STATEMENT_RULES = {
    "a published statement has no hash": (
        "SELECT id FROM cae_statement WHERE published AND data_hash IS NULL"
    ),
    "a statement has a file without hash": (
        "SELECT id FROM cae_statement WHERE (pdf_id IS NULL) <> (pdf_hash IS NULL)"
    ),
    "a file is of no statement": (
        "SELECT a.id FROM ir_attachment a WHERE a.cae_frozen"
        " AND a.res_model = 'cae.statement' AND NOT EXISTS"
        " (SELECT 1 FROM cae_statement s WHERE s.pdf_id = a.id)"
    ),
}


def check_nothing_is_broken(database):
    found = broken(database)
    assert not found, found


def broken(database):
    """What no moment of a close may leave: ``{rule: rows}``."""
    rules = {
        **_rules_of_entries(contract.activity_column(database)),
        **CONTRIBUTION_RULES,
        **PAY_RULES,
        **STATEMENT_RULES,
    }
    found = {rule: postgres.query(query, database) for rule, query in rules.items()}
    return {rule: rows[:5] for rule, rows in found.items() if rows}


def _rules_of_entries(column):
    return {
        "activities are not balanced": (
            f"SELECT i.move_id, l.{column}, SUM(l.amount) FROM account_analytic_line l"
            " JOIN account_move_line i ON i.id = l.move_line_id"
            f" WHERE i.parent_state = 'posted' AND l.{column} IS NOT NULL"
            " GROUP BY 1, 2 HAVING SUM(l.amount) <> 0"
        ),
        "an entry is not balanced": (
            "SELECT move_id, SUM(balance) FROM account_move_line"
            " WHERE parent_state = 'posted' GROUP BY 1 HAVING SUM(balance) <> 0"
        ),
        "numbers are missing or double": (
            "SELECT m.journal_id, m.sequence_prefix, COUNT(*), MAX(m.sequence_number)"
            " FROM account_move m JOIN account_journal j ON j.id = m.journal_id"
            " WHERE m.state = 'posted' AND j.type = 'general' GROUP BY 1, 2"
            " HAVING COUNT(*) <> COUNT(DISTINCT m.sequence_number)"
            " OR COUNT(*) <> MAX(m.sequence_number) - MIN(m.sequence_number) + 1"
        ),
        "a settled document leaves something to an activity": (
            f"SELECT f.id, l.{column}, SUM(l.amount) FROM account_analytic_line l"
            " JOIN account_move_line i ON i.id = l.move_line_id"
            " JOIN account_move e ON e.id = i.move_id"
            " LEFT JOIN account_move_line s ON s.id = i.cae_source_line_id"
            " JOIN account_full_reconcile f ON f.id = CASE WHEN s.id IS NULL"
            " THEN i.full_reconcile_id ELSE s.full_reconcile_id END"
            f" WHERE i.parent_state = 'posted' AND l.{column} IS NOT NULL"
            " GROUP BY 1, 2 HAVING SUM(l.amount) <> 0"
        ),
    }


def items_of(database, month):
    """``number|sum|digest`` of the posted items of a month."""
    (row,) = postgres.query(
        "SELECT COUNT(*), SUM(debit), MD5(STRING_AGG(CONCAT_WS(' ', id, balance,"
        " account_id, analytic_distribution), ',' ORDER BY id))"
        " FROM account_move_line WHERE parent_state = 'posted'"
        f" AND DATE_TRUNC('month', date) = '{month}-01'",
        database,
    )
    return row


def charged(database):
    """What each activity was charged by each rule in all, sorted."""
    return sorted(
        postgres.query(
            "SELECT activity_id, rule_id, SUM(amount) FROM cae_contribution_line"
            " GROUP BY 1, 2 HAVING SUM(amount) <> 0",
            database,
        )
    )


def forget_contributions(database):
    """Take all contributions away; the rest stays."""
    entries = postgres.query(
        "DELETE FROM cae_contribution_line RETURNING move_id", database
    )
    ids = ",".join({entry for entry in entries if entry})
    postgres.query(f"DELETE FROM account_move WHERE id IN ({ids})", database)


def open_months(database):
    """Open all months behind the product's back: what it says of them is read anew."""
    postgres.query("UPDATE cae_period SET state = 'open'", database)
