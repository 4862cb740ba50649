"""Modules that run beside Odoo, in its environment."""

import odoo.init  # noqa: F401  (puts Command and others into the package odoo)
