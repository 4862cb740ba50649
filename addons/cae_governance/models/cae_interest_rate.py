from odoo import fields, models

from odoo.addons.cae_base.engine.money import decimal


class CaeInterestRate(models.Model):
    """Rates, from a day on, of the interest on redemptions that are paid late.

    No rate comes with the addon: the legal rate changes every half-year and its text
    was not read; statutes may name another one.
    """

    _name = "cae.interest.rate"
    _description = "Rate of Interest on Redemptions"
    _order = "date_from desc"
    _rec_name = "date_from"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    date_from = fields.Date(
        string="From",
        required=True,
        help="First day of this rate; it holds until the next one.",
    )
    rate = fields.Float(
        string="Rate (%)",
        digits=(5, 2),
        required=True,
        help="Yearly. The legal rate is published for each half-year, one for what is "
        "owed to private persons and one for the rest. Check which rate your statutes "
        "name.",
    )
    source = fields.Char(help="Order, or article of the statutes.")

    _day_uniq = models.UniqueIndex(
        "(company_id, date_from)", "There is a rate from this day on already."
    )
    _rate_range = models.Constraint(
        "CHECK(rate BETWEEN 0 AND 100)", "A rate is between 0 and 100 percent."
    )

    def _rates_of(self, company):
        """``[(first day, percent)]`` of a company, in order."""
        rows = self.search([("company_id", "=", company.id)], order="date_from")
        return [(row.date_from, decimal(row.rate)) for row in rows]
