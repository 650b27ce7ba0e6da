"""Sums and lists that reports ask for, and closed periods."""
