from odoo import models

from odoo.addons.cae_base.models.cae_entrepreneur_anonymous import (
    Part,
    delete,
)
from odoo.addons.cae_base.tools import format_date


class CaeEntrepreneur(models.Model):
    """What coaching keeps goes with the name, unless somebody may still ask for it."""

    _inherit = "cae.entrepreneur"

    def _anonymity_obstacles(self):
        found = super()._anonymity_obstacles()
        programmes = self._evidence_programmes()
        if programmes:
            found.append(
                self.env._(
                    "Funders may ask for the evidence of the support until %s.",
                    format_date(self.env, max(programmes.mapped("date_kept"))),
                )
            )
        elif self._kept_interviews() or self._kept_seats():
            found.append(
                self.env._(
                    "Signed interviews or sheets of trainings are kept %s years.",
                    self.company_id.cae_evidence_years,
                )
            )
        return found

    def _anonymity_parts(self):
        # First: names are looked for in what others keep.
        documents = self.document_ids.filtered("type_id.kept_by_law")
        return [
            Part(
                self.env._("files of coaching"),
                self,
                lambda people: people._erase_parts(),
            ),
            Part(self.env._("documents kept by law until now"), documents, delete),
            *super()._anonymity_parts(),
        ]

    def _anonymity_threads(self):
        return [
            *super()._anonymity_threads(),
            *(self.interruption_ids, self.exit_interview_ids, self.social_file_ids),
        ]
