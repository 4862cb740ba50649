from collections import Counter
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..engine.money import decimal
from ..tools import format_date
from .account_move_validation import TOGETHER

#: Between two reminders of one invoice, and two sendings of it by e-mail.
REMINDED, MAILED = timedelta(days=7), timedelta(minutes=5)
#: E-mails to customers, of whatever address, that one person sends within a day.
DAILY = 200


class CaeInvoicing(models.AbstractModel):
    """What becomes of a document: sent, taken back, credited, mailed, reminded."""

    _inherit = "cae.invoicing"

    @api.model
    def send(self, document_id: int) -> dict:
        """Send a draft to the cooperative, or post it below the limit of the activity.

        Sent twice, nothing more happens.

        :return: ``{"state": "to_validate" | "validated"}``
        :raises AccessError: ``CAE-INVOICE-ACCESS``
        :raises UserError: ``CAE-INVOICE-…``, ``CAE-PERIOD-LOCKED``
        """
        document = self._document(document_id, hold=True)
        if document.cae_validation not in ("to_validate", "validated"):
            document = self._open_document(document_id)
            self._check_complete(document)
            document._cae_check_postable()
            sent = {"cae_validation": "to_validate", "cae_sent_by_id": self.env.uid}
            document.write({**sent, "cae_refusal": False})
            if document._cae_is_small():
                # Of two that are sent at once, the second counts the first.
                self._touch(document.cae_activity_id)
            if document._cae_validates_itself():
                self._post_own(document)
            elif document._cae_waits_because():
                self._log_waiting(document)
        return {"state": document.cae_validation}

    @api.model
    def _post_own(self, document):
        # sudo (of the document): the person has no right on entries; the cooperative
        # lets this activity post invoices up to its limit. Ownership, state, dates and
        # locks were checked, and the row is held.
        posting = document.with_context(validate_analytic=True, cae_own=None)
        posting._post(soft=False)
        document.cae_self_validated_on = fields.Date.context_today(self)
        document._message_log(
            body=self.env._("Validated by the entrepreneur, within the limit.")
        )

    @api.model
    def _log_waiting(self, document):
        """Tell the cooperative why a small invoice waits for it."""
        document._message_log(
            body=self.env._(
                "It waits: with what the activity validated itself for this customer "
                "in the last %s days it passes the limit.",
                TOGETHER.days,
            )
        )

    @api.model
    def take_back(self, document_id: int) -> bool:
        """Undo :meth:`send` while the cooperative has not decided.

        :raises UserError: ``CAE-INVOICE-STATE``
        """
        document = self._document(document_id, hold=True)
        if document.cae_validation in ("draft", "refused"):
            return True
        if document.state != "draft" or document.cae_validation != "to_validate":
            raise UserError(
                self.env._(
                    "CAE-INVOICE-STATE: the cooperative has decided already: it cannot "
                    "be taken back."
                )
            )
        if document.posted_before:
            raise UserError(
                self.env._(
                    "CAE-INVOICE-STATE: the cooperative is correcting this document."
                )
            )
        document.cae_validation = "draft"
        return True

    @api.model
    def remove(self, document_id: int) -> bool:
        """Delete a draft of one's own.

        :raises UserError: ``CAE-INVOICE-STATE``
        """
        document = self._open_document(document_id)
        if document.posted_before:
            raise UserError(
                self.env._(
                    "CAE-INVOICE-STATE: this document had a number: the cooperative "
                    "cancels it."
                )
            )
        return document.unlink()

    @api.model
    def duplicate(self, document_id: int) -> int:
        """A new draft with the same customer and lines; its id.

        Rates that are offered no more become the usual one; deposits are left out.
        """
        return self.save(self._copied(self.document(document_id)))

    @api.model
    def _copied(self, known):
        """Values of a new document like a known one, as far as they are offered."""
        choices = self.choices(known["activity"])
        offered = [tax["id"] for tax in choices["taxes"]]
        usual = choices["usual"]
        terms = [term["id"] for term in choices["terms"]]
        return {
            "activity": known["activity"],
            "customer": known["customer_id"],
            "term": known["term"] if known["term"] in terms else False,
            "mentions": known["mentions"],
            "lines": [
                {**line, "tax": line["tax"] if line["tax"] in offered else usual}
                for line in known["lines"]
                if not line["deposit"]
            ],
        }

    # ------------------------------------------------------------------
    # Credit notes
    # ------------------------------------------------------------------

    @api.model
    def ask_credit(
        self, document_id: int, reason: str, lines: list | None = None
    ) -> int:
        """Ask the cooperative for the credit note of an invoice; its id.

        :param reason: printed on it
        :param lines: ids of the lines to credit; all otherwise
        :raises UserError: ``CAE-INVOICE-CREDIT``, ``-DEPOSIT``, ``-REASON``
        """
        invoice = self._document(document_id, hold=True)
        reason = self._line({"reason": reason}, "reason", 300)
        if not reason:
            raise UserError(
                self.env._("CAE-INVOICE-REASON: say why a credit note is needed.")
            )
        kept = self._credited_lines(invoice, lines)
        self._check_creditable(invoice, kept)
        words = self.env._("%(number)s: %(reason)s", number=invoice.name, reason=reason)
        vals = {"ref": words, "invoice_date": False, "invoice_user_id": False}
        self._touch(invoice)
        credit = invoice._reverse_moves([vals])
        self._keep_lines(invoice, credit, kept)
        sent = {"cae_validation": "to_validate", "cae_sent_by_id": self.env.uid}
        credit.write(sent)
        credit._message_log(body=self.env._("Credit note asked for: %s", reason))
        invoice._message_log(body=self.env._("Credit note asked for: %s", reason))
        return credit.id

    @api.model
    def _touch(self, record):
        """The held row changes, so that who waits for it starts again and sees why."""
        record.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET write_date = write_date WHERE id = %s",
                SQL.identifier(record._table),
                record.id,
            )
        )

    @api.model
    def _credited_lines(self, invoice, lines):
        own = invoice.invoice_line_ids.filtered(lambda ln: ln.display_type == "product")
        if not lines:
            return own
        keys = {self._key(k) for k in lines} if isinstance(lines, list) else set()
        kept = own.filtered(lambda line: line.id in keys)
        if len(kept) != len(keys):
            raise UserError(
                self.env._("CAE-INVOICE-CREDIT: choose lines of this invoice.")
            )
        return kept

    @api.model
    def _check_creditable(self, invoice, kept):
        """:raises UserError: ``CAE-INVOICE-CREDIT``, ``CAE-INVOICE-DEPOSIT``"""
        if invoice.move_type != "out_invoice" or invoice.state != "posted":
            raise UserError(
                self.env._(
                    "CAE-INVOICE-CREDIT: only a validated invoice has a credit note."
                )
            )
        credits = invoice.reversal_move_ids.filtered(lambda m: m.state != "cancel")
        if any(credit.state == "draft" for credit in credits):
            raise UserError(
                self.env._(
                    "CAE-INVOICE-CREDIT: a credit note of this invoice waits already."
                )
            )
        if taken := self._deducting(invoice):
            raise UserError(
                self.env._(
                    "CAE-INVOICE-DEPOSIT: the invoice %s deducts this deposit. Remove "
                    "it from that invoice, or ask for the credit note of that invoice.",
                    taken.move_id[:1].display_name,
                )
            )
        sold = self._by_rate(invoice.invoice_line_ids)
        asked = self._by_rate(kept)
        credited = self._by_rate(credits.invoice_line_ids) + asked
        if asked.total() <= 0 or any(abs(credited[r]) > abs(sold[r]) for r in credited):
            raise UserError(
                self.env._(
                    "CAE-INVOICE-CREDIT: with the credit notes before, it would be "
                    "more than the invoice."
                )
            )

    @api.model
    def _by_rate(self, lines):
        """Untaxed amounts by taxes: none is given back that was not invoiced."""
        found = Counter()
        for line in lines.filtered(lambda ln: ln.display_type == "product"):
            found[line.tax_ids] += self._booked(line)
        return found

    @api.model
    def _by_tax(self, lines):
        """Amounts of the lines of taxes."""
        found = Counter()
        for line in lines.filtered("tax_line_id"):
            found[line.tax_line_id, line.account_id] += self._booked(line)
        return found

    @api.model
    def _booked(self, line):
        """What a line of a document is worth; its price may round otherwise."""
        return decimal(line.amount_currency) * line.move_id.direction_sign

    @api.model
    def _keep_lines(self, invoice, credit, kept):
        """Take the other lines off a credit note, which has those of its invoice.

        Under global rounding what is left may round otherwise than within the invoice:
        cents are given back as they were invoiced.
        """
        own = invoice.invoice_line_ids.filtered(lambda ln: ln.display_type == "product")
        copies = credit.invoice_line_ids.filtered(
            lambda ln: ln.display_type == "product"
        )
        pairs = list(zip(own, copies, strict=True))
        unwanted = [copy.id for line, copy in pairs if line not in kept]
        if unwanted:
            gone = [Command.delete(key) for key in unwanted]
            credit.write({"invoice_line_ids": gone})
            self._keep_prices([pair for pair in pairs if pair[0] in kept])
            self._keep_taxes(invoice, credit)

    @api.model
    def _keep_prices(self, pairs):
        """Lines of a credit note as they were invoiced, should one differ."""
        found = [(copy, self._booked(line)) for line, copy in pairs]
        same = all(self._booked(copy) == booked for copy, booked in found)
        # What is booked is no price where prices hold the tax.
        if same or any(line.tax_ids.filtered("price_include") for line, _copy in pairs):
            return
        for copy, booked in found:
            copy.write({"quantity": 1, "discount": 0, "price_unit": float(booked)})

    @api.model
    def _keep_taxes(self, invoice, credit):
        """VAT up to that of the invoice; the last note of a rate takes what is left."""
        notes = invoice.reversal_move_ids.filtered(lambda m: m.state != "cancel")
        sold = self._by_rate(invoice.invoice_line_ids)
        given = self._by_rate(notes.invoice_line_ids)
        invoiced = self._by_tax(invoice.line_ids)
        before = self._by_tax((notes - credit).line_ids)
        changes = []
        for line in credit.line_ids.filtered("tax_line_id"):
            own, key = self._booked(line), (line.tax_line_id, line.account_id)
            left = invoiced[key] - before[key]
            nearest = max if left < 0 else min
            last = all(given[r] == sold[r] for r in sold if line.tax_line_id in r)
            amount = left if last else nearest(left, own)
            # A tax may have an account of its own for credit notes.
            if key in invoiced and amount != own:
                values = {"amount_currency": float(amount)}
                changes.append(Command.update(line.id, values))
        if changes:
            credit.write({"line_ids": changes})

    # ------------------------------------------------------------------
    # E-mails to the customer
    # ------------------------------------------------------------------

    @api.model
    def mail(self, document_id: int) -> bool:
        """Send a validated document to its customer by e-mail, with its PDF.

        :raises UserError: ``CAE-INVOICE-STATE``, ``-EMAIL``, ``-MANY``, ``-MAILED``
        """
        document = self._to_customer(document_id)
        now = fields.Datetime.now()
        if document.cae_mailed_on and now - document.cae_mailed_on < MAILED:
            raise UserError(
                self.env._("CAE-INVOICE-MAILED: it was sent a few minutes ago.")
            )
        document.cae_mailed_on = now
        # sudo (of the document): the person has no right on entries; a validated
        # document of an own activity goes to its own customer alone.
        sending = self.env["account.move.send"].sudo()
        sending.with_company(document.company_id)._generate_and_send_invoices(
            document.with_context(cae_own=None),
            sending_methods=["email"],
            mail_template=self._template("cae_invoice_mail_template"),
            mail_partner_ids=document.partner_id.ids,
        )
        document.is_move_sent = True
        return True

    @api.model
    def _remind_from(self, move):
        """The first day of the next reminder; False when it may leave today."""
        last, today = move.cae_reminded_on, fields.Date.context_today(self)
        return last and today - last < REMINDED and last + REMINDED

    @api.model
    def remind(self, document_id: int) -> bool:
        """Remind the customer of an invoice that is late, once a week at most.

        :raises UserError: ``CAE-INVOICE-STATE``, ``-EMAIL``, ``-MANY``, ``-REMINDED``
        """
        document = self._to_customer(document_id)
        today = fields.Date.context_today(self)
        if not self._days_late(document):
            raise UserError(self.env._("CAE-INVOICE-STATE: this invoice is not late."))
        again = self._remind_from(document)
        if again:
            raise UserError(
                self.env._(
                    "CAE-INVOICE-REMINDED: the customer was reminded on %(day)s. "
                    "Remind again from %(next)s.",
                    day=format_date(self.env, document.cae_reminded_on),
                    next=format_date(self.env, again),
                )
            )
        document.cae_reminded_on = today
        template = self._template("cae_reminder_mail_template")
        self._pdf(document_id)
        kept = document.invoice_pdf_report_id
        template.send_mail(
            document.id,
            email_values={"attachment_ids": [Command.link(k) for k in kept.ids]},
        )
        document._message_log(
            body=self.env._("Reminder sent to %s", document.partner_id.email)
        )
        return True

    @api.model
    def _template(self, name):
        # sudo: the person has no right on templates.
        return self.env.ref(f"cae_base.{name}").sudo()

    @api.model
    def _to_customer(self, document_id):
        """:raises UserError: ``CAE-INVOICE-STATE``, ``CAE-INVOICE-EMAIL``"""
        document = self._document(document_id, hold=True)
        if document.state != "posted":
            raise UserError(
                self.env._("CAE-INVOICE-STATE: this document is not validated yet.")
            )
        self._check_email(document.partner_id)
        return document

    @api.model
    def _check_email(self, customer):
        """:raises UserError: ``CAE-INVOICE-EMAIL``, ``CAE-INVOICE-MANY``"""
        # sudo: how many left, of the user's own.
        messages = self.env["mail.message"].sudo()
        sent = messages.search_count(
            [
                ("model", "in", ("account.move", "sale.order")),
                ("create_uid", "=", self.env.uid),
                ("message_type", "in", ("email_outgoing", "comment")),
                ("create_date", ">=", fields.Datetime.now() - timedelta(days=1)),
            ]
        )
        if sent >= DAILY:
            raise UserError(
                self.env._(
                    "CAE-INVOICE-MANY: %s e-mails a day at most leave from here: send "
                    "the others tomorrow.",
                    DAILY,
                )
            )
        if not customer.email:
            raise UserError(
                self.env._(
                    "CAE-INVOICE-EMAIL: %s has no e-mail address. Add it to the "
                    "customer first.",
                    customer.name,
                )
            )

    @api.model
    def _pdf(self, document_id):
        """Name and content of the PDF: that of the archive once it is validated."""
        document = self._document(document_id).with_context(cae_own=None)
        if document.state == "posted" and not document.invoice_pdf_report_id:
            # sudo (of the document): the PDF of a document of an own activity, kept
            # so that it never looks different.
            sending = self.env["account.move.send"].sudo()
            sent = document.is_move_sent
            sending.with_company(document.company_id)._generate_and_send_invoices(
                document, sending_methods=[]
            )
            # Odoo takes what is printed for sent: here it was only looked at.
            document.is_move_sent = sent
        kept = document.invoice_pdf_report_id
        if kept:
            return kept.name, kept.raw
        # sudo: as above.
        reports = self.env["ir.actions.report"].sudo()
        content = reports._cae_pdf("account.account_invoices", document.ids)
        return document._get_invoice_report_filename(), content
