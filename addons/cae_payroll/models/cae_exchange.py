from collections.abc import Mapping
from decimal import Decimal

from odoo import api, models

from odoo.addons.cae_base.engine.exchange import (
    Column,
    Dataset,
    Document,
    Row,
    optional,
    parse,
)
from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.engine.tabular import plain_name
from odoo.addons.cae_base.models.cae_exchange import Plan

from ..engine.journal import ACCOUNTS, CHARGE, WAGE
from ..engine.monthly import to_cents, to_euros

#: Payslips per entry.
CHUNK = 500
#: Columns that are totals, and their field.
FIGURES = {"brut": "gross", "cout": "cost", "net": "net"}
#: What is due to a body.
DEBT = "4"
#: What is taken from the person's own net: advances, garnishments, income tax, shares.
WITHHELD = ("42", "442", "45")
#: Column of the key of the contract, for people with two payslips.
CONTRACT = "contrat"
#: Column that the loader adds: the month of the payslips.
MONTH = "_month"


class CaeExchange(models.AbstractModel):
    """Totals of true payslips (``cae.payroll.exchange.load_payslips``)."""

    _inherit = "cae.exchange"

    @api.model
    def _read_payslips(self, rows, first):
        """``(dataset, parsed)``: each account that a row names is a column of all."""
        names = [name for r in rows if isinstance(r, Mapping) for name in r]
        names = set(map(plain_name, names))
        accounts = sorted(name for name in names if ACCOUNTS.fullmatch(name))
        dataset = Dataset(
            "payslips",
            (
                Column("matricule"),
                optional(CONTRACT),
                *(Column(name, "amount") for name in FIGURES),
                *(optional(name, "amount") for name in accounts),
                Column(MONTH, "date"),
            ),
            key=("matricule", CONTRACT),
        )
        empty = dict.fromkeys((CONTRACT, *accounts), "")
        rows = [self._payslip_row(row, empty, first) for row in rows]
        parsed = parse(dataset, rows)
        # Other columns, as names, are for who reads the file; an account is money.
        for name in sorted(names - set(accounts)):
            if name.isdecimal():
                parsed.add("CAE-LOAD-ACCOUNT", 0, name, "payslip_account", value=name)
        return dataset, parsed

    @api.model
    def _payslip_row(self, row, empty, first):
        if not isinstance(row, Mapping):
            return row
        cells = {plain_name(name): value for name, value in row.items()}
        blank = not any(str(value or "").strip() for value in cells.values())
        return {**empty, **cells, MONTH: "" if blank else first}

    def _plan_payslips(self, parsed, late):
        people = self._by_code(
            "cae.entrepreneur", self._codes(parsed, "matricule"), "matricule"
        )
        self._report_unknown(
            parsed, "matricule", people, "CAE-LOAD-MATRICULE", "matricule"
        )
        for document in self._sound(parsed):
            self._check_payslip(document, parsed)
        sound = self._by_person(self._sound(parsed))
        if not sound:
            return []
        first = sound[0].values[MONTH]
        own = [people[document.values["matricule"]].id for document in sound]
        lines, slips = self._payslip_lines(own, first), self._payslips(own, first)
        accounts = self._payslip_accounts(sound, parsed)
        if accounts is None:
            return []
        plans = []
        for document in sound:
            person = people[document.values["matricule"]]
            slip = slips.get(person, self.env["cae.payslip"])
            own = lines.get(person, self.env["cae.pay.line"])
            plans.append(self._payslip_plan(document, person, slip, own, accounts))
        self._check_estimates(plans, parsed)
        return self._payslips_dated(plans, parsed, late, first)

    def _check_payslip(self, document, parsed):
        """Both sides of the payslip: cost = net + what is due = gross + charges."""
        v = document.values
        due = sum(amount for _name, amount in self._by_account(v, DEBT))
        if v["cout"] != v["net"] + due:
            parsed.add(
                "CAE-LOAD-BALANCE", document.row, "cout", "payslip_balance",
                cost=str(v["cout"]), net=str(v["net"]), due=str(due),
            )  # fmt: skip
        wages = [amount for _name, amount in self._by_account(v, WAGE)]
        if wages and sum(wages) != v["brut"]:
            parsed.add(
                "CAE-LOAD-BALANCE", document.row, "brut", "payslip_wages",
                gross=str(v["brut"]), wages=str(sum(wages)),
            )  # fmt: skip
        charges = [amount for _name, amount in self._by_account(v, CHARGE)]
        if charges and sum(charges) != v["cout"] - v["brut"]:
            parsed.add(
                "CAE-LOAD-BALANCE", document.row, "cout", "payslip_charges",
                cost=str(v["cout"]), gross=str(v["brut"]), charges=str(sum(charges)),
            )  # fmt: skip

    @api.model
    def _by_person(self, documents):
        """One document per matricule: the payslips of two contracts add up."""
        groups = {}
        for document in documents:
            groups.setdefault(document.values["matricule"], []).append(document)
        return [_together(own) if own[1:] else own[0] for own in groups.values()]

    @api.model
    def _by_account(self, values, side):
        """``[(account, amount)]`` of the amounts that a row gives on a side.

        Parts of the gross are a side of their own, and no charges.
        """
        return [
            (name, amount)
            for name, amount in values.items()
            if name.startswith(side)
            and amount is not None
            and (side != CHARGE or not name.startswith(WAGE))
        ]

    @api.model
    def _payslip_lines(self, people, first):
        """``{person: posted pay of the month}``, a balance beside the month's own.

        The payroll software makes one payslip of all of them.
        """
        lines = self.env["cae.pay.line"].search(
            [
                ("entrepreneur_id", "in", people),
                ("month", "=", first),
                ("state", "=", "posted"),
            ]
        )
        return lines.sorted("id").grouped("entrepreneur_id")

    @api.model
    def _payslips(self, people, first):
        slips = self.env["cae.payslip"].search(
            [("entrepreneur_id", "in", people), ("month", "=", first)]
        )
        return {slip.entrepreneur_id: slip for slip in slips}

    def _payslip_accounts(self, documents, parsed):
        """``{column: account id}``; the accounts of pay first, then the chart's.

        :return: None when one is unknown, which is reported
        """
        names = [name for name in documents[0].values if ACCOUNTS.fullmatch(name)]
        ours = self.env["account.account"].browse(
            self.env.company._cae_pay_accounts().values()
        )
        found = {n: ours.filtered(lambda a, n=n: a.code.startswith(n)) for n in names}
        others = [name for name, accounts in found.items() if not accounts]
        found |= self._find_accounts(others) if others else {}
        unknown = [name for name, account in found.items() if not account]
        for name in unknown:
            row, column = self._account_place(documents, name)
            parsed.add("CAE-LOAD-ACCOUNT", row, column, "account", value=name)
        return None if unknown else {n: found[n][0].id for n in names}

    @api.model
    def _account_place(self, documents, name):
        """``(row, column)`` that names an account first."""
        rows = [
            row.number
            for document in documents
            for row in document.rows
            if row.values.get("compte") == name
        ]
        return (min(rows), "compte") if rows else (1, name)

    def _payslip_plan(self, document, person, slip, lines, accounts):
        figures = {
            field: float(document.values[column]) for column, field in FIGURES.items()
        }
        amounts = {
            name: str(amount)
            for name, amount in document.values.items()
            if name in accounts and amount
        }
        figures["withheld"] = float(
            sum(
                amount
                for name, amount in self._by_account(document.values, DEBT)
                if name.startswith(WITHHELD)
            )
        )
        same = (
            slip.state == "booked"
            and slip.pay_line_ids == lines
            and (slip.accounts or {}) == amounts
            and all(slip[field] == value for field, value in figures.items())
        )
        outcome = "updated" if slip.state in ("booked", "undone") else "created"
        vals = {
            "person": person,
            "lines": lines,
            "figures": {**figures, "accounts": amounts},
            "totals": self._payslip_totals(document.values, lines, accounts),
        }
        return Plan(document, "unchanged" if same else outcome, slip, vals)

    @api.model
    def _payslip_totals(self, values, lines, accounts):
        """``{account id: cents}`` of the payslip's entry, debit positive."""
        if not lines:
            return {}
        own, totals = lines._payslip_main().accounts, {}

        def add(account, amount):
            totals[account] = totals.get(account, 0) + to_cents(amount)

        wages = self._by_account(values, WAGE)
        for name, amount in wages:
            add(accounts[name], amount)
        if not wages:
            add(own["wage"], values["brut"])
        charges = self._by_account(values, CHARGE)
        for name, amount in charges:
            add(accounts[name], amount)
        if not charges:
            # URSSAF's charges take the difference, the others stay as estimated.
            rest = values["cout"] - values["brut"]
            for key, cents in lines._estimated_charges().items():
                rest -= to_euros(cents)
                add(own[key], to_euros(cents))
            add(own["charge_social"], rest)
        add(own["net"], -values["net"])
        due = self._by_account(values, DEBT)
        for name, amount in due:
            add(accounts[name], -amount)
        # What the payslip does not tell stays withheld as the pay did.
        told = {accounts[name] for name, _amount in due}
        for account, cents in lines._withheld_accounts().items():
            if account not in told:
                add(account, -to_euros(cents))
                add(own["net"], to_euros(cents))
        return {account: cents for account, cents in totals.items() if cents}

    def _check_estimates(self, plans, parsed):
        """Report payslips of people without a posted pay, or of half of it."""
        for plan in plans:
            figures = plan.vals["figures"]
            document, lines = plan.document, plan.vals["lines"]
            contracts = set(lines.mapped("second_contract"))
            # A row that cannot be read is none that is missing.
            told = document.values.get(CONTRACT) and not parsed.problems
            if told and len(document.rows) < len(contracts):
                parsed.add(
                    "CAE-PAYSLIP-CONTRACT", document.row, CONTRACT, "payslip_contract",
                    value=document.values["matricule"],
                )  # fmt: skip
            if not plan.vals["lines"] and any(figures.values()):
                parsed.add(
                    "CAE-PAYSLIP-PAY", plan.document.row, "matricule", "payslip_pay",
                    value=plan.document.values["matricule"],
                )  # fmt: skip

    def _payslips_dated(self, plans, parsed, late, first):
        """Give plans the day of their entry, or report that the month is locked."""
        company = self.env.company
        locked = self._lock_reader(company.cae_pay_journal_id)
        day = self.env["cae.pay.line"]._last_day(first)
        if locked(day) and late == "next":
            day = self._next_open_day(day, locked)
        for plan in plans:
            plan.vals["day"] = day
            booked = plan.record.state == "booked"
            needs = plan.outcome != "unchanged" and (booked or plan.vals["lines"])
            if needs and locked(day):
                code = "CAE-LOAD-CONFLICT" if booked else "CAE-PERIOD-LOCKED"
                reason = "payslip_stored" if booked else "locked"
                parsed.add(
                    code, plan.document.row, "matricule", reason,
                    day=day, key=plan.document.values["matricule"],
                )  # fmt: skip
        return plans

    def _write_payslips(self, plans):
        self._link_payslips(plans)
        for start in range(0, len(plans), CHUNK):
            self._book_payslips(plans[start : start + CHUNK])

    def _link_payslips(self, plans):
        """Make the payslips that are missing, and name the estimates of all.

        What was posted in the month since a payslip was booked is in the books beside
        it: the payslip's entry takes it in.
        """
        # Of a first try that was rolled back nothing is left.
        known = self.env["cae.payslip"].union(*(p.record for p in plans)).exists()
        new = [plan for plan in plans if plan.record not in known or not plan.record]
        # sudo: only this code writes on a payslip, see its rights.
        slips = self.env["cae.payslip"].sudo()._cae_own()
        created = slips._make(
            [plan.vals["person"] for plan in new], plans[0].document.values[MONTH]
        )
        for plan, slip in zip(new, created, strict=True):
            plan.record = slip.with_env(self.env)
        for plan in plans:
            if plan.record.pay_line_ids != plan.vals["lines"]:
                slips.browse(plan.record.id)._link_lines(plan.vals["lines"].sudo())

    def _book_payslips(self, plans):
        slips = self.env["cae.payslip"].union(*(plan.record for plan in plans))
        targets = {p.record: p.record._target(p.vals["totals"]) for p in plans}
        month = slips[0]._month_text()
        ref = self.env._("Payslips, %(month)s", month=month)
        slips._book(targets, plans[0].vals["day"], ref)
        # sudo: only this code writes on a payslip, see its rights.
        own = slips.sudo()._cae_own()
        for plan in plans:
            lines, target = plan.vals["lines"], targets[plan.record]
            own.browse(plan.record.id).write(
                {
                    **plan.vals["figures"],
                    **{f"estimate_{n}": _total(lines, n) for n in FIGURES.values()},
                    "entry": target,
                    "gap_shares": plan.record._cost_gaps(target),
                    "state": "booked",
                }
            )

    # ------------------------------------------------------------------
    # Messages
    # ------------------------------------------------------------------

    @api.model
    def _messages(self):
        return {
            **super()._messages(),
            **self._payslip_messages(),
            **self._payroll_journal_messages(),
            **self._payslip_pdf_messages(),
        }

    @api.model
    def _payslip_messages(self):
        return {
            "matricule": self.env._(
                "Nobody has the matricule %(value)s. Write it on the person."
            ),
            "payslip_balance": self.env._(
                "The cost %(cost)s is not the net %(net)s with what is due by account "
                "%(due)s. A column of an account is missing."
            ),
            "payslip_wages": self.env._(
                "The gross %(gross)s is not the wages by account %(wages)s."
            ),
            "payslip_charges": self.env._(
                "The cost %(cost)s is not the gross %(gross)s with the charges by "
                "account %(charges)s."
            ),
            "payslip_pay": self.env._(
                "%(value)s has no posted pay in this month. Run the month, or approve "
                "the pay that waits."
            ),
            "payslip_contract": self.env._(
                "%(value)s has a pay for each of two contracts in this month: give the "
                "payslips of both at once."
            ),
            "payslip_stored": self.env._(
                "The payslip of %(key)s is in the books with other amounts, and the "
                "month is locked. Ask for late=next to book the difference in the "
                "first open month."
            ),
        }

    @api.model
    def _payslip_pdf_messages(self):
        return {
            "pdf_broken": self.env._(
                "This is not a PDF that can be read. Export it again, without a "
                "password."
            ),
            "pdf_zip": self.env._("This ZIP file cannot be opened. Make it again."),
            "pdf_size": self.env._(
                "The file, or one in it, holds more than %(size)s MB. Send it in parts."
            ),
            "pdf_name": self.env._(
                "%(value)s does not name one matricule that is known here. Name the "
                "file by the matricule, such as 0042.pdf."
            ),
            "pdf_twice": self.env._(
                "%(value)s is another file of a person in the same lot. Keep one."
            ),
            "pdf_other": self.env._(
                "A page of this file is the payslip of somebody else: %(value)s. Split "
                "the file, or name it right."
            ),
            "payslip_account": self.env._(
                "Account %(value)s is not one of a payslip: what is due is on 42 to "
                "45, charges and wages are on 64."
            ),
            "pdf_not_own": self.env._(
                "No page of this file shows the matricule %(value)s or the first and "
                "last name of its person. Look into the file, and name it right."
            ),
            "pdf_empty": self.env._(
                "This file has no text: nothing in it says that it is the payslip of "
                "%(value)s. Confirm that files without text are named right, or hand "
                "over the payroll software's own file."
            ),
            "pdf_none": self.env._("There is no PDF in this file."),
            "pdf_many": self.env._("More than %(most)s files: split the archive."),
            "pdf_one": self.env._("One PDF is split at a time."),
            "pdf_unknown": self.env._(
                "This page shows no matricule with the name of its person. Write the "
                "matricule on the person, or take the page out."
            ),
            "pdf_doubtful": self.env._(
                "This page names several people. Take it out, or split it yourself."
            ),
        }


def _together(documents):
    """One document with the sum of the amounts of several."""
    first, totals = documents[0], {}
    for document in documents:
        for name, value in document.values.items():
            if isinstance(value, Decimal):
                totals[name] = totals.get(name, 0) + value
    row = Row(first.row, {**first.values, **totals})
    rows = [each for document in documents for each in document.rows]
    return Document(first.key, (row, *rows[1:]))


def _total(lines, name):
    return float(sum(decimal(line[name]) for line in lines))
