from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.cae_base.engine.money import decimal

from ..engine.monthly import Wish
from .cae_pay_request import check_numbers, first_of_month

FAR = fields.Date.to_date("9999-12-31")
#: What the pay of a month depends on.
COUNTED = {
    "active",
    "amount",
    "date_from",
    "date_to",
    "entrepreneur_id",
    "floor",
    "kind",
}


class CaePayTarget(models.Model):
    """The even pay that a person aims at over some months (smoothing)."""

    _name = "cae.pay.target"
    _description = "Pay Target"
    _inherit = ["cae.pay.log"]
    _order = "entrepreneur_id, date_from desc"

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        required=True,
        ondelete="cascade",
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        related="entrepreneur_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    active = fields.Boolean(default=True, tracking=True)
    date_from = fields.Date(
        string="From Month",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        tracking=True,
        help="Any day of the first month.",
    )
    date_to = fields.Date(
        string="To Month",
        tracking=True,
        help="Any day of the last month; empty: until further notice.",
    )
    kind = fields.Selection(
        [("net", "A net pay"), ("gross", "A gross pay")],
        string="Aims at",
        required=True,
        default="net",
        tracking=True,
        help="Of the whole month, with the fixed part. A net is before income tax.",
    )
    amount = fields.Monetary(required=True, tracking=True)
    floor = fields.Monetary(
        string="Floor of Treasury",
        tracking=True,
        help="What an advance must leave on the activities of the person, together: "
        "the reserve of the company, when it is larger. It binds requests too.",
    )
    note = fields.Char(string="Reason")

    _positive = models.Constraint(
        "CHECK(amount >= 0 AND floor >= 0)",
        "A target or a floor cannot be negative.",
    )
    _in_order = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "The last month is not before the first one.",
    )

    @api.depends("entrepreneur_id", "date_from")
    def _compute_display_name(self):
        for target in self:
            month = f"{target.date_from:%Y-%m}" if target.date_from else ""
            name = target.entrepreneur_id.display_name or ""
            target.display_name = f"{name}, {month}".strip(", ")

    @api.constrains("amount")
    def _check_amount(self):
        for target in self:
            if not target.amount > 0:
                raise ValidationError(
                    self.env._(
                        "CAE-PAY-TARGET: give the pay that %(person)s aims at.",
                        person=target.entrepreneur_id.display_name,
                    )
                )

    @api.constrains("entrepreneur_id", "date_from", "date_to", "active")
    def _check_overlap(self):
        every = self.search([("entrepreneur_id", "in", self.entrepreneur_id.ids)])
        for person, targets in every.grouped("entrepreneur_id").items():
            ordered = targets.sorted("date_from")
            for before, after in zip(ordered, ordered[1:], strict=False):
                if after.date_from <= (before.date_to or FAR):
                    raise ValidationError(
                        self.env._(
                            "CAE-PAY-TARGET: %(person)s has another target in these "
                            "months. End that one first.",
                            person=person.display_name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        targets = super().create([self._in_months(vals) for vals in vals_list])
        targets._follow(targets.entrepreneur_id)
        return targets

    def write(self, vals):
        people = self.entrepreneur_id
        result = super().write(self._in_months(vals))
        if COUNTED & set(vals):
            self._follow(people | self.entrepreneur_id)
        return result

    def unlink(self):
        people = self.entrepreneur_id
        result = super().unlink()
        self._follow(people)
        return result

    @api.model
    def _follow(self, people):
        """The pay of these people that waits follows what they aim at."""
        self.env["cae.pay.line"]._follow({(person, False) for person in people})

    @api.model
    def _in_months(self, vals):
        """First day of the first month, last day of the last one.

        :raises UserError: ``CAE-PAY-TARGET``
        """
        vals, code = dict(vals), "CAE-PAY-TARGET"
        check_numbers(self.env, code, vals, {"amount", "floor"})
        if vals.get("date_from"):
            vals["date_from"] = first_of_month(self.env, code, vals["date_from"])
        if vals.get("date_to"):
            last = first_of_month(self.env, code, vals["date_to"])
            vals["date_to"] = last + relativedelta(months=1, days=-1)
        return vals

    @api.model
    def _in_month(self, company, month) -> dict:
        """``{person id: target}`` of a month, in one query."""
        targets = self.search_fetch(
            [
                ("company_id", "=", company.id),
                ("date_from", "<=", month),
                "|",
                ("date_to", "=", False),
                ("date_to", ">=", month),
            ],
            ["amount", "entrepreneur_id", "floor", "kind"],
        )
        return {target.entrepreneur_id.id: target for target in targets}

    def _wish(self, fixed) -> Wish:
        """This target as the engine takes it.

        :param fixed: gross of the fixed part of the month, euros
        """
        amount = decimal(self.amount)
        if self.kind == "gross":
            return Wish("gross", max(decimal(0), amount - fixed))
        return Wish("net", amount)
