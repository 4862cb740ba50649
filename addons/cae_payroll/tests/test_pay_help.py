from odoo.tests import TransactionCase, tagged

from odoo.addons.cae_base.tests.help_written import HelpWritten


@tagged("post_install", "-at_install")
class TestPayHelp(HelpWritten, TransactionCase):
    configured = ("cae.payroll.rate", "cae.payroll.template")
