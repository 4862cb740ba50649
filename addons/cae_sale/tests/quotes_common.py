from odoo.addons.cae_base.tests.invoicing_common import InvoicingCommon


class QuotesCommon(InvoicingCommon):
    """Inès makes quotes of T1 for her customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo's own page asks for it, and users of the tests may have no address.
        cls.env["ir.config_parameter"].set_param("sale.async_emails", False)

    def _new(self, *lines, user="ines", **values):
        """Id of a draft; a line is (price, quantity, discount)."""
        return self.door(user).save_quote(self._values(*lines, **values))

    def _order(self, key):
        return self.env["sale.order"].browse(key)

    def _accepted(self, *lines, **values):
        key = self._new(*lines, **values)
        self.door().accept_quote(key)
        return key

    def _validate(self, key):
        """Send a draft of an invoice, which the accountant validates."""
        self.door().send(key)
        move = self._move(key).with_user(self.users["accountant"])
        move.action_cae_validate()
        return self._move(key)
