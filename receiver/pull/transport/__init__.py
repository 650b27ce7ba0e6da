"""Calls to an Odoo: XML-RPC, JSON-RPC or JSON-2, where they may go, and when they are repeated."""
