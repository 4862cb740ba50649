from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine import statement as engine
from ..engine.money import ZERO

#: Income of the shared services that is the contributions of the activities.
CONTRIBUTIONS = ("187",)
#: Length of the account prefixes that are the rows of the account.
PREFIX = 2


class CaeSharedStatement(models.Model):
    """The analytic account of the shared services for a fiscal year (R.7331-9).

    What the activities contributed, and what each euro of it paid for. Every
    entrepreneur of the company reads it once it is published.
    """

    _name = "cae.shared.statement"
    _description = "Account of the Shared Services"
    _inherit = ["cae.published", "mail.thread"]
    _order = "date_to desc, version desc"
    _report_template = "cae_base.shared_document"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    replaces_id = fields.Many2one(
        "cae.shared.statement",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    contributions = fields.Monetary(compute="_compute_amounts")
    charges = fields.Monetary(compute="_compute_amounts")
    result = fields.Monetary(compute="_compute_amounts")
    figures_html = fields.Html(
        string="What Each Euro Paid for",
        compute="_compute_figures_html",
        sanitize=False,
    )

    _version_uniq = models.UniqueIndex(
        "(company_id, date_to, version)", "This version already exists."
    )
    _current_uniq = models.UniqueIndex(
        "(company_id, date_to) WHERE current",
        "The account of this fiscal year already exists.",
    )

    @api.depends("date_to", "version")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for statement in self:
            year = f"{statement.date_to:%Y}" if statement.date_to else ""
            name = self.env._("Shared services %s", year)
            version = f" v{statement.version}" if statement.version > 1 else ""
            statement.display_name = f"{name}{version}"

    @api.depends("data")
    def _compute_amounts(self):
        for statement in self:
            for name in ("contributions", "charges", "result"):
                statement[name] = float((statement.data or {}).get(name, 0))

    @api.depends("data")
    @api.depends_context("lang")
    def _compute_figures_html(self):
        for statement in self:
            statement.figures_html = statement.data and self.env["ir.qweb"]._render(
                "cae_base.shared_figures", statement._prepare_document_values()
            )

    def _file_name(self):
        version = f"-v{self.version}" if self.version > 1 else ""
        return f"CAE-{self.date_to:%Y}{version}"

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def _fresh_data(self):
        """``{id: data as it would be today}``."""
        return {
            record.id: record.with_company(record.company_id)
            .with_context(lang=record.company_id._cae_statement_lang())
            ._shared_data()
            for record in self
        }

    def _shared_data(self):
        company = self.company_id
        account = company.cae_shared_account_id.id
        ledger = self.env["cae.ledger"]
        balances = ledger._prefix_balances(
            company, [account], self.date_from, self.date_to
        )[account]
        spent, earned, contributions = _split(balances)
        names = self.env["cae.activity"]._prefix_names({*spent, *earned})
        total, income = _sum(spent), _sum(earned)
        charges = [
            (key, names.get(key) or key, amount) for key, amount in spent.items()
        ]
        result = contributions + income - total
        if result > 0:
            left = self.env._("Left for the cooperative: result of the year")
            charges.append(("result", left, result))
        data = {
            "contributions": engine.text(contributions),
            "income": [
                {"key": key, "label": names.get(key) or key, "amount": engine.text(a)}
                for key, a in earned.items()
            ],
            "charges": engine.text(total),
            "result": engine.text(result),
            "uses": engine.shared_uses(charges, contributions),
        }
        services = self._shared_hours()
        if services:
            data["services"] = engine.shared_services(
                services, total, contributions, result
            )
        return data

    def _shared_hours(self) -> list[tuple[str, str, Decimal]]:
        """Hook: the team's time of the year, ``[(key, service, hours)]``.

        Without any, the account has no table of services.
        """
        self.ensure_one()
        return []

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.model
    def action_open_current(self) -> dict:
        """The account of the fiscal year in progress, computed to date.

        :raises UserError: ``CAE-CONFIG-CHART``
        """
        self.env["cae.period"]._check_may_run()
        self.env["res.company"]._cae_check_configured()
        company = self.env.company
        year = company.compute_fiscalyear_dates(fields.Date.context_today(self))
        self._refresh_year(company, year["date_from"], year["date_to"])
        return self.env["ir.actions.actions"]._for_xml_id(
            "cae_base.cae_shared_statement_action"
        )

    @api.model
    def _refresh_year(self, company, date_from, date_to):
        """The account in force of a year; its draft is made or computed again."""
        found = self._computing().search(
            [
                ("company_id", "=", company.id),
                ("date_to", "=", date_to),
                ("current", "=", True),
            ]
        )
        if not found:
            dates = {"date_from": date_from, "date_to": date_to}
            found = self._computing().create({**dates, "company_id": company.id})
        if not found.published:
            found.data = found._fresh_data()[found.id]
        return found.with_env(self.env)

    def action_refresh(self) -> bool:
        """Compute drafts again."""
        self.check_access("write")
        for record in self.filtered(lambda r: not r.published):
            self._refresh_year(record.company_id, record.date_from, record.date_to)
        return True

    def action_publish(self) -> dict:
        """Publish the account of a year that is over to all entrepreneurs.

        :return: ``{"published"}``
        :raises UserError: ``CAE-STATEMENT-EARLY``
        """
        self.check_access("write")
        today = fields.Date.context_today(self)
        early = self.filtered(lambda r: r.date_to >= today)
        if early:
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-EARLY: the fiscal year of %(name)s is not over; "
                    "its account is published after its close.",
                    name=early[0].display_name,
                )
            )
        self.action_refresh()
        return {"published": len(self._publish())}

    def action_publish_again(self, reason: str) -> dict:
        """Publish a new version, with what the ledger says now.

        :return: ``{"published"}``
        :raises UserError: ``CAE-STATEMENT-REASON``, ``CAE-STATEMENT-SAME``,
            ``CAE-STATEMENT-STATE``
        """
        self.check_access("write")
        return {"published": len(self._publish_again(self._fresh_data(), reason))}

    def action_ask_publish_again(self) -> dict:
        """Ask for the reason, then publish a new version."""
        return self.env["cae.reason"]._ask(
            "republish_shared",
            self.env._("Publish again"),
            form="cae_base.cae_reason_view_form_publish",
            shared_statement_ids=self.ids,
        )

    def _prepare_version_vals(self, data, reason):
        return {
            **super()._prepare_version_vals(data, reason),
            "company_id": self.company_id.id,
            "date_from": self.date_from,
            "date_to": self.date_to,
            "replaces_id": self.id,
        }


def _split(balances):
    """``(charges, other income, contributions)``; the first two by prefix."""
    spent, earned, contributions = {}, {}, ZERO
    for code, balance in sorted(balances.items()):
        if code.startswith(CONTRIBUTIONS):
            contributions -= balance
        elif code.startswith("7"):
            earned[code[:PREFIX]] = earned.get(code[:PREFIX], ZERO) - balance
        elif code.startswith(("6", "186")):
            prefix = code[:PREFIX] if code[0] == "6" else "186"
            spent[prefix] = spent.get(prefix, ZERO) + balance
    return spent, earned, contributions


def _sum(amounts):
    return sum(amounts.values(), Decimal(0))
