"""The books of an Odoo as tests change them: pushed to the receiver, and proven to be there."""

from dataclasses import dataclass, field
from datetime import date

from flask.testing import FlaskClient
from monitr_wire.connection_key import ConnectionKey
from sqlalchemy import Engine

from receiver.db.accounting.closed_periods import ChangeQuery, StoredChange, stream_changes
from receiver.db.connections.connections import get_connection, update_last_actuals
from receiver.db.engine import reading, writing
from tests.receiver.proofs import prove
from tests.receiver.records import Record, journal_item, record_of
from tests.receiver.signed import HELLO, post_hello, post_records

IN_2025 = date(2025, 6, 30)
IN_2026 = date(2026, 1, 31)
END_OF_2025 = date(2025, 12, 31)


@dataclass
class Ledger:
    client: FlaskClient
    engine: Engine
    key: ConnectionKey
    name: str = "acme"
    records: dict[tuple[str, int], Record] = field(default_factory=dict)

    def hello(self, **values: object) -> None:
        """HELLO's companies are 1 and 2, and its start date is the first of 2024."""
        assert post_hello(self.client, self.key, HELLO._replace(**values)).status_code == 200  # type: ignore[arg-type]

    def push(
        self,
        stream: str,
        *records: Record,
        deletions: tuple[int, ...] = (),
        range: tuple[int, int | None] | None = None,
    ) -> None:
        post_records(self.client, self.key, stream, records, deletions=deletions, range=range)
        self._forget(stream, deletions, range)
        self.records |= {(stream, record["id"]): record for record in records}

    def tie_out(self) -> None:
        books: dict[str, list[Record]] = {}
        for (stream, _), record in self.records.items():
            books.setdefault(stream, []).append(record)
        assert prove(self.client, self.key, books)["ties_out"]

    def lock(self, company_id: int, **lock_dates: date | None) -> None:
        """Push the company with these lock dates."""
        self.push("companies", record_of("companies", id=company_id, **lock_dates))

    def close(self, day: date | None) -> None:
        """Set the last actuals date."""
        with writing(self.engine) as db:
            update_last_actuals(db, get_connection(db, self.name).id, day)

    def changes(self, **query: object) -> list[StoredChange]:
        """Oldest first."""
        with reading(self.engine) as db:
            connection_id = get_connection(db, self.name).id
            wanted = ChangeQuery(**query)  # type: ignore[arg-type]
            parts = list(stream_changes(db, connection_id, wanted))
        return [change for part in parts for change in part][::-1]

    def kinds(self) -> list[tuple[str, int]]:
        return [(change.kind, change.record_id) for change in self.changes()]

    def _forget(
        self, stream: str, deletions: tuple[int, ...], range: tuple[int, int | None] | None
    ) -> None:
        for name, id in list(self.records):
            is_in_range = range and id > range[0] and (range[1] is None or id <= range[1])
            if name == stream and (id in deletions or is_in_range):
                del self.records[name, id]


def item(id: int, day: date = IN_2025, **values: object) -> Record:
    return journal_item(id, debit="10", date=day, **values)


def pushed_and_locked(client: FlaskClient, engine: Engine, key: ConnectionKey) -> Ledger:
    """Items 1 and 2 and entry 1 in 2025, item 3 in 2026, all of company 1, locked until 2025."""
    ledger = Ledger(client, engine, key)
    ledger.hello()
    ledger.lock(1, fiscal_year_lock_date=END_OF_2025)
    ledger.lock(2)
    ledger.push("journal_entries", record_of("journal_entries", id=1, date=IN_2025))
    ledger.push("journal_items", item(1), item(2), item(3, IN_2026))
    ledger.tie_out()
    assert ledger.changes() == []
    return ledger
