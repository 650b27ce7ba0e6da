"""Which of many records is hidden is found in few calls, and none is made where none is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from monitr_wire.streams import CURRENCIES

from receiver.errors import MissingPermissions, UnknownLanguage
from receiver.pull.extract.capabilities import Offers
from receiver.pull.extract.read import Reader
from receiver.pull.scope import ASKED_AT_ONCE, OdooInScope, Scope, check_scope
from tests.receiver.pull.extract.test_read import FIELDS

ACME, GLOBEX, INITECH = 1, 2, 3
NAMES = {ACME: "Acme", GLOBEX: "Globex"}


@dataclass
class Hiding:
    """Refuses to read these records, and to work in these companies, as an Odoo does."""

    hidden: Sequence[int] = ()
    companies: Sequence[int] = ()
    languages: Sequence[str] = ("en_US", "fr_FR")
    asked: list[Sequence[int]] = field(default_factory=list)
    series: str = "19.0"

    def call(
        self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any
    ) -> Any:
        if method == "fields_get":
            return FIELDS
        if method == "get_installed":
            return [[code, code] for code in self.languages]
        if method == "search_read":
            refuse_if({*self.companies} & {*arguments["context"]["allowed_company_ids"]})
            return []
        assert ids
        self.asked.append(ids)
        refuse_if({*self.hidden} & {*ids})
        return []  # as if all others were deleted


def refuse_if(hidden: set[int]) -> None:
    if hidden:
        raise MissingPermissions


def find_hidden(odoo: Hiding, ids: Sequence[int]) -> int | None:
    return Reader(in_scope(odoo), CURRENCIES, Offers()).find_hidden(ids)


def in_scope(odoo: Hiding) -> OdooInScope:
    return OdooInScope(odoo, Scope((ACME, GLOBEX, INITECH), "fr_FR"))


@pytest.mark.parametrize("hidden", [1, 2, 500, ASKED_AT_ONCE, ASKED_AT_ONCE + 1, 2500])
def test_the_hidden_one_of_many_is_found(hidden: int) -> None:
    odoo = Hiding([hidden])

    assert find_hidden(odoo, range(1, 2501)) == hidden
    assert len(odoo.asked) < 15


def test_of_deleted_records_none_is_hidden() -> None:
    odoo = Hiding()

    assert find_hidden(odoo, range(1, 2501)) is None
    assert [len(ids) for ids in odoo.asked] == [1000, 1000, 500]


def test_without_missing_records_nothing_is_asked() -> None:
    odoo = Hiding()

    assert find_hidden(odoo, []) is None
    assert odoo.asked == []


def test_each_company_out_of_sight_is_named() -> None:
    with pytest.raises(MissingPermissions, match="does not see Globex, 3 in Odoo any more"):
        check_scope(in_scope(Hiding(companies=[GLOBEX, INITECH])), NAMES)


def test_a_language_that_is_switched_off_is_named_with_what_there_is() -> None:
    odoo = Hiding(languages=["en_US", "nl_BE"])

    with pytest.raises(UnknownLanguage, match=r"fr_FR, .* switched off .*: en_US, nl_BE\."):
        check_scope(in_scope(odoo), NAMES)


def test_where_all_is_in_sight_nothing_is_said() -> None:
    check_scope(in_scope(Hiding()), NAMES)
