from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.cae_base import uploads
from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.models.account_move_validation import REASON
from odoo.addons.cae_base.models.cae_invoicing_step import MAILED

#: Files of a signed quote at most, and the code of what is wrong with them.
MOST_FILES, FILE = 5, "CAE-QUOTE-FILE"


class CaeInvoicing(models.AbstractModel):
    """What becomes of a quote: sent, accepted, lost, invoiced, and back."""

    _inherit = "cae.invoicing"

    @api.model
    def send_quote(self, quote_id: int) -> bool:
        """Send a quote to its customer by e-mail, with its PDF and the page to sign.

        :raises AccessError: ``CAE-INVOICE-ACCESS``
        :raises UserError: ``CAE-QUOTE-STATE``, ``-EMPTY``, ``-EXPIRED``, ``-MAILED``,
            ``CAE-INVOICE-EMAIL``, ``CAE-INVOICE-ACTIVITY``
        """
        quote = self._open_quote(quote_id, "draft", "sent")
        self._check_sellable(quote, fields.Date.context_today(self))
        self._check_valid(quote)
        now = fields.Datetime.now()
        if quote.cae_mailed_on and now - quote.cae_mailed_on < MAILED:
            raise UserError(
                self.env._("CAE-QUOTE-MAILED: it was sent a few minutes ago.")
            )
        self._check_email(quote.partner_id)
        quote.write({"state": "sent", "cae_mailed_on": now})
        # sudo: the person has no right on templates.
        template = self.env.ref("cae_sale.cae_quote_mail_template").sudo()
        template.send_mail(quote.id)
        quote._message_log(body=self.env._("Sent to %s", quote.partner_id.email))
        return True

    @api.model
    def _check_sellable(self, quote, day):
        """:raises UserError: ``CAE-QUOTE-EMPTY``, ``CAE-INVOICE-ACTIVITY``"""
        quote.cae_activity_id._check_in_business(day)
        if not quote.order_line or decimal(quote.amount_total) <= 0:
            raise UserError(
                self.env._(
                    "CAE-QUOTE-EMPTY: the total must be more than zero. Add what you "
                    "sell, with its price."
                )
            )

    @api.model
    def _check_valid(self, quote):
        """:raises UserError: ``CAE-QUOTE-EXPIRED``"""
        today = fields.Date.context_today(self)
        if quote.validity_date and quote.validity_date < today:
            raise UserError(
                self.env._(
                    "CAE-QUOTE-EXPIRED: its last day is past, so that the customer "
                    "cannot sign it. Change that day first."
                )
            )

    @api.model
    def accept_quote(
        self, quote_id: int, day: str = "", files: list | None = None
    ) -> bool:
        """The customer accepted: signed on paper, or said so.

        :param day: ISO; today when it is empty
        :param files: scans, ``[{"name", "content"}]`` with the content in base64
        :raises UserError: ``CAE-QUOTE-STATE``, ``-EMPTY``, ``-DATE``, ``-FILE``,
            ``CAE-INVOICE-ACTIVITY``
        """
        quote = self._open_quote(quote_id, "draft", "sent")
        today = fields.Date.context_today(self)
        accepted = self._date({"date": day}) or today
        if accepted > today:
            raise UserError(self.env._("CAE-QUOTE-DATE: that day is still to come."))
        self._check_sellable(quote, accepted)
        papers = self._checked_papers(files or [])
        quote.cae_accepted_on = accepted
        # sudo (of the quote): its ownership and state were checked.
        quote.action_confirm()
        self._keep_papers(quote, papers)
        return True

    @api.model
    def _checked_papers(self, files):
        """``[(name, content)]``.

        :raises UserError: ``CAE-QUOTE-FILE``
        """
        if not isinstance(files, list) or len(files) > MOST_FILES:
            raise UserError(
                self.env._("CAE-QUOTE-FILE: %s files at most are taken.", MOST_FILES)
            )
        papers = []
        for file in map(self._values, files):
            content, kind = uploads.checked_base64(self.env, file.get("content"), FILE)
            name = uploads.file_name(self._line(file, "name"), kind, "quote")
            papers.append((name, uploads.without_place(content)))
        return papers

    @api.model
    def _keep_papers(self, quote, papers):
        # sudo: files that were checked, of a quote of the user's activity.
        files = self.env["ir.attachment"].sudo()
        files.create(
            [
                {
                    "name": name,
                    "raw": content,
                    "res_model": quote._name,
                    "res_id": quote.id,
                    "cae_declared": True,
                }
                for name, content in papers
            ]
        )

    @api.model
    def refuse_quote(self, quote_id: int, reason: str = "") -> bool:
        """The customer said no, or the work is lost.

        :raises UserError: ``CAE-QUOTE-STATE``, ``-REASON``, ``-INVOICED``
        """
        quote = self._open_quote(quote_id, "draft", "sent", "sale")
        reason = self._text({"reason": reason}, "reason", REASON)
        if not reason:
            raise UserError(self.env._("CAE-QUOTE-REASON: say why it was lost."))
        self._check_not_invoiced(quote)
        quote._action_cancel()
        quote.cae_lost_reason = reason
        quote._message_log(body=self.env._("Lost: %s", reason))
        return True

    @api.model
    def undo_quote(self, quote_id: int) -> bool:
        """One step back: of a quote that was sent, accepted by hand, or lost.

        :raises UserError: ``CAE-QUOTE-STATE``, ``-SIGNED``, ``-INVOICED``
        """
        quote = self._open_quote(quote_id, "sent", "sale", "cancel")
        self._check_not_invoiced(quote)
        if quote.signature:
            raise UserError(
                self.env._(
                    "CAE-QUOTE-SIGNED: your customer signed it on line: that is not "
                    "undone. Copy it to make another one, or say that it is lost."
                )
            )
        back = "sent" if quote.state == "sale" and quote.cae_mailed_on else "draft"
        self._put_papers_away(quote)
        undone = {"cae_accepted_on": False, "cae_lost_reason": False, "locked": False}
        quote.write({"state": back, **undone})
        return True

    @api.model
    def _put_papers_away(self, quote):
        """What the customer signed stays with the quote, for the cooperative."""
        papers = self._papers(quote)
        if papers:
            names = ", ".join(papers.mapped("name"))
            words = self.env._("No longer accepted. The signed paper stays: %s", names)
            quote._message_log(body=words)
        papers.cae_declared = False

    @api.model
    def _check_not_invoiced(self, quote):
        """:raises UserError: ``CAE-QUOTE-INVOICED``"""
        if quote._cae_invoices() or quote._cae_invoiced_there():
            raise UserError(
                self.env._(
                    "CAE-QUOTE-INVOICED: it has an invoice already. Delete that draft "
                    "first, or ask for a credit note."
                )
            )

    @api.model
    def duplicate_quote(self, quote_id: int) -> int:
        """A new draft with the same customer and lines; its id."""
        return self.save_quote(self._copied(self.quote(quote_id)))

    @api.model
    def remove_quote(self, quote_id: int) -> bool:
        """Delete a draft that no customer was sent.

        :raises UserError: ``CAE-QUOTE-STATE``, ``CAE-QUOTE-SENT``
        """
        quote = self._open_quote(quote_id, "draft")
        if quote.cae_mailed_on or quote.cae_document_ids or self._files(quote):
            raise UserError(
                self.env._(
                    "CAE-QUOTE-SENT: your customer has it: say that it is lost instead."
                )
            )
        return quote.unlink()

    # ------------------------------------------------------------------
    # Invoices
    # ------------------------------------------------------------------

    @api.model
    def invoice_quote(
        self, quote_id: int, percent: str = "", key: str = "", amount: str = ""
    ) -> int:
        """The draft of the invoice of an accepted quote; its id.

        It goes through the validation as every other draft. Its deposits, once they
        are validated, are taken off the whole.

        :param percent: of a deposit, such as ``30``
        :param amount: of a deposit, without VAT; neither of them: the whole
        :param key: of the form: sent twice, it makes one deposit
        :raises UserError: ``CAE-QUOTE-STATE``, ``-INVOICED``, ``-DEPOSIT``,
            ``-PERCENT``, ``-TAX``, ``CAE-INVOICE-…``
        """
        quote = self._open_quote(quote_id, "sale")
        share, amount = (str(typed or "").strip() for typed in (percent, amount))
        deposit, key = share or amount, self._line({"key": key}, "key", 64)
        made = quote.cae_document_ids.filtered(
            lambda move: key and move.cae_portal_key == key
        )
        if made or (not deposit and quote._cae_final()):
            return (made or quote._cae_final())[:1].id
        self._check_open_to_invoice(quote)
        self._check_offered(quote)
        values = self._copied(self.quote(quote_id))
        values |= {"key": key, "reference": quote.client_order_ref or quote.name}
        if deposit:
            values |= self._deposit_of(quote, values["lines"], share, amount)
        else:
            values |= self._whole_of(quote)
        self._touch(quote)
        document = self._document(self.save(values))
        document.write({"cae_quote_id": quote.id, "invoice_origin": quote.name})
        return document.id

    @api.model
    def _check_open_to_invoice(self, quote):
        """:raises UserError: ``CAE-QUOTE-INVOICED``"""
        if quote._cae_final():
            raise UserError(
                self.env._("CAE-QUOTE-INVOICED: the whole of it is invoiced already.")
            )
        if quote._cae_invoiced_there():
            raise UserError(
                self.env._(
                    "CAE-QUOTE-INVOICED: the cooperative invoiced a part of it: the "
                    "rest is the cooperative’s to invoice too."
                )
            )

    @api.model
    def _check_offered(self, quote):
        """What the customer agreed to is invoiced as it is, or not from here.

        :raises UserError: ``CAE-QUOTE-TAX``
        """
        company = quote.company_id
        offered = company._cae_portal_taxes()
        known = quote.currency_id == company.currency_id
        for line in self._sold(quote):
            known &= len(line.tax_ids) == 1 and line.tax_ids in offered
        if not known:
            raise UserError(
                self.env._(
                    "CAE-QUOTE-TAX: it has a VAT rate or a currency that is not "
                    "offered here (any more): ask the cooperative to invoice it."
                )
            )

    @api.model
    def _whole_of(self, quote):
        """:raises UserError: ``CAE-QUOTE-DEPOSIT``"""
        deposits = quote._cae_invoices()
        if any(move.state != "posted" for move in deposits):
            raise UserError(
                self.env._(
                    "CAE-QUOTE-DEPOSIT: a deposit of this quote is not validated yet, "
                    "so that it cannot be taken off. Wait for it, or delete it."
                )
            )
        if any(credit.state == "draft" for credit in deposits.reversal_move_ids):
            raise UserError(
                self.env._(
                    "CAE-QUOTE-DEPOSIT: a credit note of a deposit is not validated "
                    "yet, so that what is to be taken off is not known. Wait for it, "
                    "or delete it."
                )
            )
        taken_off = deposits & self._open_deposits(
            quote.cae_activity_id, quote.partner_id
        )
        return {"deposits": taken_off.ids}

    @api.model
    def _deposit_of(self, quote, lines, percent, amount):
        """A deposit: the share of what is sold, rate by rate, rounded half up.

        Of an amount the largest part takes what rounding leaves.

        :param percent: as it was typed; ``amount`` otherwise
        :raises UserError: ``CAE-QUOTE-PERCENT``, ``CAE-INVOICE-NUMBER``
        """
        typed = self._number(percent or amount, self.env._("Deposit"))
        whole = decimal(quote.amount_untaxed)
        share = typed / (100 if percent else whole or 1)
        sold = defaultdict(Decimal)
        for line in lines:
            sold[line["tax"]] += decimal(line["untaxed"])
        parts = {tax: decimal(total * share) for tax, total in sold.items()}
        if parts and not percent:
            parts[max(parts, key=parts.get)] += typed - sum(parts.values())
        before = sum(decimal(m.amount_untaxed) for m in quote._cae_invoices())
        asked = before + sum(parts.values())
        if not 0 < share < 1 or asked >= whole:
            raise UserError(
                self.env._(
                    "CAE-QUOTE-PERCENT: deposits are more than 0 % and, together, less "
                    "than the whole quote."
                )
            )
        words = self._deposit_words(quote, percent and typed)
        return {
            "deposit": True,
            "lines": [
                {"description": words, "price": str(part), "tax": tax}
                for tax, part in parts.items()
                if part
            ],
        }

    @api.model
    def _deposit_words(self, quote, percent):
        if not percent:
            return self.env._("Deposit on the quote %s", quote.name)
        return self.env._(
            "Deposit of %(share)s %% on the quote %(number)s",
            share=f"{percent.normalize():f}".replace(".", self._mark()),
            number=quote.name,
        )

    @api.model
    def _quote_pdf(self, quote_id):
        """Name and content of the PDF of a quote."""
        quote = self._quote(quote_id)
        # sudo: the PDF of a quote of an own activity.
        reports = self.env["ir.actions.report"].sudo()
        report = reports.with_company(quote.company_id)
        content = report._cae_pdf("sale.action_report_saleorder", quote.ids)
        return f"{quote.name}.pdf", content
