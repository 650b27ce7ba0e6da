"""What of an Odoo database is pulled, and a client that reads nothing else."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from receiver.errors import InvalidRecord, RetryLater
from receiver.pull.transport.client import OdooClient
from receiver.pull.transport.retry_policy import WAITS, seconds_to_wait

Row = dict[str, Any]  # {Odoo field: value as Odoo answers it}
Domain = list[Any]  # Odoo's
EVERYWHERE = {"active_test": False}  # a context: in all companies that the user may see


@dataclass(frozen=True)
class Scope:
    """The companies and the language chosen for a connection, as the push's settings are."""

    company_ids: tuple[int, ...]
    language: str
    start_date: date | None = None  # nothing dated before it is pulled

    def context(self, *, first_company_id: int | None = None, language: str = "") -> dict[str, Any]:
        """Archived records are part of the books. Odoo works in the first of the companies: unless
        one is named, that of the lowest id, as in a push."""
        ids = sorted(self.company_ids, key=lambda id: (id != first_company_id, id))
        return {
            "allowed_company_ids": ids,
            "active_test": False,
            "lang": language or self.language,
        }


@dataclass
class OdooInScope:
    """Reads as the client's user within the scope, again where Odoo could not answer just then, and
    counts what that costs.
    """

    client: OdooClient
    scope: Scope
    waits: Sequence[float] = WAITS  # seconds before each further try
    call_count: int = field(default=0, init=False)  # with those that failed
    seconds: float = field(default=0.0, init=False)  # that Odoo took to answer
    seconds_waited: float = field(default=0.0, init=False)  # before further tries

    def describe(self, model: str, attributes: Sequence[str]) -> dict[str, Row]:
        """``{field: attributes}`` of the fields that the user may know of."""
        answer = self.call(model, "fields_get", attributes=list(attributes))
        if not isinstance(answer, dict) or not all(map(_is_description, answer.values())):
            raise InvalidRecord(
                "Odoo answered with something else than the fields of %(model)s.", model=model
            )
        return answer

    def search_read(
        self, model: str, domain: Domain, fields: Sequence[str], **more: Any
    ) -> list[Row]:
        """Search and read in order of id unless another ``order`` is given."""
        asked = {"domain": domain, "fields": list(fields), "order": "id", **more}
        answer = self.call(model, "search_read", **asked)
        if not isinstance(answer, list) or not all(isinstance(row, dict) for row in answer):
            raise InvalidRecord(
                "Odoo answered with something else than rows of %(model)s.", model=model
            )
        return answer

    def call(self, model: str, method: str, **arguments: Any) -> Any:
        """A method of the model, in the scope's context unless another one is given."""
        context = arguments.pop("context", None) or self.scope.context()
        for usual_wait in self.waits:
            try:
                return self._call_once(model, method, context=context, **arguments)
            except RetryLater as error:
                wait = seconds_to_wait(error, usual_wait)
                if wait is None:
                    raise
            self.wait(wait)
        return self._call_once(model, method, context=context, **arguments)

    @contextmanager
    def once(self) -> Iterator[None]:
        """In it no call is made a second time: who asks for a page asks for a smaller one then."""
        waits, self.waits = self.waits, ()
        try:
            yield
        finally:
            self.waits = waits

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)
        self.seconds_waited += seconds

    def _call_once(self, model: str, method: str, **arguments: Any) -> Any:
        began_at = time.monotonic()
        try:
            return self.client.call(model, method, **arguments)
        finally:
            self.call_count += 1
            self.seconds += time.monotonic() - began_at


def _is_description(answer: object) -> bool:
    return isinstance(answer, dict) and {"type", "store"} <= answer.keys()
