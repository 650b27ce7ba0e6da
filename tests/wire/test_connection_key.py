"""A connection key survives the ways people copy it, or is refused with a sentence for them."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from monitr_wire.connection_key import (
    ConnectionKey,
    InvalidConnectionKey,
    check_address,
    decode_connection_key,
    encode_connection_key,
)

KEY = ConnectionKey(
    "https://monitr.example.com", "acme-7f3a", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)
TEXT = encode_connection_key(KEY)

HTTPS_ADDRESSES = [
    "https://monitr.example.com",
    "https://monitr.example.com/",
    "https://monitr.example.com:8443/books",
    "https://localhost:5000",
    "https://192.0.2.7",
    "https://[2001:db8::7]:8443",
    "https://büro.example",
]
LOOPBACK_ADDRESSES = [
    "http://localhost",
    "http://localhost:5000",
    "http://LOCALHOST:5000",
    "http://127.0.0.1:5000",
    "http://127.0.0.2",
    "http://[::1]",
    "http://[::1]:5000",
]
HTTP_ELSEWHERE = [
    "http://monitr.example.com",
    "http://192.0.2.7",
    "http://10.0.0.1:5000",
    "http://0.0.0.0:5000",
    "http://[2001:db8::7]",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://evil.example/localhost",
    "http://evil.example#localhost",
    "http://evil.example?localhost",
]
# What one client reads as a user's name another reads as the host.
WITH_A_USER = [
    "http://localhost@evil.example",
    "http://localhost:80@evil.example",
    "http://evil.example@localhost",
    "http://evil.example\\@localhost",
    "http://localhost\\@evil.example",
    "http://evil.example#@localhost",
    "https://monitr.example.com@evil.example",
    "https://user:password@monitr.example.com",
]
NO_ADDRESSES = [
    "",
    "monitr",
    "monitr.example.com",
    "//monitr.example.com",
    "https:",
    "https://",
    "https:///books",
    "https://:8443",
    "https:monitr.example.com",
    "https://[",
    "https://[::1",
    "https://monitr.example.com:port",
    "https://monitr example.com",
    "https://monitr.example.com\n",
    "https://monitr.example.com/?key=1",
    "https://monitr.example.com/#top",
    "ftp://monitr.example.com",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://",
    "http://2130706433",
]


def text_of(content: object) -> str:
    """A connection key that holds this JSON."""
    return "monitr_" + base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def test_a_key_reads_back_as_it_was() -> None:
    assert decode_connection_key(TEXT) == KEY


@given(
    connection_id=st.text(min_size=1),
    secret=st.binary(min_size=24).map(lambda key: "whsec_" + base64.b64encode(key).decode()),
)
def test_every_key_reads_back_as_it_was(connection_id: str, secret: str) -> None:
    key = KEY._replace(connection_id=connection_id, secret=secret)

    assert decode_connection_key(encode_connection_key(key)) == key


def test_a_key_is_one_word_that_says_what_it_is() -> None:
    assert TEXT.startswith("monitr_")
    assert TEXT.replace("_", "").replace("-", "").isalnum()


@pytest.mark.parametrize(
    "pasted",
    [
        f"  {TEXT}\n",
        f"\t{TEXT}\r\n\r\n",
        f"\u00a0{TEXT}\u00a0",
        "\r\n".join([TEXT[:76], TEXT[76:]]),
        "\n    ".join(TEXT[i : i + 20] for i in range(0, len(TEXT), 20)),
        " ".join(TEXT),
    ],
)
def test_whitespace_from_mail_clients_does_not_matter(pasted: str) -> None:
    assert decode_connection_key(pasted) == KEY


@pytest.mark.parametrize("length", range(len(TEXT)))
def test_it_refuses_a_key_cut_off_at_its_end(length: int) -> None:
    with pytest.raises(InvalidConnectionKey):
        decode_connection_key(TEXT[:length])


@pytest.mark.parametrize("start", range(1, len(TEXT)))
def test_it_refuses_a_key_cut_off_at_its_start(start: int) -> None:
    with pytest.raises(InvalidConnectionKey):
        decode_connection_key(TEXT[start:])


@pytest.mark.parametrize("around", ['"{}"', "<{}>", "> {}", "{}.", "{},", "{}{}", "Key: {}"])
def test_it_refuses_what_was_copied_along_with_a_key(around: str) -> None:
    with pytest.raises(InvalidConnectionKey):
        decode_connection_key(around.format(TEXT, TEXT))


@pytest.mark.parametrize("foreign", ["!", "!!!!", ".", "%", "\u200b", "é", "=\n"])
def test_it_refuses_a_foreign_character_in_the_middle(foreign: str) -> None:
    with pytest.raises(InvalidConnectionKey, match="incomplete"):
        decode_connection_key(TEXT[:40] + foreign + TEXT[40:])


@pytest.mark.parametrize("text", ["", "   ", "acme", KEY.secret, KEY.address, TEXT[7:]])
def test_it_says_that_something_else_was_pasted(text: str) -> None:
    with pytest.raises(InvalidConnectionKey, match="not a Monitr connection key"):
        decode_connection_key(text)


@pytest.mark.parametrize(
    "content",
    [
        *(None, 5, "text", {}, [], list(KEY[:2]), [*KEY, "more"], [None, None, None]),
        *([KEY.address, 5, KEY.secret], [5, KEY.connection_id, KEY.secret]),
        *([*KEY[:2], 5], [*KEY[:2], ""], [*KEY[:2], "whsec_"], [*KEY[:2], "whsec_é"]),
        *([*KEY[:2], "whsec_not base64"], [*KEY[:2], "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]),
        *([*KEY[:2], "whsek_QUJD"], ["", *KEY[1:]], [KEY.address, "", KEY.secret]),
    ],
)
def test_it_refuses_a_key_that_does_not_hold_three_texts(content: object) -> None:
    with pytest.raises(InvalidConnectionKey):
        decode_connection_key(text_of(content))


def test_it_refuses_a_whole_key_with_an_unsafe_address() -> None:
    with pytest.raises(InvalidConnectionKey, match="https://"):
        decode_connection_key(text_of(["http://evil.example", *KEY[1:]]))


@pytest.mark.parametrize("address", HTTPS_ADDRESSES + LOOPBACK_ADDRESSES)
def test_it_accepts_https_and_this_machine(address: str) -> None:
    check_address(address)


@pytest.mark.parametrize("address", HTTP_ELSEWHERE)
def test_it_refuses_http_to_another_machine(address: str) -> None:
    with pytest.raises(InvalidConnectionKey, match="https://"):
        check_address(address)


@pytest.mark.parametrize("address", WITH_A_USER)
def test_it_refuses_an_address_with_a_user(address: str) -> None:
    with pytest.raises(InvalidConnectionKey, match="https://"):
        check_address(address)


@pytest.mark.parametrize("address", NO_ADDRESSES)
def test_it_refuses_what_is_no_address(address: str) -> None:
    with pytest.raises(InvalidConnectionKey, match="https://"):
        check_address(address)


@given(st.text())
def test_any_text_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidConnectionKey):
        decode_connection_key("monitr_" + text)


AUTHORITY = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def test_it_may_carry_an_authority() -> None:
    key = KEY._replace(authority=AUTHORITY)

    assert decode_connection_key(encode_connection_key(key)) == key


def test_without_one_it_is_what_addons_from_before_know() -> None:
    parts = json.loads(base64.urlsafe_b64decode(TEXT.removeprefix("monitr_") + "=="))

    assert parts == [*KEY[:3]]


@pytest.mark.parametrize("authority", ["none", 7, None, AUTHORITY * 1000])
def test_an_authority_that_is_none_is_refused(authority: object) -> None:
    key = KEY._replace(authority=authority)  # type: ignore[arg-type]
    text = "monitr_" + base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode()

    with pytest.raises(InvalidConnectionKey):
        decode_connection_key(text)
