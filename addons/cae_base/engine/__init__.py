"""Engines of cae_base: plain Python, nothing of Odoo."""
