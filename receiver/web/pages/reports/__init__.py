"""Statements, general ledger, dimensions, outstanding items."""
