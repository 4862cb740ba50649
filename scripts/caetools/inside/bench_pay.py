"""Time a month's pay, ours and that of OCA payroll, for the same people.

Prints one line ``> {json}``. Both sides make as many lines per pay. Without the module
``payroll`` in the database only our side is timed.
"""

import json
import sys
from datetime import date
from decimal import Decimal

from odoo import Command

from . import env as inside
from .bench import Cae

#: Of a company of 60 staff, that pays what there is above 500 euros.
SETTINGS = {
    "cae_headcount": 60,
    "cae_at_rate": 1.1,
    "cae_pay_policy": "all",
    "cae_pay_reserve": 500,
}
MONTH, LAST = date(2026, 3, 1), date(2026, 3, 31)
#: Of the OCA's rules: as a payroll has, an amount of a base and a rate, in Python.
FIRST_RULE = "result = payslip.contract_id.wage"
RULE = "result = GROSS * {rate} / 100"


class Pay(Cae):
    """500 people with a contract, an activity with money, and a salary to solve."""

    def run(self, rounds=3):
        """Both sides in turn, each round from an empty cache."""
        self.prepare()
        self.contracts()
        self.fund()
        self.propose()  # once without the clock: everything is loaded
        self.check()
        lines, slips = self.lines(), []
        if "hr.payslip" in self.env:
            # Computing a payslip again would first delete its lines, one by one.
            slips = self.payslips(lines, rounds)
        found = []
        for number in range(rounds):
            self.forget()
            self.timed("proposal", self.propose)
            self.timed("engine", self.solve)
            if slips:
                self.timed("oca", slips[number].compute_sheet)
            found.append(self.result)
            self.result = {}
        self.result = {"lines": lines, "rounds": found}

    def timed(self, name, work):
        """Measure some work from an empty cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        with self.measure(name):
            work()

    def contracts(self):
        """A CESA of 1,000 euros each, with the settings of a company of 60 staff."""
        self.company.write(SETTINGS)
        self.people = self.env["cae.entrepreneur"].search(
            [("company_id", "=", self.company.id)], order="code"
        )
        self.env["cae.contract"].create(
            [
                {
                    "entrepreneur_id": person.id,
                    "kind": "cesa",
                    "date_start": "2025-01-01",
                    "fixed_part": 1000,
                }
                for person in self.people
            ]
        )

    def fund(self):
        """Another budget on each activity, on the bank."""
        bank, opening = self.account("512"), self.account("110")
        activities = self.env["cae.activity"].search(
            [("company_id", "=", self.company.id)], order="code"
        )
        lines = []
        for number, activity in enumerate(activities):
            tag = {str(activity.analytic_account_id.id): 100}
            amount = 1800 + 7.31 * number
            lines.append(self.item(bank, amount, tag))
            lines.append(self.item(opening, -amount, tag))
        journal = self.env["account.journal"].search(
            [("type", "=", "general"), ("company_id", "=", self.company.id)], limit=1
        )
        move = self.env["account.move"].create(
            {"date": "2026-03-10", "journal_id": journal.id, "line_ids": lines}
        )
        move._post(soft=False)

    @staticmethod
    def item(account, balance, tag):
        """A journal item."""
        return Command.create(
            {
                "name": "Opening",
                "account_id": account.id,
                "balance": round(balance, 2),
                "analytic_distribution": tag,
            }
        )

    # Ours --------------------------------------------------------------------------

    def propose(self):
        """Read the balances, solve the salaries, write the lines: all but posting."""
        # sudo: as the run of the month.
        run = self.env["cae.pay.run"].with_company(self.company).sudo()
        people, _states, terms = run._people(self.company, MONTH)
        run._propose(run._plan(self.company, MONTH, people, terms), people)

    def forget(self):
        """Take the proposals away, for another round."""
        pays = self.pays()
        pays._paying().write({"state": "draft"})
        pays._paying().unlink()

    def pays(self):
        """What was proposed."""
        return self.env["cae.pay.line"].search([("month", "=", MONTH)])

    def check(self):
        """Everybody has a pay above the fixed part, drawn from the own activity."""
        pays = self.pays()
        assert len(pays) == self.count, len(pays)
        assert all(pay.gross > 1000 and len(pay.share_ids) == 1 for pay in pays)

    def lines(self):
        """Lines of a pay: the same number for all."""
        [number] = {len(pay.detail) for pay in self.pays()}
        return number

    def solve(self):
        """What OCA payroll does too: the lines of everybody's salary, and no more."""
        from odoo.addons.cae_payroll.engine import Situation, salary_for

        rates = self.env["cae.payroll.rate"]._rate_set(LAST)
        situation = Situation(date=LAST, contract="cesa", headcount=60, at_rate="1.1")
        salary = salary_for(rates, situation)
        for number in range(self.count):
            salary.from_cost(Decimal(130000 + 731 * number) / 100)

    # OCA payroll -------------------------------------------------------------------

    def payslips(self, lines, rounds):
        """For each round a payslip each, whose structure makes as many lines."""
        employees = self.env["hr.employee"].create(
            [
                {
                    "name": f"Payroll {number}",
                    "company_id": self.company.id,
                    "contract_date_start": "2025-01-01",
                    "wage": 2000 + number,
                }
                for number in range(self.count)
            ]
        )
        structure = self.structure(lines)
        employees.version_id.struct_id = structure
        vals = [
            {
                "name": employee.name,
                "employee_id": employee.id,
                "contract_id": employee.version_id.id,
                "struct_id": structure.id,
                "date_from": MONTH,
                "date_to": LAST,
                "company_id": self.company.id,
            }
            for employee in employees
        ]
        return [self.env["hr.payslip"].create(vals) for _round in range(rounds)]

    def structure(self, lines):
        """Rules in Python: the gross, then contributions of it."""
        category = self.env["hr.salary.rule.category"].create(
            {"name": "Bench", "code": "BENCH"}
        )
        codes = ["GROSS", *(f"C{number}" for number in range(1, lines))]
        rules = self.env["hr.salary.rule"].create(
            [
                {
                    "name": code,
                    "code": code,
                    "sequence": number,
                    "category_id": category.id,
                    "amount_select": "code",
                    "amount_python_compute": RULE.format(rate=0.1 * number)
                    if number
                    else FIRST_RULE,
                }
                for number, code in enumerate(codes)
            ]
        )
        return self.env["hr.payroll.structure"].create(
            {
                "name": "Bench",
                "code": "BENCH",
                "company_id": self.company.id,
                "parent_id": False,
                "rule_ids": [Command.set(rules.ids)],
            }
        )


def main(database: str, _side: str, count: str, rounds: str = "3") -> None:
    """Time both sides; nothing is kept."""
    inside.configure(database)
    with inside.environment(database, login="admin") as env:
        company = env["res.company"].search([("chart_template", "=", "fr")], limit=1)
        bench = Pay(env(context={"allowed_company_ids": company.ids}), int(count))
        bench.run(int(rounds))
        inside.say("> " + json.dumps(bench.result))


if __name__ == "__main__":
    main(*sys.argv[1:])
