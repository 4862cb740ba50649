from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..engine.texts import one_line

PAID = ("paid", "in_payment", "partial", "reversed")


class AccountMove(models.Model):
    """Suppliers' bills that entrepreneurs declare: drafts that accountants complete."""

    _name = "account.move"
    _inherit = ["account.move", "cae.declared"]

    cae_declared_supplier = fields.Char(
        string="Supplier as Declared",
        copy=False,
        readonly=True,
        groups="base.group_user",
    )
    cae_declared_total = fields.Monetary(
        string="Total as Declared",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="With VAT, as the entrepreneur read it on the paper.",
    )

    @api.model
    def _cae_prepare_declared(self, _kind, buyer, given):
        """Values of a draft, from what was typed."""
        desk = self.env["cae.purchase"]
        day = desk._given_day(buyer, given.get("date"))
        activity = desk._given_activity(buyer, given.get("activity"), day)
        total = float(desk._given_amount(given.get("amount")))
        category = desk._given_category(buyer, given.get("category"), needed=False)
        name = desk._given_text(given.get("name"), self.env._("What it is"))
        supplier = desk._given_text(given.get("supplier"), self.env._("Supplier"))
        line = {"name": name, "product_id": category.id, "price_unit": total}
        return {
            "move_type": "in_invoice",
            "company_id": buyer.company.id,
            "cae_activity_id": activity.id,
            "partner_id": self._cae_known_supplier(buyer, supplier).id,
            "invoice_date": day,
            "ref": one_line(given.get("ref"), 60) or False,
            "cae_declared_supplier": supplier,
            "cae_declared_total": total,
            "cae_correction": False,
            "invoice_line_ids": [Command.create(line)],
        }

    # ------------------------------------------------------------------
    # Papers of closed months
    # ------------------------------------------------------------------

    def _get_accounting_date(self, invoice_date, has_tax, lock_dates=None):
        """What was declared late is booked after our locked months too.

        Odoo then chooses the day as it does after its own lock dates.
        """
        if self._cae_is_declared():
            period = self.env["cae.period"]
            invoice_date = period._first_open_day(self.company_id, invoice_date)
            lock_dates = None
        return super()._get_accounting_date(invoice_date, has_tax, lock_dates)

    def _cae_shift_automatic_dates(self):
        result = super()._cae_shift_automatic_dates()
        self.filtered(lambda move: move._cae_is_declared())._cae_shift_declared()
        return result

    def _cae_shift_declared(self):
        """Book in an open month what is dated in a month that is closed by now."""
        for move in self:
            period = self.env["cae.period"]
            if period._first_open_day(move.company_id, move.date) != move.date:
                day = move._get_accounting_date_source()
                move.date = move._get_accounting_date(day, move._affect_tax_report())

    def _cae_is_declared(self):
        """Whether this books what was declared on the portal: a bill, or expenses."""
        if not self.is_purchase_document(include_receipts=True):
            return False
        # sudo: who declared it, for whoever may post it.
        move = self.sudo()
        return bool(move.cae_declarer_id or move.expense_ids.cae_declarer_id)

    # ------------------------------------------------------------------
    # Declaring
    # ------------------------------------------------------------------

    @api.model
    def _cae_known_supplier(self, buyer, name):
        """The supplier of the activities that bears the name; none when in doubt."""
        suppliers = self.env["cae.purchase"]._suppliers(buyer)
        found = suppliers.filtered(lambda p: p.name.casefold() == name.casefold())
        return found if len(found) == 1 else found.browse()

    def _cae_declared(self, _given):
        """The price without VAT of what was declared with it.

        The VAT is that of the category until an accountant has read the paper.
        """
        line = self.invoice_line_ids
        result = line.tax_ids.with_context(force_price_include=True).compute_all(
            self.cae_declared_total, self.currency_id
        )
        line.price_unit = result["total_excluded"]
        # Its VAT, which locks of their own may concern, is known from now on.
        day = self._get_accounting_date_source()
        self.date = self._get_accounting_date(day, self._affect_tax_report())

    def _cae_change(self, vals):
        lines = [Command.clear(), *vals["invoice_line_ids"]]
        self.write({**vals, "invoice_line_ids": lines})

    def _cae_may_change(self):
        return self.state == "draft" and bool(self.cae_correction)

    def _cae_may_remove(self):
        return (
            self.state == "draft"
            and not self.posted_before
            and bool(self.cae_declarer_id)
        )

    def _cae_may_take_back(self):
        return False  # a bill is changed when it is sent back, or removed

    def _cae_bought(self):
        """What the lines of a bill say that are its activity's alone."""
        own = str(self.cae_activity_id.analytic_account_id.id)
        said = [
            line.name
            for line in self.invoice_line_ids
            if line.display_type == "product"
            and all(own in key.split(",") for key in line.analytic_distribution or ())
        ]
        return "\n".join(dict.fromkeys(filter(None, said)))

    def _cae_portal_state(self):
        """``received``, ``correct``, ``booked``, ``paid`` or ``refused``."""
        if self.state == "posted":
            return "paid" if self.payment_state in PAID else "booked"
        if self.state == "cancel":
            return "refused"
        return "correct" if self.cae_correction else "received"

    def action_cae_ask_send_back(self) -> dict:
        """Ask why these bills go back to who declared them."""
        self._cae_check_sent_back()
        return self.env["cae.reason"]._ask(
            "send_back",
            self.env._("Send Back"),
            form="cae_base.cae_reason_view_form_send_back",
            document_ids=self.ids,
        )

    def action_cae_send_back(self, reason: str) -> bool:
        """Send bills back to who declared them, who reads why on the portal.

        :raises UserError: ``CAE-PURCHASE-STATE``, ``CAE-PURCHASE-REASON``
        """
        reason = one_line(reason, 500)
        if not reason:
            raise UserError(
                self.env._("CAE-PURCHASE-REASON: say what is to be corrected.")
            )
        self._cae_check_sent_back()
        self.cae_correction = reason
        for bill in self:
            bill.message_post(
                body=self.env._("Sent back to be corrected: %(why)s", why=reason)
            )
        return True

    def _cae_check_sent_back(self):
        if any(bill.state != "draft" or not bill.cae_declarer_id for bill in self):
            raise UserError(
                self.env._(
                    "CAE-PURCHASE-STATE: only drafts that were declared on the portal "
                    "are sent back."
                )
            )
