"""The one way to ask an Odoo, whatever it speaks, and what is said of answers that are none.

A server may answer with anything.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from receiver.errors import InvalidOdooAnswer

# What comes of taking an answer for what it should be.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class OdooClient(Protocol):
    """An Odoo that lets this user in. One thread uses it at a time."""

    @property
    def series(self) -> str:
        """Such as "14.0"."""

    def call(
        self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any
    ) -> Any:
        """The method's result. `ids` are the records it is called on; None for the model itself.

        Arguments go by name, `context` among them. Raises a RetryLater or a NoAccess.
        """


@contextmanager
def distrusting() -> Iterator[None]:
    """A server that answers with other types than Odoo's is none that can be read."""
    try:
        yield
    except UNREADABLE as error:
        raise InvalidOdooAnswer from error
