"""All SQL of the receiver: ``engine.py`` opens transactions, ``tables.py`` has every table."""
