from odoo import models


class CaePayLog(models.AbstractModel):
    """The log of pay: for those who decide on it, and for the person alone.

    Coaches and accountants read some records of pay; what was decided on them, by whom
    and why is none of their business.
    """

    _name = "cae.pay.log"
    _description = "Log of Pay"
    _inherit = ["mail.thread"]
    _rec_names_search = ["entrepreneur_id"]

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        operations = super()._mail_get_operation_for_mail_message_operation(
            message_operation
        )
        if message_operation == "read":
            operations.update(dict.fromkeys(self - self._of_the_user(), "write"))
        return operations

    def _log_hidden(self):
        """Those whose log, and files, the user may not read."""
        others = self.exists() - self._of_the_user()
        return others - others._filtered_access("write")

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Make people follow these records; whoever follows is told what is decided.

        :raises AccessError: for others than those who decide, and the person
        """
        others = self - self._of_the_user()
        if others:
            others.check_access("write")
        return super().message_subscribe(partner_ids, subtype_ids)

    def _of_the_user(self):
        """Those of the person who asks."""
        # sudo: whose pay it is, whoever asks.
        mine = self.sudo().filtered(
            lambda record: record.entrepreneur_id.user_id == self.env.user
        )
        return mine.with_env(self.env)
