from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models

from odoo.addons.cae_base.engine.texts import cleaned
from odoo.addons.cae_base.models.account_move_validation import ACCOUNTING, REASON


class SaleOrder(models.Model):
    """Quotes of an activity, made by its entrepreneurs on the portal."""

    _inherit = "sale.order"

    cae_activity_id = fields.Many2one(
        "cae.activity",
        string="Activity",
        compute="_compute_cae_activity_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        check_company=True,
        tracking=True,
        help="Lines without an activity of their own belong to this one.",
    )
    cae_author_id = fields.Many2one(
        "res.users",
        string="Made by",
        readonly=True,
        copy=False,
        groups=ACCOUNTING,
        help="The entrepreneur who made the quote on the portal; empty for those of "
        "the cooperative.",
    )
    cae_accepted_on = fields.Date(
        string="Accepted on",
        readonly=True,
        copy=False,
        groups=ACCOUNTING,
        help="Day on which the customer signed on paper, as the entrepreneur says.",
    )
    cae_lost_reason = fields.Text(
        string="Why it was Lost", readonly=True, copy=False, groups=ACCOUNTING
    )
    cae_mailed_on = fields.Datetime(
        string="Sent to the Customer on", readonly=True, copy=False, groups=ACCOUNTING
    )
    cae_portal_key = fields.Char(
        string="Key of the Form",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Technical: a form that is sent twice makes one quote.",
    )
    cae_document_ids = fields.One2many(
        "account.move",
        "cae_quote_id",
        string="Documents of the Quote",
        readonly=True,
        groups=ACCOUNTING,
    )

    _cae_portal_key_uniq = models.UniqueIndex(
        "(cae_portal_key) WHERE cae_portal_key IS NOT NULL",
        "This quote was saved already.",
    )

    @api.depends("partner_id", "company_id")
    def _compute_cae_activity_id(self):
        for order in self:
            activity = order.partner_id.cae_activity_id
            activity = activity.filtered(
                lambda a, o=order: a.company_id == o.company_id
            )
            order.cae_activity_id = order.cae_activity_id or activity

    # ------------------------------------------------------------------
    # Invoices
    # ------------------------------------------------------------------

    def _cae_invoices(self):
        """Invoices (sudo) of these quotes that are neither cancelled nor credited."""
        # sudo: what was invoiced follows the quote, whoever looks at it.
        return self.sudo().cae_document_ids.filtered(
            lambda m: (
                m.move_type == "out_invoice"
                and m.state != "cancel"
                and m.payment_state != "reversed"
            )
        )

    def _cae_final(self):
        """The invoices (sudo) of these quotes that are no deposits."""
        return self._cae_invoices().filtered(lambda m: not m.cae_deposit)

    @api.depends("order_line.invoice_lines", "cae_document_ids")
    def _get_invoiced(self):
        result = super()._get_invoiced()
        for order in self:
            # sudo: as for _cae_invoices.
            order.invoice_ids |= order.sudo().cae_document_ids.sudo(self.env.su)
            order.invoice_count = len(order.invoice_ids)
        return result

    @api.depends(
        "cae_document_ids.state",
        "cae_document_ids.cae_deposit",
        "cae_document_ids.payment_state",
    )
    def _compute_invoice_status(self):
        result = super()._compute_invoice_status()
        made = self.filtered(lambda o: o.state == "sale" and o._cae_final())
        made.invoice_status = "invoiced"
        return result

    def _get_invoiceable_lines(self, final=False):
        # What was invoiced from the portal is not invoiced by a button once more.
        if self._cae_invoices():
            return self.order_line.browse()
        return super()._get_invoiceable_lines(final)

    def _prepare_invoice(self):
        activity = {"cae_activity_id": self.cae_activity_id.id, "cae_quote_id": self.id}
        own = activity if self.cae_activity_id else {}
        return {**super()._prepare_invoice(), **own}

    def _get_invoice_grouping_keys(self):
        return [*super()._get_invoice_grouping_keys(), "cae_activity_id"]

    # ------------------------------------------------------------------
    # The customer's answer
    # ------------------------------------------------------------------

    def _has_to_be_signed(self):
        # A quote that is being written again is not signed meanwhile.
        written = self.cae_activity_id and self.state == "draft"
        return super()._has_to_be_signed() and not written

    def _prepare_confirmation_values(self):
        """A quote of an activity keeps its date: its customer has read it."""
        values = super()._prepare_confirmation_values()
        if all(order.cae_activity_id for order in self):
            values.pop("date_order", None)
        return values

    def _action_confirm(self):
        result = super()._action_confirm()
        for order in self.filtered("signature"):
            order._cae_tell(
                lambda words: (
                    words.env._("Signed: quote %s", words.name),
                    words.env._(
                        "%s signed it on line. You can now invoice it.",
                        words.signed_by or words.partner_id.name or "",
                    ),
                )
            )
        return result

    def _cae_declined(self, reason):
        """The customer said no on Odoo's page."""
        if not self.cae_activity_id or self.state != "cancel":
            return
        self.cae_lost_reason = cleaned(reason, REASON)
        self._cae_tell(
            lambda words: (
                words.env._("Refused: quote %s", words.name),
                words.env._("The customer says: %s", words.cae_lost_reason or ""),
            )
        )

    def _cae_tell(self, message):
        """A message to who made the quote, which its customer never sees.

        :param message: gives subject and text, of the quote in the reader's language
        """
        # sudo: the address of the person who made it; a customer may be the cause.
        author = self.sudo().cae_author_id
        if not author or author == self.env.user:
            return
        subject, text = message(self.sudo().with_context(lang=author.lang))
        url = f"{self.get_base_url()}/my/invoicing/quotes/{self.id}"
        body = Markup('<p>%s</p><p><a href="%s">%s</a></p>') % (text, url, url)
        notify = self.env["mail.thread"].with_user(SUPERUSER_ID).message_notify
        notify(partner_ids=author.partner_id.ids, subject=subject, body=body)

    # ------------------------------------------------------------------
    # What is printed
    # ------------------------------------------------------------------

    def _cae_printed_activity(self):
        self.ensure_one()
        # sudo: whoever prints a quote prints the name and the mentions of its activity.
        return self.sudo().cae_activity_id

    def _cae_printed_mentions(self):
        day = fields.Date.context_today(self, self.date_order)
        return self._cae_printed_activity()._cae_mentions(day, self.env)
