"""Before the first pull: finds an Odoo, its database, and whether the user may read enough."""
