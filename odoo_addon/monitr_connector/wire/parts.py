"""Cuts what is too large for one request, between two records."""


def end_of_part(lines: bytes, most_bytes: int) -> int:
    """Where a first part of whole lines ends: of so many bytes at most, or of a single line."""
    return lines.rfind(b"\n", 0, most_bytes) + 1 or lines.index(b"\n") + 1
