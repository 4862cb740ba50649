from . import pay, pay_portal, payslip
