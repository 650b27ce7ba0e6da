"""What is too large or too slow for the way to the receiver goes in smaller requests."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, LiteralString

import pytest
from monitr_wire.proof import PROOF_PARTS_PATH, PROOF_ROWS_PATH, PROOFS_PATH

from tests.debian import Running, nginx
from tests.faults.network import NOTHING, Answer, Fault, Network, forward
from tests.odoo.installations import Installation
from tests.odoo.paired import NAME, Paired, SettingsPage, paired
from tests.odoo.server import OdooError
from tests.odoo.test_install import KEY
from tests.postgres import PostgresServer

LONG_LABELS: LiteralString = (
    "UPDATE account_move_line l SET name = (SELECT string_agg(chr((48 + random() * 74)::int), '') "
    "FROM generate_series(1, 350) WHERE l.id > 0)"
)
TIME_PASSES: LiteralString = (
    "UPDATE monitr_run SET started_at = started_at - interval '1 day', retry_at = NULL"
)
NGINX_LIMIT = 1024 * 1024
MOST_SLICES = 12


@pytest.fixture(scope="module")
def pushed(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    with paired(installation, postgres, tmp_path_factory.mktemp("sizes")) as pair:
        assert pair.push()["state"] == "succeeded"
        yield pair


@pytest.fixture
def pair(pushed: Paired) -> Paired:
    """Ten thousand items to push, whose labels hardly compress; nothing known of the way there."""
    pushed.odoo.sql(LONG_LABELS)
    pushed.odoo.sql("UPDATE monitr_run SET request_bytes = NULL")
    return pushed


def push_through(pair: Paired, url: str) -> dict[str, Any]:
    """Push to the receiver by way of that address, however many slices it takes."""
    pair.receiver.public_url = url
    pair.set_key(pair.receiver.rotate_connection(NAME))
    for _ in range(MOST_SLICES):
        with suppress(OdooError):  # a failure of the slice, which stands on the run
            pair.push()
        run = pair.last_run()
        if run["state"] != "running":
            break
        pair.odoo.sql(TIME_PASSES)
    return run


def assert_arrived(pair: Paired, run: dict[str, Any]) -> None:
    assert run["state"] == "succeeded", run["error"]
    assert json.loads(run["proof"])["ties_out"]
    [(count,)] = pair.odoo.sql("SELECT max(length(name)) FROM account_move_line")
    assert max(len(item["label"] or "") for item in pair.records("journal_items")) == count


def refused_in(running: Running) -> int:
    return running.log().count('" 413 ')


def test_long_labels_pass_an_nginx_as_it_is_installed(pair: Paired, tmp_path: Path) -> None:
    with nginx(tmp_path / "nginx", pair.receiver.url) as proxy:
        run = push_through(pair, proxy.url)

        assert_arrived(pair, run)
        assert refused_in(proxy) == 0
    assert pair.receiver.sql("SELECT count(*) FROM receipts WHERE stream = 'journal_items'") > [
        (2,)
    ]


def test_what_nginx_refuses_goes_in_halves(pair: Paired, tmp_path: Path) -> None:
    pair.odoo.call(
        "ir.config_parameter", "set_param", "monitr_connector.largest_request_kib", "4096"
    )
    with nginx(tmp_path / "nginx", pair.receiver.url) as proxy:
        run = push_through(pair, proxy.url)

        assert_arrived(pair, run)
        assert 0 < refused_in(proxy) <= 3
    assert run["request_bytes"] <= NGINX_LIMIT
    pair.odoo.call("ir.config_parameter", "set_param", "monitr_connector.largest_request_kib", "")


def test_every_request_passes_a_limit_of_sixteen_kibibytes(pair: Paired, tmp_path: Path) -> None:
    with nginx(tmp_path / "nginx", pair.receiver.url, "client_max_body_size 16k;") as proxy:
        assert_arrived(pair, push_through(pair, proxy.url))

        assert 0 < refused_in(proxy) < 10


def test_a_proof_and_its_repair_pass_a_limit_of_four_kibibytes(
    pair: Paired, tmp_path: Path
) -> None:
    assert push_through(pair, pair.receiver.url)["state"] == "succeeded"
    pair.receiver.execute("DELETE FROM journal_items WHERE id % 9 = 0")
    with nginx(tmp_path / "nginx", pair.receiver.url, "client_max_body_size 4k;") as proxy:
        assert_arrived(pair, push_through(pair, proxy.url))

        for path in (PROOF_PARTS_PATH, PROOFS_PATH, PROOF_ROWS_PATH):
            assert f'"POST {path} HTTP/1.1" 200' in proxy.log()


def test_a_record_that_fits_nowhere_says_which_limit_to_raise(pair: Paired, tmp_path: Path) -> None:
    pair.odoo.sql(
        "UPDATE account_move_line SET name = (SELECT string_agg(md5(i::text), '') "
        "FROM generate_series(1, 300) i) WHERE id = (SELECT max(id) FROM account_move_line "
        "WHERE parent_state = 'posted')"
    )
    with nginx(tmp_path / "nginx", pair.receiver.url, "client_max_body_size 4k;") as proxy:
        run = push_through(pair, proxy.url)

    assert run["state"] == "failed"
    assert "client_max_body_size" in run["error"]
    assert f"before {proxy.url} does not take a request of " in run["error"]


def test_a_large_record_that_fits_nowhere_is_set_aside_and_the_rest_comes(
    pair: Paired, tmp_path: Path
) -> None:
    [(id,)] = pair.odoo.sql(
        "UPDATE account_move_line SET name = (SELECT string_agg(md5(i::text), '') "
        "FROM generate_series(1, 9000) i) WHERE id = (SELECT max(id) FROM account_move_line "
        "WHERE parent_state = 'posted') RETURNING id"
    )
    with nginx(tmp_path / "nginx", pair.receiver.url, "client_max_body_size 64k;") as proxy:
        run = push_through(pair, proxy.url)

    assert run["state"] == "succeeded", run["error"]
    [record] = pair.receiver.get(f"/v1/connections/{NAME}/set-aside-records")["records"]
    assert (record["stream"], record["record_id"]) == ("journal_items", id)
    assert "client_max_body_size" in record["reason"]

    assert_arrived(pair, push_through(pair, pair.receiver.url))
    assert pair.receiver.get(f"/v1/connections/{NAME}/set-aside-records")["records"] == []


def above(most_bytes: int, answer: Answer) -> Fault:
    def answer_so(network: Network, request: bytes) -> Answer:
        return answer if len(request) > most_bytes else forward(network, request)

    return answer_so


def saying(status: int, *headers: str) -> Answer:
    head = "\r\n".join([f"HTTP/1.1 {status} Unwell", "Content-Length: 3", *headers])
    return Answer(f"{head}\r\n\r\nbad".encode())


@pytest.mark.parametrize(
    "answer",
    [NOTHING, saying(503, "Retry-After: 2")],
    ids=["cut", "503"],
)
def test_what_does_not_get_through_is_tried_with_less(pair: Paired, answer: Answer) -> None:
    with Network() as network:
        network.receiver_port = pair.receiver.port
        network.misbehave(above(100_000, answer), times=10_000)

        run = push_through(pair, network.url)

    assert_arrived(pair, run)
    assert run["request_bytes"] > 25_000, "and grows again"


SMALL_WORLD = f"""
import threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from odoo.addons.monitr_connector import errors, send
from odoo.addons.monitr_connector.aim import Aim
from odoo.addons.monitr_connector.wire.batch import Batch
from odoo.addons.monitr_connector.wire.connection_key import decode_connection_key
from odoo.addons.monitr_connector.wire.streams import PARTNERS

send.WAITS_SECONDS, send.TIMEOUT_SECONDS, send.PATIENCE_SECONDS = (0, 0), (1, 1), 0.5
sizes, status, headers, body, slow_above = [], 200, {{}}, b"{{}}", 10 ** 9

class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        size = int(self.headers["content-length"])
        self.rfile.read(size)
        sizes.append(size)
        if size > slow_above:
            time.sleep(2)
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
threading.Thread(target=server.serve_forever, daemon=True).start()
key = decode_connection_key({KEY!r})._replace(address="http://127.0.0.1:%d" % server.server_port)
lines = b"".join(b"%d\\t%s\\n" % (id, uuid) for id, uuid in enumerate(
    [b"%x" % (n ** 40 % 10 ** 60) for n in range(2000, 2064)], 1))
batch = Batch(PARTNERS, "run", lines)

def failure(aim=None):
    try:
        with send.Sender(key, aim) as sender:
            for each in sender.send(batch):
                pass
    except errors.PushError as error:
        return [type(error).__name__, str(error), getattr(error, "wait_seconds", 0)]
"""


@pytest.fixture
def shell(settings_page: SettingsPage) -> Callable[[str], Any]:
    return lambda code: settings_page.odoo.shell(SMALL_WORLD + code)


def test_time_outs_halve_it_down_to_one_record_and_it_grows_again(
    shell: Callable[[str], Any],
) -> None:
    """One try each, as in slices that follow each other; the aim is what is kept between them."""
    result = shell("""
send.TIMEOUT_SECONDS, send.PATIENCE_SECONDS = (1, 0.3), 0.1
aim, slow_above, failures = Aim(), 0, 0
while aim.bytes > 1:
    assert failure(aim)[0] == "Unreachable"
    failures += 1
result = [sizes == sorted(sizes, reverse=True), len(sizes) == failures, sizes[-1] < 1000]
slow_above = 10 ** 9
for _ in range(9):
    sizes.clear()
    failure(aim)
result.append(len(sizes))
""")

    assert result == [True, True, True, 1]


REPLIES = {
    403: ["Refused", "refused the request (HTTP 403), not Monitr"],
    404: ["Refused", "refused the request (HTTP 404), not Monitr"],
    413: ["TooLarge", "in nginx it is client_max_body_size"],
    408: ["Unreachable", "waited too long for the request or its answer (HTTP 408)"],
    425: ["Unreachable", "asks to try later (HTTP 425)"],
    429: ["Unreachable", "asks to try later (HTTP 429)"],
    500: ["Unreachable", "gets no answer from it (HTTP 500)"],
    502: ["Unreachable", "gets no answer from it (HTTP 502)"],
    503: ["Unreachable", "asks to try later (HTTP 503)"],
    504: ["Unreachable", "waited too long for the request or its answer (HTTP 504)"],
    520: ["Unreachable", "gets no answer from it (HTTP 520)"],
    522: ["Unreachable", "waited too long for the request or its answer (HTTP 522)"],
    524: ["Unreachable", "waited too long for the request or its answer (HTTP 524)"],
    530: ["Unreachable", "gets no answer from it (HTTP 530)"],
}


def test_what_another_server_says_is_not_said_as_the_receivers(shell: Callable[[str], Any]) -> None:
    said = shell(f"""
batch, body, result = batch._replace(lines=lines[:lines.index(b"\\n") + 1]), b"<html>no</html>", []
for status in {list(REPLIES)}:
    result.append(failure())
""")

    for (kind, sentence), (its_kind, its_sentence, _wait) in zip(
        REPLIES.values(), said, strict=True
    ):
        assert its_kind == kind
        assert sentence in its_sentence


def test_the_receivers_own_limit_is_named_as_its_own(shell: Callable[[str], Any]) -> None:
    [kind, sentence, _wait] = shell("""
batch, status = batch._replace(lines=lines[:lines.index(b"\\n") + 1]), 413
body = b'{"detail": "The body is larger than this receiver accepts."}'
result = failure()
""")

    assert kind == "TooLarge"
    assert (
        "The body is larger than this receiver accepts. Its setting MONITR_MAX_BODY_MB" in sentence
    )


def test_it_waits_as_long_as_it_is_asked_to_but_not_within_a_slice(
    shell: Callable[[str], Any],
) -> None:
    [said, tries, minutes] = shell("""
from datetime import datetime
connection = env["monitr.connection"].search([])
status, headers = 503, {"Retry-After": "1200"}
said, tries = failure(), len(sizes)
run = connection.open_run()
run.postpone(errors.Unreachable("later", wait_seconds=said[2]))
result = [said, tries, round((run.retry_at - datetime.utcnow()).total_seconds() / 60)]
""")

    assert said[2] == 1200
    assert tries == 1
    assert minutes == 20
