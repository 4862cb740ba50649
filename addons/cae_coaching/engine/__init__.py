"""Engines of the coaching: plain Python, no Odoo."""
