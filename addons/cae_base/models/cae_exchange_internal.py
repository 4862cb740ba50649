from odoo import models
from odoo.fields import Command

from ..engine.money import decimal
from .cae_exchange import Plan

SIDES = {"vendeur": "seller_id", "acheteur": "buyer_id"}


class CaeExchange(models.AbstractModel):
    """Sales between activities: they arrive posted."""

    # One file per kind of dataset: together they are too long to be read.
    # pylint: disable=consider-merging-classes-inherited
    _inherit = "cae.exchange"

    def _plan_internal_sales(self, parsed, late):
        company = self.env["res.company"]._cae_check_configured()
        activities = self._check_sale_sides(parsed)
        stored = self._stored_sales([key[0] for key in parsed.keys])
        plans = []
        for document in self._sound(parsed):
            sale = stored.get(document.key[0])
            plan = Plan(document, "unchanged", sale)
            if sale:
                self._compare_sale(plan, parsed)
            else:
                plan.outcome = "created"
                plan.vals = self._prepare_sale_vals(document, activities)
            plans.append(plan)
        return self._dated(plans, parsed, late, company.cae_journal_id)

    def _check_sale_sides(self, parsed):
        """``{code: activity}``; unknown ones and closed ones are reported."""
        codes = [code for column in SIDES for code in self._codes(parsed, column)]
        found = self._by_code("cae.activity", codes)
        for column in SIDES:
            self._report_unknown(parsed, column, found, "CAE-LOAD-ACTIVITY", "activity")
        for document in self._sound(parsed):
            v = document.values
            for column in SIDES:
                activity = found[v[column]]
                if not activity.active or activity._state_on(v["date"]) != "open":
                    parsed.add(
                        "CAE-SALE-ACTIVITY", document.row, column, "activity_open",
                        value=v[column], day=v["date"],
                    )  # fmt: skip
        return found

    def _reference_messages(self):
        return {
            **super()._reference_messages(),
            "activity_open": self.env._(
                "The activity %(value)s is not open on %(day)s. Correct the activity "
                "or the date."
            ),
        }

    def _row_messages(self):
        return {
            **super()._row_messages(),
            "sale_self": self.env._("%(value)s cannot sell to itself."),
        }

    def _stored_sales(self, numbers):
        sales = self.env["cae.internal.sale"].search(
            [
                ("load_reference", "in", numbers),
                ("company_id", "=", self.env.company.id),
                ("state", "!=", "cancelled"),
            ]
        )
        for path in ("line_ids.amount", "seller_id.code", "buyer_id.code"):
            sales.mapped(path)
        return {sale.load_reference: sale for sale in sales}

    def _compare_sale(self, plan, parsed):
        """Report a stored sale whose content is not that of the file."""
        sale, v = plan.record, plan.document.values
        same = {
            "date": sale.load_date == v["date"],
            "vendeur": sale.seller_id.code == v["vendeur"],
            "acheteur": sale.buyer_id.code == v["acheteur"],
            "libelle": len(sale.line_ids) == len(plan.document.rows),
        }
        for column, equal in same.items():
            if not equal:
                return self._report_stored(plan, parsed, column)
        for line, row in zip(sale.line_ids, plan.document.rows, strict=True):
            for column, field in (
                ("libelle", line.name),
                ("quantite", decimal(line.quantity, 6)),
                ("prix_unitaire", decimal(line.price_unit, 6)),
            ):
                if field != row.values[column]:
                    return self._report_stored(plan, parsed, column, row)
        if sale.state != "posted":
            parsed.add(
                "CAE-LOAD-CONFLICT", plan.document.row, "numero", "not_posted",
                key=plan.document.key[0],
            )  # fmt: skip
        return None

    def _prepare_sale_vals(self, document, activities):
        v = document.values
        return {
            **{field: activities[v[column]].id for column, field in SIDES.items()},
            "company_id": self.env.company.id,
            "date": v["date"],
            "load_reference": v["numero"],
            "load_date": v["date"],
            "line_ids": [
                Command.create(
                    {
                        "name": row.values["libelle"],
                        "quantity": float(row.values["quantite"]),
                        "price_unit": float(row.values["prix_unitaire"]),
                        "sequence": number,
                    }
                )
                for number, row in enumerate(document.rows, 1)
            ],
        }

    def _write_internal_sales(self, plans):
        sales = self.env["cae.internal.sale"].create([plan.vals for plan in plans])
        sales.action_post()
