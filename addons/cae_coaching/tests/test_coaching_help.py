from odoo.tests import TransactionCase, tagged

from odoo.addons.cae_base.tests.help_written import HelpWritten


@tagged("post_install", "-at_install")
class TestCoachingHelp(HelpWritten, TransactionCase):
    menus = ("cae_coaching.coaching_config_menu",)
    configured = ("cae.service", "cae.funder.programme", "cae.funder.line")
