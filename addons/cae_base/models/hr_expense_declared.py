import re

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.money import decimal
from .cae_mileage_scale import VEHICLES

#: Kilometres as people type them: ``12,5``.
DISTANCE = re.compile(r"(\d{1,5})(?:[.,](\d))?(?:km)?", re.ASCII)
#: Kilometres one way; more is a slip of the finger.
FARTHEST = 5000
POWER = re.compile(r"[1-9]\d?", re.ASCII)
#: Between the places of a journey.
DASH = " – "
#: Odoo's states, as the portal tells them.
STATES = {"in_payment": "paid", "posted": "booked"}


class HrExpense(models.Model):
    """Expenses and mileage that entrepreneurs declare, in Odoo's own flow."""

    _name = "hr.expense"
    _inherit = ["hr.expense", "cae.declared"]

    cae_purpose = fields.Char(
        string="Purpose", help="Why the journey was made: whom, for which order."
    )

    @api.model
    def _cae_prepare_declared(self, kind, buyer, given):
        """Values of an expense, from what was typed."""
        desk = self.env["cae.purchase"]
        day = desk._given_day(buyer, given.get("date"))
        activity = desk._given_activity(buyer, given.get("activity"), day)
        vals = {
            "date": day,
            "company_id": buyer.company.id,
            "employee_id": buyer.employee.id,
            "cae_activity_id": activity.id,
            "payment_mode": "own_account",
            "cae_correction": False,
        }
        if kind == "mileage":
            return {**vals, **self._cae_prepare_journey(given)}
        category = desk._given_category(buyer, given.get("category"), needed=True)
        amount = desk._given_amount(given.get("amount"))
        return {
            **vals,
            "name": desk._given_text(given.get("name"), self.env._("What it is")),
            "product_id": category.id,
            "currency_id": buyer.company.currency_id.id,
            "total_amount_currency": float(amount),
        }

    @api.model
    def _cae_prepare_journey(self, given):
        desk = self.env["cae.purchase"]
        start = desk._given_text(given.get("from"), self.env._("Departure"))
        end = desk._given_text(given.get("to"), self.env._("Arrival"))
        purpose = desk._given_text(given.get("purpose"), self.env._("Purpose"))
        places = [start, end, start] if given.get("back") else [start, end]
        return {
            "name": DASH.join(places),
            "product_id": self.env.ref("cae_base.product_mileage").id,
            "cae_purpose": purpose,
            **self._cae_given_distance(given),
        }

    @api.model
    def _cae_given_distance(self, given):
        """Vehicle and distance; there and back when so ticked.

        :raises UserError: ``CAE-PURCHASE-DISTANCE``, ``CAE-PURCHASE-VEHICLE``
        """
        found = DISTANCE.fullmatch("".join(str(given.get("distance") or "").split()))
        distance = decimal(f"{found[1]}.{found[2] or 0}", 1) if found else 0
        if not distance:
            raise UserError(
                self.env._(
                    "CAE-PURCHASE-DISTANCE: write the kilometres, such as 12 or 12,5."
                )
            )
        if distance > FARTHEST:
            raise UserError(
                self.env._(
                    "CAE-PURCHASE-DISTANCE: more than %s km in one journey: check the "
                    "distance. Longer ones are declared in several parts.",
                    FARTHEST,
                )
            )
        vehicle, power = given.get("vehicle"), str(given.get("power") or "")
        powered = vehicle != "moped"
        if vehicle not in dict(VEHICLES) or powered and not POWER.fullmatch(power):
            raise UserError(
                self.env._(
                    "CAE-PURCHASE-VEHICLE: choose the vehicle and its fiscal power "
                    "(line P.6 of its registration)."
                )
            )
        return {
            "cae_distance": float(distance * (2 if given.get("back") else 1)),
            "cae_vehicle": vehicle,
            "cae_power": int(power) if powered else 0,
            "cae_electric": bool(given.get("electric")),
        }

    @api.model
    def _cae_estimate(self, buyer, given):
        """``(amount, words)`` of a journey that is being typed; nothing is written."""
        claim = self.new(
            {
                "company_id": buyer.company.id,
                "employee_id": buyer.employee.id,
                "product_id": self.env.ref("cae_base.product_mileage").id,
                "date": self.env["cae.purchase"]._given_day(buyer, given.get("date")),
                **self._cae_given_distance(given),
            }
        )
        return decimal(claim.total_amount_currency), claim.cae_mileage_words

    def _cae_declared(self, _given):
        """Hand it to who approves."""
        self.action_submit()

    def _cae_change(self, vals):
        if self.state == "refused":
            self._cae_take_back()
        self.write(vals)

    def _cae_may_change(self):
        return self._cae_own_money() and self.state in ("draft", "refused")

    def _cae_may_remove(self):
        return self._cae_may_change()

    def _cae_may_take_back(self):
        return self._cae_own_money() and self.state == "submitted"

    def _cae_own_money(self):
        """What the cooperative paid is the office's to correct."""
        return self.payment_mode == "own_account"

    def _cae_take_back(self):
        self.action_reset()

    def _cae_portal_state(self):
        """``draft``, ``submitted``, ``approved``, ``booked``, ``paid``, ``refused``"""
        return STATES.get(self.state, self.state)

    def _do_refuse(self, reason):
        result = super()._do_refuse(reason)
        self.cae_correction = reason
        return result
