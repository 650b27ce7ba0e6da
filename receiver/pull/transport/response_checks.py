"""Around what is made of an Odoo's answers: a server may answer with anything."""

from collections.abc import Iterator
from contextlib import contextmanager

from receiver.errors import InvalidOdooAnswer

# What comes of taking an answer for what it should be.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@contextmanager
def distrusting() -> Iterator[None]:
    """A server that answers with other types than Odoo's is none that can be read."""
    try:
        yield
    except UNREADABLE as error:
        raise InvalidOdooAnswer from error
