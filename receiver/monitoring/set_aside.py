"""Records set aside as people read them: with where each opens in Odoo."""

from dataclasses import dataclass

from monitr_wire.streams import STREAMS_BY_NAME
from sqlalchemy import Connection as Database

from receiver.accounting.shared.odoo_links import odoo_url, record_link
from receiver.db.connections.connections import get_connection_by_id
from receiver.db.store.set_aside import StoredSetAside, list_set_aside


@dataclass(frozen=True)
class SetAsideLine(StoredSetAside):
    odoo_link: str | None


def list_set_aside_lines(
    db: Database, connection_id: int, *, limit: int | None, offset: int = 0
) -> list[SetAsideLine]:
    """List in the order of the streams, then of ids; a limit of None is none."""
    connection = get_connection_by_id(db, connection_id)
    url = odoo_url(db, connection)
    return [
        SetAsideLine(
            **vars(each),
            odoo_link=record_link(
                url, connection.series, STREAMS_BY_NAME[each.stream], each.record_id
            ),
        )
        for each in list_set_aside(db, connection_id, limit=limit, offset=offset)
    ]
