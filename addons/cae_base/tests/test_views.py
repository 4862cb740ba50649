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
