from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.fields import Command, Domain

from ..engine import exchange
from ..engine.money import decimal
from .cae_exchange import Plan

#: Domestic taxes of the French chart by rate: services on payment, goods on debits.
SALE_TAXES = {
    "service": {
        Decimal("20"): "tva_normale_encaissement",
        Decimal("10"): "tva_intermediaire_encaissement",
        Decimal("5.5"): "tva_reduite_encaissement",
        Decimal("2.1"): "tva_super_reduite_encaissement",
        Decimal("0"): "tva_sale_service_0",
    },
    "bien": {
        Decimal("20"): "tva_normale",
        Decimal("10"): "tva_intermediaire",
        Decimal("8.5"): "tva_specifique",
        Decimal("5.5"): "tva_reduite",
        Decimal("2.1"): "tva_super_reduite",
        Decimal("0"): "tva_sale_good_0",
    },
}
#: Purchases bear VAT on debits; the chart has no domestic tax of 0 %: no tax.
PURCHASE_TAXES = {
    Decimal("20"): "tva_acq_normale",
    Decimal("10"): "tva_acq_intermediaire",
    Decimal("8.5"): "tva_acq_specifique",
    Decimal("5.5"): "tva_acq_reduite",
    Decimal("2.1"): "tva_acq_super_reduite",
    Decimal("0"): "",
}
SALE_ACCOUNTS = {"service": "706", "bien": "707"}
PURCHASE_ACCOUNTS = {"achat": "607", "sous-traitance": "611", "frais": "618"}
SALE_TYPES = {"facture": "out_invoice", "avoir": "out_refund"}
#: Payment terms of a partner, for what comes in and what goes out.
TERMS = {"out": "property_payment_term_id", "in": "property_supplier_payment_term_id"}
PURCHASE_TYPES = ("in_invoice", "in_refund")


@dataclass(frozen=True)
class References:
    """Records that the documents of one file refer to, each found once.

    :param accounts: account by code or prefix, see ``_find_accounts``
    :param taxes: tax by (nature, rate)
    """

    journal: Any
    accounts: dict
    activities: dict
    taxes: dict
    customers: dict


class CaeExchange(models.AbstractModel):
    """Invoices, credit notes and supplier bills."""

    # One file per kind of dataset: together they are too long to be read.
    # pylint: disable=consider-merging-classes-inherited
    _inherit = "cae.exchange"

    # ------------------------------------------------------------------
    # Invoices
    # ------------------------------------------------------------------

    def _plan_invoices(self, parsed, late):
        self.env["res.company"]._cae_check_configured()
        references = References(
            journal=self._journal("sale"),
            accounts=self._find_accounts(SALE_ACCOUNTS.values()),
            activities=self._activities(parsed),
            taxes=self._taxes(parsed, lambda nature: SALE_TAXES[nature]),
            customers=self._check_customers(parsed),
        )
        numbers = [key[0] for key in parsed.keys]
        stored = self._stored_moves(numbers, tuple(SALE_TYPES.values()))
        self._check_origins(parsed)
        plans = []
        for document in self._sound(parsed):
            move = stored.get(document.key[0])
            plan = Plan(document, "unchanged", move)
            if move:
                self._compare_invoice(plan, references, parsed)
            else:
                plan.outcome = "created"
                plan.vals = self._prepare_invoice_vals(document, references)
            plans.append(plan)
        return self._dated(plans, parsed, late, references.journal)

    def _check_customers(self, parsed):
        """``{code: partner}``; unknown ones and those of others are reported."""
        found = self._customers(self._codes(parsed, "client"))
        self._report_unknown(parsed, "client", found, "CAE-LOAD-CUSTOMER", "customer")
        owners = {code: partner.cae_activity_id for code, partner in found.items()}
        self.env["cae.activity"].union(*owners.values()).mapped("code")
        for document in self._sound(parsed):
            owner = owners[document.values["client"]].code
            if owner != document.values["activite"]:
                parsed.add(
                    "CAE-LOAD-CUSTOMER", document.row, "client", "customer_activity",
                    value=document.values["client"], activity=owner,
                )  # fmt: skip
        return found

    def _check_origins(self, parsed):
        """Report credit notes whose invoice is unknown or of another customer.

        The origin may be in the file, before or after its credit note, or in the
        books; when its own row has a problem, that problem says enough.
        """
        here = {document.key: document.values for document in parsed.documents}
        broken = parsed.keys - set(here)
        numbers = self._codes(parsed, "origine")
        outside = self._stored_moves(numbers, ("out_invoice",))
        for document in parsed.documents:
            origin = document.values["origine"]
            if not origin or (origin,) in broken:
                continue
            customer = self._origin_customer(origin, here, outside)
            if customer != document.values["client"]:
                reason = "origin_customer" if customer else "origin"
                parsed.add(
                    "CAE-LOAD-ORIGIN", document.row, "origine", reason, value=origin
                )

    def _origin_customer(self, origin, here, outside):
        """Code of the customer of an invoice, nothing when there is no such one."""
        values = here.get((origin,))
        if values:
            return values["client"] if values["type"] == "facture" else ""
        move = outside.get(origin)
        return move.partner_id.ref if move and move.state == "posted" else ""

    def _taxes(self, parsed, chart_taxes):
        """``{(nature, rate): tax}`` of the file; unknown ones are reported.

        :param chart_taxes: from a nature, names of the chart's taxes by rate
        """
        found = {}
        for document in parsed.documents:
            for row in document.rows:
                # Expenses have no nature in the file: all of them are "frais".
                nature = row.values.get("nature", "frais")
                rate = row.values["taux_tva"]
                if (nature, rate) not in found:
                    name = chart_taxes(nature).get(rate)
                    found[nature, rate] = self._chart_tax(name)
                if found[nature, rate] is None:
                    parsed.add(
                        "CAE-LOAD-TAX", row.number, "taux_tva", "tax",
                        value=f"{rate.normalize():f}", nature=nature,
                    )  # fmt: skip
        return found

    def _chart_tax(self, xmlid):
        """A tax of the chart, an empty one for no tax, None when it is missing."""
        if not xmlid:
            return None if xmlid is None else self.env["account.tax"]
        chart = self.env["account.chart.template"].with_company(self.env.company)
        return chart.ref(xmlid, raise_if_not_found=False)

    def _prepare_invoice_vals(self, document, references):
        """Values of a customer document. An invoice's date is its accounting date."""
        v = document.values
        tag = self._prepare_tag_vals(references.activities[v["activite"]])
        return {
            "move_type": SALE_TYPES[v["type"]],
            "name": v["numero"],
            "partner_id": references.customers[v["client"]].id,
            "invoice_date": v["date"],
            "date": v["date"],
            "journal_id": references.journal.id,
            "cae_activity_id": references.activities[v["activite"]].id,
            "invoice_line_ids": [
                Command.create(
                    {**self._prepare_invoice_line_vals(row.values, references), **tag}
                )
                for row in document.rows
            ],
        }

    def _prepare_tag_vals(self, activity):
        # What the line would take from its document, without Odoo looking for its
        # distribution models line by line.
        account = activity.analytic_account_id
        return {"analytic_distribution": {str(account.id): 100}}

    def _prepare_invoice_line_vals(self, values, references):
        tax = references.taxes[values["nature"], values["taux_tva"]]
        return {
            "name": values["libelle"],
            "quantity": float(values["quantite"]),
            "price_unit": float(values["prix_unitaire_ht"]),
            "account_id": references.accounts[SALE_ACCOUNTS[values["nature"]]].id,
            "tax_ids": [Command.set(tax.ids)],
        }

    def _write_invoices(self, plans):
        moves = self._create_moves([plan.vals for plan in plans])
        for plan, move in zip(plans, moves, strict=True):
            self._round_vat(move, exchange.shared_vat(plan.document))
        self._post_moves(moves)
        numbers = {
            move: plan.document.values["origine"]
            for move, plan in zip(moves, plans, strict=True)
            if plan.document.values["origine"]
        }
        origins = self._stored_moves(numbers.values(), ("out_invoice",))
        for refund, number in numbers.items():
            refund.reversed_entry_id = origins[number]
        self._settle([r.line_ids | origins[n].line_ids for r, n in numbers.items()])

    # ------------------------------------------------------------------
    # Bills
    # ------------------------------------------------------------------

    def _plan_bills(self, parsed, late):
        company = self.env["res.company"]._cae_check_configured()
        references = References(
            journal=company.cae_bill_journal_id or self._journal("purchase"),
            accounts=self._find_accounts(PURCHASE_ACCOUNTS.values()),
            activities=self._activities(parsed),
            taxes=self._taxes(parsed, lambda nature: PURCHASE_TAXES),
            customers={},
        )
        stored = self._stored_moves([key[0] for key in parsed.keys], PURCHASE_TYPES)
        plans = []
        for document in self._sound(parsed):
            move = stored.get(document.key[0])
            plan = Plan(document, "unchanged", move)
            if move:
                self._compare_bill(plan, references, parsed)
            else:
                plan.outcome = "created"
                plan.vals = self._prepare_bill_vals(document, references)
            plans.append(plan)
        return self._dated(plans, parsed, late, references.journal)

    def _suppliers(self, codes):
        """``{code: partner}`` among partners that are no customer of an activity."""
        partners = self.env["res.partner"].search(
            [
                ("ref", "in", codes),
                ("cae_activity_id", "=", False),
                ("company_id", "in", (False, self.env.company.id)),
            ],
            order="id desc",
        )
        return {partner.ref: partner for partner in partners}

    def _prepare_bill_vals(self, document, references):
        """Values of the bill; a negative amount is a credit note of the supplier."""
        v = document.values
        tax = references.taxes[v["nature"], v["taux_tva"]]
        line = {
            "name": v["libelle"],
            "quantity": 1,
            "price_unit": float(abs(v["montant_ht"])),
            "account_id": references.accounts[PURCHASE_ACCOUNTS[v["nature"]]].id,
            "tax_ids": [Command.set(tax.ids)],
            **self._prepare_tag_vals(references.activities[v["activite"]]),
        }
        return {
            "move_type": PURCHASE_TYPES[v["montant_ht"] < 0],
            "name": v["numero"],
            "ref": v["numero"],
            "invoice_date": v["date"],
            "date": v["date"],
            "journal_id": references.journal.id,
            "cae_activity_id": references.activities[v["activite"]].id,
            "invoice_line_ids": [Command.create(line)],
        }

    def _write_bills(self, plans):
        names = {}
        for plan in plans:
            v = plan.document.values
            names.setdefault(v["code_fournisseur"], v["fournisseur"])
        suppliers = self._suppliers(list(names))
        missing = [code for code in names if code not in suppliers]
        made = self.env["res.partner"].create(
            [self._prepare_supplier_vals(code, names[code]) for code in missing]
        )
        suppliers.update(zip(missing, made, strict=True))
        moves = self._create_moves(
            [
                {
                    **p.vals,
                    "partner_id": suppliers[p.document.values["code_fournisseur"]].id,
                }
                for p in plans
            ]
        )
        self._post_moves(moves)

    def _prepare_supplier_vals(self, code, name):
        return {"ref": code, "name": name, "is_company": True, "supplier_rank": 1}

    # ------------------------------------------------------------------
    # Documents in the books
    # ------------------------------------------------------------------

    def _stored_moves(self, names, move_types):
        """``{name: document}`` of the company; one query."""
        moves = self.env["account.move"].search(
            [
                ("name", "in", list(names)),
                ("move_type", "in", move_types),
                ("company_id", "=", self.env.company.id),
            ],
            order="id desc",
        )
        # Each document is compared on its own: what is read is fetched for all of them.
        for path in ("invoice_line_ids.tax_ids", "line_ids", "cae_activity_id.code"):
            moves.mapped(path)
        return {move.name: move for move in moves}

    def _compare_invoice(self, plan, references, parsed):
        """Report a stored document whose content is not that of the file."""
        move, v = plan.record, plan.document.values
        heads = {
            "type": move.move_type == SALE_TYPES[v["type"]],
            "date": move.invoice_date == v["date"],
            "activite": move.cae_activity_id.code == v["activite"],
            "client": move.partner_id.ref == v["client"],
            "origine": (move.reversed_entry_id.name or None) == v["origine"],
        }
        for column, same in heads.items():
            if not same:
                return self._report_stored(plan, parsed, column)
        lines = move.invoice_line_ids.filtered(lambda ln: ln.display_type == "product")
        rows = plan.document.rows
        if len(lines) != len(rows):
            return self._report_stored(plan, parsed, "libelle")
        for line, row in zip(lines.sorted("id"), rows, strict=True):
            column = self._line_difference(line, row.values, references)
            if column:
                return self._report_stored(plan, parsed, column, row)
        return self._check_posted(plan, parsed)

    def _line_difference(self, line, values, references):
        tax = references.taxes[values["nature"], values["taux_tva"]]
        same = {
            "libelle": line.name == values["libelle"],
            "quantite": decimal(line.quantity, 6) == values["quantite"],
            "prix_unitaire_ht": decimal(line.price_unit, 6)
            == values["prix_unitaire_ht"],
            "taux_tva": line.tax_ids == tax,
        }
        return next((column for column, equal in same.items() if not equal), "")

    def _compare_bill(self, plan, references, parsed):
        """Report a stored bill whose content is not that of the file."""
        move, v = plan.record, plan.document.values
        line = move.invoice_line_ids.filtered(lambda ln: ln.display_type == "product")
        same = {
            "date": move.invoice_date == v["date"],
            "activite": move.cae_activity_id.code == v["activite"],
            "code_fournisseur": move.partner_id.ref == v["code_fournisseur"],
            "montant_ht": move.move_type == PURCHASE_TYPES[v["montant_ht"] < 0]
            and decimal(move.amount_untaxed) == abs(v["montant_ht"]),
            "libelle": line.mapped("name") == [v["libelle"]],
            "taux_tva": line.tax_ids == references.taxes[v["nature"], v["taux_tva"]],
            "nature": {self._purchase_nature(a) for a in line.account_id}
            == {v["nature"]},
        }
        for column, equal in same.items():
            if not equal:
                return self._report_stored(plan, parsed, column)
        return self._check_posted(plan, parsed)

    def _purchase_nature(self, account):
        """Nature of a bill in the file's terms; accountants may refine accounts."""
        if account.code.startswith("611"):
            return "sous-traitance"
        return "achat" if account.code.startswith("60") else "frais"

    def _report_stored(self, plan, parsed, column, row=None):
        number = (row or plan.document.rows[0]).number
        key = " ".join(str(part) for part in plan.document.key)
        parsed.add(
            "CAE-LOAD-CONFLICT", number, column, "stored", key=key, column=column
        )

    def _check_posted(self, plan, parsed):
        if plan.record.state != "posted":
            parsed.add(
                "CAE-LOAD-CONFLICT", plan.document.row, "numero", "not_posted",
                key=plan.document.key[0],
            )  # fmt: skip

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    def _create_moves(self, vals_list):
        """Draft documents in one batch, in order."""
        lines = [
            command[2] for vals in vals_list for command in vals["invoice_line_ids"]
        ]
        self._activate_taxes(lines)
        return self.env["account.move"].create(self._with_due_dates(vals_list))

    def _with_due_dates(self, vals_list):
        """Without payment terms a document is due on its own day.

        Odoo would take the day on which it is created.
        """
        partners = self.env["res.partner"].browse(
            dict.fromkeys(vals["partner_id"] for vals in vals_list)
        )
        terms = {
            kind: {partner.id for partner in partners if partner[field]}
            for kind, field in TERMS.items()
        }
        return [
            vals
            if vals["partner_id"] in terms[vals["move_type"].split("_")[0]]
            else {**vals, "invoice_date_due": vals["invoice_date"]}
            for vals in vals_list
        ]

    def _post_moves(self, moves):
        # action_post() may open a wizard; soft=False posts what is dated in the future
        # too.
        moves._post(soft=False)

    def _round_vat(self, move, wanted):
        """Make the VAT of a rate that several taxes share that of the document.

        :param wanted: ``{rate: VAT}``, see :func:`engine.exchange.shared_vat`
        """
        sign = -1 if move.is_inbound() else 1
        for rate, vat in wanted.items():
            lines = move.line_ids.filtered(
                lambda line, rate=rate: (
                    line.tax_line_id and decimal(line.tax_line_id.amount, 4) == rate
                )
            )
            gap = vat * sign - sum(decimal(line.amount_currency) for line in lines)
            if gap:
                line = max(lines, key=lambda line: (abs(line.balance), line.id))
                line.amount_currency = float(decimal(line.amount_currency) + gap)

    def _activate_taxes(self, lines):
        ids = {tax_id for line in lines for tax_id in line["tax_ids"][0][2]}
        archived = self.env["account.tax"].browse(ids).filtered(lambda t: not t.active)
        if archived:
            # sudo: configuration; these taxes are the chart's own and an accountant
            # may use them but not activate them.
            archived.sudo().active = True

    def _settle(self, groups):
        """Reconcile documents with each other, each group on its own, in order."""
        plan = []
        for lines in groups:
            lines = lines.filtered(
                lambda ln: (
                    ln.account_type in ("asset_receivable", "liability_payable")
                    and not ln.reconciled
                )
            )
            for same in lines.grouped("account_id").values():
                if len(set(same.mapped(lambda ln: ln.balance > 0))) > 1:
                    plan.append(same)
        if plan:
            self.env["account.move.line"]._cae_match(plan)

    # ------------------------------------------------------------------
    # Dates, journals, accounts
    # ------------------------------------------------------------------

    def _dated(self, plans, parsed, late, journal):
        """Report new documents dated in a locked month, or move them when ``late``."""
        locked = self._lock_reader(journal)
        for plan in plans:
            day = plan.document.values["date"]
            if plan.outcome != "created" or not locked(day):
                continue
            if late == "next":
                plan.vals["date"] = self._next_open_day(day, locked)
            else:
                parsed.add(
                    "CAE-PERIOD-LOCKED", plan.document.row, "date", "locked", day=day
                )
        return plans

    def _lock_reader(self, journal):
        """Function that tells whether a day is locked, by the monthly close or by
        Odoo's own lock dates (posting would silently move the document)."""
        company = self.env.company
        months = self.env["cae.period"]._locked_months(company)

        @cache
        def locked(day):
            if day.replace(day=1) in months:
                return True
            return bool(company._get_violated_lock_dates(day, True, journal))

        return locked

    def _next_open_day(self, day, locked):
        """First day of the first open month after ``day``."""
        while locked(day):
            day = day.replace(day=1) + relativedelta(months=1)
        return day

    def _journal(self, kind):
        """The company's first journal of a kind; the CAE's own entries apart."""
        company = self.env.company
        own = company.cae_journal_id | company.cae_bill_journal_id
        journals = self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(company),
                ("type", "=", kind),
                ("id", "not in", own.ids),
            ]
        )
        internal = (
            company.currency_exchange_journal_id | company.tax_cash_basis_journal_id
        )
        return (journals - internal)[:1]

    def _find_accounts(self, codes):
        """``{code: account}`` by code or prefix, None when nothing starts with it.

        A prefix of the bank journal's account stands for the company's bank. Else the
        account has that code, filled up with zeros or not, or it is the first one
        with this prefix.
        """
        codes = list(dict.fromkeys(codes))
        Account = self.env["account.account"]
        found = Account.search(
            [
                *Account._check_company_domain(self.env.company),
                *Domain.OR([Domain("code", "=like", f"{code}%") for code in codes]),
            ],
            order="code",
        )
        bank = self._journal("bank").default_account_id
        return {code: self._choose_account(found, bank, code) for code in codes}

    def _choose_account(self, accounts, bank, code):
        if bank.code and bank.code.startswith(code):
            return bank
        candidates = [a for a in accounts if a.code.startswith(code)]
        exact = [a for a in candidates if a.code.rstrip("0") == code.rstrip("0")]
        return next(iter(exact + candidates), None)
