from odoo.tests import TransactionCase, tagged

from .menus_open import MenusOpen


@tagged("post_install", "-at_install")
class TestViews(MenusOpen, TransactionCase):
    addon = "cae_base"
    root = "menu_cae_root"
    roles = ("coach", "accountant", "payroll", "manager")
    stranger = "governance"

    def test_landing_page_of_accountants_is_the_month_to_close(self):
        menu = self._menus("accountant")[0]
        action = self._action("accountant", menu)
        self.assertEqual(action["res_model"], "cae.period")
        self.assertTrue(action["res_id"])

    def test_landing_page_of_coaches_is_their_people(self):
        menu = self._menus("coach")[0]
        self.assertEqual(menu["xmlid"], "cae_base.cae_entrepreneur_menu_mine")

    def test_who_gives_the_company_can_be_found_on_a_new_record(self):
        """A new record has no company yet: nobody would be in it."""
        for name, model in self.env.registry.items():
            company = model._fields.get("company_id")
            if not name.startswith("cae.") or not (company and company.related):
                continue
            giver = model._fields[company.related.split(".")[0]]
            self.assertFalse(getattr(giver, "check_company", False), f"{name}: {giver}")
