"""Reads streams: which fields, how many rows at once, and how a row becomes a line."""
