from datetime import date

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext, plaintext2html

from ..engine.money import ZERO, decimal
from ..tools import words_domain
from .cae_invoicing import TYPES

#: Lines of a document, and documents of a page, at most.
LINES, SHOWN = 100, 200
SETTLED = ("paid", "in_payment")
OWING = ("not_paid", "partial")
#: Where a draft of the portal stands.
DRAFTS = ("draft", "to_validate", "refused")


class CaeInvoicing(models.AbstractModel):
    """Documents: what the person reads of them, and drafts that the person writes."""

    _inherit = "cae.invoicing"

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def documents(
        self,
        activity: str = "",
        state: str = "",
        search: str = "",
        limit: int = 40,
        offset: int = 0,
    ) -> dict:
        """Documents of the user's activities, the last first.

        :param activity: code of one of them; all otherwise
        :param state: ``draft``, ``to_validate``, ``refused``, ``sent`` (validated and
            not paid), ``late`` or ``paid``; all otherwise
        :param search: part of a number, a customer or the customer's reference
        :return: ``{"documents", "count", "total", "residual", "states"}``; amounts
            with VAT, credit notes negative; ``states`` counts by state
        """
        wanted = self._documents_domain(self._chosen(activity))
        wanted &= self._search_domain(search)
        # sudo: the domain names activities that the user holds today.
        moves = self.env["account.move"].sudo()
        domains = self._state_domains()
        shown = wanted & domains.get(str(state), Domain.TRUE)
        sums = moves._read_group(
            shown,
            ["state"],
            ["__count", "amount_total_signed:sum", "amount_residual_signed:sum"],
        )
        found = moves.search(
            shown,
            order="invoice_date desc nulls first, id desc",
            limit=min(self._key(limit) or SHOWN, SHOWN),
            offset=self._key(offset),
        )
        return {
            "documents": [self._row(move) for move in found],
            "count": sum(count for _state, count, *_amounts in sums),
            "total": self._sum(row[2] for row in sums if row[0] != "cancel"),
            # Of a draft no customer owes anything.
            "residual": self._sum(row[3] for row in sums if row[0] == "posted"),
            "states": self._state_counts(moves, wanted, domains),
        }

    @api.model
    def _state_counts(self, moves, wanted, domains):
        drafts = wanted & Domain("state", "=", "draft")
        groups = moves._read_group(drafts, ["cae_validation"], ["__count"])
        counts = dict.fromkeys(DRAFTS, 0) | dict(groups)
        return {
            key: counts[key] if key in DRAFTS else moves.search_count(wanted & domain)
            for key, domain in domains.items()
        }

    @api.model
    def _sum(self, amounts):
        return float(sum(map(decimal, amounts), ZERO))

    @api.model
    def _search_domain(self, search):
        return words_domain(search, ("name", "partner_id.name", "ref"))

    @api.model
    def _state_domains(self):
        today = fields.Date.context_today(self)
        draft, posted = Domain("state", "=", "draft"), Domain("state", "=", "posted")
        settled = Domain("payment_state", "in", (*SETTLED, "reversed"))
        late = self._late_domain(today)
        return {
            **{key: draft & Domain("cae_validation", "=", key) for key in DRAFTS},
            "sent": posted & ~settled & ~late,
            "late": posted & late,
            "paid": posted & settled,
        }

    @api.model
    def _late_domain(self, today):
        overdue = (
            Domain("display_type", "=", "payment_term")
            & Domain("reconciled", "=", False)
            & Domain("date_maturity", "<", today)
        )
        return (
            Domain("move_type", "=", "out_invoice")
            & Domain("payment_state", "in", OWING)
            & Domain("line_ids", "any", overdue)
        )

    @api.model
    def _state(self, move):
        """One of the states of :meth:`documents`, or ``partial``, ``reversed``…"""
        if move.state != "posted":
            return move.cae_validation if move.state == "draft" else "cancelled"
        if move.payment_state in (*SETTLED, "reversed"):
            return "reversed" if move.payment_state == "reversed" else "paid"
        if self._days_late(move):
            return "late"
        return "partial" if move.payment_state == "partial" else "sent"

    @api.model
    def _days_late(self, move):
        owed = move.move_type == "out_invoice" and move.payment_state in OWING
        due, today = owed and move._cae_due(), fields.Date.context_today(self)
        return max((today - due).days, 0) if due else 0

    @api.model
    def _row(self, move):
        posted = move.state == "posted"
        return {
            "id": move.id,
            "number": move.name if posted else "",
            "kind": "credit" if move.move_type == "out_refund" else "invoice",
            "deposit": move.cae_deposit,
            "activity": move.cae_activity_id.code,
            "customer": move.partner_id.name or "",
            "state": self._state(move),
            "date": fields.Date.to_string(move.invoice_date) or "",
            "due": fields.Date.to_string(posted and move._cae_due()) or "",
            "days_late": self._days_late(move) if posted else 0,
            "total": move.amount_total_signed,
            "residual": move.amount_residual_signed if posted else 0.0,
        }

    @api.model
    def document(self, document_id: int) -> dict:
        """One document: its row, its lines and what was said of it.

        :raises AccessError: ``CAE-INVOICE-ACCESS``
        """
        move = self._document(document_id)
        deposits = move.invoice_line_ids.cae_deposit_id
        lines = move.invoice_line_ids.filtered(lambda ln: ln.display_type == "product")
        return {
            **self._row(move),
            "customer_id": move.partner_id.id,
            "term": move.invoice_payment_term_id.id,
            "term_name": move.invoice_payment_term_id.name or "",
            "reference": move.ref or "",
            "mentions": html2plaintext(move.narration or "").strip(),
            "refusal": move.cae_refusal or "",
            "waits_because": move._cae_waits_because(),
            "made_here": bool(move.cae_validation),
            "credited": move.reversed_entry_id.id,
            "credits": [
                self._row(credit)
                for credit in move.reversal_move_ids
                if credit.state == "posted" or credit.cae_validation
            ],
            "deposits": deposits.ids,
            "untaxed": move.amount_untaxed,
            "tax": move.amount_tax,
            "mailed": self._day(move.cae_mailed_on),
            "reminded": fields.Date.to_string(move.cae_reminded_on) or "",
            "lines": [self._line_values(line) for line in lines],
        }

    @api.model
    def _day(self, moment):
        if not moment:
            return ""
        return str(fields.Datetime.context_timestamp(self, moment).date())

    @api.model
    def _line_values(self, line):
        return {
            "id": line.id,
            "description": line.name or "",
            "quantity": line.quantity,
            "price": line.price_unit,
            "discount": line.discount,
            "tax": line.tax_ids[:1].id,
            "untaxed": line.price_subtotal,
            "deposit": line.cae_deposit_id.id,
        }

    # ------------------------------------------------------------------
    # What may be chosen
    # ------------------------------------------------------------------

    @api.model
    def choices(self, activity: str = "") -> dict:
        """VAT rates and payment terms: ``[{"id", "name", …}]``; ``usual``, a rate's id.

        The usual rate is that of the last line that the activity invoiced.
        """
        own = self._activity(activity)
        company = own.company_id
        taxes = company._cae_portal_taxes()
        return {
            "usual": (self._last_taxes(own) & taxes or taxes)[:1].id,
            "taxes": [
                {"id": t.id, "name": self._tax_name(t), "kind": t.tax_scope or ""}
                for t in taxes
            ],
            "terms": [{"id": t.id, "name": t.name} for t in self._terms(company)],
        }

    @api.model
    def _last_taxes(self, activity):
        # sudo: of an activity that the user holds.
        lines = self.env["account.move.line"].sudo()
        domain = [
            ("move_id.cae_activity_id", "=", activity.id),
            ("move_id.move_type", "in", TYPES),
            ("display_type", "=", "product"),
            ("tax_ids", "!=", False),
        ]
        return lines.search(domain, order="id desc", limit=1).tax_ids

    @api.model
    def _tax_name(self, tax):
        if tax.amount:
            return f"{tax.amount:g} %".replace(".", self._mark())
        return html2plaintext(tax.description or tax.name or "").strip()

    @api.model
    def _mark(self):
        return self.env["res.lang"]._get_data(code=self.env.lang).decimal_point or "."

    @api.model
    def _terms(self, company):
        """Payment terms without a discount for who pays early."""
        domain = [
            ("company_id", "in", (False, company.id)),
            ("early_discount", "=", False),
        ]
        # sudo: names of the payment terms of the user's own company.
        return self.env["account.payment.term"].sudo().search(domain)

    @api.model
    def deposits(self, customer_id: int, document_id: int = 0) -> list[dict]:
        """Deposit invoices of a customer that no document has deducted yet.

        :param document_id: a draft, whose own deductions are left in
        """
        customer = self._customer(customer_id)
        return [self._row(move) for move in self._open_deposits(customer, document_id)]

    @api.model
    def _open_deposits(self, customer, document_id=0):
        # sudo: of a customer that belongs to an activity of the user.
        moves = self.env["account.move"].sudo()
        found = moves.search(
            [
                ("cae_activity_id", "=", customer.cae_activity_id.id),
                ("commercial_partner_id", "=", customer.id),
                ("move_type", "=", "out_invoice"),
                ("cae_deposit", "=", True),
                ("state", "=", "posted"),
                ("reversal_move_ids", "not any", [("state", "=", "draft")]),
            ]
        )
        taken = self._deducting(found).filtered(lambda ln: ln.move_id.id != document_id)
        return found.filtered(lambda m: not self._is_credited(m)) - taken.cae_deposit_id

    @api.model
    def _deducting(self, deposits):
        """Lines that take deposits off an invoice which counts."""
        # sudo: only lines that name deposits of the user's own activities.
        lines = self.env["account.move.line"].sudo()
        found = lines.search(
            [("cae_deposit_id", "in", deposits.ids), ("parent_state", "!=", "cancel")]
        )
        return found.filtered(lambda line: not self._is_credited(line.move_id))

    @api.model
    def _is_credited(self, move):
        """Whether credit notes take all of an invoice back, paid or not."""
        done = sum(decimal(m.amount_untaxed) for m in self._posted_credits(move))
        return bool(done) and done >= decimal(move.amount_untaxed)

    @api.model
    def _posted_credits(self, moves):
        return moves.reversal_move_ids.filtered(lambda m: m.state == "posted")

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    @api.model
    def totals(self, values: dict) -> dict:
        """What a draft with these values amounts to, as Odoo posts it.

        :param values: as for :meth:`save`; the customer may be missing
        :return: ``{"untaxed", "taxes": [{"name", "amount"}], "total"}``
        """
        values = self._values(values)
        activity = self._values_activity(values)
        # sudo: rates that the cooperative offers, of which name and amount are told.
        company, taxes = activity.company_id, self.env["account.tax"].sudo()
        customer = self._key(values.get("customer"))
        rows = self._line_vals(activity, values)
        if customer and values.get("deposits"):
            partner = self._values_customer(activity, values)
            rows += self._deposit_vals(partner, values)
        bases = [
            taxes._prepare_base_line_for_taxes_computation(
                {},
                tax_ids=taxes.browse(row["tax_ids"][0][2]),
                currency_id=company.currency_id,
                **{name: row[name] for name in ("price_unit", "quantity", "discount")},
            )
            for row in rows
        ]
        # sudo: arithmetic on the rates that were offered.
        taxes._add_tax_details_in_base_lines(bases, company)
        taxes._round_base_lines_tax_details(bases, company)
        summary = taxes._get_tax_totals_summary(bases, company.currency_id, company)
        groups = [g for part in summary["subtotals"] for g in part["tax_groups"]]
        return {
            "untaxed": float(decimal(summary["base_amount"])),
            "taxes": [
                {"name": group["group_name"], "amount": group["tax_amount"]}
                for group in groups
            ],
            "total": float(decimal(summary["total_amount"])),
        }

    @api.model
    def save(self, values: dict) -> int:
        """Create a draft, or change one that is open; its id.

        :param values: ``id`` of a known one, else ``activity`` (code) and ``key`` (a
            text of the form: sent twice, it makes one document); ``customer`` (id),
            ``date`` (ISO; empty: the day of the validation), ``term`` (id),
            ``reference`` (of the customer), ``mentions``, ``deposit`` (whether it is a
            deposit invoice), ``deposits`` (ids of those that it deducts), ``lines``:
            ``[{"description", "quantity", "price", "discount", "tax"}]``, prices
            without VAT, discount in percent, ``tax`` the id of a rate
        :raises AccessError: ``CAE-INVOICE-ACCESS``
        :raises UserError: ``CAE-INVOICE-…``
        """
        values = self._values(values)
        document = self._known(values)
        activity = self._values_activity(values, document)
        if document and document.move_type != "out_invoice":
            raise UserError(
                self.env._(
                    "CAE-INVOICE-CREDIT: a credit note follows its invoice. Remove it "
                    "and ask for another one."
                )
            )
        vals = self._document_vals(activity, values, document)
        if document:
            document.write(vals)
            return document.id
        vals |= self._prepare_document_vals(activity, values)
        # sudo: values made here, for an activity that the user holds.
        moves = self._writing(self.env["account.move"].sudo())
        return moves.with_company(activity.company_id).create(vals).id

    @api.model
    def _known(self, values):
        """The open draft that the values name, else the one that the form made."""
        if values.get("id"):
            return self._open_document(self._key(values["id"]))
        key = self._line(values, "key", 64)
        # sudo: the activities of the user, and no others.
        moves = self.env["account.move"].sudo()
        found = key and moves.search(
            self._documents_domain(self._activities())
            & Domain("cae_portal_key", "=", key)
        )
        return self._open_document(found.id) if found else moves.browse()

    @api.model
    def _values_activity(self, values, document=None):
        if document is None and values.get("id"):
            document = self._document(self._key(values["id"]))
        code = document.cae_activity_id.code if document else values.get("activity")
        return self._activity(code)

    @api.model
    def _values_customer(self, activity, values):
        """:raises UserError: ``CAE-INVOICE-CUSTOMER``"""
        key = self._key(values.get("customer"))
        customer = key and self._customer(key)
        if not customer or customer.cae_activity_id != activity:
            raise UserError(
                self.env._(
                    "CAE-INVOICE-CUSTOMER: choose a customer of %s.", activity.name
                )
            )
        return customer

    @api.model
    def _prepare_document_vals(self, activity, values):
        company = activity.company_id
        return {
            "move_type": "out_invoice",
            "journal_id": company._cae_sale_journal().id,
            "company_id": company.id,
            "currency_id": company.currency_id.id,
            "cae_activity_id": activity.id,
            "cae_validation": "draft",
            "cae_portal_key": self._line(values, "key", 64) or False,
            # Odoo would make the person follow the invoice, and tell so.
            "invoice_user_id": False,
        }

    @api.model
    def _document_vals(self, activity, values, document):
        customer = self._values_customer(activity, values)
        lines = self._line_vals(activity, values)
        lines += self._deposit_vals(customer, values, document.id)
        return {
            "partner_id": customer.id,
            "invoice_date": self._date(values),
            "invoice_payment_term_id": self._term(activity, values).id,
            "ref": self._line(values, "reference") or False,
            "narration": plaintext2html(self._text(values, "mentions"))
            if values.get("mentions")
            else False,
            "cae_deposit": bool(values.get("deposit")),
            "invoice_line_ids": [
                Command.clear(),
                *(Command.create(line) for line in lines),
            ],
        }

    @api.model
    def _date(self, values):
        """:raises UserError: ``CAE-INVOICE-DATE``"""
        text = self._line(values, "date", 10)
        if not text:
            return False
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if not 2000 <= day.year < 2100:
            raise UserError(self.env._("CAE-INVOICE-DATE: “%s” is no date.", text))
        return day

    @api.model
    def _term(self, activity, values):
        """:raises UserError: ``CAE-INVOICE-TERM``"""
        terms = self._terms(activity.company_id)
        key = self._key(values.get("term"))
        chosen = terms.filtered(lambda t: t.id == key) if key else terms[:1]
        if key and not chosen:
            raise UserError(
                self.env._("CAE-INVOICE-TERM: choose when the customer has to pay.")
            )
        return chosen

    @api.model
    def _line_vals(self, activity, values):
        """:raises UserError: ``CAE-INVOICE-LINES``, ``-LINE``, ``-TAX``, ``-NUMBER``"""
        rows = values.get("lines") or []
        if not isinstance(rows, list) or len(rows) > LINES:
            raise UserError(
                self.env._("CAE-INVOICE-LINES: an invoice has %s lines at most.", LINES)
            )
        taxes = activity.company_id._cae_portal_taxes()
        rows = [self._values(row) for row in rows]
        return [
            self._prepare_line_vals(activity, taxes, row)
            for row in rows
            if any(row.get(name) for name in ("description", "price"))
        ]

    @api.model
    def _prepare_line_vals(self, activity, taxes, row):
        description = self._text(row, "description", 2000)
        if not description:
            raise UserError(
                self.env._("CAE-INVOICE-LINE: say on each line what you sold.")
            )
        discount = self._number(row.get("discount"), self.env._("Discount"))
        if not 0 <= discount <= 100:
            raise UserError(
                self.env._("CAE-INVOICE-LINE: a discount is between 0 and 100 %.")
            )
        tax = taxes.filtered(lambda t: t.id == self._key(row.get("tax")))
        if not tax:
            raise UserError(
                self.env._("CAE-INVOICE-TAX: choose the VAT of “%s”.", description[:60])
            )
        typed = row.get("quantity")
        typed = "1" if typed is None or typed is False or typed == "" else typed
        quantity = self._number(typed, self.env._("Quantity"))
        price = self._number(row.get("price"), self.env._("Price"))
        return {
            "name": description,
            "quantity": float(quantity),
            "price_unit": float(price),
            "discount": float(discount),
            "tax_ids": [Command.set(tax.ids)],
            "account_id": self._income_account(activity.company_id, tax).id,
        }

    @api.model
    def _income_account(self, company, tax):
        """Sales of goods or services: the journal's account, or its counterpart."""
        usual = company._cae_sale_journal().default_account_id
        goods = (usual.code or "").startswith("707")
        if not tax.tax_scope or goods == (tax.tax_scope == "consu"):
            return usual
        other = "pcg_707" if tax.tax_scope == "consu" else "pcg_706"
        # sudo: the account of the line, which the user does not choose.
        return company.sudo()._cae_chart_account(other) or usual

    @api.model
    def _deposit_vals(self, customer, values, document_id=0):
        """Lines that take chosen deposits off, one per line of theirs.

        What was credited of them meanwhile is not taken off.


        :raises UserError: ``CAE-INVOICE-DEPOSIT``
        """
        wanted = values.get("deposits") or []
        keys = {self._key(k) for k in wanted} if isinstance(wanted, list) else {0}
        if not keys:
            return []
        document_id = document_id or self._key(values.get("id"))
        found = self._open_deposits(customer, document_id)
        chosen = found.filtered(lambda move: move.id in keys)
        if len(chosen) != len(keys):
            raise UserError(
                self.env._(
                    "CAE-INVOICE-DEPOSIT: this deposit was deducted already, or is not "
                    "one of this customer."
                )
            )
        return [
            self._prepare_deposit_vals(line)
            for line in (chosen | self._posted_credits(chosen)).invoice_line_ids
            if line.display_type == "product" and not line.cae_deposit_id
        ]

    @api.model
    def _prepare_deposit_vals(self, line):
        move = line.move_id
        credited, told = move.reversed_entry_id, {"number": move.name}
        told["name"] = line.name or ""
        return {
            "name": self.env._(
                "Deposit credited, credit note %(number)s: %(name)s", **told
            )
            if credited
            else self.env._("Deposit deducted, invoice %(number)s: %(name)s", **told),
            "quantity": line.quantity,
            "price_unit": line.price_unit if credited else -line.price_unit,
            "discount": line.discount,
            "tax_ids": [Command.set(line.tax_ids.ids)],
            "account_id": line.account_id.id,
            "cae_deposit_id": (credited or move).id,
        }

    @api.model
    def _check_complete(self, document):
        """:raises UserError: ``CAE-INVOICE-EMPTY``, ``CAE-INVOICE-DEPOSIT``"""
        if not document.invoice_line_ids or decimal(document.amount_total) <= 0:
            raise UserError(
                self.env._(
                    "CAE-INVOICE-EMPTY: the total must be more than zero. Add what you "
                    "sold, with its price."
                )
            )
        taken = document.invoice_line_ids.cae_deposit_id
        if taken - self._open_deposits(document.commercial_partner_id, document.id):
            raise UserError(
                self.env._(
                    "CAE-INVOICE-DEPOSIT: another invoice deducts the same deposit. "
                    "Take it off one of them."
                )
            )
