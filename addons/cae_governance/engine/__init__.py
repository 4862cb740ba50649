"""Engines of the governance: plain Python, no Odoo."""
