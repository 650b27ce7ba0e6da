"""The one way to ask an Odoo, whatever it speaks: XML-RPC, JSON-RPC or JSON-2."""

from collections.abc import Sequence
from typing import Any, Protocol


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
