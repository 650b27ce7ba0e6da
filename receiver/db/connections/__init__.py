"""Connections: their secrets, their contacts, how their Odoo is read."""
