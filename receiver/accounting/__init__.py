"""What the books say: the reports, from balances to statements.

``overview.py`` is a company at a glance: its result, its cash and what is still to be paid.
"""
