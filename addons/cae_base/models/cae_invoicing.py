"""What entrepreneurs do with their customers and invoices: the one door to them.

Portal users have no right on accounting. The public methods here are what the pages
and programs call, as the entrepreneur: each asks first whether the activity is held
today (:meth:`CaeInvoicing._activity`), and only then reads or writes with ``sudo``,
values that it made itself.
"""

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..engine.invoicing import EntryError, number
from ..engine.texts import cleaned, one_line

#: Documents of customers, as the portal makes and shows them.
TYPES = ("out_invoice", "out_refund")
#: What a person may still change.
OPEN = ("draft", "refused")
LARGEST_ID = 2**31 - 1
#: What is kept of the context of a caller.
KEPT = ("lang", "tz", "allowed_company_ids")


class CaeInvoicing(models.AbstractModel):
    """Customers and invoices of the activities that the user holds today."""

    _name = "cae.invoicing"
    _description = "Invoicing by Entrepreneurs"

    @api.model
    def _activities(self):
        """Activities that the user holds today, read with the rights of the user."""
        return self.env["cae.home"]._held_today()

    @api.model
    def _activity(self, code=""):
        """An activity of the user (sudo), the first one without a code.

        :raises AccessError: ``CAE-INVOICE-ACCESS``
        """
        held = self._activities()
        chosen = held.filtered(lambda a: a.code == code) if code else held[:1]
        if not chosen:
            raise self._refusal()
        # sudo: the activity is the user's own; its customers and documents are
        # written by the methods of this model alone.
        return chosen.sudo().with_company(chosen.company_id)

    @api.model
    def _chosen(self, code):
        """Activities (sudo) of the user, one when ``code`` names it."""
        held = self._activities()
        # sudo: as for _activity.
        return (held.filtered(lambda a: a.code == code) if code else held).sudo()

    @api.model
    def _document(self, document_id, hold=False):
        """A document (sudo) of an activity that the user holds today.

        :param hold: wait for who changes it, and keep it until the transaction ends
        :raises AccessError: ``CAE-INVOICE-ACCESS``
        """
        # sudo: the domain names the activities of the user and no others.
        found = self.env["account.move"].sudo()
        if self._is_id(document_id):
            domain = self._documents_domain(self._activities())
            found = found.search(Domain("id", "=", document_id) & domain)
        if not found:
            raise self._refusal()
        if hold:
            found._cae_hold()
            found.invalidate_recordset()
        return self._writing(found.with_company(found.company_id))

    @api.model
    def _documents_domain(self, activities):
        """What the portal shows: posted documents, and drafts that it made.

        None of which a line is another activity's: its text and amount are not shown.
        Nor those of before the person held it, as in the ledger, but for own ones.
        """
        whole = Domain.custom(to_sql=self.env["cae.purchase"]._whole_sql)
        seen = activities._seen_domain() | Domain("create_uid", "=", self.env.uid)
        return (
            whole
            & seen
            & Domain("cae_activity_id", "in", activities.ids)
            & Domain("move_type", "in", TYPES)
            & (Domain("state", "=", "posted") | Domain("cae_validation", "!=", False))
        )

    @api.model
    def _writing(self, records):
        """Records as this model writes them: nobody follows them by that."""
        return self._unswitched(records)._cae_own()

    @api.model
    def _unswitched(self, records):
        """Records without what a caller's context would switch off in Odoo.

        Taxes, checks and the log are left out as a context says.
        """
        context = records.env.context
        kept = {name: context[name] for name in KEPT if name in context}
        return records.with_context(kept, mail_create_nosubscribe=True)

    @api.model
    def _open_document(self, document_id):
        """A document that the user may still change, held until the end.

        :raises UserError: ``CAE-INVOICE-STATE``
        """
        document = self._document(document_id, hold=True)
        if document.state != "draft" or document.cae_validation not in OPEN:
            raise UserError(
                self.env._(
                    "CAE-INVOICE-STATE: this document is with the cooperative, or "
                    "validated: it does not change any more."
                )
            )
        return document

    @api.model
    def _refusal(self):
        return AccessError(self.env._("CAE-INVOICE-ACCESS: this is not yours."))

    # ------------------------------------------------------------------
    # Values
    # ------------------------------------------------------------------

    @api.model
    def _is_id(self, value):
        plain = isinstance(value, int) and not isinstance(value, bool)
        return plain and 0 < value <= LARGEST_ID

    @api.model
    def _key(self, value):
        """An id as pages and programs give it; 0 when it is none."""
        text = str(value) if isinstance(value, int | str) else ""
        if isinstance(value, bool) or not text.isascii() or not text.isdecimal():
            return 0
        key = int(text[:12])
        return key if self._is_id(key) else 0

    @api.model
    def _line(self, values, name, length=200):
        """A text on one line, cut where no screen shows it."""
        return one_line(values.get(name), length)

    @api.model
    def _text(self, values, name, length=4000):
        return cleaned(values.get(name), length)

    @api.model
    def _number(self, value, label):
        """:raises UserError: ``CAE-INVOICE-NUMBER``"""
        words = {
            "number": self.env._("is no number, such as 12 or 12,50"),
            "digits": self.env._("has more than two decimals"),
            "large": self.env._("is too large"),
        }
        try:
            return number(value)
        except EntryError as error:
            raise UserError(
                self.env._(
                    "CAE-INVOICE-NUMBER: %(label)s: “%(value)s” %(problem)s.",
                    label=label,
                    value=str(value)[:40],
                    problem=words[error.reason],
                )
            ) from error

    @api.model
    def _values(self, values):
        """:raises UserError: ``CAE-INVOICE-VALUE``"""
        if not isinstance(values, dict):
            raise UserError(self.env._("CAE-INVOICE-VALUE: values are a dictionary."))
        return values
