"""Tries each kind of call that a pull makes, on each model that it reads, for one row: what
connecting accepts, pulling can do.
"""

from receiver.pull.extract.odoo_aggregates import rehearse_statement
from receiver.pull.extract.read import open_readers
from receiver.pull.scope import OdooInScope, check_scope, misses_analytic


def rehearse(odoo: OdooInScope) -> bool:
    """Whether a pull would miss what is analytic. Raises what a pull would raise."""
    check_scope(odoo, {})
    readers = open_readers(odoo)
    for reader in readers.values():
        reader.last_write()
        reader.find_hidden([id for id in [reader.last_id()] if id])
        reader.rehearse_read()
        if reader.offers.read_groups:
            rehearse_statement(reader)
    return misses_analytic(odoo, readers)
