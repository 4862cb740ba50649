from odoo.tests import TransactionCase, tagged

from .help_written import HelpWritten


@tagged("post_install", "-at_install")
class TestHelp(HelpWritten, TransactionCase):
    menus = ("cae_base.cae_configuration_menu",)

    def test_settings_of_all_addons_are_looked_at(self):
        self.assertIn("cae.settings", self._models())
        self.assertIn("cae.contribution.bracket", self._models())
