from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import html2plaintext

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
        """Invoices (sudo) of these quotes, those cancelled or taken back left out."""
        door = self.env["cae.invoicing"]
        # sudo: what was invoiced follows the quote, whoever looks at it.
        return self.sudo().cae_document_ids.filtered(
            lambda m: (
                m.move_type == "out_invoice"
                and m.state != "cancel"
                and not door._is_credited(m)
            )
        )

    def _cae_made_here(self):
        """Those of :meth:`_cae_invoices` that the portal made of a whole, or a part."""
        return self._cae_invoices().filtered("cae_validation")

    def _cae_final(self):
        """The invoices (sudo) of the portal that are no deposits."""
        return self._cae_made_here().filtered(lambda m: not m.cae_deposit)

    def _cae_invoiced_there(self):
        """Whether the cooperative invoiced some of it by Odoo's own buttons."""
        lines = self.order_line.invoice_lines
        return any(line.parent_state != "cancel" for line in lines)

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
        "cae_document_ids.cae_validation",
        "cae_document_ids.reversal_move_ids.state",
    )
    def _compute_invoice_status(self):
        result = super()._compute_invoice_status()
        made = self.filtered(lambda o: o.state == "sale" and o._cae_final())
        made.invoice_status = "invoiced"
        return result

    def _get_invoiceable_lines(self, final=False):
        # What was invoiced from the portal is not invoiced by a button once more.
        if self._cae_made_here():
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
        # Not while it is written again, nor when the activity has ended.
        activity, today = self._cae_printed_activity(), fields.Date.context_today(self)
        offered = self.state == "sent" and activity._in_business(today)
        return super()._has_to_be_signed() and (offered or not activity)

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

    def message_post(self, **kwargs):
        here = self
        if self.env.user.share:
            # Odoo takes this of the customer's browser: what is being written would
            # be sent, and could be signed.
            here = self.with_context(mark_so_as_sent=False)
        message = super(SaleOrder, here).message_post(**kwargs)
        if self.env.user.share and message.message_type == "comment":
            self._cae_tell_message(message)
        return message

    def _cae_tell_message(self, message):
        """What a customer writes on Odoo's page: nobody else would see it."""
        if self.env.context.get("cae_answers"):
            return  # an answer, which is told as such
        said = cleaned(html2plaintext(message.body or ""), REASON)
        self._cae_tell(
            lambda words: (
                words.env._("Message on the quote %s", words.name),
                words.env._(
                    "%(name)s writes: %(text)s",
                    name=message.author_id.name or words.partner_id.name or "",
                    text=said,
                ),
            )
        )

    def _cae_tell(self, message):
        """A message to :meth:`_cae_told`, which its customer never sees.

        :param message: gives subject and text, of the quote in the reader's language
        """
        url = f"{self.get_base_url()}/my/invoicing/quotes/{self.id}"
        notify = self.env["mail.thread"].with_user(SUPERUSER_ID).message_notify
        for user in self._cae_told() - self.env.user:
            # sudo: a customer may be the cause, who reads no quote of others.
            subject, text = message(self.sudo().with_context(lang=user.lang))
            body = Markup('<p>%s</p><p><a href="%s">%s</a></p>') % (text, url, url)
            notify(partner_ids=user.partner_id.ids, subject=subject, body=body)

    def _cae_told(self):
        """Who made the quote (sudo), or else all who hold its activity today."""
        today = fields.Date.context_today(self)
        shares = self._cae_printed_activity().share_ids._held_on(today)
        holders = shares.entrepreneur_id.user_id
        # sudo: the person who made it; a customer may be the cause.
        return self.sudo().cae_author_id & holders or holders

    # ------------------------------------------------------------------
    # What is printed
    # ------------------------------------------------------------------

    def _cae_printed_activity(self):
        self.ensure_one()
        # sudo: whoever prints a quote prints the name and the mentions of its activity.
        return self.sudo().cae_activity_id

    def _cae_printed_mentions(self):
        """Why there is no VAT, then the mentions of the activity, one text each."""
        day = fields.Date.context_today(self, self.date_order)
        # sudo: rates of the lines that are printed.
        notes = self.order_line.sudo().tax_ids.mapped("invoice_legal_notes")
        reasons = [html2plaintext(note or "").strip() for note in notes]
        mentions = self._cae_printed_activity()._cae_mentions(day, self.env)
        return [*filter(None, reasons), *mentions]
