from . import (
    test_pay,
    test_pay_privacy,
    test_pay_rights,
    test_pay_year,
    test_payroll_exchange,
    test_payslip_pdf,
    test_rate,
    test_settlement,
    test_simulator,
    test_statement_pay,
)
