"""``monitr pull``, ``runs`` and ``cancel``: reading an Odoo with its API key."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from receiver.cli.terminal import database, minute, name_argument, now, own_name, print_table
from receiver.config import Config, read_config
from receiver.db.connections import Connection, get_connection
from receiver.db.engine import reading, writing
from receiver.db.odoo_accesses import get_odoo_access
from receiver.db.pull_runs import (
    AskedBy,
    PullRun,
    RunState,
    ask_for_run,
    cancel_run,
    find_open_run,
    list_runs,
)
from receiver.errors import NotFound, PullRunning
from receiver.jobs.queue import hint
from receiver.jobs.run import run_pull, this_worker
from receiver.pull import pull as pulling

RUN_COLUMNS = (
    *("RUN", "STATE", "ASKED BY", "ASKED", "TOOK"),
    *("RECORDS", "CHANGED", "DELETED", "CALLS", "IN ODOO", "FAILURE"),
)
SHOWN_RUNS = 20

Tell = Callable[[pulling.Progress], None]


@click.command()
@name_argument
@click.option("--background", is_flag=True, help="Let a worker do it; do not wait.")
def pull(name: str, background: bool) -> None:
    """Bring what is stored of an Odoo that was added with its API key up to date, now.

    Ctrl-C cancels it; what was stored until then stays, and the next pull goes on from there.
    """
    config = read_config()
    with database(config) as engine:
        run = _ask(engine, name)
        if background:
            hint(engine, config, run)
            click.echo(f"A worker pulls {name}. To see how far it is: {own_name()} runs {name}")
        else:
            _pull_here(engine, config, run)


def _ask(engine: Engine, name: str) -> PullRun:
    with writing(engine) as db:
        connection = _get_pulled_connection(db, name)
        try:
            return ask_for_run(db, connection.id, AskedBy.HAND, now())
        except PullRunning as error:
            running = find_open_run(db, connection.id)
            how_far = f" It is at {_how_far(running)}." if running and running.stream else ""
            raise click.ClickException(
                f"{name} is being pulled already.{how_far} `{own_name()} cancel {name}` stops that."
            ) from error


def _get_pulled_connection(db: Database, name: str) -> Connection:
    """Raises NotFound, also for one that pushes."""
    connection = get_connection(db, name)
    get_odoo_access(db, connection.id, name)
    return connection


def _how_far(run: PullRun) -> str:
    of = f" of {run.expected_count:,}" if run.expected_count is not None else ""
    return f"{run.stream}, {run.done_count or 0:,}{of} records"


def _pull_here(engine: Engine, config: Config, run: PullRun) -> None:
    try:
        with _telling() as tell:
            ended = run_pull(this_worker(engine, config), run.connection_id, run.run_id, tell)
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
    click.echo(
        f"{ended.record_count:,} records pulled, {ended.written_count:,} of them new or changed,"
        f" {ended.deleted_count:,} deleted. Odoo answered {ended.call_count:,} calls in"
        f" {ended.milliseconds_in_odoo / 1000:.0f} seconds."
    )


def _is_waiting(run: PullRun) -> bool:
    return run.state == RunState.WAITING


@contextmanager
def _telling() -> Iterator[Tell]:
    """A bar in a terminal, else a line for each range."""
    if not sys.stderr.isatty():
        yield _tell_by_lines
        return
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bars:
        bar = bars.add_task("connecting", total=None)

        def tell(progress: pulling.Progress) -> None:
            what = f"{progress.what}: {progress.stream}"
            done, expected = progress.done_count, progress.expected_count
            bars.update(bar, description=what, completed=done, total=expected)

        yield tell


def _tell_by_lines(progress: pulling.Progress) -> None:
    click.echo(f"{progress.stream:18} {progress.done_count:9,} records", err=True)


@click.command()
@name_argument
@click.option("--limit", default=SHOWN_RUNS, show_default=True, type=click.IntRange(min=1))
def runs(name: str, limit: int) -> None:
    """Show the pulls of a connection, the newest first: how they ended and what they cost."""
    with database(read_config()) as engine, reading(engine) as db:
        found = list_runs(db, _get_pulled_connection(db, name).id, limit=limit)
    at = now()
    print_table(RUN_COLUMNS, [_described(each, at) for each in found])


def _described(run: PullRun, at: datetime) -> tuple[str, ...]:
    state = run.state_at(at)
    is_under_way = state in (RunState.RUNNING, RunState.STUCK) and run.stream
    took = (run.finished_at or at) - run.started_at if run.started_at else None
    return (
        str(run.run_id),
        f"{state} ({_how_far(run)})" if is_under_way else state,
        run.asked_by,
        minute(run.asked_at),
        f"{took.total_seconds():.0f} s" if took else "-",
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
    if cancelled.finished_at:
        click.echo(f"The pull of {name} is cancelled.")
    else:
        click.echo(f"The pull of {name} ends as soon as Odoo has answered what was asked last.")
