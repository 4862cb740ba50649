from datetime import timedelta

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import escape_psql, format_amount

from ..engine.money import ZERO, decimal
from ..engine.texts import cleaned
from ..tools import format_date

#: Who reads what the cooperative and the entrepreneur say to each other.
ACCOUNTING = "account.group_account_readonly,account.group_account_invoice"
#: Characters of a reason at most.
REASON = 2000
#: What an activity validates itself for one customer counts together for so long.
TOGETHER = timedelta(days=30)


class AccountMove(models.Model):
    """Customer documents that entrepreneurs make, and the cooperative validates."""

    _inherit = "account.move"

    cae_validation = fields.Selection(
        [
            ("draft", "Being Written"),
            ("to_validate", "To Validate"),
            ("refused", "Refused"),
            ("validated", "Validated"),
        ],
        string="Validation",
        readonly=True,
        copy=False,
        index="btree_not_null",
        tracking=True,
        groups=ACCOUNTING,
        help="Where a document that was made on the portal stands; empty for those of "
        "the cooperative.",
    )
    cae_sent_by_id = fields.Many2one(
        "res.users",
        string="Sent by",
        readonly=True,
        copy=False,
        groups=ACCOUNTING,
        help="Who sent the document for validation.",
    )
    cae_refusal = fields.Text(
        string="Reason of the Refusal", readonly=True, copy=False, groups=ACCOUNTING
    )
    cae_deposit = fields.Boolean(
        string="Deposit Invoice",
        copy=False,
        help="Asked for before the work is done; the final invoice deducts it.",
    )
    cae_mailed_on = fields.Datetime(
        string="Sent to the Customer on",
        readonly=True,
        copy=False,
        groups=ACCOUNTING,
        help="By the entrepreneur, from the portal.",
    )
    cae_reminded_on = fields.Date(
        string="Reminded on",
        readonly=True,
        copy=False,
        groups=ACCOUNTING,
        help="Last reminder to the customer from the portal.",
    )
    cae_self_validated_on = fields.Date(
        string="Self-Validated on",
        readonly=True,
        copy=False,
        groups=ACCOUNTING,
        help="When the entrepreneur validated it, within the limit of the activity.",
    )
    cae_portal_key = fields.Char(
        string="Key of the Form",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Technical: a form that is sent twice makes one document.",
    )

    _cae_portal_key_uniq = models.UniqueIndex(
        "(cae_portal_key) WHERE cae_portal_key IS NOT NULL",
        "This document was saved already.",
    )

    # ------------------------------------------------------------------
    # Posting
    # ------------------------------------------------------------------

    def _post(self, soft=True):
        # sudo: the state of the validation follows the entry, whoever posts it.
        waiting = self.sudo().filtered(lambda m: m.cae_validation == "to_validate")
        posted = super()._post(soft)
        # sudo: as above.
        made = posted.sudo().filtered("cae_validation")
        made._cae_own().write({"cae_validation": "validated", "cae_refusal": False})
        for move in made & waiting:
            move._cae_tell_validated()
        return posted

    def button_draft(self):
        result = super().button_draft()
        # sudo: as for _post. What the cooperative puts back to draft is its to correct.
        made = self.sudo().filtered(lambda m: m.cae_validation == "validated")
        # From now on it is the cooperative that validates it.
        again = {"cae_validation": "to_validate", "cae_self_validated_on": False}
        made._cae_own().write(again)
        return result

    def _cae_check_postable(self):
        """What nobody posts from the portal, or validates.

        :raises UserError: ``CAE-INVOICE-ACTIVITY``, ``-DATE``, ``-LOCKED``,
            ``CAE-PERIOD-LOCKED``
        """
        today = fields.Date.context_today(self)
        for move in self:
            day = move.invoice_date or today
            if day > today:
                raise UserError(
                    self.env._(
                        "CAE-INVOICE-DATE: %s is still to come. Leave the date empty: "
                        "the invoice takes the day on which it is validated.",
                        format_date(self.env, day),
                    )
                )
            # sudo: dates of the activity, for who may post its document.
            move.sudo().cae_activity_id._check_in_business(day)
            move._cae_check_unlocked(day)

    def _cae_check_unlocked(self, day):
        """Odoo would move the entry to the next open month without a word."""
        # sudo: the locks of the company, of which only a date is told.
        self.env["cae.period"].sudo()._check_open(self.company_id.sudo(), {day})
        violated = self.company_id.sudo()._get_violated_lock_dates(
            day, bool(self.sudo().invoice_line_ids.tax_ids), self.sudo().journal_id
        )
        if violated:
            raise UserError(
                self.env._(
                    "CAE-INVOICE-LOCKED: the accounts of %(month)s are closed. Choose "
                    "a date after %(day)s, or leave it empty.",
                    month=format_date(self.env, day, "MMMM y"),
                    day=format_date(self.env, violated[-1][0]),
                )
            )

    # ------------------------------------------------------------------
    # Decisions
    # ------------------------------------------------------------------

    def action_cae_validate(self) -> bool:
        """Post these documents: what entrepreneurs sent for validation.

        :raises UserError: ``CAE-INVOICE-STATE`` when one does not wait; what posting
            refuses. Nothing is posted then.
        """
        self._cae_waiting()._cae_check_batch()
        self.with_context(validate_analytic=True).action_post()
        return True

    def _cae_check_batch(self):
        """:meth:`_cae_check_postable`, which tells what is wrong where."""
        problems = []
        for move in self:
            try:
                move._cae_check_postable()
            except UserError as refusal:
                problems.append(f"{refusal} ({move.display_name})")
        if problems:
            raise UserError("\n".join(problems))

    def action_cae_ask_refusal(self) -> dict:
        """Ask for the reason, then refuse these documents."""
        return self.env["cae.reason"]._ask(
            "refuse_documents", self.env._("Refuse"), document_ids=self.ids
        )

    def action_cae_refuse(self, reason: str) -> bool:
        """Give these documents back to who sent them, with the reason.

        :raises UserError: ``CAE-INVOICE-STATE``, ``CAE-INVOICE-REASON``
        """
        moves, reason = self._cae_waiting(), cleaned(reason, REASON)
        if not reason:
            raise UserError(
                self.env._("CAE-INVOICE-REASON: say what is to be corrected.")
            )
        moves._cae_own().write({"cae_validation": "refused", "cae_refusal": reason})
        for move in moves:
            text = move.env._("Refused: %s", reason)
            move._message_log(body=text)
            move._cae_tell_refused()
        return True

    def _cae_waiting(self):
        """These documents, when the user may decide on them and all of them wait.

        :raises UserError: ``CAE-INVOICE-STATE``
        """
        self.check_access("write")
        self._cae_hold()
        self.invalidate_recordset(["cae_validation", "state"])
        done = self.filtered(
            lambda m: m.state != "draft" or m.cae_validation != "to_validate"
        )
        if done:
            raise UserError(
                self.env._(
                    "CAE-INVOICE-STATE: %s does not wait for validation (any more).",
                    done[0].display_name,
                )
            )
        return self

    def _cae_dated_later(self):
        """Whether a draft of the portal belongs to no month yet.

        What a person still writes is nothing that the close waits for: sent later, a
        date in the closed month is refused. Without a date it takes that of the
        validation.
        """
        self.ensure_one()
        waits = self.cae_validation == "to_validate"
        return bool(self.cae_validation) and not (waits and self.invoice_date)

    def _cae_validates_itself(self):
        """Whether the activity may post this itself: within its limit, in order."""
        self.ensure_one()
        small = self._cae_is_small() and not self._cae_is_split()
        return small and self._cae_follows_the_last()

    def _cae_is_small(self):
        """Whether an invoice alone is within the limit of its activity."""
        limit = decimal(self.cae_activity_id._self_validation_limit())
        return self.move_type == "out_invoice" and 0 < limit >= self._cae_sold()

    def _cae_is_split(self):
        """Whether it passes the limit with what was self-validated lately.

        Several small invoices are no way around, nor several customers who are one.
        """
        limit = decimal(self.cae_activity_id._self_validation_limit())
        since = fields.Date.context_today(self) - TOGETHER
        lately = self.search(
            [
                ("cae_activity_id", "=", self.cae_activity_id.id),
                ("commercial_partner_id", "in", self._cae_same_customers().ids),
                ("cae_self_validated_on", ">", since),
                ("state", "=", "posted"),
            ]
        )
        return (lately | self)._cae_sold() > limit

    def _cae_same_customers(self):
        """The customer, with those of the activity that look like the same one.

        Of the same name, number, VAT number or e-mail: whoever enters a customer again
        does not begin again below the limit.
        """
        own = self.commercial_partner_id
        values = {name: own[name] for name in ("vat", "email_normalized")}
        alike = Domain.OR(
            Domain(name, "=", value) for name, value in values.items() if value
        )
        alike |= Domain("name", "=ilike", escape_psql(own.name or ""))
        siren = "".join((own.company_registry or "").split())[:9]
        if siren:
            alike |= Domain("company_registry", "=like", f"{escape_psql(siren)}%")
        theirs = Domain("cae_activity_id", "=", self.cae_activity_id.id) & alike
        return own | own.with_context(active_test=False).search(theirs)

    def _cae_sold(self):
        """Untaxed amount of what is sold.

        Without what negative lines take off: these could bear another rate of VAT.
        """
        sold = (decimal(line.price_subtotal) for line in self.invoice_line_ids)
        return sum((max(subtotal, ZERO) for subtotal in sold), ZERO)

    def _cae_waits_because(self):
        """Why a small invoice waits for the cooperative, in words; else nothing."""
        waits = self.state == "draft" and self.cae_validation == "to_validate"
        if not (waits and self._cae_is_small() and self._cae_is_split()):
            return ""
        limit = self.cae_activity_id._self_validation_limit()
        return self.env._(
            "With what you validated yourself for this customer in the last %(days)s "
            "days it comes to more than %(limit)s without VAT, your limit: the "
            "cooperative looks at it before it leaves. Until then you can take it "
            "back.",
            days=TOGETHER.days,
            limit=format_amount(self.env, limit, self.company_id.currency_id),
        )

    def _cae_follows_the_last(self):
        """Whether the next number is in the order of the dates.

        CGI, annex II, art. 242 nonies A, I-7°: numbers are chronological. Whoever
        wants an earlier date asks the cooperative.
        """
        today = fields.Date.context_today(self)
        return not self.invoice_date or not self.search_count(
            [
                ("journal_id", "=", self.journal_id.id),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("invoice_date", ">", self.invoice_date),
                ("invoice_date", "<=", today),
            ],
            limit=1,
        )

    # ------------------------------------------------------------------
    # Messages
    # ------------------------------------------------------------------

    def _cae_tell_validated(self):
        if self.cae_sent_by_id == self.env.user:
            return
        words = self._cae_words()
        self._cae_tell(
            words.env._("%s is validated", self.name),
            words.env._("You can now send it to your customer from the portal."),
        )

    def _cae_tell_refused(self):
        words = self._cae_words()
        self._cae_tell(
            words.env._("To correct: invoice for %s", self.partner_id.name or ""),
            words.env._("The cooperative gave it back. Reason: %s", self.cae_refusal),
        )

    def _cae_words(self):
        return self.with_context(lang=self.cae_sent_by_id.lang or self.env.lang)

    def _cae_tell(self, subject, text):
        """A message to who sent the document, which its customer never sees."""
        url = f"{self.get_base_url()}/my/invoicing/{self.id}"
        body = Markup('<p>%s</p><p><a href="%s">%s</a></p>') % (text, url, url)
        self.env["mail.thread"].message_notify(
            # sudo: the address of the person who sent it.
            partner_ids=self.sudo().cae_sent_by_id.partner_id.ids,
            subject=subject,
            body=body,
        )


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    cae_deposit_id = fields.Many2one(
        "account.move",
        string="Deposit Deducted",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups=ACCOUNTING,
        help="The deposit invoice that this line takes off a final invoice.",
    )
