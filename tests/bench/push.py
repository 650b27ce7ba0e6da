"""`make bench`: a push end to end, beside the usual script and beside bare COPY, in one run.

Before that, by itself: what capture costs the users of Odoo.

ITEMS is the size of the ledger in journal items, SERIES the Odoo series. All databases are on one
PostgreSQL, every target is fresh, and the rounds take turns. Read the ratios: the seconds are the
machine's.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.capture import measure_capture
from tests.bench.figures import Timing
from tests.bench.ledger import empty_template, ledger_template
from tests.bench.limit import copy_out_and_in
from tests.bench.ours import USER, Push, pairing, push, push_again, running_odoo
from tests.bench.peer import PeerJob, PeerResult, run_peer
from tests.bench.report import Round, report
from tests.odoo.installations import installation_of
from tests.odoo.server import Odoo
from tests.postgres import PostgresServer, running_postgres

ITEMS = int(os.environ.get("ITEMS", "100000"))
SERIES = os.environ.get("SERIES", "19.0")
ROUNDS = 3
PEER_ROWS = min(10_000, ITEMS)  # a part: all of them would take it minutes


def main() -> None:
    installation = installation_of(SERIES)
    with (
        running_postgres() as postgres,
        tempfile.TemporaryDirectory(prefix="monitr-bench-") as name,
    ):
        folder = Path(name)
        empty = empty_template(installation, postgres)
        with running_odoo(installation, postgres, empty, folder / "capture") as odoo:
            capture = measure_capture(odoo)
        quarter = ledger_template(installation, postgres, ITEMS // 4)
        with running_odoo(installation, postgres, quarter, folder / "small") as odoo:
            small = _push_twice(odoo, folder / "small-receiver")[0]
        whole = ledger_template(installation, postgres, ITEMS)
        with running_odoo(installation, postgres, whole, folder / "odoo") as odoo:
            rounds = [_measure(odoo, folder / f"round-{number}") for number in range(ROUNDS)]
    report(installation.version, capture, small, rounds)


def _measure(odoo: Odoo, folder: Path) -> Round:
    """Everything once. The push comes first: nothing else has then grown Odoo's memory."""
    folder.mkdir()
    first, again = _push_twice(odoo, folder / "receiver")
    return Round(
        first,
        again,
        embedded=_push_into_sqlite(odoo, folder / "embedded"),
        limit=_copy(odoo),
        peer=_pull(odoo),
    )


def _push_twice(odoo: Odoo, folder: Path) -> tuple[Push, Push]:
    with (
        _fresh_database(odoo.postgres) as target,
        pairing(odoo, folder, odoo.postgres.url(target)) as pair,
    ):
        return push(pair), push_again(pair)


def _push_into_sqlite(odoo: Odoo, folder: Path) -> Push:
    with pairing(odoo, folder, None) as pair:
        return push(pair)


def _copy(odoo: Odoo) -> Timing:
    with _fresh_database(odoo.postgres) as target:
        return copy_out_and_in(odoo.postgres, odoo.database, target)


def _pull(odoo: Odoo) -> PeerResult:
    with _fresh_database(odoo.postgres) as target:
        url = odoo.postgres.url(target)
        return run_peer(PeerJob(odoo.port, odoo.database, USER, PEER_ROWS, url))


@contextmanager
def _fresh_database(postgres: PostgresServer) -> Iterator[str]:
    name = f"bench_target_{os.getpid()}"
    postgres.create_database(name)
    try:
        yield name
    finally:
        postgres.drop_database(name)


if __name__ == "__main__":
    main()
