"""``monitr pull``, ``runs`` and ``cancel``: reading an Odoo with its API key."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import click
from rich import progress as bars
from rich.console import Console
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.cli.terminal import database, minute, name_argument, now, own_name, print_table
from receiver.config import Config, read_config
from receiver.db.connections.connections import Connection, get_connection
from receiver.db.connections.odoo_accesses import get_odoo_access
from receiver.db.engine import reading, writing
from receiver.db.proof.proofs import Proof, get_proof
from receiver.db.pull.pull_positions import forget_positions
from receiver.db.pull.pull_runs import (
    AskedBy,
    PullRun,
    RunState,
    ask_for_run,
    cancel_run,
    find_open_run,
    list_runs,
)
from receiver.errors import NotFound, PullRunning
from receiver.jobs.letting_go import let_go_of_hidden
from receiver.jobs.run import run_taken_pull, take, this_worker
from receiver.monitoring.proofs import told_of_set_aside, told_of_tie_out, told_of_unbalanced
from receiver.pull.run import Progress, Tell

RUN_COLUMNS = (
    *("RUN", "STATE", "ASKED BY", "ASKED", "TOOK"),
    *("RECORDS", "CHANGED", "DELETED", "CALLS", "IN ODOO", "FAILURE"),
)
SHOWN_RUNS = 20


@dataclass(frozen=True)
class Wish:
    everything: bool
    lets_go: bool  # of what became hidden from the user


@click.command()
@name_argument
@click.option("--everything", is_flag=True, help="Read all again, not only what changed.")
@click.option(
    "--let-go", "lets_go", is_flag=True, help="Remove what became hidden from the user, this once."
)
@click.option("--background", is_flag=True, help="Let a worker do it; do not wait.")
def pull(name: str, everything: bool, lets_go: bool, background: bool) -> None:
    """Read an Odoo that was added with its API key, store what changed, prove that it ties out.

    The first time, and once a day, it reads everything. Exit code 1 where it does not tie out.
    Ctrl-C cancels it; what was stored until then stays, and the next pull goes on from there.
    """
    config, wish = read_config(), Wish(everything, lets_go)
    with database(config) as engine:
        if background:
            with writing(engine) as db:
                _ask(db, name, wish)
            click.echo(f"A worker pulls {name}. To see how far it is: {own_name()} runs {name}")
        else:
            _pull_here(engine, config, name, wish)


def _ask(db: Database, name: str, wish: Wish) -> PullRun:
    """Raises NothingHidden where there is nothing to let go of."""
    connection = _get_pulled_connection(db, name)
    try:
        if wish.lets_go:
            run = let_go_of_hidden(db, connection, now())
        else:
            run = ask_for_run(db, connection.id, AskedBy.HAND, now())
    except PullRunning as error:
        raise click.ClickException(_running(db, connection)) from error
    if wish.everything:
        forget_positions(db, connection.id)
    return run


def _running(db: Database, connection: Connection) -> str:
    running = find_open_run(db, connection.id)
    how_far = f" It is at {_how_far(running)}." if running and running.stream else ""
    return (
        f"{connection.name} is being pulled already.{how_far}"
        f" `{own_name()} cancel {connection.name}` stops that."
    )


def _get_pulled_connection(db: Database, name: str) -> Connection:
    """Raises NotFound, also for one that pushes."""
    connection = get_connection(db, name)
    get_odoo_access(db, connection.id, name)
    return connection


def _how_far(run: PullRun) -> str:
    of = f" of {run.expected_count:,}" if run.expected_count is not None else ""
    return f"{run.stream}, {run.done_count or 0:,}{of} records"


def _pull_here(engine: Engine, config: Config, name: str, wish: Wish) -> None:
    worker = this_worker(engine, config)
    with writing(engine) as db:  # asked for and taken at once: a worker looks each second
        run = _ask(db, name, wish)
        lease = take(db, worker, run.connection_id, run.run_id)
    try:
        with _telling() as tell:
            ended = run_taken_pull(worker, lease, tell) if lease else None
    except KeyboardInterrupt:  # before it had begun
        with writing(engine) as db:
            ended = cancel_run(db, run.connection_id, run.run_id, now())
    if ended is None:
        raise click.ClickException("A worker was faster and pulls this connection now.")
    if ended.state == RunState.CANCELLED:
        raise click.ClickException("Cancelled. What was stored until then stays.")
    if ended.failure:
        again = f" A worker tries again on {minute(ended.due_at)}." if _is_waiting(ended) else ""
        raise click.ClickException(f"{ended.failure}{again}")
    click.echo(_told(ended))
    with reading(engine) as db:
        proof = get_proof(db, ended.connection_id, ended.proof_id) if ended.proof_id else None
    click.echo(_proven(proof))


def _told(run: PullRun) -> str:
    return (
        f"{run.record_count:,} records pulled, {run.written_count:,} of them new or changed,"
        f" {run.deleted_count:,} deleted, {run.repaired_count or 0:,} repaired. Odoo was asked"
        f" {run.call_count:,} times and took {run.milliseconds_in_odoo / 1000:.0f} seconds."
    )


def _proven(proof: Proof | None) -> str:
    if proof is None:
        return "Not proven: this Odoo adds nothing up. Everything is read each time instead."
    unbalanced = told_of_unbalanced(proof)
    return f"{_tied_out(proof)} {unbalanced}." if unbalanced else _tied_out(proof)


def _tied_out(proof: Proof) -> str:
    if proof.set_aside_count:
        return (
            f"Ties out with Odoo's own counts and sums {told_of_set_aside(proof)}:"
            f" {told_of_tie_out(proof)}."
        )
    return f"Tied out with Odoo's own counts and sums: {told_of_tie_out(proof)}."


def _is_waiting(run: PullRun) -> bool:
    return run.state == RunState.WAITING


@contextmanager
def _telling() -> Iterator[Tell]:
    """A bar in a terminal, else a line for each range."""
    if not sys.stderr.isatty():
        yield _tell_by_lines
        return
    columns = (
        bars.TextColumn("{task.description:32}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=Console(stderr=True)) as shown:
        bar = shown.add_task("connecting", total=None)

        def tell(progress: Progress) -> None:
            what = f"{progress.what}: {progress.stream}"
            done, expected = progress.done_count, progress.expected_count
            shown.update(bar, description=what, completed=done, total=expected)

        yield tell


def _tell_by_lines(progress: Progress) -> None:
    of = "" if progress.expected_count is None else f" of {progress.expected_count:,}"
    click.echo(
        f"{progress.what:10} {progress.stream:18} {progress.done_count:9,}{of} records", err=True
    )


@click.command()
@name_argument
@click.option(
    "--limit", default=SHOWN_RUNS, show_default=True, type=click.IntRange(min=1), help="So many."
)
def runs(name: str, limit: int) -> None:
    """Show the pulls of a connection, the newest first: how they ended and what they cost."""
    with database(read_config()) as engine, reading(engine) as db:
        found = list_runs(db, _get_pulled_connection(db, name).id, limit=limit)
    at = now()
    print_table(RUN_COLUMNS, [_described(each, at) for each in found])


def _described(run: PullRun, at: datetime) -> tuple[str, ...]:
    state = run.state_at(at)
    is_under_way = state in (RunState.RUNNING, RunState.STUCK) and run.stream
    seconds = run.seconds_at(at)
    return (
        str(run.run_id),
        f"{state} ({_how_far(run)})" if is_under_way else state,
        run.asked_by,
        minute(run.asked_at),
        "-" if seconds is None else f"{seconds:.0f} s",
        f"{run.record_count:,}",
        f"{run.written_count:,}",
        f"{run.deleted_count:,}",
        f"{run.call_count:,}",
        f"{run.milliseconds_in_odoo / 1000:.1f} s",
        run.failure or "-",
    )


@click.command()
@name_argument
def cancel(name: str) -> None:
    """Cancel the pull of a connection that waits or runs. What it stored until then stays."""
    with database(read_config()) as engine, writing(engine) as db:
        connection = _get_pulled_connection(db, name)
        run = find_open_run(db, connection.id)
        if run is None:
            raise NotFound(f"{name} is not being pulled.")
        cancelled = cancel_run(db, connection.id, run.run_id, now())
    if cancelled.state == RunState.CANCELLED:
        click.echo(f"The pull of {name} is cancelled.")
    else:
        click.echo(f"The pull of {name} ends as soon as Odoo has answered what was asked last.")
