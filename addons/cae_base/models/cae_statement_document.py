"""What the printed statement shows: words and formats, from the frozen data alone."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from markupsafe import Markup

from odoo import models
from odoo.tools.image import image_data_uri

from ..engine import chart
from ..engine.money import french
from ..engine.statement import GROUPS, PAY_SHOWN
from ..tools import format_date

#: Color of the bars and titles of a company that has chosen none.
COLOR = "#2b5775"


def amount(value):
    """A frozen amount as the French write it, without its unit."""
    return french(Decimal(value), "").replace("-", "\N{MINUS SIGN}")


def percent(ratio):
    """``94,1`` of a frozen ratio ``94.06``: half up to one decimal."""
    tenths = Decimal(ratio).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return amount(tenths)[:-1]


def day(value):
    """``31/01/2026`` of an ISO day."""
    return f"{date.fromisoformat(value):%d/%m/%Y}"


class CaePublished(models.AbstractModel):
    _inherit = "cae.published"

    def _prepare_document_values(self):
        return {
            **self.company_id._cae_document_values(),
            "document": self,
            "data": self.data,
            "draft": not self.published,
            "amount": amount,
            "euros": _euros,
            "day": day,
            "month_name": self._month_name,
            "proof": self._proof_text(),
            "replaced": self._replaced_text(),
        }

    def _proof_text(self):
        if not self.published_date:
            return False
        return self.env._(
            "%(name)s, published on %(day)s, version %(version)s. Hash of the figures "
            "(SHA-256): %(hash)s.",
            name=self.display_name,
            day=format_date(self.env, self.published_date),
            version=self.version,
            hash=self.data_hash,
        )

    def _replaced_text(self):
        if self.version == 1:
            return False
        return self.env._(
            "Version %(version)s, replaces the version before. Reason: %(reason)s",
            version=self.version,
            reason=self.reason,
        )

    def _month_name(self, month, pattern="MMMM yyyy"):
        first = date.fromisoformat(f"{month[:7]}-01")
        return format_date(self.env, first, date_format=pattern)


class CaeStatement(models.Model):
    _inherit = "cae.statement"

    def _prepare_document_values(self):
        data, last = self.data, day(self.data["header"]["last"])
        return {
            **super()._prepare_document_values(),
            "subtitle": self._document_subtitle(),
            "yearly": self.kind == "year",
            "has_before": any(Decimal(row["before"]) for row in data["income"]),
            "rows": {row["key"]: row for row in data["income"]},
            "summary": self._document_summary(),
            "steps": self._document_steps(),
            "graph": self._document_graph(),
            "since": self.env._("Since %s", day(data["header"]["year"])),
            "money_title": self.env._("The money of the activity on %s", last),
            "balance_title": self.env._("Balance sheet on %s", last),
            "contribution_total": self._contribution_text(),
            "other_items": self._other_text(),
            "percent": percent,
        }

    def _document_subtitle(self):
        last = self._month_name(self.data["header"]["last"])
        if self.kind == "month":
            return self.env._("Statement of accounts, %s", last)
        first = self._month_name(self.data["header"]["first"])
        return self.env._("Yearly statement of accounts, %s", f"{first} – {last}")

    def _contribution_text(self):
        charged = self.data["contribution"]
        values = {
            "amount": _euros(charged["amount"]),
            "to_date": _euros(charged["to_date"]),
            "day": day(self.data["header"]["year"]),
        }
        if charged["lines"]:
            return self.env._(
                "%(amount)s in the month, %(to_date)s since %(day)s.", **values
            )
        return self.env._(
            "No contribution in the month; %(to_date)s since %(day)s.", **values
        )

    def _other_text(self):
        other = self.data["invoices"]["other"]
        return bool(Decimal(other)) and self.env._(
            "Other items on customer accounts (opening balances, payments on account): "
            "%s",
            _euros(other),
        )

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
        """The treasury in three steps: ``[{"parts", "total"}]``."""
        money = self.data["treasury"]
        names = self.env["cae.activity"]._prefix_names(
            part["prefix"] for part in money["parts"]
        )
        names[PAY_SHOWN] = self.env._("Pay and social contributions")
        return [
            {
                "total": money[group],
                "parts": [
                    {**part, "name": names.get(part["prefix"], "")}
                    for part in money["parts"]
                    if part["group"] == group
                ],
            }
            for group in GROUPS
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


class CaeSharedStatement(models.Model):
    _inherit = "cae.shared.statement"

    def _prepare_document_values(self):
        return {
            **super()._prepare_document_values(),
            "subtitle": self.env._(
                "From %(first)s to %(last)s",
                first=day(self.date_from.isoformat()),
                last=day(self.date_to.isoformat()),
            ),
            "summary": self.env._(
                "The entrepreneurs contributed %(contributions)s to the shared "
                "services, which spent %(charges)s. The result of the shared services "
                "is %(result)s.",
                **{
                    name: _euros(self.data[name])
                    for name in ("contributions", "charges", "result")
                },
            ),
        }


def _euros(value):
    return f"{amount(value)}\N{NO-BREAK SPACE}€"


class ResCompany(models.Model):
    _inherit = "res.company"

    def _cae_document_values(self):
        """What the head and the foot of all our documents show."""
        return {
            "company": self,
            "color": self.primary_color or COLOR,
            "logo": self._cae_logo_uri(),
            "identity": ", SIRET ".join(
                part for part in (self.name, self.company_registry) if part
            ),
        }

    def _cae_logo_uri(self):
        """The logo as an address that holds the image; Odoo's own one does not count.

        :return: False without a logo
        """
        # sudo: the logo of a company is on all its documents.
        company = self.sudo()
        if company.uses_default_logo or not company.logo:
            return False
        return image_data_uri(company.logo)
