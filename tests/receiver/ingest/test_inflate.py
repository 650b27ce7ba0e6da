"""Inflating a body: all of it, or an error, and never more than the limit."""

import gzip
import tracemalloc

import pytest

from receiver.errors import BodyTooLarge, BrokenCompression
from receiver.ingest.inflate import inflate

MEBIBYTE = 1024 * 1024


def test_it_inflates_a_whole_gzip_stream() -> None:
    assert inflate(gzip.compress(b"books"), 5) == b"books"


def test_it_inflates_an_empty_body() -> None:
    assert inflate(gzip.compress(b""), 5) == b""


def test_it_refuses_one_byte_above_the_limit() -> None:
    with pytest.raises(BodyTooLarge):
        inflate(gzip.compress(b"books!"), 5)


def test_a_zip_bomb_takes_no_more_memory_than_the_limit() -> None:
    bomb = gzip.compress(bytes(200 * MEBIBYTE))

    tracemalloc.start()
    with pytest.raises(BodyTooLarge):
        inflate(bomb, MEBIBYTE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 4 * MEBIBYTE


@pytest.mark.parametrize("length", range(len(gzip.compress(b"books"))))
def test_it_refuses_a_stream_that_is_cut_off_anywhere(length: int) -> None:
    with pytest.raises(BrokenCompression):
        inflate(gzip.compress(b"books")[:length], 100)


def test_it_refuses_a_wrong_checksum() -> None:
    body = bytearray(gzip.compress(b"books"))
    body[-8] ^= 1

    with pytest.raises(BrokenCompression):
        inflate(bytes(body), 100)


@pytest.mark.parametrize("behind", [b"\0", b"x", gzip.compress(b"more books", mtime=0)])
def test_it_refuses_anything_behind_the_stream(behind: bytes) -> None:
    with pytest.raises(BrokenCompression, match="behind"):
        inflate(gzip.compress(b"books") + behind, 100)
