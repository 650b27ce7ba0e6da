"""What of an Odoo database is pulled: a client that reads nothing else, and what of it the user
does not see. What is out of sight is not deleted: the pull stops and says so, as the addon's
scope.py says it of a push.
"""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from monitr_wire.streams import ANALYTIC_STREAMS, JOURNAL_ITEMS, Stream

from receiver.errors import InvalidRecord, MissingPermissions, RetryLater, UnknownLanguage
from receiver.pull.transport.client import OdooClient, distrusting
from receiver.pull.transport.retry_policy import WAITS, seconds_to_wait

Row = dict[str, Any]  # {Odoo field: value as Odoo answers it}
Domain = list[Any]  # Odoo's
EVERYWHERE = {"active_test": False}  # a context: in all companies that the user may see
ASKED_AT_ONCE = 1_000  # whether they are hidden: Odoo reads them for that


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


def domain_of(stream: Stream, scope: Scope) -> Domain:
    """Which rows of the stream's model are pulled."""
    domain: Domain = [*stream.domain]
    start_date = scope.start_date
    if start_date and stream.dated_by:
        domain.append((stream.dated_by, ">=", start_date.isoformat()))
    return domain + _visibility(stream)


def _visibility(stream: Stream) -> Domain:
    """Odoo has no company rule for reconciliations, but one for the journal items they join.

    Where a condition goes through an item, Odoo looks only at those that the user may see.
    """
    through = [_all_of(name) for name in stream.visible_through]
    return ["|"] * (len(through) - 1) + [part for item in through for part in item]


def _all_of(name: str) -> Domain:
    conditions = [(f"{name}.{field}", *rest) for field, *rest in JOURNAL_ITEMS.domain]
    return ["&"] * (len(conditions) - 1) + conditions


def check_scope(odoo: OdooInScope, company_names: Mapping[int, str]) -> None:
    """Raises MissingPermissions where a chosen company is out of sight, UnknownLanguage where the
    language is switched off: 14 would answer in another one."""
    _check_companies(odoo, company_names)
    _check_language(odoo)


def misses_analytic(odoo: OdooInScope, read: Collection[str]) -> bool:
    """Whether what is analytic is not among the streams that are read, though there is some."""
    if all(stream.name in read for stream in ANALYTIC_STREAMS):
        return False
    try:
        return bool(odoo.search_read("account.analytic.account", [], ["id"], limit=1))
    except MissingPermissions:
        return True  # nobody knows


def _check_companies(odoo: OdooInScope, names: Mapping[int, str]) -> None:
    """Odoo refuses to work in a company that is archived or not allowed to the user, even to those
    administrators who can read what it is."""
    try:
        _work_in(odoo, odoo.scope.company_ids)
    except MissingPermissions as error:
        raise out_of_sight(_list_hidden_companies(odoo), names) from error


def out_of_sight(company_ids: Iterable[int], names: Mapping[int, str]) -> MissingPermissions:
    """The error that names chosen companies which the user does not see, and says what to do."""
    return MissingPermissions(
        "The user of the API key does not see %(companies)s in Odoo any more: it is archived,"
        " or not among the companies that this user is allowed. What Monitr has of it stays"
        " here. Ask your Odoo administrator to unarchive it or to allow it to the user, or"
        ' choose the companies without it (settings of this connection, "Change what is read"):'
        " then its data is removed from Monitr.",
        companies=tuple(names.get(id) or str(id) for id in company_ids),
    )


def _list_hidden_companies(odoo: OdooInScope) -> Iterator[int]:
    for id in odoo.scope.company_ids:
        try:
            _work_in(odoo, [id])
        except MissingPermissions:
            yield id


def _work_in(odoo: OdooInScope, company_ids: Sequence[int]) -> None:
    context = {"allowed_company_ids": [*company_ids]}
    odoo.search_read("res.company", [], ["id"], limit=1, context=context)


def _check_language(odoo: OdooInScope) -> None:
    with distrusting():
        codes = [str(code) for code, _name in odoo.call("res.lang", "get_installed")]
    if odoo.scope.language not in codes:
        raise UnknownLanguage(
            "The language %(code)s, in which this connection is read, is switched off in Odoo. What"
            " Monitr has stays as it is. Ask your Odoo administrator to activate it again, or"
            ' choose another one (settings of this connection, "Change what is read"):'
            " %(installed)s.",
            code=odoo.scope.language,
            installed=", ".join(codes),
        )


def find_hidden(odoo: OdooInScope, model: str, ids: Sequence[int]) -> int | None:
    """One of these records that Odoo has and the user may not see, None where there is none."""
    for begin in range(0, len(ids), ASKED_AT_ONCE):
        some = ids[begin : begin + ASKED_AT_ONCE]
        if _is_one_hidden(odoo, model, some):
            return _find_hidden_among(odoo, model, some)
    return None


def _find_hidden_among(odoo: OdooInScope, model: str, ids: Sequence[int]) -> int:
    """One of them at least is."""
    while len(ids) > 1:
        half, rest = ids[: len(ids) // 2], ids[len(ids) // 2 :]
        ids = half if _is_one_hidden(odoo, model, half) else rest
    return ids[0]


def _is_one_hidden(odoo: OdooInScope, model: str, ids: Sequence[int]) -> bool:
    """Odoo refuses to read records as soon as one of them is; those deleted it leaves out."""
    try:
        odoo.call(model, "read", ids=list(ids), fields=["write_date"], context=EVERYWHERE)
    except MissingPermissions:
        return True
    return False
