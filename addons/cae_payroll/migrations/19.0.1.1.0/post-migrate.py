from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Payslips that are in the books name all the pay they replace."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["cae.payslip"]._name_estimates()
