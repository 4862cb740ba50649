from odoo import fields, models

from .cae_pay_line import TOTALS


class CaePayShare(models.Model):
    """What one activity bears of the pay of a person in a month."""

    _name = "cae.pay.share"
    _description = "Pay of an Activity"
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
    available = fields.Monetary(
        readonly=True,
        groups=TOTALS,
        help="The person's part of what is available on the activity.",
    )
    committed = fields.Monetary(
        readonly=True,
        groups=TOTALS,
        help="Pay of earlier months that waits for its approval, and what later "
        "months have already paid.",
    )
    reserve = fields.Monetary(
        readonly=True, groups=TOTALS, help="What an advance must leave."
    )
    gross = fields.Monetary(readonly=True, groups=TOTALS)
    cost = fields.Monetary(readonly=True, groups=TOTALS)
    net = fields.Monetary(readonly=True, groups=TOTALS)
    entry = fields.Json(
        readonly=True,
        groups="cae_base.group_payroll",
        help="Technical: cents of each account of the pay entry, debit positive.",
    )

    withheld = fields.Json(
        readonly=True,
        copy=False,
        groups="cae_base.group_payroll",
        help="Technical: what is withheld of the net, as [kind, account, partner, "
        "cents].",
    )

    _activity_uniq = models.UniqueIndex(
        "(line_id, activity_id)", "An activity bears one part of a pay."
    )

    def _differ(self, rows):
        """Whether these parts are not those of ``rows``, by activity."""
        names = ("share", "available", "committed", "reserve", "entry", "withheld")
        mine = {part.activity_id.id: [part[name] for name in names] for part in self}
        theirs = {row["activity_id"]: [row[name] for name in names] for row in rows}
        return mine != theirs
