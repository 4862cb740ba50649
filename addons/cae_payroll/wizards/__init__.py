from . import (
    cae_import,
    cae_pay_reason,
    cae_payroll_rate_comparison,
    cae_salary_simulation,
    cae_settings,
)
