"""What the scripts of this folder share.

Everything that prepares the environment uses the standard library only: it runs
before there is one. Modules under ``inside`` run in the environment, beside Odoo.
"""
