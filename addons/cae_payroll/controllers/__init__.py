from . import pay, payslip
