from odoo import models
from odoo.fields import Command

GRID = "cae_coaching.skill_grid_entrepreneur"


class ResCompany(models.Model):
    """The proposed grid of competences and catalogue of services, for any company."""

    _inherit = "res.company"

    def action_cae_propose_catalogue(self) -> bool:
        """Copy the main company's grid and services to companies that have none.

        :raises AccessError: for others than who may write grids and services
        """
        for company in self:
            company._cae_propose_grid()
            company._cae_propose_services()
        return True

    def _cae_propose_grid(self):
        grids = self.env["cae.skill.grid"].with_context(active_test=False)
        # sudo: the proposal is another company's; only what data brought is read.
        source = self.env.ref(GRID, raise_if_not_found=False)
        grids.check_access("create")
        if source and not grids.search_count([("company_id", "=", self.id)], limit=1):
            source.sudo().copy({"company_id": self.id, "name": source.sudo().name})

    def _cae_propose_services(self):
        services = self.env["cae.service"].with_context(active_test=False)
        services.check_access("create")
        if services.search_count([("company_id", "=", self.id)], limit=1):
            return
        # sudo: as for the grid.
        data = self.env["ir.model.data"].sudo()
        ids = data.search(
            [("module", "=", "cae_coaching"), ("model", "=", "cae.service")]
        ).mapped("res_id")
        for service in services.sudo().browse(ids).exists():
            service.copy(
                {"company_id": self.id, "name": service.name, "user_ids": False}
            )


class CaeSkillGrid(models.Model):
    _inherit = "cae.skill.grid"

    def copy(self, default=None):
        """With what is expected, of the new levels and deadlines."""
        new = super().copy(default)
        for old, copied in zip(self, new, strict=True):
            copied._copy_expectations(old)
        return new

    def _copy_expectations(self, source):
        levels = {level.value: level.id for level in self.level_ids}
        deadlines = {line.months: line.id for line in self.deadline_ids}
        # Copied in their order, archived ones apart.
        for old, new in zip(source.skill_ids, self.skill_ids, strict=True):
            new.expectation_ids = [
                Command.create(
                    {
                        "deadline_id": deadlines[one.deadline_id.months],
                        "level_id": levels[one.level_id.value],
                    }
                )
                for one in old.expectation_ids
            ]
