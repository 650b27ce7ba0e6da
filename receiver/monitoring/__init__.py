"""How connections do: contacts, pulls, proofs, what is wrong with them and what to do.

``connection_status.py`` puts it together, as a card or a row shows it.
"""
