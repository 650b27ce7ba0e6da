"""How the puller calls Odoo, whatever the transport."""

from collections.abc import Sequence
from typing import Any, Protocol


class OdooClient(Protocol):
    """A log-in to one Odoo database. Arguments go by name, `context` among them."""

    series: str  # "14.0"

    def call(
        self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any
    ) -> Any:
        """`ids` are the records the method is called on, None for a method of the model."""
