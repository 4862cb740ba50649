from . import cae_pay_reason, cae_salary_simulation, cae_settings
