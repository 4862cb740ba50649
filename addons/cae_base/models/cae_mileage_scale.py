from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.mileage import Band, Scale
from ..engine.money import decimal
from ..tools import format_date

VEHICLES = [("car", "Car"), ("motorcycle", "Motorcycle"), ("moped", "Moped")]


class CaeMileageScale(models.Model):
    """A band of the yearly scale of mileage allowances, from a date on."""

    _name = "cae.mileage.scale"
    _description = "Mileage Scale"
    _order = "date_from desc, vehicle, power_from, km_to"
    _rec_name = "vehicle"

    vehicle = fields.Selection(
        VEHICLES,
        required=True,
        default="car",
        help="Which vehicles this band is for.",
    )
    power_from = fields.Integer(string="From (CV)", help="Fiscal power, included.")
    power_to = fields.Integer(string="To (CV)", help="Included; 0: no limit.")
    km_to = fields.Integer(
        string="Up to (km)", help="Distance of the year, included; 0: no limit."
    )
    rate = fields.Float(
        string="Per km (€)",
        digits=(16, 3),
        required=True,
        aggregator=None,
        help="Euros per kilometre, as 0.636 for 5 CV up to 5,000 km in the scale of "
        "2023.",
    )
    constant = fields.Float(
        string="Constant (€)",
        digits=(16, 2),
        aggregator=None,
        help="Added to the distance of the year × the rate.",
    )
    electric_bonus = fields.Float(
        string="Electric (+ %)",
        digits=(16, 2),
        aggregator=None,
        help="Percent more for electric vehicles.",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        help="First day of the journeys to which it applies, such as 1 January.",
    )
    date_to = fields.Date(
        string="To", help="Last day; empty: until a later scale starts."
    )
    source = fields.Char(help="Text of law or official page that gives the scale.")
    active = fields.Boolean(default=True)

    _band_uniq = models.UniqueIndex(
        "(vehicle, power_from, km_to, date_from) WHERE active",
        "This band already exists from this date on.",
    )
    _dates_order = models.Constraint(
        "CHECK(date_to IS NULL OR date_to >= date_from)",
        "A scale cannot end before it starts.",
    )
    _numbers = models.Constraint(
        "CHECK(power_from >= 0 AND power_to >= 0 AND km_to >= 0 AND rate >= 0)",
        "Powers, distances and rates are not below zero.",
    )

    @api.model
    def _bands(self):
        """All bands; one query for any number of claims."""
        # sudo: published law; whoever enters an expense needs it.
        return self.sudo().search([("active", "=", True)])

    def _scale_at(self, vehicle: str, power: int, day: date) -> Scale:
        """The scale of these bands in force on ``day`` for a vehicle.

        :param power: fiscal power in CV
        :raises UserError: ``CAE-MILEAGE-SCALE``
        """
        bands = self.filtered(lambda b: b._fits(vehicle, power, day))
        # A later scale replaces the earlier one that nobody ended.
        start = max(bands.mapped("date_from"), default=None)
        bands = bands.filtered(lambda b: b.date_from == start)
        if not bands:
            raise UserError(
                self.env._(
                    "CAE-MILEAGE-SCALE: there is no mileage scale for this vehicle "
                    "(%(power)s CV) on %(day)s. Add it in CAE / Configuration / "
                    "Mileage Scale.",
                    power=power,
                    day=format_date(self.env, day),
                )
            )
        return Scale([b._band() for b in bands], decimal(bands[0].electric_bonus))

    def _fits(self, vehicle, power, day):
        return (
            self.vehicle == vehicle
            and self.power_from <= power
            and (not self.power_to or power <= self.power_to)
            and self.date_from <= day
            and (not self.date_to or day <= self.date_to)
        )

    def _band(self):
        limit = decimal(self.km_to, 0) if self.km_to else None
        return Band(limit, decimal(self.rate, 3), decimal(self.constant))
