"""What the user must be able to read with whose rights the books are read: for push and pull alike.

Whether he can, each of them finds out of its Odoo by trying.
"""

from typing import Collection, Tuple

from .streams import ANALYTIC_STREAMS, STREAMS, Stream

# Odoo's record rules let members of either see every journal entry. Others who may read entries see
# some of them: salesmen their own invoices, buyers the bills.
GROUPS_THAT_SEE_ALL_ENTRIES = (
    "account.group_account_readonly",  # auditors, and with more rights accountants
    "account.group_account_invoice",  # billing, and with more rights accountants and advisers
)

# Without one of these nothing is read.
INDISPENSABLE = tuple(stream for stream in STREAMS if stream not in ANALYTIC_STREAMS)


def left_out(readable: Collection[Stream]) -> Tuple[Stream, ...]:
    """The analytic streams where not all of them are readable: the ledger is read without them."""
    return () if all(stream in readable for stream in ANALYTIC_STREAMS) else ANALYTIC_STREAMS
