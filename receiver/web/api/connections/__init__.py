"""What programs read and change of a connection: its Odoo, pulls, proofs, records."""
