from odoo import api, fields, models
from odoo.exceptions import UserError

from .cae_owned import OWN

#: What a message says, and of what.
SAID = {
    "attachment_ids",
    "author_id",
    "body",
    "date",
    "email_from",
    "message_type",
    "model",
    "res_id",
    "subject",
    "subtype_id",
    "tracking_value_ids",
}
#: What a message is, of whom, and when: never what a client says.
SIGNED = {
    "author_guest_id",
    "author_id",
    "date",
    "email_from",
    "message_type",
    "model",
    "res_id",
    "tracking_value_ids",
}


#: Odoo searches behind these without the rights of messages.
THREAD = {"message_ids", "website_message_ids"}


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def _has_field_access(self, field, operation):
        """Nobody in the portal guesses what colleagues note on one's records.

        Nor on one's contact, invoices and quotes, which are Odoo's.
        """
        if field.name in THREAD:
            # The superuser of a page is the product, which says whose words it shows.
            if self.env.user.share and not self.env.su:
                return False
        return super()._has_field_access(field, operation)

    def _cae_note(self, body):
        """Log what the product did, in the name of who made it do so."""
        return self.with_context(cae_own=OWN).message_post(body=body)

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Colleagues who read our records write notes there; the portal has pages."""
        operations = super()._mail_get_operation_for_mail_message_operation(
            message_operation
        )
        ours = self._name.startswith("cae.")
        if ours and message_operation == "create" and self.env.user.share:
            operations = dict.fromkeys(operations, "write")
        return operations


class MailMessage(models.Model):
    """What the product notes in its own logs stays: unlockings, changes, reasons.

    Odoo lets whoever may write on a record edit and delete its messages, and say what
    they are and who wrote them. Here people post comments in their own name.
    """

    _inherit = "mail.message"

    # E-mails to customers of one person within a day, counted before each.
    _cae_sent_idx = models.Index(
        "(create_uid, create_date) WHERE model IN ('account.move', 'sale.order')"
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self._cae_notes():
            vals_list = [self._cae_as_comment(vals) for vals in vals_list]
        return super().create(vals_list)

    @api.model
    def _cae_as_comment(self, vals):
        model = vals.get("model") or self.default_get(["model"]).get("model")
        if not str(model or "").startswith("cae."):
            return vals
        author = self.env.user.partner_id
        kind = vals.get("message_type")
        # Notices to one person are no part of the log.
        kind = kind if kind == "user_notification" else "comment"
        return {
            **{key: value for key, value in vals.items() if key not in SIGNED},
            **{"model": model, "res_id": vals.get("res_id")},
            **{"author_id": author.id, "email_from": author.email_formatted},
            **{"date": fields.Datetime.now(), "message_type": kind},
            **{"author_guest_id": False, "tracking_value_ids": []},
        }

    def write(self, vals):
        if SAID & set(vals):
            self._cae_check_log()
        moved = str(vals.get("model") or "").startswith("cae.")
        if moved or (SIGNED & set(vals) and any(m._cae_is_ours() for m in self)):
            self._cae_check_notes()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_cae_log(self):
        self._cae_check_log()

    def _cae_check_log(self):
        """:raises UserError: ``CAE-LOG-KEPT``"""
        if any(message._cae_is_log() for message in self):
            self._cae_check_notes()

    @api.model
    def _cae_notes(self):
        """Whether the product itself is writing."""
        return self.env.su or self.env.context.get("cae_own") is OWN

    @api.model
    def _cae_check_notes(self):
        """:raises UserError: ``CAE-LOG-KEPT``"""
        if not self._cae_notes():
            raise UserError(
                self.env._(
                    "CAE-LOG-KEPT: what the product noted stays as it is. Add a note "
                    "beside it."
                )
            )

    def _cae_is_ours(self):
        return (self.model or "").startswith("cae.")

    def _cae_is_log(self):
        return self._cae_is_ours() and self.message_type != "comment"
