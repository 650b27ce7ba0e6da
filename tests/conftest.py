"""What every test may use. Parts with fixtures of their own are plugins, named here."""

pytest_plugins = ["tests.left_out", "tests.postgres", "tests.odoo.fixtures"]
