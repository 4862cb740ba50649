from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.cae_base.amount import Amount, Plain
from odoo.addons.cae_base.engine.money import decimal

from ..engine.leave import Aside
from ..engine.monthly import to_cents
from .cae_pay_line import TOTALS


class CaePayShare(models.Model):
    """What one activity bears of the pay of a person in a month."""

    _name = "cae.pay.share"
    _description = "Pay of an Activity"
    _inherit = ["cae.pay.batch"]
    _order = "line_id, activity_id"
    _rec_names_search = ["entrepreneur_id"]
    _check_company_auto = True

    line_id = fields.Many2one(
        "cae.pay.line", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur", required=True, readonly=True, ondelete="restrict"
    )
    month = fields.Date(required=True, readonly=True)
    state = fields.Selection(related="line_id.state", store=True)
    settlement_id = fields.Many2one(
        related="line_id.settlement_id", store=True, index="btree_not_null"
    )
    # As the pay's, which is written with it: a related field costs more than the rest.
    second_contract = fields.Boolean(readonly=True)
    activity_id = fields.Many2one(
        "cae.activity",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    share = fields.Float(
        string="Share (%)",
        digits=(6, 3),
        readonly=True,
        aggregator=None,
        help="Of the activity, held by the person.",
    )
    available = Amount(
        readonly=True,
        groups=TOTALS,
        help="The person's part of what is available on the activity.",
    )
    committed = Amount(
        readonly=True,
        groups=TOTALS,
        help="Pay of earlier months that waits for its approval, and what later "
        "months have already paid.",
    )
    reserve = Amount(readonly=True, groups=TOTALS, help="What an advance must leave.")
    gross = Amount(readonly=True, groups=TOTALS)
    cost = Amount(readonly=True, groups=TOTALS)
    net = Amount(readonly=True, groups=TOTALS)
    leave_wage = Amount(
        string="Leave Set Aside",
        readonly=True,
        groups=TOTALS,
        help="Gross of the leave that the pay sets aside, less what its leave uses up.",
    )
    leave_charges = Amount(
        string="Charges on It",
        readonly=True,
        groups=TOTALS,
        help="Employer's contributions on the leave set aside.",
    )
    entry = Plain(
        readonly=True,
        groups="cae_base.group_payroll",
        help="Technical: cents of each account of the pay entry, debit positive.",
    )

    withheld = Plain(
        readonly=True,
        copy=False,
        groups="cae_base.group_payroll",
        help="Technical: what is withheld from the net, as [kind, account, "
        "partner, cents].",
    )

    _activity_uniq = models.UniqueIndex(
        "(line_id, activity_id)", "An activity bears one part of a pay."
    )

    @api.model
    def _leave_due(self, people, month=None) -> dict:
        """``{person id: {activity id: Aside}}`` of posted pay, in one query.

        :param people: ids
        :param month: whose leave is to be paid: what waits in other months uses up
            what was set aside, too
        """
        counted = Domain("state", "=", "posted")
        if month:
            counted |= (
                Domain("state", "in", ("draft", "approved"))
                & Domain("month", "!=", month)
                & Domain("leave_wage", "<", 0)
            )
        rows = self._read_group(
            Domain("entrepreneur_id", "in", list(people)) & counted,
            ["entrepreneur_id", "activity_id"],
            ["leave_wage:sum", "leave_charges:sum"],
        )
        due = {}
        for person, activity, *amounts in rows:
            aside = Aside(*(to_cents(decimal(amount or 0)) for amount in amounts))
            due.setdefault(person.id, {})[activity.id] = aside
        return due

    def _spent(self):
        """What the pay takes of the activity: the cost, and leave set aside."""
        amounts = self.cost, self.leave_wage, self.leave_charges
        return sum(decimal(amount) for amount in amounts)

    def _differ(self, rows):
        """Whether these parts are not those of ``rows``, by activity."""
        names = ("share", "available", "committed", "reserve", "entry", "withheld")
        mine = {part.activity_id.id: [part[name] for name in names] for part in self}
        theirs = {row["activity_id"]: [row[name] for name in names] for row in rows}
        return mine != theirs
