from odoo.tests import TransactionCase, tagged

from odoo.addons.cae_base.tests.menus_open import MenusOpen


@tagged("post_install", "-at_install", "cae")
class TestGovernanceViews(MenusOpen, TransactionCase):
    addon = "cae_governance"
    root = "menu_governance_root"
    roles = ("governance", "accountant", "manager")
    stranger = "coach"
