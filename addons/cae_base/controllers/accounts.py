import csv
import io
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import fields, http
from odoo.http import content_disposition, request

from ..engine.money import ZERO
from ..models.cae_statement_document import amount
from ..spreadsheet import MEDIA_TYPE, workbook
from ..tools import format_date
from .home import HomePortal

#: Statements that may be chosen, and lines of a month on a page at most.
STATEMENTS, LINES = 60, 2000
#: First characters that a spreadsheet takes for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class AccountsPortal(HomePortal):
    """Statements, contributions and ledger of an entrepreneur's activities."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "cae_accounts_count" in counters:
            values["cae_accounts_count"] = len(_held())
        return values

    @http.route("/my/accounts", type="http", auth="user", website=True)
    def my_accounts(self, activity="", statement="", **_options):
        """A statement on page, and the others of the activity."""
        held = _held()
        if not held:
            return self._no_activity("cae_accounts")
        chosen = held.filtered(lambda a: a.code == activity) or held[:1]
        statements = request.env["cae.statement"].search(
            [("activity_id", "=", chosen.id), ("current", "=", True)],
            order="month desc, kind",
            limit=STATEMENTS,
        )
        shown = statements.filtered(lambda s: str(s.id) == statement) or statements[:1]
        values = {
            **self._accounts_values("cae_accounts", held, chosen),
            "statements": statements,
            "statement": shown,
            # sudo: names of accounts, for amounts that the person reads.
            "document": shown and shown.sudo()._prepare_document_values(),
            "contributions": _contributions(chosen),
            "this_month": _month(None),
            "labels": _row_names(),
            "plain_names": _plain_names(),
            "internal": _sells_or_buys(chosen),
            "detailed": request.env["cae.own.ledger"]._row_links(),
        }
        return request.render("cae_base.portal_my_accounts", values)

    @http.route("/my/accounts/ledger", type="http", auth="user", website=True)
    def my_ledger(self, activity="", month="", only="", **_options):
        """The ledger of a month, line by line; ``only`` some accounts of it."""
        held = _held()
        if not held:
            return self._no_activity("cae_accounts")
        chosen = held.filtered(lambda a: a.code == activity) or held[:1]
        first = _month(month)
        today = fields.Date.context_today(chosen)
        only_name = _only_name(only)
        only = only if only_name else ""
        ledger = request.env["cae.own.ledger"]
        lines = ledger._month(chosen, first, only, LINES, whole=False)
        values = {
            **self._accounts_values("cae_ledger", held, chosen),
            "month": first,
            "label": format_date(request.env, first, "MMMM y"),
            "before": first - relativedelta(months=1),
            "after": first < today.replace(day=1) and first + relativedelta(months=1),
            "lines": lines,
            "balance": ledger._before(chosen, first, only) if only.isdigit() else None,
            "moved": sum((line.balance for line in lines), ZERO),
            "most": LINES,
            "only": only,
            "only_name": only_name,
        }
        return request.render("cae_base.portal_my_ledger", values)

    @http.route("/my/accounts/ledger.<any(csv,xlsx):kind>", type="http", auth="user")
    def ledger_file(self, kind, activity="", month="", only="", **_options):
        """The ledger of a month as a file; ``only`` some accounts of it."""
        chosen = _held().filtered(lambda a: a.code == activity)
        if not chosen:
            return request.not_found()
        first = _month(month)
        only = only if _only_name(only) else ""
        lines = request.env["cae.own.ledger"]._month(chosen, first, only)
        header, rows = _columns(), [_cells(line) for line in lines]
        if kind == "csv":
            content = _csv([header, *rows])
        else:
            content = workbook([(chosen.code, header, rows)])
        name = f"{chosen.code}-{first:%Y-%m}.{kind}"
        return request.make_response(
            content,
            headers=[
                ("Content-Type", TYPES[kind]),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )

    def _accounts_values(self, page, held, chosen):
        return {
            **self._prepare_portal_layout_values(),
            "page_name": page,
            "held": held,
            "activity": chosen,
            "amount": amount,
            "month_of": lambda day: format_date(request.env, day, "MMMM y"),
        }


TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": MEDIA_TYPE,
}


def _held():
    return request.env["cae.home"]._held_today()


def _month(text):
    """A month of the address, this one when it is none."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = date.min
    if not 2000 <= first.year < 2100:
        first = fields.Date.context_today(request.env.user).replace(day=1)
    return first


def _contributions(activity):
    """The last twelve months' contributions with their computation."""
    return request.env["cae.contribution.line"].search(
        [("activity_id", "=", activity.id)], order="month desc, id desc", limit=24
    )


def _sells_or_buys(activity):
    """Whether there are internal sales of an activity."""
    sides = ["|", ("seller_id", "=", activity.id), ("buyer_id", "=", activity.id)]
    return request.env["cae.internal.sale"].search_count(sides, limit=1)


def _only_name(only):
    """What the accounts that are asked for are called; empty for what is none."""
    if not isinstance(only, str):
        return ""
    if only.isdigit():
        names = request.env["cae.activity"]._prefix_names([only])
        return {**names, **_plain_names()}.get(only, "")
    return _row_names().get(only, "")


def _row_names():
    """``{key: name}`` of the rows of a statement."""
    rows = request.env["cae.account.row"]._rows("statement")
    return {row.key: row.name for row in rows}


def _plain_names():
    """``{prefix: words}`` of the accounts of the money, for who is no accountant."""
    env = request.env
    return {
        "181": env._("Contributions, sales between activities"),
        "40": env._("Owed to suppliers"),
        "42": env._("Owed: pay, expense claims"),
        "43": env._("Owed: social contributions"),
        "44": env._("Owed: VAT and taxes"),
        "41": env._("Owed by customers"),
    }


def _columns():
    env = request.env
    return (
        *(env._("Date"), env._("Account"), env._("Name"), env._("Label")),
        *(env._("Document"), env._("Debit"), env._("Credit")),
    )


def _cells(line):
    texts = (line.code, line.account, line.label, line.number)
    return (line.day, *texts, line.debit, line.credit)


def _csv(rows):
    """As a French spreadsheet opens it: semicolons, decimal commas, a mark of UTF-8."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";")
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _plain(cell):
    if isinstance(cell, Decimal):
        return f"{cell:.2f}".replace(".", ",")
    text = f"{cell:%d/%m/%Y}" if isinstance(cell, date) else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
