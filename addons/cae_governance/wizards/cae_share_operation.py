from odoo import api, fields, models
from odoo.exceptions import UserError


class CaeShareOperation(models.TransientModel):
    """Records a subscription, a transfer or a request of redemption."""

    _name = "cae.share.operation"
    _description = "Operation on Shares"

    member_ids = fields.Many2many("cae.member", string="Members", required=True)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    operation = fields.Selection(
        [
            ("subscribe", "Subscribe"),
            ("transfer", "Transfer to another member"),
            ("redeem", "Request the redemption"),
        ],
        required=True,
        default="subscribe",
    )
    share_kind_id = fields.Many2one(
        "cae.share.kind",
        string="Shares",
        required=True,
        domain="[('company_id', '=', company_id)]",
        default=lambda self: self.env["cae.share.kind"].search(
            [("company_id", "=", self.env.company.id)], limit=1
        ),
    )
    quantity = fields.Integer(required=True, default=1)
    amount = fields.Monetary(
        compute="_compute_amount", help="Nominal value, for each member."
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    receiver_id = fields.Many2one(
        "cae.member",
        domain="[('state', 'in', ('admitted', 'member')), "
        "('company_id', '=', company_id)]",
    )
    reference = fields.Char(
        string="Document", help="Subscription form, approval of the transfer."
    )

    @api.depends("share_kind_id", "quantity")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.quantity * wizard.share_kind_id.value

    def action_confirm(self) -> dict:
        """Record it.

        :raises AccessError: when not a governance secretary
        :raises UserError: see ``cae.member._subscribe`` and ``_transfer``
        """
        self.ensure_one()
        self.member_ids._check_keeper(accountant=False)
        members = self.member_ids.with_company(self.member_ids.company_id)
        getattr(self, f"_do_{self.operation}")(members)
        return {"type": "ir.actions.act_window_close"}

    def _do_subscribe(self, members):
        wanted = [(member, self.share_kind_id, self.quantity) for member in members]
        members._subscribe(wanted, self.date, self.reference or "")

    def _do_transfer(self, members):
        if len(members) != 1:
            raise UserError(
                self.env._("CAE-SHARE-MEMBER: one member gives shares at a time.")
            )
        members._transfer(
            self.receiver_id.with_env(members.env),
            self.share_kind_id,
            self.quantity,
            self.date,
            self.reference or "",
        )

    def _do_redeem(self, members):
        members._check_states("admitted", "member", "left")
        self.env["cae.share.redemption"].create(
            [
                {
                    "member_id": member.id,
                    "share_kind_id": self.share_kind_id.id,
                    "quantity": self.quantity,
                    "date_request": self.date,
                    "years": member.company_id.cae_redemption_years,
                    "note": self.reference,
                }
                for member in members
            ]
        )
