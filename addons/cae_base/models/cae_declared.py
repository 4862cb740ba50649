from odoo import fields, models
from odoo.fields import Domain

from .. import uploads


class CaeDeclared(models.AbstractModel):
    """A document that an entrepreneur declared on the portal, with its photos."""

    _name = "cae.declared"
    _description = "Document from the Portal"
    _inherit = ["cae.sent.once"]

    cae_declarer_id = fields.Many2one(
        "cae.entrepreneur",
        string="Declared by",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups="base.group_user",
        help="Who declared it on the portal.",
    )
    cae_correction = fields.Char(
        string="To Correct",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="Why it was sent back to whoever declared it.",
    )

    def _cae_papers(self):
        """Photos and files of these documents that their owners may see."""
        own = Domain("res_model", "=", self._name) & Domain("res_id", "in", self.ids)
        shown = Domain("cae_declared", "=", True)
        shown |= Domain("id", "in", self.message_main_attachment_id.ids)
        return self.env["ir.attachment"].search(
            own & shown & Domain("res_field", "=", False), order="id"
        )

    def _cae_add_papers(self, papers):
        """Attach checked files; the first one is shown beside the document.

        :param papers: ``[(name, content, extension)]``
        """
        attachments = self.env["ir.attachment"].create(
            [
                {
                    "name": uploads.file_name(name, kind),
                    "raw": uploads.without_place(content),
                    "mimetype": uploads.KINDS[kind][1],
                    "res_model": self._name,
                    "res_id": self.id,
                    "cae_declared": True,
                }
                for name, content, kind in papers
            ]
        )
        self._message_set_main_attachment_id(attachments)
