"""The figures of all rounds as a small table, and whether the targets are reached."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.capture import Capture
from tests.bench.figures import Timing
from tests.bench.ours import Push
from tests.bench.peer import PAGE, PeerResult

TIMES_PEER = 15
TIMES_LIMIT = 3
FLAT_MIB = 10  # what still counts as flat
CAPTURE_PERCENT = 1  # of the time that posting takes


@dataclass(frozen=True)
class Round:
    """Everything measured once."""

    first: Push  # into an empty PostgreSQL database
    again: Push  # nothing has changed
    embedded: Push  # into an empty SQLite database
    limit: Timing
    peer: PeerResult


def report(odoo_version: str, capture: Capture, small: Push, rounds: Sequence[Round]) -> None:
    """`small` is the first push of a smaller ledger, for its memory alone."""
    for line in _lines(odoo_version, capture, small, rounds):
        print(line)  # noqa: T201


def _lines(
    odoo_version: str, capture: Capture, small: Push, rounds: Sequence[Round]
) -> Iterator[str]:
    yield f"\n{odoo_version}, {os.cpu_count()} cores, {len(rounds)} rounds, one PostgreSQL for all"
    yield "(without fsync, unless MONITR_TEST_POSTGRES_URL names another)\n"
    yield from _timing_lines(_timings(rounds))
    yield ""
    yield from _memory_lines(small, rounds[0])
    yield ""
    yield from _capture_lines(capture)
    yield ""
    yield from _target_lines(capture, small, rounds)


def _timings(rounds: Sequence[Round]) -> dict[str, list[Timing]]:
    return {
        "first push into PostgreSQL (ours)": [each.first.items for each in rounds],
        "the same push again": [each.again.items for each in rounds],
        "first push into SQLite": [each.embedded.items for each in rounds],
        f"OdooRPC by {PAGE:,}, marshmallow, SQLAlchemy": [each.peer.timing for each in rounds],
        "bare COPY out and in": [each.limit for each in rounds],
        "its proof, all streams": [each.first.proof for each in rounds],
        "first push, the whole run, all streams": [each.first.whole for each in rounds],
    }


def _timing_lines(timings: dict[str, list[Timing]]) -> Iterator[str]:
    columns = ("rows", "seconds", "median", "max", "rows/s", "/ ours")
    yield _line("journal items", columns)
    ours = _rate(next(iter(timings.values())))
    for what, each in timings.items():
        rate, seconds = _rate(each), [timing.seconds for timing in each]
        spread = (f"{second:.2f}" for second in (min(seconds), median(seconds), max(seconds)))
        yield _line(what, (f"{each[0].rows:,}", *spread, f"{rate:,.0f}", f"{rate / ours:.2f}"))


def _memory_lines(small: Push, round: Round) -> Iterator[str]:
    large = round.first
    sizes = (f"{small.items.rows:,}", f"{large.items.rows:,}")
    yield _line("peak memory, MiB: journal items", (*sizes, "growth for 100,000"))
    odoo, receiver = _growth(small, large)
    peaks = (small.odoo_peak_mib, large.odoo_peak_mib, f"{odoo:+.1f}")
    yield _line("Odoo", peaks)
    peaks = (small.receiver_peak_mib, large.receiver_peak_mib, f"{receiver:+.1f}")
    yield _line("receiver, its largest worker", peaks)
    yield _line(f"OdooRPC, {round.peer.timing.rows:,} journal items", ("", round.peer.peak_mib))


def _capture_lines(capture: Capture) -> Iterator[str]:
    yield _line("capture in Odoo's own transactions", ("count", "seconds"))
    yield _line("invoices created and posted", (capture.invoices, f"{capture.seconds:.2f}"))
    triggers = (f"{capture.trigger_calls:,}", f"{capture.trigger_seconds:.2f}")
    yield _line("of that in our triggers", triggers)


def _target_lines(capture: Capture, small: Push, rounds: Sequence[Round]) -> Iterator[str]:
    ours = _rate([each.first.items for each in rounds])
    times_peer = ours / _rate([each.peer.timing for each in rounds])
    times_limit = _rate([each.limit for each in rounds]) / ours
    growth = max(_growth(small, rounds[0].first))
    percent = 100 * capture.trigger_seconds / capture.seconds
    targets = {
        f"{TIMES_PEER} times OdooRPC and marshmallow: {times_peer:.1f}": times_peer >= TIMES_PEER,
        f"within {TIMES_LIMIT} times of COPY: {times_limit:.2f}": times_limit <= TIMES_LIMIT,
        f"memory flat, {FLAT_MIB} MiB for 100,000 more: {growth:+.1f}": growth <= FLAT_MIB,
        f"capture under {CAPTURE_PERCENT} % of posting: {percent:.2f} %": percent < CAPTURE_PERCENT,
    }
    for target, is_reached in targets.items():
        yield f"{'reached' if is_reached else 'MISSED'}  {target}"


def _line(what: str, cells: Iterable[object]) -> str:
    return f"{what:44}" + "".join(f"{cell!s:>10}" for cell in cells)


def _growth(small: Push, large: Push) -> tuple[float, float]:
    """Of Odoo and of the receiver, in MiB for each 100,000 more journal items."""
    more = (large.items.rows - small.items.rows) / 100_000
    return (
        (large.odoo_peak_mib - small.odoo_peak_mib) / more,
        (large.receiver_peak_mib - small.receiver_peak_mib) / more,
    )


def _rate(timings: Sequence[Timing]) -> float:
    """Rows a second, by the median of the seconds."""
    return timings[0].rows / median(timing.seconds for timing in timings)
