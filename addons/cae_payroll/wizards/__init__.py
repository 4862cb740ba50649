from . import (
    cae_import,
    cae_pay_reason,
    cae_pay_transfer,
    cae_pay_year_print,
    cae_payroll_export,
    cae_payroll_rate_comparison,
    cae_salary_forecast,
    cae_salary_simulation,
    cae_settings,
)
