"""Whether an Odoo holds the books that a connection has: by its oldest entries, which stay.

No user but an administrator may read the database's own id, and a moved or restored database keeps
its entries.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from receiver.errors import OtherBooks
from receiver.pull.extract.values import read_date
from receiver.pull.transport.client import OdooClient

ENTRIES_COMPARED = 50


def check_same_books(
    client: OdooClient, company_ids: Sequence[int], stored: Mapping[int, date]
) -> None:
    """``stored`` is ``{id: accounting date}`` of entries in companies that the user sees. Raises
    OtherBooks where Odoo has less than half of them: some may have been cancelled since.
    """
    rows = client.call(
        "account.move",
        "search_read",
        domain=[("id", "in", list(stored))],
        fields=["date"],
        context={"allowed_company_ids": list(company_ids)},
    )
    same = [row for row in rows if read_date(row["date"]) == stored[row["id"]]]
    if 2 * len(same) < len(stored):
        raise OtherBooks
