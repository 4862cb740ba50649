from odoo import fields, models
from odoo.exceptions import UserError


class CaeShareKind(models.Model):
    """Shares of one nominal value and one set of rights."""

    _name = "cae.share.kind"
    _description = "Kind of Shares"
    _order = "sequence, code"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        help="Short and stable name, such as A: the files of the register name the "
        "kind by it.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        index=True,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    value = fields.Monetary(
        string="Nominal Value", required=True, help="Of one share; the same for all."
    )
    membership = fields.Boolean(
        string="Makes a Member",
        default=True,
        help="Shares of this kind count for being a member; others are money brought "
        "by members, such as shares with a priority interest.",
    )
    interest_rate = fields.Float(
        string="Interest (%)",
        digits=(5, 2),
        help="Yearly interest that the statutes promise; the meeting decides on it "
        "with the surplus.",
    )
    description = fields.Text(
        translate=True,
        help="Rights of these shares, as the statutes say.",
    )
    movement_ids = fields.One2many("cae.share.movement", "share_kind_id")

    _code_uniq = models.UniqueIndex(
        "(company_id, code)", "A kind of shares with this code already exists."
    )
    _value_positive = models.Constraint(
        "CHECK(value > 0)", "A share has a nominal value above zero."
    )
    _interest_positive = models.Constraint(
        "CHECK(interest_rate >= 0)", "An interest cannot be negative."
    )

    def write(self, vals):
        if "value" in vals or "company_id" in vals:
            self._check_unused()
        return super().write(vals)

    def _check_unused(self):
        """:raises UserError: ``CAE-SHARE-KIND``"""
        used = self.env["cae.share.movement"].search(
            [("share_kind_id", "in", self.ids)], limit=1
        )
        if used:
            raise UserError(
                self.env._(
                    "CAE-SHARE-KIND: shares %(kind)s are in the register: their value "
                    "does not change. Make another kind of shares.",
                    kind=used.share_kind_id.name,
                )
            )

    def _check_company_of(self, members):
        """:raises UserError: ``CAE-SHARE-KIND``"""
        if len(self) != 1 or members.company_id != self.company_id:
            raise UserError(
                self.env._("CAE-SHARE-KIND: choose a kind of shares of the company.")
            )
