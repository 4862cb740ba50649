from odoo import models

from odoo.addons.cae_base.engine.texts import cleaned

#: Characters of a comment from the portal.
LONGEST_COMMENT = 4000


class CaeCommented(models.AbstractModel):
    """What a person and their coach say to each other on a record, in the portal."""

    _name = "cae.commented"
    _description = "Words of the Person and the Team"
    _inherit = ["mail.thread"]

    def _say(self, comment):
        """A word of the connected user; nothing when it is empty."""
        text = cleaned(comment, LONGEST_COMMENT)
        for record in self if text else ():
            record.message_post(
                body=text,
                author_id=self.env.user.partner_id.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
        return bool(text)

    def _comments(self):
        """Words of the person and the team: ``{record id: messages}``."""
        # sudo: comments alone, no internal note, of records whose reading was checked.
        messages = self.env["mail.message"].sudo()
        found = messages.search(
            [
                ("model", "=", self._name),
                ("res_id", "in", self.ids),
                ("message_type", "=", "comment"),
                ("subtype_id", "=", self.env.ref("mail.mt_comment").id),
                ("is_internal", "=", False),
            ],
            order="id",
        )
        return found.grouped("res_id")
