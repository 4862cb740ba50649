from odoo import api, models
from odoo.exceptions import UserError

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


class MailMessage(models.Model):
    """What the product notes in its own logs stays: unlockings, changes, reasons.

    Odoo lets whoever may write on a record edit and delete its messages.
    """

    _inherit = "mail.message"

    def write(self, vals):
        if SAID & set(vals):
            self._cae_check_log()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_cae_log(self):
        self._cae_check_log()

    def _cae_check_log(self):
        """:raises UserError: ``CAE-LOG-KEPT``"""
        if not self.env.su and any(message._cae_is_log() for message in self):
            raise UserError(
                self.env._(
                    "CAE-LOG-KEPT: what the product noted stays as it is. Add a note "
                    "beside it."
                )
            )

    def _cae_is_log(self):
        ours = (self.model or "").startswith("cae.")
        return ours and self.message_type != "comment"
