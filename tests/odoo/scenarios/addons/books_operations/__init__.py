"""Lets every model of a running Odoo do an operation of tests/odoo/scenarios/operations.py.

Loaded server-wide, so that it needs no installation and leaves no trace in the database.
"""

import runpy
from pathlib import Path

from odoo import api, models

OPERATIONS = runpy.run_path(Path(__file__).parents[2] / "operations.py")


@api.model
def do_operation(self, name, arguments, values):
    return OPERATIONS[name](self.env, *arguments, **values)


models.BaseModel.do_operation = do_operation
