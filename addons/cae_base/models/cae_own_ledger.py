"""The ledger of an own activity, and the documents behind its lines (R.7331-5).

Everything starts from ``cae.ledger.line``, asked as the user: what that query does not
show of an activity is shown by nothing here.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, models

from ..engine.money import ZERO, decimal
from .cae_activity_reserved import Reserved

#: What lines without an account are: staff accounts, shown as one.
STAFF_CODE = "42"
#: Types of customer documents, which have a PDF of their own.
SALES = ("out_invoice", "out_refund", "out_receipt")


@dataclass(frozen=True)
class OwnLine:
    """A line of the ledger of an activity; ``entry`` is 0 when nothing is behind it."""

    day: date
    code: str
    account: str
    label: str
    partner: str
    entry: int
    number: str
    debit: Decimal
    credit: Decimal

    @property
    def balance(self):
        return self.debit - self.credit


class CaeOwnLedger(models.AbstractModel):
    """Reads the ledger of an activity for one of its holders.

    Callers give activities that the user holds (``cae.home._held``).
    """

    _name = "cae.own.ledger"
    _description = "Ledger of an Own Activity"

    # ------------------------------------------------------------------
    # Lines
    # ------------------------------------------------------------------

    @api.model
    def _month(self, activity, first, only="", limit=None, whole=True) -> list[OwnLine]:
        """Lines of a month, oldest first.

        :param only: key of a row of the statement, or prefix of accounts
        :param whole: with the sales and purchases that the VAT of payments writes
            twice, and that cancel out
        """
        last = first + relativedelta(months=1, days=-1)
        domain = [("date", ">=", first), ("date", "<=", last)]
        if not whole:
            domain += [
                # Lines of staff have no entry.
                *("|", "|", ("move_id", "=", False)),
                ("move_id.tax_cash_basis_rec_id", "=", False),
                ("account_id.internal_group", "not in", ("income", "expense")),
            ]
        shown = self._shown(activity)
        lines = self._lines(self._items(activity, shown, domain), shown)
        place = self._place(only)
        return [line for line in lines if place(line.code or STAFF_CODE)][:limit]

    @api.model
    def _before(self, activity, first, only) -> Decimal | None:
        """Balance of accounts before a month.

        :param only: prefix of accounts
        :return: None for who came later, and does not see all that it is made of
        """
        shown, place = self._shown(activity), self._place(only)
        if shown.since:
            return None
        domain = [("activity_id", "=", activity.id), ("date", "<", first)]
        # sudo: as of the items themselves.
        items = self.env["cae.ledger.line"].sudo()
        groups = items._read_group(domain, ["account_id"], ["balance:sum"])
        code = {account: account.code or STAFF_CODE for account, _b in groups}
        return sum((decimal(b) for a, b in groups if place(shown.row(code[a]))), ZERO)

    @api.model
    def _shown(self, activity):
        """How much of an own activity is shown to the user; see ``Reserved``."""
        # sudo: nobody reads analytic accounts in the portal; its number alone is used.
        analytic = activity.sudo().analytic_account_id.id
        reserved = self.env["cae.activity"]._reserved([analytic])
        return reserved.get(analytic, Reserved({}))

    @api.model
    def _items(self, activity, shown, domain):
        """Items of an own activity, since the user sees it."""
        if shown.since:
            domain = [*domain, ("date", ">=", shown.since)]
        # sudo: no right on items; of an own activity the person reads what its accounts
        # say, those of staff as totals: the query looks at who asks.
        items = self.env["cae.ledger.line"].sudo()
        return items.search(
            [("activity_id", "=", activity.id), *domain], order="date, id"
        )

    @api.model
    def _lines(self, items, shown):
        """Items as lines; of several holders, pay is one amount as in statements."""
        result, totals = [], {}
        for item in items:
            line = self._line(item)
            row = shown.row(line.code or STAFF_CODE)
            if row not in shown.rows.values():
                result.append(line)
            elif row in totals:
                place = totals[row]
                result[place] = _added(result[place], line)
            else:
                totals[row] = len(result)
                result.append(self._total(line, row))
        return result

    @api.model
    def _line(self, item):
        return OwnLine(
            day=item.date,
            code=item.account_id.code or "",
            account=item.account_id.name or "",
            label=self._label(item) or item.account_id.name or "",
            partner=item.partner_id.name or "",
            entry=item.move_id.id or 0,
            number=item.move_id.name or "",
            debit=decimal(item.debit),
            credit=decimal(item.credit),
        )

    @api.model
    def _label(self, item):
        """What a line says of itself; empty where its account says more.

        Odoo's are the code of a rate ("20% S") and the way of a payment.
        """
        move = item.move_id
        if item.move_line_id.tax_line_id or move.tax_cash_basis_rec_id:
            return ""
        if move.origin_payment_id:
            return self.env._("Payment %(number)s", number=move.name)
        return item.name

    @api.model
    def _total(self, line, row):
        """What several lines are shown as: nothing of the first one but its amount."""
        name = self.env["cae.activity"]._reserved_names()[row]
        hidden = {"partner": "", "entry": 0, "number": ""}
        return replace(line, code=row, account=name, label=name, **hidden)

    @api.model
    def _place(self, only):
        """Function that says whether an account, by its code, is asked for."""
        if not only:
            return lambda code: True
        report = "treasury" if only.isdigit() else "statement"
        place = self.env["cae.account.row"]._layout_of(report).place

        def asked(code):
            found = place(code)
            return bool(found) and only in (found[0], found[1].key)

        return asked

    @api.model
    def _row_links(self) -> set:
        """Keys of the rows of a statement that are made of accounts."""
        layout = self.env["cae.account.row"]._layout_of("statement")
        return {row.key for row in layout.rows if row.prefixes}

    # ------------------------------------------------------------------
    # What is behind a line
    # ------------------------------------------------------------------

    @api.model
    def _entry(self, activities, move_id) -> dict:
        """What an entry says of the first of these own activities that it concerns.

        ``whole`` says whether it concerns nothing else: only then is the document
        itself shown, since it would tell of others too.

        :return: empty when none of its lines is one of theirs
        """
        for activity in activities:
            shown = self._shown(activity)
            items = self._items(activity, shown, [("move_id", "=", move_id)])
            if items:
                return self._of_items(activity, shown, items)
        return {}

    @api.model
    def _of_items(self, activity, shown, items):
        move, lines = items.move_id, self._lines(items, shown)
        whole = self._is_whole(items, move) and all(line.entry for line in lines)
        return {
            "activity": activity,
            "move": move,
            "kind": self._kind(move),
            "whole": whole,
            "lines": lines,
            "partners": sorted({line.partner for line in lines} - {""}),
            "settled": self._settled(activity, shown, items),
            "contributions": self._contributions(activity, move),
            "sale": self._sale(move),
            "document": whole and move.is_invoice(include_receipts=True) and move,
            "pdf": whole and move.move_type in SALES,
            "files": self._files(move) if whole else [],
        }

    @api.model
    def _is_whole(self, items, move):
        """Whether an entry, line by line, is all of one activity.

        A line of another one tells of it, even at 0.00, which no item shows.
        """
        own = set(items.analytic_account_id.ids)
        if any(
            set(line._cae_keys(line.analytic_distribution).values()) - own
            for line in move.line_ids
        ):
            return False
        mine = dict.fromkeys(move.line_ids.ids, ZERO)
        for item in items:
            mine[item.move_line_id.id] += decimal(item.balance)
        return all(mine[line.id] == decimal(line.balance) for line in move.line_ids)

    @api.model
    def _kind(self, move):
        """What an entry is, in plain words."""
        words = {
            "out_invoice": self.env._("Invoice to a customer"),
            "out_refund": self.env._("Credit note to a customer"),
            "out_receipt": self.env._("Receipt to a customer"),
            "in_invoice": self.env._("Bill of a supplier"),
            "in_refund": self.env._("Credit note of a supplier"),
            "in_receipt": self.env._("Receipt of a supplier"),
        }
        facts = (
            (move.expense_ids, self.env._("Expense claim")),
            (move.move_type in words, words.get(move.move_type)),
            (
                move.cae_contribution_ids,
                self.env._("Contribution to the cooperative"),
            ),
            (move.cae_sale_id, self.env._("Sale between two activities")),
            (move.origin_payment_id, self.env._("Payment")),
            (move.statement_line_id, self.env._("Movement of the bank")),
            (move.tax_cash_basis_rec_id, self.env._("VAT of a payment")),
            (move.cae_opening, self.env._("Opening balance")),
            (move.cae_allocation, self.env._("Correction of a closed month")),
            (True, self.env._("Accounting entry")),
        )
        return next(text for fact, text in facts if fact)

    @api.model
    def _settled(self, activity, shown, items):
        """Lines of the own activity that settle these, or that these settle."""
        mine = items.move_line_id
        matched = mine.matched_debit_ids.debit_move_id
        matched |= mine.matched_credit_ids.credit_move_id
        if not matched:
            return []
        domain = [("move_line_id", "in", matched.ids)]
        found = self._lines(self._items(activity, shown, domain), shown)
        return [line for line in found if line.entry]

    @api.model
    def _contributions(self, activity, move):
        """Contributions of the own activity that an entry books, by the own rights."""
        return self.env["cae.contribution.line"].search(
            [("move_id", "=", move.id), ("activity_id", "=", activity.id)]
        )

    @api.model
    def _sale(self, move):
        """The internal sale of an entry, when the user may read it."""
        if not move.cae_sale_id:
            return self.env["cae.internal.sale"]
        return self.env["cae.internal.sale"].search([("id", "=", move.cae_sale_id.id)])

    @api.model
    def _files(self, move):
        """Files of a document, not those of the notes that the office wrote on it."""
        # sudo: the entry is wholly of an activity of the person.
        move = move.sudo()
        files = self.env["ir.attachment"].sudo().search(self._files_domain(move))
        notes = move.message_ids.filtered(
            lambda message: message.is_internal or message.subtype_id.internal
        )
        main = move.message_main_attachment_id
        return files.filtered(lambda f: f == main or f not in notes.attachment_ids)

    @api.model
    def _files_domain(self, move):
        return [
            ("res_model", "=", "account.move"),
            ("res_id", "=", move.id),
            ("res_field", "=", False),
            ("type", "=", "binary"),
        ]


def _added(line, other):
    return replace(
        line,
        day=max(line.day, other.day),
        debit=line.debit + other.debit,
        credit=line.credit + other.credit,
    )
