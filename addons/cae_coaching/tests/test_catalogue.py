from odoo.exceptions import AccessError
from odoo.tools import mute_logger

from .support_common import SupportCommon, support_tagged


@support_tagged
class TestCatalogue(SupportCommon):
    """The proposed grid and services, in the main company and in others."""

    def test_the_proposed_grid_is_whole(self):
        grid = self.env.ref("cae_coaching.skill_grid_entrepreneur").sudo()
        self.assertEqual(grid.level_ids.mapped("value"), [0, 1, 2, 3, 4])
        last = grid.deadline_ids[-1]
        self.assertEqual(last.months, 36)
        self.assertEqual(len(last.expectation_ids), len(grid.skill_ids))
        for skill in grid.skill_ids:
            expected = skill.expectation_ids.sorted(lambda e: e.deadline_id.months)
            values = expected.mapped("level_id.value")
            self.assertEqual(values, sorted(values), "more is expected with time")

    def test_a_company_without_any_takes_them_once(self):
        head = self.users["head"]
        company = self.company.with_user(head)
        grids = self.env["cae.skill.grid"].search([("company_id", "=", company.id)])
        self.assertFalse(grids)
        for _twice in range(2):
            company.action_cae_propose_catalogue()
        source = self.env.ref("cae_coaching.skill_grid_entrepreneur").sudo()
        grid = grids.search([("company_id", "=", company.id)])
        self.assertEqual(len(grid), 1)
        self.assertEqual(grid.name, source.name)
        shape = [
            [(e.deadline_id.months, e.level_id.value) for e in skill.expectation_ids]
            for skill in source.skill_ids
        ]
        self.assertEqual(
            [
                [
                    (e.deadline_id.months, e.level_id.value)
                    for e in skill.expectation_ids
                ]
                for skill in grid.skill_ids
            ],
            shape,
        )
        self.assertEqual(grid.skill_ids.expectation_ids.level_id.grid_id, grid)
        services = self.env["cae.service"].search([("company_id", "=", company.id)])
        self.assertGreater(len(services), 10)
        kinds = {"accounting", "administration", "marketing", "legal", "training"}
        self.assertLess(kinds, set(services.mapped("kind")))

    def test_others_propose_nothing(self):
        for user in ("coach", "ines"):
            with (
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models"),
                self.cr.savepoint(),
            ):
                company = self.company.with_user(self.users[user])
                company.action_cae_propose_catalogue()
