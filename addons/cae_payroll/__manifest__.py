{
    "name": "CAE: pay of the entrepreneurs",
    "summary": "Salaries of an activity and employment cooperative: French rates, "
    "gross, cost and net both ways, monthly pay from the balance",
    "version": "19.0.1.0.0",
    "category": "Human Resources/Payroll",
    "website": "https://github.com/cae-odoo/cae",
    "author": "CAE Odoo contributors",
    "license": "LGPL-3",
    "depends": ["cae_base"],
    "data": [
        "security/ir.model.access.csv",
        "security/cae_payroll_rules.xml",
        "data/cae.payroll.rate.csv",
        "views/cae_pay_detail_templates.xml",
        "views/cae_payroll_rate_views.xml",
        "views/cae_pay_request_views.xml",
        "views/cae_pay_line_views.xml",
        "wizards/cae_pay_reason_views.xml",
        "wizards/cae_salary_simulation_views.xml",
        "views/menus.xml",
    ],
    "post_init_hook": "post_init_hook",
}
