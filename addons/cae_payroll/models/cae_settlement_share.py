from odoo import fields, models

from odoo.addons.cae_base.engine.money import decimal

NAMES = ("result", "brought", "paid", "left_amount", "gross", "cost", "carried")


class CaeSettlementShare(models.Model):
    """What one activity bears of the settlement of a person."""

    _name = "cae.settlement.share"
    _description = "Settlement of an Activity"
    _rec_names_search = ["entrepreneur_id"]
    _order = "settlement_id, activity_id"
    _check_company_auto = True

    settlement_id = fields.Many2one(
        "cae.settlement", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="settlement_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    entrepreneur_id = fields.Many2one(
        related="settlement_id.entrepreneur_id", store=True, index=True
    )
    state = fields.Selection(related="settlement_id.state", store=True)
    date_to = fields.Date(related="settlement_id.date_to", store=True)
    activity_id = fields.Many2one(
        "cae.activity",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    result = fields.Monetary(
        string="Result before Pay",
        readonly=True,
        help="Each month's result goes to who holds the activity on its last day.",
    )
    brought = fields.Monetary(string="Brought Forward", readonly=True)
    paid = fields.Monetary(string="Cost of the Pay Paid", readonly=True)
    left_amount = fields.Monetary(string="Left to the Cooperative", readonly=True)
    gross = fields.Monetary(string="Balance Due", readonly=True)
    cost = fields.Monetary(string="Cost of the Balance", readonly=True)
    carried = fields.Monetary(string="Carried Forward", readonly=True)
    engaged = fields.Monetary(
        readonly=True,
        help="Held back until the payment: what it is estimated to cost then, when "
        "that is more than its cost over the year.",
    )

    _activity_uniq = models.UniqueIndex(
        "(settlement_id, activity_id)", "An activity bears one part of a settlement."
    )

    def _differ(self, rows):
        """Whether these parts are not those of ``rows``, by activity."""
        mine = {part.activity_id.id: [part[name] for name in NAMES] for part in self}
        theirs = {row["activity_id"]: [row[name] for name in NAMES] for row in rows}
        return mine != theirs

    def _prepare_left_items(self, ref, sign):
        company = self.company_id
        bank = company.cae_internal_bank_account_id
        make = self.env["cae.period"]._prepare_item
        items, total = [], decimal(0)
        for share in self.sorted(lambda s: (s.activity_id.code, s.id)):
            amount = sign * decimal(share.left_amount)
            tag = str(share.activity_id.analytic_account_id.id)
            name = f"{share.activity_id.code} {ref}"
            items.append(make(company.cae_charge_account_id, amount, tag, name))
            items.append(make(bank, -amount, tag, name))
            total += amount
        shared = str(company.cae_shared_account_id.id)
        items.append(make(bank, total, shared, ref))
        items.append(make(company.cae_income_account_id, -total, shared, ref))
        return items
