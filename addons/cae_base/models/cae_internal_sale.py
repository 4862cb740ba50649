from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine.money import ZERO, decimal
from ..tools import format_date

# Only code can hold this object: buttons number, book and cancel a sale, no client.
BOOKING = object()
#: What only posting and cancelling write, with their value on a new sale.
DONE = {"state": "draft", "name": False, "move_id": False, "reversal_move_id": False}
#: What a posted sale says.
CONTENT = {
    *("buyer_id", "company_id", "date", "line_ids"),
    *("load_date", "load_reference", "seller_id"),
}


class CaeInternalSale(models.Model):
    """One activity sells to another one of the same cooperative.

    One document with two sides, of one legal entity: no VAT, no invoice. It is booked
    as design §3.5 says: Dr 186 and Cr 181 for the buyer, Dr 181 and Cr 187 for the
    seller, so that the money of both moves at once.
    """

    _name = "cae.internal.sale"
    _description = "Internal Sale"
    _inherit = ["cae.printed", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(
        string="Number",
        readonly=True,
        copy=False,
        index="trigram",
        help="Given when the sale is posted.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    seller_id = fields.Many2one(
        "cae.activity",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
        tracking=True,
        help="The activity that sells.",
    )
    buyer_id = fields.Many2one(
        "cae.activity",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
        tracking=True,
        help="The activity that buys, and pays at once from its treasury.",
    )
    date = fields.Date(
        required=True,
        copy=False,
        default=fields.Date.context_today,
        tracking=True,
        help="Day on which both activities book it.",
    )
    line_ids = fields.One2many(
        "cae.internal.sale.line", "sale_id", string="Lines", copy=True
    )
    total = fields.Monetary(
        compute="_compute_total", store=True, help="Without VAT: there is none."
    )
    state = fields.Selection(
        [("draft", "Draft"), ("posted", "Posted"), ("cancelled", "Cancelled")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    move_id = fields.Many2one(
        "account.move",
        string="Entry",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    reversal_move_id = fields.Many2one(
        "account.move",
        string="Reversal",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    load_reference = fields.Char(
        string="Number in the File",
        copy=False,
        readonly=True,
        help="Names the sale in the files that it is loaded from.",
    )
    load_date = fields.Date(string="Date in the File", copy=False, readonly=True)

    _name_uniq = models.UniqueIndex(
        "(company_id, name) WHERE name IS NOT NULL",
        "An internal sale with this number already exists.",
    )
    _load_reference_uniq = models.UniqueIndex(
        "(company_id, load_reference) "
        "WHERE load_reference IS NOT NULL AND state <> 'cancelled'",
        "An internal sale with this number in the file is already in the books.",
    )

    @api.depends("line_ids.amount")
    def _compute_total(self):
        for sale in self:
            amounts = (decimal(line.amount) for line in sale.line_ids)
            sale.total = float(sum(amounts, ZERO))

    @api.depends("name", "state")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for sale in self:
            sale.display_name = sale.name or self.env._("Draft internal sale")

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.constrains("seller_id", "buyer_id", "date", "company_id")
    def _check_sides(self):
        """:raises ValidationError: ``CAE-SALE-COMPANY``, ``-SAME``, ``-ACTIVITY``"""
        # sudo: the company and the dates of activities that the user may not read.
        for sale in self.sudo():
            sale._check_side_companies()
            if sale.seller_id == sale.buyer_id:
                raise ValidationError(
                    self.env._(
                        "CAE-SALE-SAME: %(activity)s cannot sell to itself. Choose "
                        "another buyer.",
                        activity=sale.seller_id.display_name,
                    )
                )
            for activity in sale.seller_id | sale.buyer_id:
                sale._check_side_open(activity)

    def _check_side_companies(self):
        others = (self.seller_id | self.buyer_id).filtered(
            lambda a: a.company_id != self.company_id
        )
        if others:
            raise ValidationError(
                self.env._(
                    "CAE-SALE-COMPANY: %(activity)s belongs to another company: that "
                    "is a real sale, with an invoice and VAT.",
                    activity=others[0].display_name,
                )
            )

    def _check_side_open(self, activity):
        if activity.active and activity._state_on(self.date) == "open":
            return
        raise ValidationError(
            self.env._(
                "CAE-SALE-ACTIVITY: %(activity)s is not open on %(day)s. Choose "
                "another activity, or a date within its life.",
                activity=activity.display_name,
                day=format_date(self.env, self.date),
            )
        )

    def _check_draft(self):
        """:raises UserError: ``CAE-SALE-POSTED``"""
        if any(sale.state != "draft" for sale in self):
            raise UserError(
                self.env._(
                    "CAE-SALE-POSTED: a posted internal sale does not change. Cancel "
                    "it and make another one."
                )
            )

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, **DONE} for vals in vals_list])

    def write(self, vals):
        if self.env.context.get("cae_booking") is not BOOKING:
            self.check_access("write")
            if set(DONE) & set(vals):
                raise UserError(
                    self.env._(
                        "CAE-SALE-STATE: internal sales are posted and cancelled by "
                        "their buttons (action_post, action_cancel)."
                    )
                )
            if CONTENT & set(vals):
                self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        self._check_draft()

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def action_open_entries(self) -> dict:
        """The entries of these sales, with their reversals."""
        return (self.move_id | self.reversal_move_id)._cae_open()

    def action_ask_cancel(self) -> dict:
        """Ask for the reason, then cancel these sales."""
        return self.env["cae.reason"]._ask(
            "cancel_sales", self.env._("Cancel the Sale"), sale_ids=self.ids
        )
