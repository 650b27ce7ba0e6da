"""What Odoo could not answer just then is asked again, as often and as late as is right."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from monitr_wire.streams import CURRENCIES

from receiver import errors
from receiver.pull.extract.capabilities import Offers
from receiver.pull.extract.read import FEWEST_ROWS, Reader
from receiver.pull.scope import OdooInScope, Scope
from receiver.pull.transport.http import Limits, Server
from receiver.pull.transport.jsonrpc import JsonRpc
from receiver.pull.transport.odoo_errors import named
from receiver.pull.transport.retry_policy import is_of_the_call, seconds_to_wait
from receiver.pull.transport.xmlrpc import RpcClient
from tests.receiver.pull.recorded import column
from tests.receiver.pull.servers import Reply, answering

BUSY = Reply(503)
ROW_COUNT = 600
FIELDS = {"id": column("integer"), "name": column(), "rounding": column("float", digits=[12, 6])}
FIELDS |= {name: column() for name in ("symbol", "position")}
FIELDS |= {"decimal_places": column("integer"), "active": column("boolean")}


def result(value: Any) -> Reply:
    return Reply(200, json.dumps({"jsonrpc": "2.0", "result": value}).encode())


def failure(exception: str) -> Reply:
    error = {"data": {"name": exception, "message": ""}}
    return Reply(200, json.dumps({"jsonrpc": "2.0", "error": error}).encode())


def odoo_at(url: str, answer_bytes: int = 10**6) -> OdooInScope:
    limits = Limits(connect_seconds=2, answer_seconds=0.5, answer_bytes=answer_bytes)
    services = JsonRpc(Server(url, allow_private=True, limits=limits))
    client = RpcClient(services, "14.0", database="acme", uid=7, api_key="key")
    return OdooInScope(client, Scope((1,), "en_US"), waits=(0, 0))


@contextmanager
def saying_in_turn(*replies: Reply) -> Iterator[OdooInScope]:
    """An Odoo that answers its first call with the first reply, and so on."""
    waiting = iter(replies)
    with answering(lambda _path, _body: next(waiting)) as url:
        yield odoo_at(url)


@pytest.mark.parametrize(("asked_for", "waits"), [(60, 60), (61, None)])
def test_it_waits_a_minute_at_most(asked_for: float, waits: float | None) -> None:
    busy = errors.OdooRateLimited()
    busy.wait_seconds = asked_for

    assert seconds_to_wait(busy, usually=5) == waits


@pytest.mark.parametrize(
    ("exception", "is_each_time"),
    [
        ("psycopg2.DataError", True),
        ("psycopg2.errors.NumericValueOutOfRange", True),
        ("builtins.ValueError", True),
        ("psycopg2.OperationalError", False),
        ("psycopg2.errors.SerializationFailure", False),
    ],
)
def test_a_value_that_odoo_cannot_read_is_not_asked_for_again(
    exception: str, is_each_time: bool
) -> None:
    error = named(exception, "")
    assert isinstance(error, errors.OdooServerError)

    assert is_of_the_call(error) is is_each_time


@pytest.mark.parametrize(
    "busy",
    [BUSY, Reply(502), Reply(429), failure("psycopg2.errors.SerializationFailure")],
)
def test_it_asks_again_and_goes_on(busy: Reply) -> None:
    with saying_in_turn(busy, busy, result(41)) as odoo:
        assert odoo.call("res.partner", "search_count") == 41

    assert odoo.call_count == 3


def test_it_gives_up_after_so_many_tries() -> None:
    with saying_in_turn(BUSY, BUSY, BUSY) as odoo, pytest.raises(errors.OdooServerError):
        odoo.call("res.partner", "search_count")

    assert odoo.call_count == 3


def test_it_waits_as_long_as_it_is_told_and_counts_that() -> None:
    asks_to_wait = Reply(429, headers={"Retry-After": "1"})

    with saying_in_turn(asks_to_wait, result(41)) as odoo:
        assert odoo.call("res.partner", "search_count") == 41

    assert odoo.seconds_waited == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(429, headers={"Retry-After": "3600"}), errors.OdooRateLimited),
        (Reply(504), errors.OdooTimeout),
        (failure("builtins.ValueError"), errors.OdooServerError),
        (failure("odoo.exceptions.AccessError"), errors.MissingPermissions),
    ],
)
def test_it_does_not_ask_again_in_vain(reply: Reply, error: type[errors.MonitrError]) -> None:
    with saying_in_turn(reply) as odoo, pytest.raises(error):
        odoo.call("res.partner", "search_count")

    assert odoo.call_count == 1


def test_it_asks_for_less_where_an_answer_does_not_come_in_time() -> None:
    with answering(SlowOdoo(most_rows=FEWEST_ROWS * 3)) as url:
        pages = list(Reader(odoo_at(url), CURRENCIES, Offers()).read_all())

    assert ids_of(pages) == list(range(1, ROW_COUNT + 1))


@pytest.mark.parametrize("status", [408, 413, 500, 502, 503, 504, 520, 522, 524, 530])
def test_it_asks_for_less_where_a_server_before_odoo_does_not_get_it_through(status: int) -> None:
    slow = SlowOdoo(most_rows=FEWEST_ROWS, otherwise=Reply(status, b"<html>"))
    with answering(slow) as url:
        pages = list(Reader(odoo_at(url), CURRENCIES, Offers()).read_all())

    assert ids_of(pages) == list(range(1, ROW_COUNT + 1))
    assert slow.asked[:3] == [ROW_COUNT, 250, FEWEST_ROWS], "each try is smaller"
    assert max(slow.asked[3:]) > FEWEST_ROWS, "and it grows again"


def test_it_asks_for_less_where_the_connection_is_cut() -> None:
    cut = Reply(200, b"{", {"Content-Length": "9999"})
    slow = SlowOdoo(most_rows=FEWEST_ROWS, otherwise=cut)
    with answering(slow) as url:
        pages = list(Reader(odoo_at(url), CURRENCIES, Offers()).read_all())

    assert ids_of(pages) == list(range(1, ROW_COUNT + 1))


def test_it_asks_for_less_where_an_answer_is_larger_than_it_reads() -> None:
    with answering(SlowOdoo(most_rows=ROW_COUNT)) as url:
        pages = list(Reader(odoo_at(url, answer_bytes=30_000), CURRENCIES, Offers()).read_all())

    assert len(pages) > 1
    assert ids_of(pages) == list(range(1, ROW_COUNT + 1))


@pytest.mark.parametrize("status", [502, 503, 504, 524])
def test_it_reads_the_changes_of_some_records_in_smaller_pages_too(status: int) -> None:
    slow = SlowOdoo(most_rows=FEWEST_ROWS, otherwise=Reply(status))
    wanted = [*range(1, ROW_COUNT + 1), ROW_COUNT + 1]
    with answering(slow) as url:
        pages = list(Reader(odoo_at(url), CURRENCIES, Offers()).read_some(wanted))

    assert ids_of(pages) == wanted[:-1]
    assert [id for _, deletions in pages for id in deletions] == wanted[-1:]


@pytest.mark.parametrize(
    ("otherwise", "error", "tries"),
    [
        (None, errors.OdooTimeout, 3),
        (Reply(504), errors.OdooTimeout, 3),
        (Reply(502), errors.OdooServerError, 3),
        (Reply(429), errors.OdooRateLimited, 3),
    ],
)
def test_it_does_not_ask_for_less_for_ever(
    otherwise: Reply | None, error: type[errors.MonitrError], tries: int
) -> None:
    slow = SlowOdoo(most_rows=0, otherwise=otherwise)
    with answering(slow) as url, pytest.raises(error):
        list(Reader(odoo_at(url), CURRENCIES, Offers()).read_all())

    assert len(slow.asked) == tries


def ids_of(pages: list[tuple[bytes, Any]]) -> list[int]:
    return [int(line.split(b"\t")[0]) for lines, _ in pages for line in lines.splitlines()]


class SlowOdoo:
    """Has currencies, and answers no page of more rows, in time or at all."""

    def __init__(self, *, most_rows: int, otherwise: Reply | None = None) -> None:
        self._most_rows = most_rows
        self._otherwise = otherwise
        self.asked: list[int] = []  # how many rows each page would have had

    def __call__(self, _path: str, body: bytes) -> Reply:
        method, _ids, arguments = json.loads(body)["params"]["args"][4:]
        if method == "fields_get":
            return result(FIELDS)
        ids = [id for id in range(1, ROW_COUNT + 1) if fits(arguments["domain"], id)]
        begin = arguments.get("offset", 0)
        ids = ids[begin:][: arguments.get("limit")]
        self.asked.append(len(ids))
        if len(ids) > self._most_rows and self._otherwise:
            return self._otherwise
        if len(ids) > self._most_rows:
            time.sleep(0.7)
        return result([currency(id) for id in ids])


def fits(domain: list[Any], id: int) -> bool:
    compare: dict[str, Callable[[int, Any], bool]] = {
        ">": lambda one, other: one > other,
        "<=": lambda one, other: one <= other,
        "in": lambda one, others: one in others,
    }
    return all(compare[operator](id, bound) for _, operator, bound in domain)


def currency(id: int) -> dict[str, Any]:
    row = {"id": id, "name": f"C{id}", "symbol": "c", "position": "after", "decimal_places": 2}
    return row | {"rounding": 0.01, "active": True}
