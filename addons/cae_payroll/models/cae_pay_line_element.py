"""What else the payroll software, or the transfer, must know of the month."""

from odoo import api, fields, models

from .cae_pay_line import DETAIL


class CaePayLine(models.Model):
    _inherit = "cae.pay.line"

    element_ids = fields.Many2many(
        "cae.pay.element",
        string="Elements",
        compute="_compute_element_ids",
        groups=DETAIL,
    )
    net_paid = fields.Monetary(
        string="Net to Pay",
        compute="_compute_net_paid",
        groups=DETAIL,
        help="Net before tax less what is withheld. Income tax withheld at source is "
        "known by the payroll software only.",
    )
    expenses = fields.Monetary(
        compute="_compute_expenses",
        groups="cae_base.group_payroll",
        help="Posted expense claims of the month that are not reimbursed yet; they are "
        "paid apart.",
    )

    @api.depends_context("uid")
    @api.depends("entrepreneur_id", "month", "settlement_id", "second_contract")
    def _compute_element_ids(self):
        own = self._of_the_month()
        elements = self.env["cae.pay.element"].search(
            [
                ("entrepreneur_id", "in", own.entrepreneur_id.ids),
                ("month", "in", list(set(own.mapped("month")))),
            ]
        )
        groups = elements.grouped(lambda e: (e.entrepreneur_id, e.month))
        self.element_ids = False
        for line in own:
            line.element_ids = groups.get((line.entrepreneur_id, line.month))

    def _of_the_month(self):
        """The main pay of the months: elements are told, and withheld, with it."""
        return self.filtered(
            lambda line: not (line.settlement_id or line.second_contract)
        )

    @api.depends("net", "withheld")
    def _compute_net_paid(self):
        for line in self:
            line.net_paid = line.net - line.withheld

    @api.depends("entrepreneur_id", "month")
    def _compute_expenses(self):
        exchange = self.env["cae.payroll.exchange"]
        for month, lines in self.grouped("month").items():
            people, last = lines.entrepreneur_id, self._last_day(month)
            amounts = exchange._expenses(people, month, last)
            for line in lines:
                line.expenses = amounts.get(line.entrepreneur_id, 0.0)

    def action_open_elements(self) -> dict:
        """Elements of the month of this pay."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_payroll.cae_pay_element_action"
        )
        action["domain"] = [
            ("entrepreneur_id", "=", self.entrepreneur_id.id),
            ("month", "=", self.month),
        ]
        action["context"] = {
            "default_entrepreneur_id": self.entrepreneur_id.id,
            "default_month": self.month,
        }
        return action

    def _withheld_accounts(self):
        """``{account id: cents}`` of what the entry of this pay withholds."""
        totals = {}
        for share in self.share_ids:
            for _kind, account, _partner, cents in share.withheld or []:
                totals[account] = totals.get(account, 0) + cents
        return totals
