from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ..engine import mileage
from ..engine.money import ZERO, decimal
from .cae_contribution_words import _number
from .cae_mileage_scale import VEHICLES

#: What an approved claim rests on; later claims count on it.
CLAIMED = {
    "cae_distance",
    "cae_electric",
    "cae_power",
    "cae_vehicle",
    "date",
    "employee_id",
    "product_id",
    "quantity",
    "total_amount",
    "total_amount_currency",
}


class HrExpense(models.Model):
    """Mileage: the yearly scale, per person, vehicle and calendar year.

    A claim is what the scale gives for the year's distance to date, less what earlier
    claims got, over all activities. While it waits it shows an estimate; its approval
    settles the amount, so that claims approved together or in any order add up to the
    scale on their total.
    """

    _inherit = "hr.expense"

    cae_mileage = fields.Boolean(related="product_id.cae_mileage")
    cae_vehicle = fields.Selection(VEHICLES, string="Vehicle", default="car")
    cae_power = fields.Integer(
        string="Fiscal Power (CV)", help="Line P.6 of the vehicle's registration."
    )
    cae_electric = fields.Boolean(string="Electric")
    cae_distance = fields.Float(string="Distance (km)", digits=(16, 1))
    cae_mileage_words = fields.Text(
        string="Computation",
        compute="_compute_total_amount_currency",
        precompute=True,
        store=True,
        help="How the allowance comes from the scale.",
    )

    @api.depends(
        "product_id",
        "employee_id",
        "date",
        "cae_vehicle",
        "cae_power",
        "cae_electric",
        "cae_distance",
    )
    def _compute_total_amount_currency(self):
        result = super()._compute_total_amount_currency()
        waiting = self.filtered(lambda e: e.approval_state != "approved")
        claims = waiting.filtered(lambda e: e.cae_mileage and e._cae_is_complete())
        totals = claims._cae_year_totals()
        bands = self.env["cae.mileage.scale"]._bands() if claims else None
        for expense in claims:
            expense._cae_set_claim(totals, bands)
        for expense in waiting - claims:
            expense.cae_mileage_words = False
            if expense.cae_mileage:
                expense.total_amount_currency = 0
        return result

    def write(self, vals):
        if CLAIMED & set(vals):
            self._cae_check_settled()
        return super().write(vals)

    def _cae_check_settled(self):
        """:raises UserError: ``CAE-MILEAGE-SETTLED``"""
        for expense in self:
            if expense.approval_state == "approved" and expense.cae_mileage:
                raise UserError(
                    self.env._(
                        "CAE-MILEAGE-SETTLED: %(expense)s is approved, and later "
                        "claims of the year count on it. Reset it to draft first.",
                        expense=expense.name,
                    )
                )

    def action_split_wizard(self):
        """:raises UserError: ``CAE-MILEAGE-SPLIT``"""
        if self.cae_mileage:
            raise UserError(
                self.env._(
                    "CAE-MILEAGE-SPLIT: mileage is not split by amount. Share it "
                    "between activities with its analytic distribution, or claim each "
                    "distance on its own."
                )
            )
        return super().action_split_wizard()

    def _do_approve(self, check=True):
        self._cae_settle_mileage()
        return super()._do_approve(check)

    def _prepare_move_lines_vals(self):
        vals = super()._prepare_move_lines_vals()
        if self.cae_mileage:
            # Odoo's unit price is rounded, and that of the draft.
            vals.update(quantity=1, price_unit=self.total_amount)
        return vals

    # ------------------------------------------------------------------
    # Scale
    # ------------------------------------------------------------------

    def _cae_is_complete(self):
        return bool(
            self.employee_id
            and self.date
            and self.cae_vehicle
            and self.cae_distance > 0
            and (self.cae_power > 0 or self.cae_vehicle == "moped")
        )

    def _cae_settle_mileage(self):
        """Compute the final amounts of claims that are being approved, in order.

        :raises UserError: ``CAE-MILEAGE-MISSING``, ``CAE-MILEAGE-SCALE``
        """
        claims = self.filtered(
            lambda e: e.cae_mileage and e.approval_state in (False, "submitted")
        )
        for expense in claims:
            if not expense._cae_is_complete():
                raise UserError(
                    self.env._(
                        "CAE-MILEAGE-MISSING: %(expense)s needs a date, a vehicle, its "
                        "fiscal power and a distance.",
                        expense=expense.name,
                    )
                )
        # sudo: a lock on HR files; one person's claims are approved in turn.
        claims.employee_id.sudo().lock_for_update()
        totals = claims._cae_year_totals()
        bands = self.env["cae.mileage.scale"]._bands() if claims else None
        for expense in claims.sorted(lambda e: (e.date, e.id)):
            claim = expense._cae_set_claim(totals, bands)
            totals[expense._cae_claim_key()] = (claim.total, claim.paid + claim.amount)

    def _cae_claim_key(self):
        """The vehicle and the year that the scale applies to."""
        return (
            self.employee_id._origin.id,
            self.cae_vehicle,
            self.cae_power,
            self.cae_electric,
            self.date.year,
        )

    def _cae_year_totals(self):
        """``{key: (kilometres, euros)}`` of the approved claims; one query."""
        if not self:
            return {}
        years = [day.year for day in self.mapped("date")]
        # sudo: claims of the same person that the user may not see; only sums.
        groups = self.sudo()._read_group(
            [
                ("employee_id", "in", self.employee_id._origin.ids),
                ("approval_state", "=", "approved"),
                ("cae_mileage", "=", True),
                ("date", ">=", date(min(years), 1, 1)),
                ("date", "<=", date(max(years), 12, 31)),
            ],
            ["employee_id", "cae_vehicle", "cae_power", "cae_electric", "date:year"],
            ["cae_distance:sum", "total_amount:sum"],
        )
        return {
            (person.id, *vehicle, day.year): (decimal(km, 1), decimal(paid))
            for person, *vehicle, day, km, paid in groups
        }

    def _cae_set_claim(self, totals, bands):
        """Give this expense the amount and the words of its claim.

        :param totals: see :meth:`_cae_year_totals`
        :param bands: bands of the scales
        """
        scale = bands._scale_at(self.cae_vehicle, self.cae_power, self.date)
        before, paid = totals.get(self._cae_claim_key(), (decimal(0, 1), ZERO))
        claim = mileage.claim(
            scale, decimal(self.cae_distance, 1), before, paid, self.cae_electric
        )
        self.currency_id = self.company_currency_id
        self.total_amount_currency = float(claim.amount)
        self.cae_mileage_words = self._cae_claim_words(claim, scale)
        return claim

    def _cae_claim_words(self, claim, scale):
        def money(value):
            return format_amount(self.env, float(value), self.company_currency_id)

        def number(value):
            return _number(self.env, value)

        words = [
            self.env._(
                "%(year)s: %(before)s km before, %(distance)s km with this claim, "
                "%(total)s km in all.",
                year=self.date.year,
                before=number(claim.before),
                distance=number(claim.distance),
                total=number(claim.total),
            ),
            self.env._(
                "Scale of this distance: %(total)s km × %(rate)s € + %(constant)s.",
                total=number(claim.total),
                rate=number(claim.band.rate),
                constant=money(claim.band.constant),
            ),
        ]
        if self.cae_electric:
            words.append(
                self.env._(
                    "Electric vehicle: + %(bonus)s %%.",
                    bonus=number(scale.electric_bonus),
                )
            )
        words.append(
            self.env._(
                "Due for the year to date: %(due)s; paid before: %(paid)s; this claim: "
                "%(amount)s.",
                due=money(claim.due),
                paid=money(claim.paid),
                amount=money(claim.amount),
            )
        )
        return "\n".join(words)
