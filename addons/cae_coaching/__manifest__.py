{
    "name": "CAE: coaching",
    "summary": "The journey of the entrepreneurs of an activity and employment "
    "cooperative: from first contact to exit",
    "version": "19.0.1.0.0",
    "category": "Human Resources",
    "website": "https://github.com/cae-odoo/cae",
    "author": "CAE Odoo contributors",
    "license": "LGPL-3",
    "depends": ["cae_base", "calendar", "event"],
    "data": [
        "security/cae_coaching_groups.xml",
        "security/ir.model.access.csv",
        "security/ir.model.access-support.csv",
        "security/cae_support_rules.xml",
        "data/cae_coaching_alert.xml",
        "wizards/cae_coaching_alert_rest_views.xml",
        "wizards/cae_settings_alert_views.xml",
        "views/cae_coaching_alert_views.xml",
        "views/menus.xml",
        "views/menus_support.xml",
    ],
    "application": True,
}
