from collections import defaultdict
from datetime import date

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.pdf import merge_pdf

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.models.cae_statement_document import amount
from odoo.addons.cae_base.report import wkhtmltopdf
from odoo.addons.cae_base.tools import format_date

AMOUNTS = (
    "gross",
    "employee_contributions",
    "net",
    "net_taxable",
    "net_social",
    "charges",
    "cost",
)
GAPS = ("gross", "net", "cost")
SETTLED = ("budget", "paid", "left_amount", "cost", "due", "carried")


class CaePayYear(models.AbstractModel):
    """The pay of a person over a calendar year: months, payslips, settlements."""

    _name = "cae.pay.year"
    _description = "Yearly Statement of Pay"

    @api.model
    def _pdf(self, people, year: int) -> bytes:
        """The statements of these people, one after the other.

        :raises AccessError: ``CAE-ACCESS`` for others than payroll officers and the
            person
        :raises UserError: ``CAE-PAY-YEAR`` when nobody was paid
        """
        self._check_may_have(people)
        # sudo: the person reads what payroll officers and payslips say of the own pay.
        here = self.sudo()
        pages = here._pages(people.sudo(), year)
        contents = wkhtmltopdf.render(self.env, pages)
        return merge_pdf(list(contents.values()))

    @api.model
    def _check_may_have(self, people):
        people.check_access("read")
        user = self.env.user
        own = people.filtered(lambda person: person.user_id == user)
        if own != people and not user.has_group("cae_base.group_payroll"):
            raise AccessError(
                self.env._(
                    "CAE-ACCESS: pay is for the person and for payroll officers."
                )
            )

    @api.model
    def _pages(self, people, year):
        pages = {}
        for company, group in people.grouped("company_id").items():
            here = self.with_company(company)
            here = here.with_context(lang=company._cae_statement_lang())
            group = group.with_env(here.env)
            data = here._data(group, year)
            for person in group.filtered(lambda p, known=data: p.id in known):
                pages[person.id] = here._page(person, year, data[person.id])
        if not pages:
            raise UserError(
                self.env._(
                    "CAE-PAY-YEAR: no pay of these people is posted in %(year)s.",
                    year=year,
                )
            )
        return pages

    @api.model
    def _page(self, person, year, data):
        values = {
            **person.company_id._cae_document_values(),
            **data,
            "heading": self.env._("Yearly statement of pay"),
            "subtitle": str(year),
            "person": person,
            "amount": amount,
            "amounts": AMOUNTS,
            "month_name": lambda month: format_date(
                self.env, month, date_format="MMMM yyyy"
            ).capitalize(),
        }
        page = self.env["ir.qweb"]._render("cae_payroll.pay_year", values)
        return f"<!DOCTYPE html>{page}"

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    @api.model
    def _data(self, people, year):
        """Figures of those who were paid, in a fixed number of queries.

        Who had lines of zero alone was not paid.

        :return: ``{person id: {"rows", "totals", "payslips", "gaps", "final",
            "settlements"}}``; ``final`` is the year with the payslips' differences
        """
        lines = self._of_year("cae.pay.line", people, year, "posted")
        slips = self._of_year("cae.payslip", people, year, "booked")
        lines, slips = (found.grouped("entrepreneur_id") for found in (lines, slips))
        paid = {p for p, own in lines.items() if p in slips or any(own.mapped("cost"))}
        return {
            person.id: self._person(lines[person], slips.get(person, ()))
            for person in people
            if person in paid
        }

    @api.model
    def _of_year(self, model, people, year, state):
        return self.env[model].search(
            [
                ("entrepreneur_id", "in", people.ids),
                ("month", ">=", date(year, 1, 1)),
                ("month", "<=", date(year, 12, 31)),
                ("state", "=", state),
            ],
            order="month, id",
        )

    @api.model
    def _person(self, lines, slips):
        rows = [self._row(line) for line in lines]
        payslips = [self._payslip(slip) for slip in slips]
        totals = _sums(rows, AMOUNTS)
        gaps = _sums(payslips, GAPS)
        return {
            "rows": rows,
            "totals": totals,
            "payslips": payslips,
            "gaps": gaps,
            "final": {name: totals[name] + gaps[name] for name in GAPS},
            "settlements": [self._settlement(each) for each in lines.settlement_id],
        }

    @api.model
    def _row(self, line):
        values = defaultdict(lambda: decimal(0))
        for name in AMOUNTS:
            if name != "charges":
                values[name] = decimal(line[name])
        values["charges"] = values["cost"] - values["gross"]
        return {**values, "line": line}

    @api.model
    def _payslip(self, slip):
        gaps = {name: decimal(slip[f"gap_{name}"]) for name in GAPS}
        return {**gaps, "slip": slip, "withheld": decimal(slip.withheld)}

    @api.model
    def _settlement(self, settlement):
        amounts = {name: decimal(settlement[name]) for name in SETTLED}
        left = amounts["budget"] - amounts["paid"] - amounts["left_amount"]
        return {
            **amounts,
            "name": settlement.year_id.display_name,
            "dearer": amounts["due"] and amounts["cost"] > left,
        }


def _sums(rows, names):
    return {name: sum((row[name] for row in rows), decimal(0)) for name in names}
