from decimal import Decimal

from odoo import models
from odoo.fields import Command
from odoo.tools import SQL

from ..engine.exchange import fold
from ..engine.money import decimal
from .cae_exchange import Plan
from .cae_exchange_documents import PURCHASE_TYPES, SALE_TYPES

CASH = "especes"
MANY = 50
MATCHED_TABLES = (
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "account_payment",
)
#: (payment type, partner type) that settles each kind of document.
DIRECTIONS = {
    "out_invoice": ("inbound", "customer"),
    "out_refund": ("outbound", "customer"),
    "in_invoice": ("outbound", "supplier"),
    "in_refund": ("inbound", "supplier"),
}


class CaeExchange(models.AbstractModel):
    """Payments of documents, and opening balance sheets of activities."""

    # One file per kind of dataset: together they are too long to be read.
    # pylint: disable=consider-merging-classes-inherited
    _inherit = "cae.exchange"

    # ------------------------------------------------------------------
    # Payments
    # ------------------------------------------------------------------

    def _plan_payments(self, parsed, late):
        self.env["res.company"]._cae_check_configured()
        documents = self._check_documents(parsed)
        stored = self._stored_payments([key[0] for key in parsed.keys])
        bank, cash = self._journal("bank"), self._journal("cash")
        plans = []
        for document in self._sound(parsed):
            payment = stored.get(document.key[0])
            plan = Plan(document, "unchanged", payment)
            if payment:
                self._compare_payment(plan, parsed)
            else:
                journal = cash if fold(document.values["mode"]) == CASH else bank
                move = documents[document.values["document"]]
                plan.outcome = "created"
                plan.vals = self._prepare_payment_vals(document, move, journal or bank)
            plans.append(plan)
        self._check_open(plans, documents, parsed)
        return self._dated(plans, parsed, late, bank)

    def _check_documents(self, parsed):
        """``{number: posted document}``; unknown and ambiguous ones are reported."""
        numbers = self._codes(parsed, "document")
        sides = [
            {
                name: move
                for name, move in self._stored_moves(numbers, types).items()
                if move.state == "posted"
            }
            for types in (tuple(SALE_TYPES.values()), PURCHASE_TYPES)
        ]
        for document in parsed.documents:
            number = document.values["document"]
            matches = sum(number in side for side in sides)
            if matches != 1:
                parsed.add(
                    "CAE-LOAD-DOCUMENT", document.row, "document",
                    "document_twice" if matches else "document", value=number,
                )  # fmt: skip
        return {**sides[1], **sides[0]}

    def _stored_payments(self, references):
        payments = self.env["account.payment"].search(
            [
                ("cae_reference", "in", references),
                ("company_id", "=", self.env.company.id),
                ("state", "not in", ("canceled", "rejected")),
            ]
        )
        return {payment.cae_reference: payment for payment in payments}

    def _compare_payment(self, plan, parsed):
        payment, v = plan.record, plan.document.values
        same = {
            "date": payment.cae_load_date == v["date"],
            "document": payment.cae_document_id.name == v["document"],
            "montant_ttc": decimal(payment.amount) == v["montant_ttc"],
            "mode": payment.cae_mode == v["mode"],
        }
        for column, equal in same.items():
            if not equal:
                return self._report_stored(plan, parsed, column)
        return None

    def _check_open(self, plans, documents, parsed):
        """Report payments above what is open, earlier rows of the file deducted."""
        left = {}
        for plan in plans:
            if plan.outcome != "created":
                continue
            v = plan.document.values
            number = v["document"]
            if number not in left:
                left[number] = abs(decimal(documents[number].amount_residual))
            if v["montant_ttc"] > left[number]:
                parsed.add(
                    "CAE-LOAD-OPEN", plan.document.row, "montant_ttc", "open",
                    amount=str(v["montant_ttc"]), value=number, open=str(left[number]),
                )  # fmt: skip
            else:
                left[number] -= v["montant_ttc"]

    def _prepare_payment_vals(self, document, move, journal):
        """Values of the payment; it goes through the journal's outstanding account."""
        v = document.values
        payment_type, partner_type = DIRECTIONS[move.move_type]
        terms = move.line_ids.filtered(lambda ln: ln.display_type == "payment_term")
        return {
            "payment_type": payment_type,
            "partner_type": partner_type,
            "partner_id": move.commercial_partner_id.id,
            "destination_account_id": terms.account_id[:1].id,
            "amount": float(v["montant_ttc"]),
            "currency_id": move.currency_id.id,
            "date": v["date"],
            "journal_id": journal.id,
            "memo": v["reference"],
            "cae_reference": v["reference"],
            "cae_load_date": v["date"],
            "cae_mode": v["mode"],
            "cae_document_id": move.id,
        }

    def _write_payments(self, plans):
        self._refresh_statistics(len(plans))
        payments = self.env["account.payment"]._cae_own()
        payments = payments.create([plan.vals for plan in plans]).with_env(self.env)
        payments.action_post()
        self._refresh_statistics(len(plans))
        self._settle(
            [
                payment.move_id.line_ids | payment.cae_document_id.line_ids
                for payment in payments
            ]
        )

    def _refresh_statistics(self, count):
        """Let PostgreSQL know the size of tables that were empty a minute ago.

        Odoo's queries on matchings join with OR; without statistics, as in a new
        database before the first autovacuum, each of them can take seconds.
        """
        if count > MANY:
            self.env.flush_all()
            for table in MATCHED_TABLES:
                self.env.cr.execute(
                    SQL("ANALYZE (SKIP_LOCKED) %s", SQL.identifier(table))
                )

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    def _plan_opening(self, parsed, late):
        self.env["res.company"]._cae_check_configured()
        activities = self._activities(parsed)
        accounts = self._find_accounts(self._codes(parsed, "compte"))
        self._check_accounts(parsed, accounts)
        stored = self._stored_openings(parsed)
        journal = self._opening_journal()
        plans = []
        for document in self._sound(parsed):
            sides = self._sides(document, accounts)
            move = stored.get(document.key)
            plan = Plan(document, "unchanged", move)
            if move and self._stored_sides(move) != sorted(sides):
                self._report_stored(plan, parsed, "debit")
            elif sides and not move:
                plan.outcome = "created"
                plan.vals = self._prepare_opening_vals(
                    document, activities[document.values["activite"]], sides, journal
                )
            plans.append(plan)
        return self._dated(plans, parsed, late, journal)

    def _check_accounts(self, parsed, accounts):
        for document in parsed.documents:
            for row in document.rows:
                code = row.values["compte"]
                if not accounts[code]:
                    parsed.add(
                        "CAE-LOAD-ACCOUNT", row.number, "compte", "account", value=code
                    )

    def _sides(self, document, accounts):
        """``[(account id, balance)]``, debit positive; lines of zero left out."""
        result = []
        for row in document.rows:
            debit, credit = (row.values[n] or Decimal(0) for n in ("debit", "credit"))
            if debit != credit:
                result.append((accounts[row.values["compte"]].id, debit - credit))
        return result

    def _stored_openings(self, parsed):
        moves = self.env["account.move"].search(
            [
                ("cae_opening", "=", True),
                ("company_id", "=", self.env.company.id),
                ("cae_activity_id.code", "in", self._codes(parsed, "activite")),
                ("state", "=", "posted"),
            ]
        )
        return {(m.cae_activity_id.code, m.cae_load_date): m for m in moves}

    def _stored_sides(self, move):
        return sorted((ln.account_id.id, decimal(ln.balance)) for ln in move.line_ids)

    def _opening_journal(self):
        chart = self.env["account.chart.template"].with_company(self.env.company)
        journal = chart.ref("general", raise_if_not_found=False)
        return journal or self._journal("general")

    def _prepare_opening_vals(self, document, activity, sides, journal):
        """Values of the opening entry: every line belongs to the activity."""
        label = self.env._("Opening of %s", activity.display_name)
        return {
            "move_type": "entry",
            "journal_id": journal.id,
            "date": document.values["date"],
            "ref": label,
            "cae_opening": True,
            "cae_load_date": document.values["date"],
            "cae_activity_id": activity.id,
            "line_ids": [
                Command.create(
                    {
                        "name": label,
                        "account_id": account_id,
                        "debit": float(max(balance, 0)),
                        "credit": float(max(-balance, 0)),
                        "analytic_distribution": {
                            str(activity.analytic_account_id.id): 100
                        },
                    }
                )
                for account_id, balance in sides
            ],
        }

    def _write_opening(self, plans):
        moves = self.env["account.move"]._cae_own()
        moves = moves.create([plan.vals for plan in plans]).with_env(self.env)
        moves._post(soft=False)
