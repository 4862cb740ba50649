from odoo import api, fields, models

from odoo.addons.cae_base.engine.money import decimal


class CaeSharePayment(models.TransientModel):
    """Registers what a member pays for shares, or what is paid for redeemed ones."""

    _name = "cae.share.payment"
    _description = "Payment of Shares"

    member_id = fields.Many2one("cae.member")
    redemption_ids = fields.Many2many("cae.share.redemption", string="Redemptions")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, default=fields.Date.context_today)
    bank = fields.Selection(
        selection="_selection_bank",
        string="Bank or Cash",
        required=True,
        default=lambda self: (
            self._selection_bank()[:1] and self._selection_bank()[0][0]
        ),
    )
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False)

    interest = fields.Monetary(
        compute="_compute_interest",
        help="On what is paid late: booked with the payment, and paid beside it.",
    )

    @api.depends("redemption_ids", "date")
    def _compute_interest(self):
        for wizard in self:
            # Whatever was chosen and is not saved yet.
            requests = wizard.redemption_ids._origin
            amounts = requests._interest_on(wizard.date) if wizard.date else {}
            wizard.interest = float(sum(amounts.values()))

    @api.model
    def _journals(self):
        # sudo: a secretary chooses among banks by their names, without rights on them.
        return (
            self.env["account.journal"]
            .sudo()
            .search(
                [
                    ("type", "in", ("bank", "cash")),
                    ("company_id", "=", self.env.company.id),
                ]
            )
        )

    @api.model
    def _selection_bank(self):
        return [(str(journal.id), journal.name) for journal in self._journals()]

    @api.depends("member_id", "redemption_ids")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.member_id.share_unpaid or sum(
                wizard.redemption_ids.mapped("residual")
            )

    def action_pay(self) -> dict:
        """Register the payment.

        :raises AccessError: when neither a governance secretary nor an accountant
        :raises UserError: ``CAE-SHARE-PAID``, ``CAE-SHARE-AMOUNT``,
            ``CAE-PERIOD-LOCKED``
        """
        self.ensure_one()
        members = self.env["cae.member"]
        members._check_keeper()
        journal = self._journals().filtered(lambda j: str(j.id) == self.bank)
        # sudo: whether a month is locked is no secret.
        self.env["cae.period"].sudo()._check_open(journal.company_id, {self.date})
        if self.member_id:
            self.member_id.check_access("read")
            self.member_id._pay_shares(decimal(self.amount), self.date, journal)
        else:
            self.redemption_ids.check_access("read")
            self.redemption_ids._pay(self.date, journal)
        return {"type": "ir.actions.act_window_close"}
