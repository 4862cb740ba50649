from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CaeCommon


@tagged("post_install", "-at_install")
class TestPortalAccess(CaeCommon):
    """The portal is opened to a person, and closed, from the own screen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls.env["cae.entrepreneur"].create(
            {"first_name": "Léa", "last_name": "Roux", "email": "lea@example.com"}
        )
        cls.officer = cls._user("portal_officer", "group_payroll")
        cls.accountant = cls._user("portal_accountant", "group_accountant")
        cls.group = cls.env.ref("cae_base.group_entrepreneur")

    def _window(self, user):
        action = self.person.with_user(user).action_open_portal_access()
        wizard = self.env[action["res_model"]].with_user(user)
        return wizard.browse(action["res_id"]).user_ids

    def test_access_is_given_and_taken_back(self):
        self._window(self.officer).action_grant_access()
        user = self.person.user_id
        self.assertEqual((user.partner_id, user.share), (self.person.partner_id, True))
        self.assertEqual(user.login, "lea@example.com")
        self.assertIn(self.group, user.group_ids)
        self._window(self.officer).action_revoke_access()
        self.assertFalse(user.active)
        self.assertNotIn(self.group, user.all_group_ids)

    def test_given_again_after_it_was_taken_back(self):
        self._window(self.officer).action_grant_access()
        self._window(self.officer).action_revoke_access()
        self._window(self.officer).action_grant_access()
        user = self.person.user_id
        self.assertTrue(user.active)
        self.assertIn(self.group, user.group_ids)

    def test_a_portal_user_from_before_is_taken(self):
        portal = self.env.ref("base.group_portal")
        user = self.env["res.users"].create(
            {
                "login": "lea@example.com",
                "partner_id": self.person.partner_id.id,
                "group_ids": [(6, 0, portal.ids)],
            }
        )
        self._window(self.officer)
        self.assertEqual(self.person.user_id, user)
        self.assertIn(self.group, user.group_ids)

    def test_a_member_of_the_team_stays_what_they_are(self):
        team = self._user("portal_team", "group_coach")
        self.person.partner_id = team.partner_id
        self._window(self.officer)
        self.assertFalse(self.person.user_id)
        self.assertNotIn(self.group, team.group_ids)

    def test_others_do_not_open_it(self):
        with self.assertRaises(AccessError):
            self._window(self.accountant)
        # Odoo's own window gives its own access, and no more.
        wizard = self.env["portal.wizard"].with_user(self.accountant)
        partners = {"default_partner_ids": self.person.partner_id.ids}
        wizard.with_context(**partners).create({}).user_ids.action_grant_access()
        self.assertFalse(self.person.user_id)
        self.assertTrue(self.person.partner_id.user_ids)
