"""Our side of the benchmark: a real Odoo with the addon pushes to a real receiver."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from monitr_wire.streams import JOURNAL_ITEMS

from tests.bench.figures import Timing, children_of, forget_peak, peak_mib
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired
from tests.odoo.receiver import Receiver
from tests.odoo.server import Odoo
from tests.postgres import PostgresServer

USER = "admin"  # the ledger's script made it an accountant


@dataclass(frozen=True)
class Push:
    """One run."""

    items: Timing  # journal items: from the last batch before them to their last one, committed
    proof: Timing  # of everything, on both sides
    whole: Timing  # all streams: from pressing the button to the end of the run
    odoo_peak_mib: int
    receiver_peak_mib: int  # of the largest worker


@contextmanager
def running_odoo(
    installation: Installation, postgres: PostgresServer, template: str, folder: Path
) -> Iterator[Odoo]:
    """A fresh copy of the template with the addon installed and its server running."""
    database = f"bench_copy_{os.getpid()}"
    postgres.create_database(database, template=template)
    odoo = Odoo(installation, postgres, database, folder)
    try:
        odoo.install("monitr_connector")
        odoo.start()
        yield odoo
    finally:
        odoo.kill()
        postgres.drop_database(database)


@contextmanager
def pairing(odoo: Odoo, folder: Path, database_url: str | None) -> Iterator[Paired]:
    """The Odoo connected to a fresh receiver, which ends with the context."""
    receiver = Receiver(folder, database_url)
    try:
        receiver.start()
        pair = Paired(odoo, receiver)
        pair.set_key(receiver.add_connection("bench"))
        pair.set(user_id=pair.user_id(USER))
        yield pair
    finally:
        receiver.kill()


def push(pair: Paired) -> Push:
    """A run of everything. The receiver's log names each batch when it is committed."""
    odoo, receiver = children_of(os.getpid())  # in the order they were started
    workers = children_of(receiver)
    for pid in (odoo, *workers):
        forget_peak(pid)
    began = time.perf_counter()
    run = pair.push()
    seconds = time.perf_counter() - began
    events = _events(pair.receiver.log_file, run["run_id"])
    return Push(
        items=_timing_of_items([each for each in events if each["event"] == "batch stored"]),
        proof=_timing_of_proof(events, run["sent_count"]),
        whole=Timing(run["sent_count"], seconds),
        odoo_peak_mib=peak_mib(odoo),
        receiver_peak_mib=max(map(peak_mib, workers)),
    )


def push_again(pair: Paired) -> Push:
    """The same once more, as after a change of settings."""
    pair.odoo.sql("DELETE FROM monitr_run")
    return push(pair)


def _events(log: Path, run_id: str) -> list[dict[str, Any]]:
    lines = [line for line in log.read_text().splitlines() if run_id in line]
    return [json.loads(line) for line in lines]


def _timing_of_items(batches: list[dict[str, Any]]) -> Timing:
    of_items = [batch for batch in batches if batch["stream"] == JOURNAL_ITEMS.name]
    before = batches[batches.index(of_items[0]) - 1]
    seconds = (_instant(of_items[-1]) - _instant(before)).total_seconds()
    return Timing(sum(batch["received_count"] for batch in of_items), seconds)


def _timing_of_proof(events: list[dict[str, Any]], records: int) -> Timing:
    """From the last batch to the proof, which nothing was sent between: both sides' digests."""
    *_, last_batch, proof = events
    assert proof["event"] == "proof made"
    assert proof["ties_out"]
    return Timing(records, (_instant(proof) - _instant(last_batch)).total_seconds())


def _instant(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["timestamp"])
