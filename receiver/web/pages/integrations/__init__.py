"""Connecting an Odoo, by push or pull, and its settings."""
