"""The subscription form (bulletin de souscription) of a subscription of shares."""

from odoo import models
from odoo.exceptions import UserError

from .cae_member_document import document_frame


class CaeShareMovement(models.Model):
    _name = "cae.share.movement"
    _inherit = ["cae.share.movement", "cae.printed"]
    _report_template = "cae_governance.share_subscription_document"

    def _file_name(self):
        return self.env._("Subscription form %s", self.name)

    def _pages(self):
        """:raises UserError: ``CAE-SHARE-FORM`` for other movements"""
        if any(movement.kind != "subscription" for movement in self):
            raise UserError(
                self.env._("CAE-SHARE-FORM: a form is for a subscription of shares.")
            )
        return super()._pages()

    def _prepare_document_values(self):
        company, member = self.company_id, self.member_id
        return {
            **super()._prepare_document_values(),
            **document_frame(self),
            "member": member,
            "retained": bool(
                member.entrepreneur_id
                and member.retention
                and company.cae_retention_rate
                and company.cae_retention_target
            ),
        }
