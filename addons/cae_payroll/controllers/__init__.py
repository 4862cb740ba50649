from . import pay, pay_ahead, pay_portal, payslip
