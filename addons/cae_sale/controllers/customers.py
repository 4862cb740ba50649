from odoo.addons.cae_base.controllers.customers import CustomersPortal


class QuoteCustomersPortal(CustomersPortal):
    def _customer_backs(self):
        return {**super()._customer_backs(), "quote": "/my/invoicing/quotes/new"}
