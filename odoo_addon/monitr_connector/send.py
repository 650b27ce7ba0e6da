"""Sends signed requests to the receiver over one kept-alive connection.

What is too large or too slow for the way there goes in smaller parts: see aim.py.
"""

import json
import time
import uuid
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import requests
from urllib3.exceptions import MaxRetryError

from .aim import KIB, Aim
from .authority import TrustingAdapter
from .errors import NotConnected, Refused, TooLarge, Unreachable, WrongRecords
from .wire.batch import BATCHES_PATH, Batch, encode_batch, set_apart
from .wire.hello import HELLO_PATH, encode_hello
from .wire.marked import _lt
from .wire.proof import (
    PROOF_HIDDEN_PATH,
    PROOF_PARTS_PATH,
    PROOF_ROWS_PATH,
    PROOFS_PATH,
    DigestLines,
    Rows,
    Statement,
    encode_digests,
    encode_proof,
    encode_proof_hidden,
    encode_proof_part,
    encode_proof_rows,
)
from .wire.set_aside import Wrong
from .wire.signature import signed_headers

TIMEOUT_SECONDS = (10, 60)  # to connect, to answer
WAITS_SECONDS = (1, 3)  # between tries, unless the other side says how long
# After that no other try is begun: with a slice the last one must end before Odoo's limit of 120.
PATIENCE_SECONDS = 15
PROOF_TYPE = "application/vnd.monitr.proof+gzip"
BATCH_TYPE = "application/vnd.monitr.batch+gzip"
NO_RECEIVER = _lt("%(address)s answered, but it is no Monitr receiver.")
TOO_LARGE = 413
LARGE_RECORD_BYTES = 64 * KIB  # of a request with one record; nginx lets 1024 KiB through
LATER = (408, 425, 429)  # besides all from 500: the same request may succeed later
TOO_SLOW = (408, 504, 522, 524)  # what a proxy says that waited in vain
OTHER_NAME = ("ostname mismatch", "IP address mismatch", "doesn't match")  # in Python's words
TOO_MANY = (425, 429, 503)


class Sender:
    """A connection to the receiver; use it as a context manager.

    Raises Unreachable where the receiver did not answer or asked for patience, Refused where it
    said no; the message is its sentence.
    """

    def __init__(self, key, aim=None):
        self._key = key
        self._aim = aim or Aim()
        self._session = requests.Session()
        if key.authority:
            self._session.mount(key.address, TrustingAdapter(key.authority))
        self._sequence = 0
        self._background = ThreadPoolExecutor(max_workers=1)  # one: batches keep their order

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._background.shutdown()
        self._session.close()

    def hello(self, hello):
        """The receiver's answer; from then on batches follow the last one that it stored.

        The clock is part of the sequence, so that it grows even when this database or the
        receiver's is restored from an older backup.
        """
        body = json.dumps(encode_hello(hello)).encode()
        answer = _patiently(lambda: self._post(HELLO_PATH, body, "application/json"))
        if not isinstance(answer, dict) or "last_sequence" not in answer:
            raise Refused(NO_RECEIVER, address=self._key.address)
        self._sequence = max(answer["last_sequence"], int(time.time() * 1000))
        return answer

    def send(self, batch):
        """Yields ``(part, receipt)`` of each part of the batch that is stored.

        Refused records are set aside in it.
        """
        waiting = deque([batch])
        while waiting:
            yield self._send_first(waiting, self._batch)

    def begin(self, batch):
        """The same, the first part being sent already. Nothing else may be sent before the end."""
        waiting = deque([batch])
        first = self._background.submit(self._send_first, waiting, self._batch)

        def receipts():
            yield first.result()
            while waiting:
                yield self._send_first(waiting, self._batch)

        return receipts()

    def proof(self, run_id, digests, **what_else):
        """The receiver's answer: whether it holds exactly this, else which buckets differ."""
        self._sequence += 1
        statement = Statement(run_id, self._sequence, encode_digests(digests), **what_else)
        waiting, parts_before = deque([DigestLines(statement.digests)]), 0

        def encode(digests):
            if waiting:
                body = encode_proof_part(statement, parts_before + 1, digests)
                return PROOF_PARTS_PATH, body, PROOF_TYPE
            return PROOFS_PATH, encode_proof(statement, digests, parts_before), PROOF_TYPE

        while True:
            _part, answer = self._send_first(waiting, encode)
            if not waiting:
                return answer
            parts_before += 1

    def proof_rows(self, proof_id, stream, buckets, id_range, rows):
        """The ids of the records that differ, are missing there, or are too many there."""
        waiting, ids = deque([Rows(stream, buckets, id_range, rows)]), []

        def encode(rows):
            return PROOF_ROWS_PATH, encode_proof_rows(proof_id, rows), PROOF_TYPE

        while waiting:
            _part, answer = self._send_first(waiting, encode)
            ids += answer["ids"]
        return ids

    def proof_hidden(self, proof_id, stream, ids):
        """Tell which of those ids are not gone, but hidden from the user."""
        body = encode_proof_hidden(proof_id, stream, ids)
        return _patiently(lambda: self._post(PROOF_HIDDEN_PATH, body, PROOF_TYPE))

    def _batch(self, batch):
        """Each try has a sequence of its own: what comes late of the one before is overtaken."""
        self._sequence += 1
        return BATCHES_PATH, encode_batch(batch._replace(sequence=self._sequence)), BATCH_TYPE

    def _send_first(self, waiting, encode):
        """Send the first of what waits, or as much of it as goes through; the rest waits on.

        What was sent, and the answer.
        """
        return _patiently(lambda: self._try_first(waiting, encode))

    def _try_first(self, waiting, encode):
        """Raises Unreachable with all of it waiting, and less aimed at for the next try."""
        while True:
            piece, request = self._cut_first(waiting, encode)
            size = len(request[1])
            try:
                answer = self._post(*request)
            except NotConnected:
                waiting.appendleft(piece)
                raise
            except Unreachable:
                waiting.appendleft(piece)
                self._aim.failed(size)
                raise
            except TooLarge as refusal:
                if not piece.is_divisible:
                    waiting.appendleft(_without_its_record(piece, size, refusal))
                    continue
                waiting.appendleft(piece)
                self._aim.refused(size)
            except WrongRecords as refusal:
                waiting.appendleft(set_apart(piece, refusal.wrong))
            else:
                self._aim.arrived(size, is_all=not waiting)
                return piece, answer

    def _cut_first(self, waiting, encode):
        """As much of the first as is aimed at, no longer waiting, and its request."""
        while True:
            piece = waiting.popleft()
            kind = type(piece).__name__, getattr(piece, "stream", None)
            piece, *rest = piece.cut(self._aim.size_of(kind, piece.size))
            waiting.extendleft(rest)
            request = encode(piece)
            self._aim.learn(kind, piece.size, len(request[1]), is_all=not waiting)
            if len(request[1]) <= self._aim.bytes or not piece.is_divisible:
                return piece, request
            waiting.appendleft(piece)

    def _post(self, path, body, content_type):
        headers = signed_headers(
            self._key.connection_id,
            self._key.secret,
            "msg_" + uuid.uuid4().hex,
            int(time.time()),
            body,
        )
        headers["content-type"] = content_type
        try:
            response = self._session.post(
                self._key.address + path,
                data=body,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,  # a redirect could lead away from https
            )
        except requests.RequestException as error:
            raise _why_no_answer(self._key.address, error) from error
        if _is_cut(response):
            text = _lt("The answer of %(address)s ended too early.")
            raise Unreachable(text, address=self._key.address)
        return _answer(self._key.address, response, len(body))


def _without_its_record(piece, size, refusal):
    """The record is set aside. Raises the refusal where it is no large one: then it is the limit
    that is wrong, and others would follow."""
    if not isinstance(piece, Batch) or not piece.record_count or size < LARGE_RECORD_BYTES:
        raise refusal
    reason = {"text": refusal.text, "values": refusal.values}
    return set_apart(piece, {1: Wrong(None, None, reason)})


def _patiently(attempt):
    """What the attempt gives; after an Unreachable it is tried again, twice at most."""
    patient_until = time.monotonic() + PATIENCE_SECONDS
    for wait in WAITS_SECONDS:
        try:
            return attempt()
        except Unreachable as error:
            wait = max(wait, error.wait_seconds)
            if time.monotonic() + wait > patient_until:
                raise
            time.sleep(wait)
    return attempt()


def _is_cut(response):
    """Odoo 14's requests takes an answer whose connection broke for a whole one."""
    length = response.headers.get("content-length")
    return length is not None and response.raw.tell() < int(length)


def _answer(address, response, size):
    status = response.status_code
    if status == TOO_LARGE:
        raise _too_large(address, response, size)
    if status >= 500 or status in LATER:
        raise _later(address, response)
    if status != 200:
        raise _refusal(address, response)
    try:
        return response.json()
    except ValueError as error:
        raise Refused(NO_RECEIVER, address=address) from error


def _too_large(address, response, size):
    kib, reply = -(-size // KIB), _sentence(response)
    if reply:
        text = _lt(
            "%(address)s does not take a request of %(kib)s KiB: %(reply)s Its setting "
            "MONITR_MAX_BODY_MB or MONITR_MAX_INFLATED_MB must be raised."
        )
        return TooLarge(text, address=address, kib=kib, reply=reply)
    text = _lt(
        "A web server or proxy before %(address)s does not take a request of %(kib)s KiB, and one "
        "record cannot be sent in less (HTTP 413). Its limit must be raised above that: in nginx "
        "it is client_max_body_size."
    )
    return TooLarge(text, address=address, kib=kib)


def _later(address, response):
    status, wait = response.status_code, _retry_after(response)
    reply = _sentence(response)
    if reply:
        text = _lt("%(address)s asks to try later: %(reply)s")
        return Unreachable(text, wait, address=address, reply=reply)
    if status in TOO_MANY:
        text = _lt("A web server or proxy before %(address)s asks to try later (HTTP %(status)s).")
    elif status in TOO_SLOW:
        text = _lt(
            "A web server or proxy before %(address)s waited too long for the request or its "
            "answer (HTTP %(status)s)."
        )
    else:
        text = _lt(
            "A web server or proxy before %(address)s gets no answer from it (HTTP %(status)s)."
        )
    return Unreachable(text, wait, address=address, status=status)


def _refusal(address, response):
    status, reply = response.status_code, _sentence(response)
    if reply:
        text = _lt("%(address)s refused: %(reply)s")
        wrong = _wrong_lines(response)
        if wrong:
            return WrongRecords(text, wrong, address=address, reply=reply)
        return Refused(text, address=address, reply=reply)
    text = _lt(
        "A web server, proxy or firewall before %(address)s refused the request (HTTP %(status)s), "
        "not Monitr. Whoever runs it must let the requests of this Odoo server through."
    )
    return Refused(text, address=address, status=status)


def _wrong_lines(response):
    """``{number: Wrong}`` of the lines to set aside; none where something else is refused."""
    try:
        lines = response.json()["wrong_lines"]
        return {
            each["number"]: Wrong(each["field"], each["value"], each["reason"]) for each in lines
        }
    except (ValueError, KeyError, TypeError):
        return {}


def _sentence(response):
    """What the receiver says; None where the answer is not one of its own."""
    try:
        problem = response.json()
        place = " (at %s)" % problem["path"] if problem.get("path") else ""
        return problem["detail"] + place
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _retry_after(response):
    """Seconds, however the answer says it; 0 where it does not."""
    text = response.headers.get("retry-after", "")
    if text.isdigit():
        return int(text)
    try:
        moment = parsedate_to_datetime(text)
        return max(0, (moment - datetime.now(timezone.utc)).total_seconds())
    except (ValueError, TypeError, IndexError):  # no moment, or one without a zone
        return 0


def _why_no_answer(address, error):
    if isinstance(error, requests.exceptions.SSLError):
        return NotConnected(_why_not_trusted(str(error)), address=address)
    if isinstance(error, requests.exceptions.ProxyError):
        text = _lt(
            "%(address)s cannot be reached by the proxy that this Odoo server's environment names "
            "(HTTPS_PROXY)."
        )
        return NotConnected(text, address=address)
    if isinstance(error, requests.ReadTimeout):
        text = _lt("%(address)s did not answer in time.")
        return Unreachable(text, address=address)
    if error.args and isinstance(error.args[0], MaxRetryError):
        text = _lt("%(address)s cannot be reached from this Odoo server.")
        return NotConnected(text, address=address)
    text = _lt("The connection to %(address)s broke off.")
    return Unreachable(text, address=address)


def _why_not_trusted(error):
    if "certificate has expired" in error:
        return _lt(
            "The TLS certificate of %(address)s, or its authority's, has expired. Whoever runs "
            "Monitr must renew it; where the authority is a new one, paste a new connection key."
        )
    if "CERTIFICATE_VERIFY_FAILED" in error and not any(part in error for part in OTHER_NAME):
        return _lt(
            "The TLS certificate of %(address)s is not trusted by this Odoo server: it does not "
            "know the authority that signed it. If that is Monitr's own, make a new connection key "
            "there and paste it: it carries the authority."
        )
    return _lt("The TLS certificate of %(address)s is not trusted by this Odoo server.")
