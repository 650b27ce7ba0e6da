"""What Odoo states of its books, and what is no statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from monitr_wire.streams import CURRENCIES

from receiver.errors import InvalidOdooAnswer, InvalidRecord
from receiver.pull.extract.capabilities import Offers, formatted_read_group
from receiver.pull.extract.odoo_aggregates import read_digests
from receiver.pull.extract.read import Reader
from receiver.pull.scope import OdooInScope, Scope
from tests.receiver.pull.extract.test_read import FIELDS


@dataclass
class Adding:
    """Holds one currency, of which it states something."""

    stated: dict[str, Any]
    series: str = "19.0"

    def call(
        self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any
    ) -> Any:
        if method == "fields_get":
            return FIELDS
        if method == "search_read":
            return [{"id": 1}]
        asked = dict.fromkeys(arguments["aggregates"], 1)
        return [{"__count": 1, "active": True, **asked, **self.stated}]


def digests_of(**stated: Any) -> list[Any]:
    odoo = OdooInScope(Adding(stated), Scope((1,), "fr_FR"))
    offers = Offers(formatted_read_group, says_nothing=True)
    return read_digests(Reader(odoo, CURRENCIES, offers))


def test_a_digest_is_made_of_what_odoo_adds_up() -> None:
    [digest] = digests_of()

    assert (digest.stream, digest.bucket, digest.record_count) == ("currencies", "0", 1)


@pytest.mark.parametrize("value", ["abc", [7]])
def test_a_sum_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises((InvalidOdooAnswer, InvalidRecord)):
        digests_of(**{"id:avg": value, "rounding:sum": value})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_sum_over_what_is_no_number_is_like_none_that_is_stored(value: float) -> None:
    """So its bucket is read, and the record is found and set aside."""
    [good], [bad] = digests_of(), digests_of(**{"id:avg": value})

    assert bad.record_count == good.record_count
    assert bad.digest_sum != good.digest_sum
