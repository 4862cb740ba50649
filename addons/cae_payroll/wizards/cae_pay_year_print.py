import base64

from odoo import fields, models
from odoo.exceptions import UserError


class CaePayYearPrint(models.TransientModel):
    """Prints the yearly statements of pay of some people, or of everybody."""

    _name = "cae.pay.year.print"
    _description = "Print the Yearly Statements of Pay"

    year = fields.Integer(
        required=True,
        default=lambda self: fields.Date.context_today(self).year,
        help="Calendar year, by the months in which pay was paid.",
    )
    entrepreneur_ids = fields.Many2many(
        "cae.entrepreneur", string="People", help="Everybody when empty."
    )
    content = fields.Binary(string="Result", readonly=True, attachment=False)
    filename = fields.Char(readonly=True)

    def action_print(self) -> dict:
        """Make the PDF and offer it.

        :raises UserError: ``CAE-PAY-YEAR``
        """
        self.ensure_one()
        if not 2000 <= self.year < 2100:
            raise UserError(
                self.env._(
                    "CAE-PAY-YEAR: write the year with four digits, such as 2026."
                )
            )
        people = self.entrepreneur_ids or self.env["cae.entrepreneur"].search(
            [("company_id", "=", self.env.company.id)]
        )
        content = self.env["cae.pay.year"]._pdf(people, self.year)
        self.content = base64.b64encode(content)
        self.filename = f"{self.env._('pay-of-the-year')}-{self.year}.pdf"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Yearly Statements of Pay"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
