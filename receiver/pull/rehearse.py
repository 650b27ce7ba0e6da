"""Tries each kind of call that a pull makes, on each model that it reads, for one row: what
connecting accepts, pulling can do.
"""

from monitr_wire.streams import STREAMS

from receiver.pull.offers import find_offers
from receiver.pull.read import Reader
from receiver.pull.scope import OdooInScope
from receiver.pull.statement import rehearse_statement


def rehearse(odoo: OdooInScope) -> None:
    """Raises what a pull would raise."""
    offers = find_offers(odoo)
    for stream in STREAMS:
        reader = Reader(odoo, stream, offers)
        reader.last_write()
        reader.last_id()
        reader.rehearse_read()
        if reader.offers.read_groups:
            rehearse_statement(reader)
