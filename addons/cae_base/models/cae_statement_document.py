"""What the printed statement shows: words and formats, from the frozen data alone."""

from datetime import date
from decimal import Decimal

from markupsafe import Markup

from odoo import api, models
from odoo.tools import format_date

from ..engine import chart
from ..engine.money import french

#: Color of the bars and titles of a company that has chosen none.
COLOR = "#2b5775"


def amount(value):
    """A frozen amount as the French write it, without its unit."""
    return french(Decimal(value), "").replace("-", "\N{MINUS SIGN}")


def day(value):
    """``31/01/2026`` of an ISO day."""
    return f"{date.fromisoformat(value):%d/%m/%Y}"


class CaePublished(models.AbstractModel):
    _inherit = "cae.published"

    def _prepare_document_values(self):
        company = self.company_id
        return {
            "document": self,
            "data": self.data,
            "company": company,
            "color": company.primary_color or COLOR,
            "logo": company._cae_logo_uri(),
            "amount": amount,
            "euros": lambda value: f"{amount(value)}\N{NO-BREAK SPACE}€",
            "day": day,
            "month_name": self._month_name,
            "published": self.published_date
            and format_date(self.env, self.published_date),
        }

    def _month_name(self, month, pattern="MMMM yyyy"):
        first = date.fromisoformat(f"{month[:7]}-01")
        return format_date(self.env, first, date_format=pattern)


class CaeStatement(models.Model):
    _inherit = "cae.statement"

    def _prepare_document_values(self):
        data = self.data
        return {
            **super()._prepare_document_values(),
            "title": self._document_title(),
            "yearly": self.kind == "year",
            "has_before": any(Decimal(row["before"]) for row in data["income"]),
            "rows": {row["key"]: row for row in data["income"]},
            "summary": self._document_summary(),
            "steps": self._document_steps(),
            "graph": self._document_graph(),
            "trim": lambda ratio: amount(ratio)[:-1],
        }

    def _document_title(self):
        last = self.data["header"]["last"]
        if self.kind == "month":
            return self._month_name(last)
        first = self._month_name(self.data["header"]["first"])
        return f"{first} – {self._month_name(last)}"

    def _document_summary(self):
        """Two or three sentences that say it all."""
        rows = {row["key"]: row for row in self.data["income"]}
        money, invoices = self.data["treasury"], self.data["invoices"]
        sentences = [self._turnover_sentence(rows), self._result_sentence(rows)]
        sentences.append(
            self.env._(
                "The treasury is %(treasury)s; when all that is due is paid, "
                "%(available)s are left.",
                treasury=_euros(money["treasury"]),
                available=_euros(money["available"]),
            )
        )
        if Decimal(invoices["late"]) > 0:
            sentences.append(
                self.env._(
                    "Customers are late with %(late)s: remind them.",
                    late=_euros(invoices["late"]),
                )
            )
        return sentences

    def _turnover_sentence(self, rows):
        turnover = rows["turnover"]["month"]
        if not Decimal(turnover):
            return self.env._("Nothing was invoiced in the period.")
        return self.env._(
            "%(turnover)s excluding VAT were invoiced in the period.",
            turnover=_euros(turnover),
        )

    def _result_sentence(self, rows):
        result = Decimal(rows["result"]["to_date"])
        since = day(self.data["header"]["year"])
        if result < 0:
            return self.env._(
                "Since %(since)s the activity has lost %(result)s.",
                since=since,
                result=_euros(-result),
            )
        return self.env._(
            "Since %(since)s the activity has earned %(result)s, all charges and pay "
            "deducted.",
            since=since,
            result=_euros(result),
        )

    def _document_steps(self):
        """The treasury in three steps: ``[(label, parts, total label, total)]``."""
        money = self.data["treasury"]
        names = self.env["cae.activity"]._prefix_names(
            part["prefix"] for part in money["parts"]
        )
        _ = self.env._
        labels = {
            "treasury": (_("Money on the accounts"), _("Treasury today")),
            "available": (_("What is due, or due to the activity"), _("Available")),
            "future": (_("What customers owe"), _("Expected")),
        }
        return [
            {
                "label": label,
                "total_label": total,
                "total": money[group],
                "parts": [
                    {**part, "name": names.get(part["prefix"]) or label}
                    for part in money["parts"]
                    if part["group"] == group
                ],
            }
            for group, (label, total) in labels.items()
        ]

    def _document_graph(self):
        points = self.data["graph"]
        return Markup(
            chart.bars_and_line(
                [self._month_name(point["month"], "LLL yy") for point in points],
                [Decimal(point["turnover"]) for point in points],
                [Decimal(point["treasury"]) for point in points],
                self.company_id.primary_color or COLOR,
            )
        )


def _euros(value):
    return f"{amount(value)}\N{NO-BREAK SPACE}€"


class ResCompany(models.Model):
    _inherit = "res.company"

    @api.model
    def _cae_image_kind(self, content):
        return "svg+xml" if content.lstrip()[:1] == b"P" else "png"

    def _cae_logo_uri(self):
        """The logo as an address that holds the image; Odoo's own one does not count.

        :return: False without a logo
        """
        # sudo: the logo of a company is on all its documents.
        company = self.sudo()
        if company.uses_default_logo or not company.logo:
            return False
        content = company.logo.decode()
        return f"data:image/{self._cae_image_kind(company.logo)};base64,{content}"
