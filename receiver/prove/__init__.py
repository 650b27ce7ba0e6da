"""Compares what is stored with what Odoo states. The story is in ``prove.py``."""
