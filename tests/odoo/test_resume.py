"""A push that is killed half-way goes on where it stopped; the cron does it without a human."""

import threading
import time
from pathlib import Path

from tests.odoo import books_script
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired, SettingsPage, paired
from tests.odoo.server import OdooError
from tests.odoo.test_install import KEY
from tests.postgres import PostgresServer

PATIENCE_SECONDS = 240


def test_a_killed_push_goes_on_where_it_stopped(
    installation: Installation, postgres: PostgresServer, tmp_path: Path
) -> None:
    with paired(installation, postgres, tmp_path) as pair:
        run_id = kill_odoo_half_way(pair)
        stored_before = streams_stored(pair, run_id)

        pair.odoo.start(max_cron_threads=1)
        wait_until(lambda: state_of(pair, run_id) == "succeeded")

        assert len(pair.records("journal_items")) > books_script.LARGE_ENTRY_LINES
        again = [s for s in streams_stored(pair, run_id) if stored_before.count(s)]
        assert again.count("companies") == 1, "what was stored and recorded is not sent again"


def kill_odoo_half_way(pair: Paired) -> str:
    """Push, and kill Odoo while the receiver holds back the answer to the next batch."""
    pushing = threading.Thread(target=push_ignoring_the_end, args=(pair,))
    pushing.start()
    wait_until(lambda: pair.receiver.sql("SELECT 1 FROM receipts WHERE stream = 'journals'"))
    pair.receiver.pause()
    pair.odoo.kill()
    pair.receiver.go_on()
    pushing.join()
    [(run_id, state)] = pair.odoo.sql("SELECT run_id, state FROM monitr_run")
    assert state == "running"
    return str(run_id)


def push_ignoring_the_end(pair: Paired) -> None:
    try:
        pair.push()
    except (OdooError, OSError):
        return  # the server is killed in the middle of the request


def streams_stored(pair: Paired, run_id: str) -> list[str]:
    rows = pair.receiver.sql(f"SELECT stream FROM receipts WHERE run_id = '{run_id}'")
    return [stream for (stream,) in rows]


def state_of(pair: Paired, run_id: str) -> str:
    [(state,)] = pair.odoo.sql("SELECT state FROM monitr_run WHERE run_id = %s", [run_id])
    return str(state)


def wait_until(is_so) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_receiver_that_is_down_is_tried_again_later(
    installation: Installation, postgres: PostgresServer, tmp_path: Path
) -> None:
    with paired(installation, postgres, tmp_path) as pair:
        pair.receiver.kill()

        push_ignoring_the_end(pair)

        run = pair.last_run()
        assert run["state"] == "running"
        assert "cannot be reached" in run["error"]
        assert run["retry_at"]
        pair.receiver.start()
        assert pair.push()["state"] == "succeeded"
        assert pair.last_run()["run_id"] == run["run_id"]


def test_a_receiver_that_swallows_requests_is_asked_once_and_then_later(
    installation: Installation, postgres: PostgresServer, tmp_path: Path
) -> None:
    """Three tries of a minute each would outlast what Odoo gives a worker."""
    with paired(installation, postgres, tmp_path) as pair:
        pair.receiver.pause()

        push_ignoring_the_end(pair)

        pair.receiver.go_on()
        assert "did not answer in time" in pair.last_run()["error"]
        assert pair.last_run()["state"] == "running"
        pair.test_connection()
        assert pair.receiver.log_file.read_text().count("hello received") == 2


PROXY = f"""
import threading, time
from http.server import BaseHTTPRequestHandler, HTTPServer
from odoo.addons.monitr_connector import errors, push, send
from odoo.addons.monitr_connector.wire.connection_key import decode_connection_key

class Proxy(BaseHTTPRequestHandler):
    def do_POST(self):
        result.append(self.path)
        time.sleep(seconds)
        self.send_response(status)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{{}}")

proxy = HTTPServer(("127.0.0.1", 0), Proxy)
threading.Thread(target=proxy.serve_forever, daemon=True).start()
address = "http://127.0.0.1:%d" % proxy.server_port
key = decode_connection_key({KEY!r})._replace(address=address)
result = []
"""  # stands where the receiver should be


def test_a_receiver_that_takes_long_to_say_later_is_asked_once(settings_page: SettingsPage) -> None:
    """As a proxy does whose patience ends a moment before ours."""
    tries = settings_page.odoo.shell(f"""{PROXY}
send.WAITS_SECONDS, send.PATIENCE_SECONDS, status = (0, 0), 0.5, 504
for seconds in (0, 1):
    try:
        with send.Sender(key) as sender:
            sender.proof("run", [])
    except errors.Unreachable:
        result.append("later")
""")

    assert tries == [*["/v1/proofs"] * 3, "later", "/v1/proofs", "later"]


def test_what_answers_otherwise_than_a_receiver_is_called_so(settings_page: SettingsPage) -> None:
    [_path, sentence] = settings_page.odoo.shell(f"""{PROXY}
seconds, status = 0, 200
try:
    with send.Sender(key) as sender:
        push.say_hello(env["monitr.connection"].search([]), sender)
except errors.Refused as error:
    result.append(str(error))
""")

    assert "answered, but it is no Monitr receiver." in sentence
