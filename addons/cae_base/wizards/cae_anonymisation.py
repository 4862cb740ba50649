from odoo import api, fields, models
from odoo.exceptions import UserError


class CaeAnonymisation(models.TransientModel):
    """Shows what is erased of a person and what is kept, then does it for good."""

    _name = "cae.anonymisation"
    _description = "Anonymisation of a Person"

    entrepreneur_id = fields.Many2one("cae.entrepreneur", required=True, readonly=True)
    obstacles = fields.Text(
        string="Not Yet",
        compute="_compute_preview",
        help="What forbids it still: contracts, debts, membership, legal terms.",
    )
    erased = fields.Text(compute="_compute_preview", help="For good: nobody undoes it.")
    kept = fields.Text(
        compute="_compute_preview", help="What the law has the cooperative keep."
    )
    reason = fields.Char(
        help="Kept in the log, such as: six years after the exit, or request of 12/03."
    )

    @api.depends("entrepreneur_id")
    def _compute_preview(self):
        for wizard in self:
            wizard.entrepreneur_id._check_anonymity_right()
            # sudo: told in words and numbers, also of what the manager may not read.
            person = wizard.entrepreneur_id.sudo()
            wizard.obstacles = "\n".join(person._anonymity_obstacles()) or False
            wizard.erased = "\n".join(
                f"{part.words}: {len(part.records)}"
                for part in person._anonymity_parts()
                if part.records
            )
            wizard.kept = "\n".join(person._anonymity_kept())

    def action_anonymise(self) -> dict:
        """Do it, and show the log.

        :raises UserError: ``CAE-ANONYMITY-REASON``, ``CAE-ANONYMITY-RIGHT``,
            ``CAE-ANONYMITY-EARLY``
        """
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(
                self.env._("CAE-ANONYMITY-REASON: say why, for the log of erasures.")
            )
        log = self.entrepreneur_id._anonymise(self.reason)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Erasure"),
            "res_model": "cae.erasure",
            "res_id": log.id,
            "view_mode": "form",
            "views": [[False, "form"]],
        }
