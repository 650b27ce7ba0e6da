"""What is no answer of an Odoo is refused, and nothing is read for ever."""

from typing import Any

import pytest
from monitr_wire.batch import IdRange
from monitr_wire.streams import COMPANIES, CURRENCIES, RECONCILIATIONS

from receiver.errors import InvalidRecord, OdooAnswerTooLarge, OdooServerError, OdooTimeout
from receiver.ingest.validate import line_pattern
from receiver.pull.extract.capabilities import Offers, find_offers, read_group
from receiver.pull.extract.read import FIRST_ROWS, Reader
from receiver.pull.scope import OdooInScope, Scope
from receiver.pull.transport.odoo_errors import named
from tests.receiver.pull import recorded
from tests.receiver.pull.recorded import Recorded, column

FIELDS = {"id": column("integer"), "name": column(), "rounding": column("float", digits=[12, 6])}
FIELDS |= {name: column() for name in ("symbol", "position")}
FIELDS |= {"decimal_places": column("integer"), "active": column("boolean")}
EURO = {
    **{"id": 1, "name": "EUR", "symbol": "€", "position": "after", "decimal_places": 2},
    **{"rounding": 0.01, "active": True},
}


def odoo(rows: Any = (), fields: Any = FIELDS) -> Any:
    return Recorded("19.0", {"res.currency": fields}, {"res.currency": rows}).in_scope()


def read_all(rows: Any) -> list[Any]:
    return list(Reader(odoo(rows), CURRENCIES, Offers()).read_all())


@pytest.mark.parametrize("answer", [{}, "rows", 7, True, ["row"], [[1, 2]]])
def test_an_answer_that_is_no_rows_is_refused(answer: Any) -> None:
    with pytest.raises(InvalidRecord):
        read_all(answer)


@pytest.mark.parametrize("fields", [[], "x", {"id": "integer"}, {"id": {"type": "integer"}}])
def test_an_answer_that_describes_no_fields_is_refused(fields: Any) -> None:
    with pytest.raises(InvalidRecord):
        Reader(odoo((), fields), CURRENCIES, Offers())


@pytest.mark.parametrize("id", [0, -1, "2", None])
def test_a_page_that_does_not_go_on_is_refused(id: Any) -> None:
    with pytest.raises(InvalidRecord, match="out of order"):
        read_all([{**EURO, "id": id}])


def test_the_same_page_again_is_refused() -> None:
    """Else an Odoo that repeats itself would be read for ever."""
    page = [{**EURO, "id": id} for id in range(1, FIRST_ROWS + 1)]

    with pytest.raises(InvalidRecord, match="out of order"):
        read_all(page)


def test_no_rows_are_one_range_without_end() -> None:
    assert read_all([]) == [(b"", IdRange(0, None))]


def test_an_odoo_that_answers_nothing_offers_nothing() -> None:
    silent = Recorded("19.0", {}).in_scope()

    assert find_offers(silent) == Offers()


class ItemsOf15(Recorded):
    """Journal items have a `search_read` of their own, without `load`, and add nothing up here."""

    def call(self, model: str, method: str, ids: Any = None, **arguments: Any) -> Any:
        if model == "account.move.line" and ("load" in arguments or method == "read_group"):
            raise named("builtins.TypeError", "unexpected keyword argument")
        if method == "formatted_read_group":
            raise named("builtins.AttributeError", "no such method")
        if method == "read_group":
            return [{"__count": 0, **{each.split(":")[0]: 0 for each in arguments["fields"]}}]
        return super().call(model, method, ids, **arguments)


def test_what_one_model_does_not_offer_is_not_asked_of_it_and_is_of_the_others() -> None:
    rows = {"account.move.line": [{"id": 1}]}
    odoo = ItemsOf15("15.0", {"res.currency": FIELDS, "account.move.line": {}}, rows).in_scope()

    offers = find_offers(odoo)

    assert offers.on(odoo, "res.currency") == offers
    assert offers.options == {"load": ""}
    assert offers.read_groups is read_group
    assert offers.on(odoo, "account.move.line") == Offers()


def test_xml_rpc_of_14_which_can_say_nothing_of_no_records_offers_to_count_all_the_same() -> None:
    class XmlRpcOf14(ItemsOf15):
        def call(self, model: str, method: str, ids: Any = None, **arguments: Any) -> Any:
            if method == "read_group" and arguments["domain"] == [("id", "=", 0)]:
                raise named("builtins.TypeError", "cannot marshal None")
            return super().call(model, method, ids, **arguments)

    fields: dict[str, Any] = {"res.currency": FIELDS, "res.partner": {}, "res.company": {}}
    odoo = XmlRpcOf14("14.0", fields, {"res.partner": [{"id": 7}]}).in_scope()

    offers = find_offers(odoo)

    assert (offers.read_groups, offers.says_nothing) == (read_group, False)
    assert offers.on(odoo, "res.partner").read_groups is read_group
    assert offers.on(odoo, "res.company").read_groups is read_group, "it has no records"


def test_a_failure_in_passing_is_not_taken_for_an_odoo_that_offers_nothing() -> None:
    class Busy:
        series = "19.0"

        def call(self, *_: Any, **__: Any) -> Any:
            raise OdooTimeout

    with pytest.raises(OdooTimeout):
        find_offers(OdooInScope(Busy(), Scope((1,), "fr_FR")))


def test_calls_and_their_seconds_are_counted() -> None:
    counting = odoo([])

    list(Reader(counting, CURRENCIES, Offers()).read_all())

    assert counting.call_count == 2  # the fields, the page
    assert counting.seconds >= 0


def test_odoo_works_in_the_company_that_is_asked_for_or_the_first() -> None:
    scope = Scope((3, 1, 2), "fr_FR")

    assert scope.context()["allowed_company_ids"] == [1, 2, 3]
    assert scope.context(first_company_id=3)["allowed_company_ids"] == [3, 1, 2]
    assert scope.context(language="en_US")["lang"] == "en_US"


def test_a_field_that_the_user_may_not_know_of_is_named() -> None:
    fields = {"account.partial.reconcile": {"debit_move_id": column("integer")}}

    with pytest.raises(InvalidRecord, match=r"account\.partial\.reconcile\.id"):
        Reader(Recorded("19.0", fields).in_scope(), RECONCILIATIONS, Offers())


def test_a_field_of_a_rule_that_is_not_described_is_refused() -> None:
    fields = {"res.company": {**recorded.COMPANY_18, "parent_path": {"type": "char"}}}

    with pytest.raises(InvalidRecord):
        Reader(Recorded("19.0", fields).in_scope(), COMPANIES, Offers())


class Failing(Recorded):
    """Euros of ids 1 to 50; as Odoo does with a year after 9999, it fails where a row that is asked
    for has a value in `name` that it cannot read."""

    unreadable: tuple[int, ...] = ()
    of_each_call = False

    def call(self, model: str, method: str, ids: Any = None, **arguments: Any) -> Any:
        if method != "search_read":
            return super().call(model, method, ids, **arguments)
        names = arguments["fields"]
        found = [id for id in range(1, 51) if all(_is_in(id, each) for each in arguments["domain"])]
        found = found[: arguments.get("limit")]
        if self.of_each_call or ("name" in names and {*found} & {*self.unreadable}):
            raise named("builtins.ValueError", "year 10000 is out of range")
        return [{name: {**EURO, "id": id}[name] for name in names} for id in found]


def _is_in(id: int, condition: Any) -> bool:
    _field, operator, value = condition
    if operator == "in":
        return id in value
    return {">": id > value, "<=": id <= value, "=": id == value}[operator]


def failing(unreadable: tuple[int, ...]) -> Any:
    server = Failing("19.0", {"res.currency": FIELDS}, {"res.currency": []})
    server.unreadable = unreadable
    return server


@pytest.mark.parametrize("unreadable", [(1,), (50,), (7, 8, 31)])
def test_around_rows_that_odoo_cannot_read_all_others_are_read(unreadable: tuple[int, ...]) -> None:
    odoo = failing(unreadable).in_scope()

    [(lines, window)] = Reader(odoo, CURRENCIES, Offers()).read_all()

    assert window == IdRange(0, None)
    read = lines.decode().splitlines()
    assert [int(line.split("\t")[0]) for line in read] == [*range(1, 51)]
    is_right = line_pattern(CURRENCIES.fields).fullmatch
    assert tuple(id for id, line in enumerate(read, 1) if "cannot" in line) == unreadable
    assert [id for id, line in enumerate(read, 1) if not is_right(line.encode())] == [*unreadable]


def test_a_failure_of_every_row_is_no_fault_of_a_row() -> None:
    with pytest.raises(OdooServerError):
        list(Reader(failing((*range(1, 51),)).in_scope(), CURRENCIES, Offers()).read_all())


class Flooding(Recorded):
    """Euros of ids 1 to 900, each as large as given here, or small. An answer may be 100 large."""

    sizes: dict[int, int]

    def call(self, model: str, method: str, ids: Any = None, **arguments: Any) -> Any:
        if method != "search_read":
            return super().call(model, method, ids, **arguments)
        names, limit = arguments["fields"], arguments.get("limit")
        every_id = range(1, 901)
        found = [id for id in every_id if all(_is_in(id, each) for each in arguments["domain"])]
        found = found[:limit]
        if "name" in names and sum(self.sizes.get(id, 0) for id in found) > 100:
            raise OdooAnswerTooLarge
        return [{name: {**EURO, "id": id}[name] for name in names} for id in found]


def flooding(**sizes: int) -> Any:
    server = Flooding("19.0", {"res.currency": FIELDS}, {"res.currency": []})
    server.sizes = {int(id.removeprefix("of_")): size for id, size in sizes.items()}
    return server.in_scope()


def test_around_a_record_larger_than_an_answer_may_be_all_others_are_read() -> None:
    pages = list(Reader(flooding(of_450=101, of_451=100), CURRENCIES, Offers()).read_all())

    read = b"".join(lines for lines, _window in pages).decode().splitlines()
    assert [int(line.split("\t")[0]) for line in read] == [*range(1, 901)]
    is_right = line_pattern(CURRENCIES.fields).fullmatch
    assert [id for id, line in enumerate(read, 1) if not is_right(line.encode())] == [450]
    assert "larger than an answer" in read[449]


def test_where_many_records_are_larger_than_an_answer_may_be_it_is_the_limit_that_is_wrong() -> (
    None
):
    sizes = {f"of_{id}": 101 for id in range(1, 901)}

    with pytest.raises(OdooAnswerTooLarge):
        list(Reader(flooding(**sizes), CURRENCIES, Offers()).read_all())
