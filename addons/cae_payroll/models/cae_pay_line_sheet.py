"""The preparation sheet of a pay: how it comes from the turnover, line by line."""

from collections import defaultdict
from decimal import Decimal

from markupsafe import Markup

from odoo import models
from odoo.exceptions import AccessError

from odoo.addons.cae_base.engine import waterfall
from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.engine.statement import total
from odoo.addons.cae_base.models.cae_statement_document import amount

from ..engine import chain
from .cae_contract import WAGE_KINDS

NOTHING = dict.fromkeys(chain.FIGURES, Decimal("0.00"))


class CaePayLine(models.Model):
    _name = "cae.pay.line"
    _inherit = ["cae.pay.line", "cae.printed"]
    _report_template = "cae_payroll.pay_sheet"

    def _pdfs(self):
        self._check_detail()
        return super()._pdfs()

    def _check_detail(self):
        """Coaches and accountants read what a pay costs, not how it is computed.

        :raises AccessError: ``CAE-ACCESS``
        """
        user = self.env.user
        own = self.filtered(lambda line: line.entrepreneur_id.user_id == user)
        if own != self and not user.has_group("cae_base.group_payroll"):
            raise AccessError(
                self.env._(
                    "CAE-ACCESS: the computation of a pay is for the person and for "
                    "payroll officers."
                )
            )

    def _file_name(self):
        name = self.display_name.replace("/", "-")
        return self.env._("Pay sheet %s", name)

    def _pages(self):
        chains = self._chains()
        return {line.id: line._page(steps=chains[line.id]) for line in self}

    # ------------------------------------------------------------------
    # The chain
    # ------------------------------------------------------------------

    def _chains(self):
        """``{id: [engine.chain.Step]}``, in a fixed number of queries per company."""
        figures = {}
        for company, lines in self.grouped("company_id").items():
            figures |= lines.with_company(company)._month_figures()
        return {line.id: line._chain(figures[line.id]) for line in self}

    def _chain(self, figures):
        pay = chain.Pay(
            *(decimal(self[name]) for name in ("cost", "gross", "net")),
            leave=decimal(self.leave_aside) - decimal(self.leave_used),
        )
        names = ("available", "committed", "reserve")
        if self.settlement_id:
            settled = self.settlement_id
            names = ("budget", "paid", "left_amount")
            return chain.yearly(*(decimal(settled[name]) for name in names), pay)
        return chain.monthly(figures, *(decimal(self[name]) for name in names), pay)

    def _month_figures(self):
        """``{id: the person's part of what the activities earned and spent}``."""
        months = self.mapped("month")
        accounts = self.share_ids.activity_id.analytic_account_id
        movements = self.env["cae.ledger"]._month_balances(
            self.env.company, accounts.ids, min(months), self._last_day(max(months))
        )
        layout = self.env["cae.account.row"]._layout_of("statement")
        result = {}
        for line in self:
            sums = defaultdict(Decimal, NOTHING)
            for share in line.share_ids:
                moved = movements[share.activity_id.analytic_account_id.id]
                own = before_pay(layout, total(moved, line.month, line.month))
                for key, value in chain.part(own, decimal(share.share, 3)).items():
                    sums[key] += value
            result[line.id] = sums
        return result

    # ------------------------------------------------------------------
    # Page
    # ------------------------------------------------------------------

    def _prepare_document_values(self):
        simulator = self.env["cae.salary.simulator"]
        kinds = dict(self.contract_id._fields["kind"]._description_selection(self.env))
        return {
            **super()._prepare_document_values(),
            **self.company_id._cae_document_values(),
            "heading": self.env._("Pay preparation sheet"),
            "subtitle": self._sheet_subtitle(),
            "kind": kinds.get(self.contract_id.kind),
            "groups": simulator._detail_groups(self.detail),
            "amount": amount,
            "money": lambda value: amount(decimal(value)),
            "rate": _rate,
            "total": lambda lines, key: sum(
                (decimal(line[key]) for line in lines), Decimal(0)
            ),
            "draw": self._draw_chain,
            "leave_included": self.contract_id.kind in WAGE_KINDS
            and self.company_id.cae_leave_policy == "included",
        }

    def _sheet_subtitle(self):
        if self.settlement_id:
            return self.env._(
                "Balance of %(year)s, paid with %(month)s",
                year=self.settlement_id.year_id.display_name,
                month=self._month_name(),
            )
        return self.month_text

    def _draw_chain(self, steps, color):
        labels = self._chain_labels()
        bars = [waterfall.Bar(labels[key], *rest) for key, *rest in steps]
        return Markup(waterfall.waterfall(bars, color))

    def _chain_labels(self):
        """Steps of the chain in words: ``{key: label}``."""
        return {
            "turnover": self.env._("Turnover of the month, excl. VAT"),
            "purchases": self.env._("Purchases and subcontracting"),
            "contribution": self.env._("Cooperative contribution"),
            "charges": self.env._("Other charges, less other income"),
            "result": self.env._("What the month leaves before pay"),
            "balance": self.env._("Earlier months, and what is not paid yet"),
            "committed": self.env._("Pay of other months"),
            "reserve": self.env._("Reserve"),
            "budget": self.env._("Budget for the pay"),
            "leave": self.env._("Set aside for leave, less leave taken"),
            "kept": self.env._("Stays on the activity"),
            "beyond": self.env._("Beyond the budget (reserve or overdraft)"),
            "annual_budget": self.env._("Budget of the year"),
            "paid": self.env._("Pay of the year, already paid"),
            "left": self.env._("Left to the cooperative"),
            "carried": self.env._("Carried forward"),
            "missing": self.env._("Beyond the budget, taken from the next year"),
            "cost": self.env._("Cost of the pay"),
            "employer": self.env._("Employer's contributions, less reduction"),
            "gross": self.env._("Gross pay"),
            "employee": self.env._("Employee's contributions"),
            "net": self.env._("Net before tax"),
        }


def _rate(value):
    """A percentage of a contribution; nothing for none."""
    text = f"{value:.3f}".replace(".", ",") if value else ""
    return text.replace("-", "\N{MINUS SIGN}")


def before_pay(layout, balances):
    """What an activity earned and spent before pay, from its movements.

    :return: amounts by name, those of ``engine.chain.FIGURES``
    """
    rows = defaultdict(Decimal, layout.amounts(balances))
    left = rows["result"] + rows["payroll"]
    named = rows["turnover"] - rows["purchases"] - rows["contribution"]
    return {
        "turnover": rows["turnover"],
        "purchases": rows["purchases"],
        "contribution": rows["contribution"],
        "charges": named - left,
    }
