from odoo import api, fields, models
from odoo.exceptions import UserError

# Only code can hold this object: it keeps what was published.
FREEZING = object()
#: What Odoo itself may write on a published file, when it makes a link in an e-mail;
#: nobody chooses the token that opens it.
FREE = {"access_token"}
#: What a screen makes of the file to show it.
SHOWN = {"thumbnail"}


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    cae_frozen = fields.Boolean(
        string="Published File",
        readonly=True,
        copy=False,
        help="The PDF of a published statement: it never changes.",
    )

    cae_declared = fields.Boolean(
        string="From the Portal",
        readonly=True,
        copy=False,
        help="An entrepreneur sent it with a purchase, and may open it again.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("cae_frozen") for vals in vals_list):
            self._check_freezing()
        return super().create(vals_list)

    def write(self, vals):
        free = SHOWN | FREE if self.env.su else SHOWN
        # sudo: whether the file is kept must be known, whoever writes on it.
        if set(vals) - free and (
            "cae_frozen" in vals or any(self.sudo().mapped("cae_frozen"))
        ):
            self._check_freezing()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        # sudo: whether the file is kept must be known, whoever deletes it.
        if any(self.sudo().mapped("cae_frozen")):
            self._check_freezing()

    @api.model
    def _check_freezing(self):
        """:raises UserError: ``CAE-STATEMENT-FROZEN``"""
        if self.env.context.get("cae_freezing") is not FREEZING:
            raise UserError(
                self.env._(
                    "CAE-STATEMENT-FROZEN: the PDF of a published statement is kept "
                    "as it is."
                )
            )
