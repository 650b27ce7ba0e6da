"""/v1/connections/{name}/pulls: how an Odoo is pulled, how far it is, and what it cost."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import marshmallow as ma
from marshmallow import fields
from monitr_wire.values import ID_PATTERN
from sqlalchemy import Connection as Database

from receiver.db.connections.connections import Connection
from receiver.db.connections.odoo_accesses import get_odoo_access
from receiver.db.engine import reading, writing
from receiver.db.pull.pull_runs import (
    AskedBy,
    PullRun,
    RunState,
    ask_for_run,
    cancel_run,
    find_newest_run,
    get_run,
    list_runs,
)
from receiver.errors import NotFound
from receiver.jobs.letting_go import let_go_of_hidden
from receiver.monitoring.pulls import find_pulls
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.api.tokens import get_visible_connection
from receiver.web.current import current_engine
from receiver.web.paging import DEFAULT_LIMIT, IdCursor, page_parameters, read_page
from receiver.web.query import Query

pulls = ReadingBlueprint("Pulls", "Reading an Odoo with its API key, where no addon pushes")

NEWEST = "newest"
RUN_ID = re.compile(ID_PATTERN)
LIST_QUERY = Query.from_dict(page_parameters("pulls"))


class PullSchema(ma.Schema):
    run_id = fields.Integer(required=True, metadata={"description": "1, 2, 3 in a connection"})
    state = fields.Enum(
        RunState,
        by_value=fields.String,
        required=True,
        metadata={
            "description": "`stuck`: its worker is not heard any more, and the next one takes over"
        },
    )
    asked_at = fields.DateTime(required=True)
    asked_by = fields.Enum(AskedBy, by_value=fields.String, required=True)
    due_at = fields.DateTime(
        required=True, metadata={"description": "A pull that waits is not begun before that"}
    )
    started_at = fields.DateTime(required=True, allow_none=True)
    finished_at = fields.DateTime(required=True, allow_none=True)
    cancel_asked_at = fields.DateTime(required=True, allow_none=True)
    seconds = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "From its start to its end, or until now"},
    )
    what = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "`everything`, `changes`, `proof` or `repair`"},
    )
    stream = fields.String(required=True, allow_none=True, metadata={"description": "At work"})
    done_count = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Records of the stream, done"}
    )
    expected_count = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The same, to do; null: unknown"}
    )
    record_count = fields.Integer(required=True, metadata={"description": "Read, once it ended"})
    written_count = fields.Integer(required=True, metadata={"description": "New or changed"})
    deleted_count = fields.Integer(required=True)
    repaired_count = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Records that the proof found different; null until it succeeded"},
    )
    proof_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Of the proof that ended it, see /proofs"},
    )
    records_per_second = fields.Float(
        required=True, allow_none=True, metadata={"description": "Null until it succeeded"}
    )
    call_count = fields.Integer(
        required=True, metadata={"description": "Calls to Odoo, with those that failed"}
    )
    seconds_in_odoo = fields.Float(
        required=True, metadata={"description": "How long Odoo took to answer all of them"}
    )
    failure_count = fields.Integer(required=True, metadata={"description": "Attempts that failed"})
    failure_code = fields.String(
        required=True, allow_none=True, metadata={"description": "Stable, for programs"}
    )
    failure = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What is wrong, and what to do next"},
    )


class PullListSchema(ma.Schema):
    every_minutes = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The schedule; null where only hands ask"},
    )
    next_at = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "When the schedule asks for the next one"},
    )
    is_paused = fields.Boolean(
        required=True,
        metadata={"description": "Odoo refused the key, so the schedule does not try by itself"},
    )
    pulls = fields.List(fields.Nested(PullSchema), required=True)
    next_cursor = IdCursor(required=True, allow_none=True)


@pulls.reads("/connections/<name>/pulls", LIST_QUERY(), PullListSchema())
def list_pulls_of_connection(query: Mapping[str, Any], name: str) -> dict[str, object]:
    """The schedule, and every pull with its cost, the newest first."""
    now = datetime.now(UTC)
    with reading(current_engine()) as db:
        connection = _get_pulled_connection(db, name)
        read = partial(list_runs, db, connection.id, before_id=query.get("cursor"))
        shown, has_more = read_page(read, query.get("limit", DEFAULT_LIMIT))
        schedule = find_pulls(db, connection, now)
    return {
        "every_minutes": schedule and (schedule.every_minutes or None),
        "next_at": schedule and schedule.next_at,
        "is_paused": bool(schedule and schedule.is_paused),
        "pulls": [_described(each, now) for each in shown],
        "next_cursor": shown[-1].run_id if has_more else None,
    }


@pulls.reads("/connections/<name>/pulls/<run_id>", Query(), PullSchema())
def get_pull_of_connection(_query: object, name: str, run_id: str) -> dict[str, object]:
    """One pull: how far it is, or how it ended. `newest` is the last one."""
    with reading(current_engine()) as db:
        connection = _get_pulled_connection(db, name)
        return _described(_get_run(db, connection, run_id), datetime.now(UTC))


@pulls.manages("POST", "/connections/<name>/pulls", PullSchema(), status=202)
def ask_for_pull(name: str) -> dict[str, object]:
    """Pull now. One that waits begins now; where one is running, the answer is 409 `pull_running`.

    A worker does it: look at the pull to see how far it is.
    """
    now = datetime.now(UTC)
    with writing(current_engine()) as db:
        run = ask_for_run(db, _get_pulled_connection(db, name).id, AskedBy.HAND, now)
    return _described(run, now)


@pulls.manages("POST", "/connections/<name>/let-go", PullSchema(), status=202)
def let_go(name: str) -> dict[str, object]:
    """Pull now, and remove what is hidden from the user of the API key.

    For once, and where the last pull failed with `gone_from_sight`; else the answer is 409
    `nothing_hidden`.
    """
    now = datetime.now(UTC)
    with writing(current_engine()) as db:
        run = let_go_of_hidden(db, _get_pulled_connection(db, name), now)
    return _described(run, now)


@pulls.manages("POST", "/connections/<name>/pulls/<run_id>/cancel", PullSchema())
def cancel_pull(name: str, run_id: str) -> dict[str, object]:
    """Cancel a pull that waits or runs; what it stored until then stays.

    One that runs ends as soon as Odoo has answered the last call. One that has ended: 409
    `pull_ended`.
    """
    now = datetime.now(UTC)
    with writing(current_engine()) as db:
        connection = _get_pulled_connection(db, name)
        run = _get_run(db, connection, run_id)
        return _described(cancel_run(db, connection.id, run.run_id, now), now)


def _get_pulled_connection(db: Database, name: str) -> Connection:
    connection = get_visible_connection(db, name)
    get_odoo_access(db, connection.id, name)
    return connection


def _get_run(db: Database, connection: Connection, run_id: str) -> PullRun:
    if run_id == NEWEST:
        newest = find_newest_run(db, connection.id)
        if newest is None:
            raise NotFound(f"{connection.name} was never pulled.")
        return newest
    if not RUN_ID.fullmatch(run_id):
        raise NotFound("A pull has a number, such as 7.")
    return get_run(db, connection.id, int(run_id))


def _described(run: PullRun, now: datetime) -> dict[str, object]:
    seconds = run.seconds_at(now)
    return {
        **vars(run),
        "state": run.state_at(now),
        "asked_by": AskedBy(run.asked_by),
        "seconds": seconds,
        "records_per_second": run.record_count / seconds if seconds and run.record_count else None,
        "seconds_in_odoo": run.milliseconds_in_odoo / 1000,
    }
