"""Signatures are those of the Standard Webhooks specification, checked against its own library."""

import base64
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from monitr_wire.signature import (
    REPLAY_WINDOW_SECONDS,
    has_valid_signature,
    is_within_replay_window,
    sign,
    signed_headers,
)
from standardwebhooks import Webhook

# The vector of the reference libraries of the specification (its `sign` tests).
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

OTHER_SECRET = "whsec_" + base64.b64encode(b"another key of thirty-two bytes.").decode()

ids = st.from_regex("[a-zA-Z0-9_-]{1,40}", fullmatch=True)
secrets = st.binary(min_size=24, max_size=64).map(
    lambda key: "whsec_" + base64.b64encode(key).decode()
)


def is_valid(
    signatures: str,
    *,
    secrets: tuple[str, ...] = (SECRET,),
    message_id: str = ID,
    timestamp: int = TIMESTAMP,
    body: bytes = BODY,
) -> bool:
    return has_valid_signature(secrets, signatures, message_id, timestamp, body)


def test_it_signs_as_the_specification_does() -> None:
    assert sign(SECRET, ID, TIMESTAMP, BODY) == SIGNATURE


def test_the_headers_are_those_of_the_specification_and_the_connection() -> None:
    assert signed_headers("acme", SECRET, ID, TIMESTAMP, BODY) == {
        "monitr-connection": "acme",
        "webhook-id": ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


def test_it_accepts_its_own_signature() -> None:
    assert is_valid(SIGNATURE)


def test_it_signs_bytes_that_are_no_text() -> None:
    body = b"\x1f\x8b\x08\x00\xff\n."

    assert is_valid(sign(SECRET, ID, TIMESTAMP, body), body=body)


def test_it_refuses_another_secret() -> None:
    assert not is_valid(SIGNATURE, secrets=(OTHER_SECRET,))


def test_it_refuses_when_there_is_no_secret() -> None:
    assert not is_valid(SIGNATURE, secrets=())


def test_it_refuses_another_id() -> None:
    assert not is_valid(SIGNATURE, message_id="msg_other")


def test_it_refuses_another_timestamp() -> None:
    assert not is_valid(SIGNATURE, timestamp=TIMESTAMP + 1)


@pytest.mark.parametrize("body", [b"", BODY + b" ", BODY[:-1], BODY.replace(b"4", b"5")])
def test_it_refuses_a_tampered_body(body: bytes) -> None:
    assert not is_valid(SIGNATURE, body=body)


@pytest.mark.parametrize(
    "signatures",
    [
        *("", " ", "v1", "v1,", SIGNATURE[3:], SIGNATURE[:-1], SIGNATURE + "=", SIGNATURE.lower()),
        *("v2," + SIGNATURE[3:], "v1a," + SIGNATURE[3:], SIGNATURE + "," + SIGNATURE, "v1,\xe9"),
    ],
)
def test_it_refuses_what_is_no_signature_of_this_version(signatures: str) -> None:
    assert not is_valid(signatures)


def test_it_accepts_one_good_signature_among_several() -> None:
    bad = sign(OTHER_SECRET, ID, TIMESTAMP, BODY)

    assert is_valid(f"{bad} {SIGNATURE}")
    assert is_valid(f"{SIGNATURE} v1a,unknown {bad}")


def test_while_keys_change_the_old_and_the_new_secret_are_good() -> None:
    both = (OTHER_SECRET, SECRET)

    assert is_valid(SIGNATURE, secrets=both)
    assert is_valid(sign(OTHER_SECRET, ID, TIMESTAMP, BODY), secrets=both)


@given(secret=secrets, message_id=ids, text=st.text())
def test_the_reference_library_accepts_our_signature(
    secret: str, message_id: str, text: str
) -> None:
    body = json.dumps(text).encode()

    headers = signed_headers("acme", secret, message_id, int(time.time()), body)

    assert Webhook(secret).verify(body.decode(), headers) == text


@given(secret=secrets, message_id=ids, text=st.text(), at=st.integers(0, 2**32))
def test_we_accept_the_signature_of_the_reference_library(
    secret: str, message_id: str, text: str, at: int
) -> None:
    theirs = Webhook(secret).sign(message_id, datetime.fromtimestamp(at, UTC), text)

    assert has_valid_signature([secret], theirs, message_id, at, text.encode())


@pytest.mark.parametrize("late", [0, 1, -1, REPLAY_WINDOW_SECONDS, -REPLAY_WINDOW_SECONDS])
def test_it_accepts_a_timestamp_within_the_window(late: int) -> None:
    assert is_within_replay_window(TIMESTAMP, now=float(TIMESTAMP + late))


@pytest.mark.parametrize("late", [300.5, -300.5, 86400])
def test_it_refuses_a_timestamp_outside_the_window(late: float) -> None:
    assert not is_within_replay_window(TIMESTAMP, now=TIMESTAMP + late)
