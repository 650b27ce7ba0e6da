"""Reporting structures: lines of statements, and which line takes which account."""
