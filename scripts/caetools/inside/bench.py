"""Time one side of the benchmark in a database: ``raw`` Odoo or ours (``cae``).

Prints one line ``> {json}`` with seconds (and queries) per measure. Both sides do the
same accounting: same documents, same entries, same batches.
"""

import json
import sys
import time
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

from odoo import Command

from .. import processor
from . import env as inside

QUIET = {
    "tracking_disable": True,
    "mail_notrack": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
}
DAY = "2026-03-10"
MATCHED_TABLES = (
    "account_move",
    "account_move_line",
    "account_partial_reconcile",
    "account_payment",
)


class Bench:
    """What both sides share: a French company, measures, a clock."""

    def __init__(self, env, count):
        self.env = env(context={**env.context, **QUIET})
        self.count = count
        self.company = self.env.company
        self.chart = self.env["account.chart.template"].with_company(self.company)
        self.result = {}

    @contextmanager
    def measure(self, name):
        """Seconds and queries of a block, writing to the database included.

        ``processor``: seconds that the processor worked for it, here and in the
        database; they hardly depend on what else the machine does.
        """
        self.env.flush_all()
        busy = self.busy()
        queries, start = self.env.cr.sql_log_count, time.perf_counter()
        yield
        self.env.flush_all()
        self.result[name] = {
            "seconds": round(time.perf_counter() - start, 3),
            "queries": self.env.cr.sql_log_count - queries,
            "processor": round(self.busy() - busy, 3),
        }

    def busy(self):
        """Seconds of the processor so far: of this process, and of its database."""
        self.env.cr.execute("SELECT pg_backend_pid()")
        return time.process_time() + processor.thread(self.env.cr.fetchone()[0])

    def account(self, prefix):
        """First account with this prefix."""
        domain = [("code", "=like", f"{prefix}%")]
        return self.env["account.account"].search(domain, limit=1, order="code")

    def bank(self):
        """The bank journal."""
        return self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )


class Raw(Bench):
    """Plain Odoo: batched create and post, as fast as its own methods go."""

    def run(self):
        """All measures."""
        self.prepare()
        partners = self.env["res.partner"].create(
            [{"name": f"Client {n}"} for n in range(self.count)]
        )
        with self.measure("invoices"):
            moves = self.invoices(partners)
        with self.measure("payments"):
            self.payments(moves)
        with self.measure("contributions"):
            self.contributions()

    def prepare(self):
        """Analytic accounts, and what our groups imply for a manager of the CAE."""
        # sudo: a benchmark gives its own user these rights, in a database of its own.
        self.env.user.sudo().group_ids += self.env.ref(
            "analytic.group_analytic_accounting"
        ) + self.env.ref("account.group_account_manager")
        plan = self.env["account.analytic.plan"].create({"name": "Bench"})
        self.analytics = self.env["account.analytic.account"].create(
            [{"name": f"B{n}", "plan_id": plan.id} for n in range(self.count + 1)]
        )

    def tag(self, number):
        """Distribution of an activity."""
        return {str(self.analytics[number].id): 100}

    def invoices(self, partners):
        """Invoices of two lines with VAT on payment."""
        tax = self.chart.ref("tva_normale_encaissement")
        account = self.account("706")
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "name": f"BENCH-{n:05}",
                    "partner_id": partner.id,
                    "invoice_date": DAY,
                    "date": DAY,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": f"Line {line}",
                                "quantity": 1,
                                "price_unit": 100 + n,
                                "account_id": account.id,
                                "tax_ids": [Command.set(tax.ids)],
                                "analytic_distribution": self.tag(n),
                            }
                        )
                        for line in (1, 2)
                    ],
                }
                for n, partner in enumerate(partners)
            ]
        )
        moves._post(soft=False)
        return moves

    def payments(self, moves):
        """One payment per invoice, matched with it."""
        # As our side does: without statistics raw Odoo takes twice the time.
        self.env.cr.execute(f"ANALYZE {', '.join(MATCHED_TABLES)}")
        payments = self.env["account.payment"].create(
            [
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": move.partner_id.id,
                    "amount": move.amount_total,
                    "date": DAY,
                    "journal_id": self.bank().id,
                    "memo": f"P-{move.name}",
                }
                for move in moves
            ]
        )
        payments.action_post()
        self.env.cr.execute(f"ANALYZE {', '.join(MATCHED_TABLES)}")
        plan = []
        for move, payment in zip(moves, payments, strict=True):
            lines = (move | payment.move_id).line_ids
            plan.append(
                lines.filtered(
                    lambda x: x.account_id.account_type == "asset_receivable"
                )
            )
        self.env["account.move.line"]._reconcile_plan(plan)

    def contributions(self):
        """The entry of a month's contributions of all activities."""
        charge, income, bank = (self.account(code) for code in ("186", "187", "181"))
        lines, total = [], 0
        for number in range(self.count):
            amount = 20 + 2 * number / 10
            total += amount
            for account, balance in ((charge, amount), (bank, -amount)):
                lines.append(self.item(account, balance, self.tag(number)))
        total = round(total, 2)
        for account, balance in ((bank, total), (income, -total)):
            lines.append(self.item(account, balance, self.tag(self.count)))
        self.post(lines)

    def post(self, lines):
        """An entry of these items."""
        journal = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.company.id)], limit=1
        )
        move = self.env["account.move"].create(
            {"date": "2026-03-31", "journal_id": journal.id, "line_ids": lines}
        )
        move._post(soft=False)

    def item(self, account, balance, tag):
        """A journal item."""
        return Command.create(
            {
                "name": "Contribution",
                "account_id": account.id,
                "balance": round(balance, 2),
                "analytic_distribution": tag,
            }
        )


class Cae(Bench):
    """Ours: the public methods, on the same documents."""

    def run(self):
        """All measures."""
        self.prepare()
        with self.measure("invoices"):
            self.load("invoices", self.invoice_rows())
        with self.measure("payments"):
            self.load("payments", self.payment_rows())
        with self.measure("contributions"):
            self.run_month()
        self.env.invalidate_all()
        self.company.mapped("name")  # every request has read its company
        with self.measure("ledger"):
            ledgers = self.env["cae.activity"].ledger(
                codes=[], date_from="2026-01-01", date_to="2026-12-31"
            )
        assert len(ledgers) >= self.count, len(ledgers)
        assert not self.env["cae.ledger"]._unbalanced_entries(self.company)
        self.salaries()

    def load(self, dataset, rows):
        """Load rows and refuse any error."""
        result = self.env["cae.exchange"].load(dataset=dataset, rows=rows)
        assert not result["errors"], result["errors"][:3]

    def prepare(self):
        """Activities and their customers."""
        numbers = range(self.count)
        self.load(
            "entrepreneurs",
            [
                {
                    "code": f"E{n:05}",
                    "nom": f"Nom {n}",
                    "prenom": "Bench",
                    "sexe": "F",
                    "date_naissance": "1980-01-01",
                    "email": f"e{n}@example.org",
                    "date_entree": "2024-01-01",
                    "date_sortie": "",
                    "motif_sortie": "",
                    "statut": "CAPE",
                    "date_cesa": "",
                    "part_fixe": "",
                    "date_associe": "",
                    "conseiller": "",
                    "iban": "",
                }
                for n in numbers
            ],
        )
        self.load(
            "activities",
            [
                {
                    "code": f"A{n:05}",
                    "nom": f"Activité {n}",
                    "metier": "Essai",
                    "date_debut": "2024-01-01",
                    "bareme": "STD10",
                    "entrepreneurs": f"E{n:05}:100",
                }
                for n in numbers
            ],
        )
        self.load(
            "customers",
            [
                {
                    "code": f"C{n:05}",
                    "activite": f"A{n:05}",
                    "nom": f"Client {n}",
                    "type": "entreprise",
                    "siren": "",
                    "cp": "44000",
                    "ville": "Nantes",
                    "pays": "FR",
                }
                for n in numbers
            ],
        )

    def invoice_rows(self):
        """The same invoices as the raw side."""
        return [
            {
                "numero": f"F2026-{n + 1:06}",
                "type": "facture",
                "origine": "",
                "date": DAY,
                "activite": f"A{n:05}",
                "client": f"C{n:05}",
                "libelle": f"Line {line}",
                "quantite": 1,
                "prix_unitaire_ht": 100 + n,
                "taux_tva": 20,
                "nature": "service",
            }
            for n in range(self.count)
            for line in (1, 2)
        ]

    def payment_rows(self):
        """The same payments as the raw side."""
        return [
            {
                "reference": f"BQ-{n:06}",
                "date": DAY,
                "document": f"F2026-{n + 1:06}",
                "montant_ttc": round((100 + n) * 2 * 1.2, 2),
                "mode": "virement",
            }
            for n in range(self.count)
        ]

    def run_month(self):
        """Contributions of March; January and February have nothing to charge."""
        result = {"done": False}
        while not result["done"]:
            result = self.env["cae.period"].month_run(
                month="2026-03", steps=["contributions"]
            )

    def salaries(self):
        """Solve the salary of 2 000 different budgets: alone, and after a month."""
        if "cae.payroll.rate" not in self.env:
            return
        from odoo.addons.cae_payroll.engine import Situation, salary_for

        rates = self.env["cae.payroll.rate"]._rate_set(date(2026, 3, 31))
        situation = Situation(
            date=date(2026, 3, 31), contract="cesa", headcount=60, at_rate="1.1"
        )
        salary = salary_for(rates, situation)
        budgets = [Decimal(40000 + 371 * n) / 100 for n in range(2000)]
        start = time.perf_counter()
        for budget in budgets:
            salary.from_cost(budget)
        seconds = time.perf_counter() - start
        result = {"milliseconds": round(seconds / 2, 4)}
        past = salary.booked(salary.direct("2500"))
        start = time.perf_counter()
        for budget in budgets:
            salary.after(past).from_cost(budget)
        seconds = time.perf_counter() - start
        result["milliseconds_after_a_month"] = round(seconds / 2, 4)
        self.result["salary"] = result


def main(database: str, side: str, count: str) -> None:
    """Run one side; nothing is kept but what the runs commit themselves."""
    inside.configure(database)
    with inside.environment(database, login="admin") as env:
        company = env["res.company"].search([("chart_template", "=", "fr")], limit=1)
        bench = {"raw": Raw, "cae": Cae}[side](
            env(context={"allowed_company_ids": company.ids}), int(count)
        )
        bench.run()
        inside.say("> " + json.dumps(bench.result))


if __name__ == "__main__":
    main(*sys.argv[1:])
