"""Inflates a request body. The body itself is gzip: no Content-Encoding header has a part in it."""

import zlib

from receiver.errors import BodyTooLarge, BrokenCompression

GZIP = 31  # zlib's word for: a gzip header, and the largest window


def inflate(body: bytes, max_bytes: int) -> bytes:
    """Stops at the limit, however small the body that unfolds.

    Raises BodyTooLarge, or BrokenCompression for anything but one whole gzip stream.
    """
    stream = zlib.decompressobj(wbits=GZIP)
    try:
        inflated = stream.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise BrokenCompression from error
    if len(inflated) > max_bytes:
        raise BodyTooLarge(f"Inflated, the body is larger than {max_bytes:,} bytes.")
    if not stream.eof:
        raise BrokenCompression("The body ends in the middle of its gzip stream.")
    if stream.unused_data:
        raise BrokenCompression("There is something behind the end of the body's gzip stream.")
    return inflated
