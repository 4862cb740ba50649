from . import payslip
