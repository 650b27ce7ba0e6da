"""Sends signed requests to the receiver over one kept-alive connection."""

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import requests

from .errors import Refused, Unreachable, WrongRecords
from .wire.batch import BATCHES_PATH, encode_batch, set_apart
from .wire.hello import HELLO_PATH, encode_hello
from .wire.marked import _lt
from .wire.proof import PROOF_ROWS_PATH, PROOFS_PATH, encode_proof, encode_proof_rows
from .wire.set_aside import Wrong
from .wire.signature import signed_headers

TIMEOUT_SECONDS = (10, 60)  # to connect, to answer
WAITS_SECONDS = (1, 3)  # between tries of the same request
# After that no other try is begun: with a slice the last one must end before Odoo's limit of 120.
PATIENCE_SECONDS = 15
PROOF_TYPE = "application/vnd.monitr.proof+gzip"
BATCH_TYPE = "application/vnd.monitr.batch+gzip"
NO_RECEIVER = _lt("%(address)s answered, but it is no Monitr receiver.")
LATER = (408, 425, 429)  # besides all from 500: the same request may succeed later


class Sender:
    """A connection to the receiver; use it as a context manager.

    Raises Unreachable where the receiver did not answer or asked for patience, Refused where it
    said no; the message is its sentence.
    """

    def __init__(self, key):
        self._key = key
        self._session = requests.Session()
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
        answer = self._post(HELLO_PATH, body, "application/json")
        if not isinstance(answer, dict) or "last_sequence" not in answer:
            raise Refused(NO_RECEIVER, address=self._key.address)
        self._sequence = max(answer["last_sequence"], int(time.time() * 1000))
        return answer

    def batch(self, batch):
        """The batch as it was stored, and the receipt. Refused records are set aside in it.

        A repeated try carries the same id, so it is never stored twice.
        """
        while True:
            self._sequence += 1
            body = encode_batch(batch._replace(sequence=self._sequence))
            try:
                return batch, self._post(BATCHES_PATH, body, BATCH_TYPE)
            except WrongRecords as refusal:
                batch = set_apart(batch, refusal.wrong)

    def begin_batch(self, batch):
        """A future of the same. Nothing else may be sent before it is there."""
        return self._background.submit(self.batch, batch)

    def proof(self, run_id, digests, set_aside):
        """The receiver's answer: whether it holds exactly this, else which buckets differ."""
        self._sequence += 1
        body = encode_proof(run_id, self._sequence, digests, set_aside)
        return self._post(PROOFS_PATH, body, PROOF_TYPE)

    def proof_rows(self, proof_id, stream, buckets, id_range, rows):
        """The ids of the records that differ, are missing there, or are too many there."""
        body = encode_proof_rows(proof_id, stream, buckets, id_range, rows)
        return self._post(PROOF_ROWS_PATH, body, PROOF_TYPE)["ids"]

    def _post(self, path, body, content_type):
        message_id = "msg_" + uuid.uuid4().hex
        patient_until = time.monotonic() + PATIENCE_SECONDS
        for wait in WAITS_SECONDS:
            try:
                return self._post_once(path, body, content_type, message_id)
            except Unreachable:
                if time.monotonic() > patient_until:
                    raise
                time.sleep(wait)
        return self._post_once(path, body, content_type, message_id)

    def _post_once(self, path, body, content_type, message_id):
        headers = signed_headers(
            self._key.connection_id, self._key.secret, message_id, int(time.time()), body
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
        except requests.Timeout as error:
            text = _lt("%(address)s did not answer in time.")
            raise Unreachable(text, address=self._key.address) from error
        except requests.RequestException as error:
            raise _why_no_answer(self._key.address, error) from error
        if _is_cut(response):
            text = _lt("The answer of %(address)s ended too early.")
            raise Unreachable(text, address=self._key.address)
        return _answer(self._key.address, response)


def _is_cut(response):
    """Odoo 14's requests takes an answer whose connection broke for a whole one."""
    length = response.headers.get("content-length")
    return length is not None and response.raw.tell() < int(length)


def _answer(address, response):
    if response.status_code >= 500 or response.status_code in LATER:
        text = _lt("%(address)s asks to try later: %(reply)s")
        raise Unreachable(text, address=address, reply=_sentence(response))
    if response.status_code != 200:
        text = _lt("%(address)s refused: %(reply)s")
        wrong = _wrong_lines(response)
        if wrong:
            raise WrongRecords(text, wrong, address=address, reply=_sentence(response))
        raise Refused(text, address=address, reply=_sentence(response))
    try:
        return response.json()
    except ValueError as error:
        raise Refused(NO_RECEIVER, address=address) from error


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
    try:
        problem = response.json()
        place = " (at %s)" % problem["path"] if problem.get("path") else ""
        return problem["detail"] + place
    except (ValueError, KeyError, TypeError, AttributeError):
        return "HTTP %d." % response.status_code


def _why_no_answer(address, error):
    if isinstance(error, requests.exceptions.SSLError):
        text = _lt("The TLS certificate of %(address)s is not trusted by this Odoo server.")
    else:
        text = _lt("%(address)s cannot be reached from this Odoo server.")
    return Unreachable(text, address=address)
