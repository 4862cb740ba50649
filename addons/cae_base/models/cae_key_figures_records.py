from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..engine.key_figures import Choice, Period
from ..engine.texts import short
from .cae_key_figures_people import AGES


class CaeKeyFigures(models.AbstractModel):
    """The records behind a figure."""

    _inherit = "cae.key.figures"

    @api.model
    def _records(self) -> dict:
        """Hook: ``{key: (model, method)}``; ``method(key, period, choice)`` gives the
        domain of the records that a figure counts."""
        people = dict.fromkeys(
            self._people_keys(), ("cae.entrepreneur", self._people_domain)
        )
        sold = dict.fromkeys(
            self._turnover_keys(), ("cae.ledger.line", self._sold_domain)
        )
        money = dict.fromkeys(
            ("tresorerie", "disponible"), ("cae.ledger.line", self._treasury_domain)
        )
        charged = ("cae.contribution.line", self._charged_domain)
        return {**people, **sold, **money, "contributions": charged}

    @api.model
    def _opening(self) -> set[str]:
        """Keys of the figures whose records the user may read.

        Who is in an age band has that age: for who may read birth dates.
        """
        told = () if self._reads_ages() else AGES
        return {
            key
            for key, (model, _method) in self._records().items()
            if key not in told and self.env[model].has_access("read")
        }

    @api.model
    def _open(self, key: str, period: Period, choice: Choice) -> dict:
        """Window of the records that a figure counts, as the user may read them.

        :raises UserError: ``CAE-FIGURES-KEY``
        """
        self._check_reader()
        self._known_keys([key])
        if key not in self._opening():
            raise UserError(
                self.env._(
                    "CAE-FIGURES-KEY: there are no records to show of %(key)s.",
                    key=short(key),
                )
            )
        model, method = self._records()[key]
        figure = self.env["cae.figure"].search([("key", "=", key)], limit=1)
        return {
            "type": "ir.actions.act_window",
            "name": figure.name,
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": list(method(key, period, choice)),
            "context": {"active_test": False},
        }

    @api.model
    def _people_domain(self, key, period, choice):
        return Domain("id", "in", self._people_of(key, period, choice).ids)

    @api.model
    def _sold_domain(self, _key, period, choice):
        return (
            self._held_domain(period, choice)
            & Domain("date", ">=", period.first)
            & Domain("date", "<=", period.last)
            & self._of_sales()
            & Domain("account_id", "in", self._accounts()["turnover"])
        )

    @api.model
    def _of_sales(self):
        """In journals of sales, as what an allocation entry of a later month moved."""
        return Domain("journal_id.type", "=", "sale") | Domain(
            "move_line_id.cae_source_line_id.journal_id.type", "=", "sale"
        )

    @api.model
    def _treasury_domain(self, key, period, choice):
        accounts = self._accounts()["treasury" if key == "tresorerie" else "available"]
        return (
            self._held_domain(period, choice)
            & Domain("date", "<=", period.last)
            & Domain("account_id", "in", accounts)
        )

    @api.model
    def _accounts(self):
        return self.env["cae.ledger"]._report_accounts(self.env.company)

    @api.model
    def _charged_domain(self, _key, period, choice):
        return (
            self._held_domain(period, choice)
            & Domain("month", ">=", period.first)
            & Domain("month", "<=", period.last_month)
        )

    @api.model
    def _held_domain(self, period, choice):
        """Of the activities of the company, or of those that chosen people hold."""
        company = Domain("company_id", "=", self.env.company.id)
        if not choice:
            return company & Domain("activity_id", "!=", False)
        rows = self._rows(self._held_query([period], choice))
        accounts = [analytic for _n, analytic, _part in rows]
        return company & Domain("activity_id.analytic_account_id", "in", accounts)
