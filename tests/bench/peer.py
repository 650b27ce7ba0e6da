"""The usual script: OdooRPC pages by offset -> marshmallow -> upsert by SQLAlchemy Core.

A process of its own: `python -m tests.bench.peer` reads a `PeerJob` from stdin as JSON and prints a
`PeerResult`.
"""

import dataclasses
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import odoorpc
import sqlalchemy as sa
from marshmallow import Schema, fields, pre_load
from monitr_wire.streams import JOURNAL_ITEMS, Field
from sqlalchemy.dialects.postgresql import JSONB, insert

from tests.bench.figures import Timing

PAGE = 1_000


@dataclass(frozen=True)
class PeerJob:
    """`port`, `database` and `user` (also the password) of the Odoo, and where its rows go."""

    port: int
    database: str
    user: str
    rows: int
    target_url: str


@dataclass(frozen=True)
class PeerResult:
    timing: Timing
    peak_mib: int


def run_peer(job: PeerJob) -> PeerResult:
    command = [sys.executable, "-m", "tests.bench.peer"]
    text = json.dumps(dataclasses.asdict(job))
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The peer failed:\n{done.stderr}")
    result = json.loads(done.stdout)
    return PeerResult(Timing(**result["timing"]), result["peak_mib"])


def main() -> None:
    job = PeerJob(**json.load(sys.stdin))
    odoo = odoorpc.ODOO("127.0.0.1", port=job.port, timeout=600)
    odoo.login(job.database, job.user, job.user)
    items = odoo.env["account.move.line"]
    kept = _fields_of_series(items.fields_get())
    schema = _schema(kept)
    engine = sa.create_engine(job.target_url)
    table = _table(kept)
    table.create(engine)
    began = time.perf_counter()
    for page in _pages(items, list(kept), job.rows):
        _upsert(engine, table, schema.load(page))
    timing = Timing(job.rows, time.perf_counter() - began)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(dataclasses.asdict(PeerResult(timing, peak_mib))))  # noqa: T201


def _fields_of_series(known: dict[str, Any]) -> dict[str, Field]:
    """``{Odoo field: field of the contract}``: the same fields that the push sends."""
    return {
        next(name for name in field.source if name in known): field
        for field in JOURNAL_ITEMS.fields
    }


def _pages(items: Any, names: list[str], rows: int) -> Iterator[list[dict[str, Any]]]:
    for offset in range(0, rows, PAGE):
        limit = min(PAGE, rows - offset)
        yield items.search_read(
            list(JOURNAL_ITEMS.domain), names, offset=offset, limit=limit, order="id"
        )


class Many2one(fields.Integer):
    """Odoo gives ``[id, name]``."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value[0], *args, **kwargs)


class OdooSchema(Schema):
    @pre_load
    def _false_is_absent(self, row: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {
            name: None if value is False and name not in self.booleans else value
            for name, value in row.items()
        }

    @cached_property
    def booleans(self) -> set[str]:
        return {name for name, each in self.fields.items() if isinstance(each, fields.Boolean)}


def _schema(kept: dict[str, Field]) -> Schema:
    kinds = {
        "id": Many2one,
        "integer": fields.Integer,
        "text": fields.String,
        "boolean": fields.Boolean,
        "date": fields.Date,
        "money": fields.Decimal,
        "shares": fields.Raw,
    }
    columns: dict[str, Any] = {
        name: kinds[field.type](required=field.required, allow_none=not field.required)
        for name, field in kept.items()
    }
    columns["id"] = fields.Integer(required=True)
    return OdooSchema.from_dict(columns)(many=True)


def _table(kept: dict[str, Field]) -> sa.Table:
    kinds: dict[str, Any] = {
        "id": sa.BigInteger,
        "integer": sa.BigInteger,
        "text": sa.Text,
        "boolean": sa.Boolean,
        "date": sa.Date,
        "money": sa.Numeric,
        "shares": JSONB,
    }
    columns = (
        sa.Column(name, kinds[field.type], primary_key=name == "id") for name, field in kept.items()
    )
    return sa.Table("journal_items", sa.MetaData(), *columns)


def _upsert(engine: sa.Engine, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    new = insert(table)
    changed = {column.name: new.excluded[column.name] for column in table.columns}
    upsert = new.on_conflict_do_update(index_elements=table.primary_key.columns, set_=changed)
    with engine.begin() as db:
        db.execute(upsert, rows)


if __name__ == "__main__":
    main()
