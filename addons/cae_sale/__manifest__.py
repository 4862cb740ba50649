{
    "name": "CAE: quotes",
    "summary": "Quotes of entrepreneurs on the portal, signed on line or on paper, "
    "and invoiced",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "website": "https://github.com/cae-odoo/cae",
    "author": "CAE Odoo contributors",
    "license": "LGPL-3",
    "depends": ["cae_base", "sale"],
    "data": [
        "security/cae_sale_rules.xml",
        "data/product.xml",
        "data/cae_quote_mail.xml",
        "report/quote_templates.xml",
        "views/sale_order_views.xml",
        "views/portal_quote_templates.xml",
        "views/sale_portal_templates.xml",
        "views/quote_page_templates.xml",
    ],
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}
