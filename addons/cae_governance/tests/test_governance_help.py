from odoo.tests import TransactionCase, tagged

from odoo.addons.cae_base.tests.help_written import HelpWritten


@tagged("post_install", "-at_install")
class TestGovernanceHelp(HelpWritten, TransactionCase):
    menus = ("cae_governance.governance_configuration_menu",)
