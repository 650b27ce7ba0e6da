"""Reads an Odoo without the addon, by its RPC. The story is in ``pull.py``, top to bottom."""
