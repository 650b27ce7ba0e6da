"""Records: one batch stored, read again, set aside. The story is in ``store.py``."""
