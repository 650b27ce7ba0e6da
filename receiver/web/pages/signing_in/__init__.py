"""Signing in, the account, users."""
