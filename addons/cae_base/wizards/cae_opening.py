from odoo import api, fields, models
from odoo.exceptions import UserError


class CaeOpening(models.TransientModel):
    """Opening balance sheet of an activity that comes with accounts of its own."""

    _name = "cae.opening"
    _description = "Opening Balances"

    activity_id = fields.Many2one("cae.activity", required=True, readonly=True)
    company_id = fields.Many2one(related="activity_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True)
    line_ids = fields.One2many("cae.opening.line", "opening_id", string="Balances")
    difference = fields.Monetary(
        compute="_compute_difference", help="Debit less credit: 0.00 when balanced."
    )

    @api.depends("line_ids.debit", "line_ids.credit")
    def _compute_difference(self):
        for opening in self:
            lines = opening.line_ids
            opening.difference = sum(lines.mapped("debit")) - sum(
                lines.mapped("credit")
            )

    def action_load(self) -> dict:
        """Post the opening entry, as the dataset ``opening`` of the exchange does.

        :raises UserError: the errors of ``cae.exchange.load``
        """
        self.ensure_one()
        exchange = self.env["cae.exchange"].with_company(self.company_id)
        result = exchange.load("opening", self._prepare_rows())
        if result["errors"]:
            raise UserError(
                "\n".join(
                    f"{error['code']}: {error['message']}" for error in result["errors"]
                )
            )
        return {"type": "ir.actions.act_window_close"}

    def _prepare_rows(self):
        return [
            {
                "activite": self.activity_id.code,
                "date": self.date.isoformat(),
                "compte": line.account_id.code,
                "debit": line.debit or "",
                "credit": line.credit or "",
            }
            for line in self.line_ids
        ]


class CaeOpeningLine(models.TransientModel):
    _name = "cae.opening.line"
    _description = "Opening Balance of an Account"

    opening_id = fields.Many2one("cae.opening", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="opening_id.company_id")
    currency_id = fields.Many2one(related="opening_id.currency_id")
    account_id = fields.Many2one("account.account", required=True, check_company=True)
    debit = fields.Monetary()
    credit = fields.Monetary()
