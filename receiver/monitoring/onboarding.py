"""How far a connection is on its way to the first report: import, proof, account mapping, reports.

Streams come in the order of the contract, by push and by pull: what precedes the present one is
there. How many records a stream will have only a pull knows; a push just comes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitr_wire.streams import STREAMS, Stream
from sqlalchemy import Connection as Database

from receiver.accounting.structures.mapping_overview import count_unmapped
from receiver.accounting.structures.structure_store import list_structures
from receiver.db.accounting.ledger import list_accounts
from receiver.db.pull.pull_runs import PullRun, RunState
from receiver.db.store.receipts import count_received_by_stream, count_received_since
from receiver.monitoring.connection_status import Standing

RATE_SECONDS = 60  # the pace is that of the last minute
WITHOUT_IMPORT = ("proof", "repair")  # what a pull is at once every stream is read


class StepState(StrEnum):
    DONE = "done"
    UNDER_WAY = "under_way"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True)
class Bar:
    """A stream of the first import."""

    label: str
    state: StepState
    done_count: int
    expected_count: int | None  # None where nobody knows


@dataclass(frozen=True)
class Import:
    bars: list[Bar]
    record_count: int
    records_per_second: float
    seconds_left: int | None  # of the present stream; None where nobody knows


@dataclass(frozen=True)
class Onboarding:
    connecting: StepState
    importing: StepState
    proving: StepState
    mapping: StepState
    unmapped_count: int | None  # accounts; None where there is no reporting structure yet
    progress: Import
    last_sign_at: datetime  # that something goes on

    @property
    def is_watched(self) -> bool:
        """Whether something is still to come by itself, so that the page looks again."""
        return self.proving is not StepState.DONE


def find_onboarding(db: Database, standing: Standing, now: datetime) -> Onboarding:
    run = standing.pulls.newest if standing.pulls else None
    progress = _progress(db, standing, run, now)
    unmapped = _fewest_unmapped(db, standing.connection.id)
    is_mapped = unmapped == 0
    return Onboarding(
        connecting=StepState.DONE if _is_connected(standing) else StepState.UNDER_WAY,
        importing=_importing(standing, run, progress, now),
        proving=_proving(standing, run, progress),
        mapping=StepState.DONE if is_mapped else StepState.WAITING,
        unmapped_count=unmapped,
        progress=progress,
        last_sign_at=_last_sign_at(standing, run, now),
    )


def _last_sign_at(standing: Standing, run: PullRun | None, now: datetime) -> datetime:
    if run and run.state_at(now) is RunState.RUNNING:
        return now
    connection, access = standing.connection, standing.access
    signs = (
        connection.created_at,
        connection.last_contact_at,
        connection.last_refused_at,
        connection.last_unsigned_at,
        access and access.checked_at,
        run and run.asked_at,
        run and run.finished_at,
    )
    return max(each for each in signs if each)


def _is_connected(standing: Standing) -> bool:
    return standing.access is not None or standing.connection.last_contact_at is not None


def _importing(
    standing: Standing, run: PullRun | None, progress: Import, now: datetime
) -> StepState:
    if standing.proof or (standing.succeeded_at and standing.pulls):
        return StepState.DONE
    if run:
        return _importing_by(run, now)
    if not progress.record_count:
        return StepState.WAITING
    return StepState.UNDER_WAY


def _importing_by(run: PullRun, now: datetime) -> StepState:
    if run.state == RunState.FAILED or run.failure:
        return StepState.FAILED
    if run.what in WITHOUT_IMPORT:
        return StepState.DONE
    is_running = run.state_at(now) is RunState.RUNNING
    return StepState.UNDER_WAY if is_running else StepState.WAITING


def _proving(standing: Standing, run: PullRun | None, progress: Import) -> StepState:
    if standing.equal_at:
        return StepState.DONE
    is_proving = run is not None and run.what in WITHOUT_IMPORT
    return StepState.UNDER_WAY if standing.proof or is_proving else StepState.WAITING


def _progress(db: Database, standing: Standing, run: PullRun | None, now: datetime) -> Import:
    connection_id = standing.connection.id
    received = count_received_by_stream(db, connection_id)
    since = now - timedelta(seconds=RATE_SECONDS)
    rate = count_received_since(db, connection_id, since).record_count / RATE_SECONDS
    present = _present(run, received)
    is_over = standing.proof is not None or (run is not None and run.what in WITHOUT_IMPORT)
    bars = [
        _bar(stream, STREAMS.index(stream) - present, received.get(stream.name, 0), run, is_over)
        for stream in STREAMS
    ]
    return Import(bars, sum(received.values()), rate, _seconds_left(run, rate))


def _present(run: PullRun | None, received: dict[str, int]) -> int:
    """The place of the stream that arrives now; -1 before the first."""
    names = [stream.name for stream in STREAMS]
    if run and run.stream in names:
        return names.index(run.stream)
    return max((names.index(name) for name in received if name in names), default=-1)


def _bar(stream: Stream, place: int, received: int, run: PullRun | None, is_over: bool) -> Bar:
    """``place`` is less than 0 for what precedes the present stream, and more for what follows."""
    if is_over or place < 0:
        return Bar(stream.label, StepState.DONE, received, received)
    if place > 0:
        return Bar(stream.label, StepState.WAITING, 0, None)
    if run and run.what == "everything":
        return Bar(stream.label, StepState.UNDER_WAY, run.done_count or 0, run.expected_count)
    return Bar(stream.label, StepState.UNDER_WAY, received, None)


def _seconds_left(run: PullRun | None, rate: float) -> int | None:
    if run is None or not run.expected_count or not rate or run.what != "everything":
        return None
    return round(max(0, run.expected_count - (run.done_count or 0)) / rate)


def _fewest_unmapped(db: Database, connection_id: int) -> int | None:
    """Count what is unmapped in the structure that is mapped furthest: with that one, reports can
    be read."""
    structures = list_structures(db, connection_id)
    if not structures:
        return None
    accounts = list_accounts(db, connection_id)
    return min(count_unmapped(each.structure, accounts) for each in structures)
