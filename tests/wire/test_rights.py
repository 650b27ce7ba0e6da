"""All of the ledger must be readable; what is analytic is left out where it is not."""

import pytest
from monitr_wire.rights import INDISPENSABLE, left_out
from monitr_wire.streams import (
    ACCOUNTS,
    ANALYTIC_ACCOUNTS,
    ANALYTIC_ITEMS,
    ANALYTIC_PLANS,
    ANALYTIC_STREAMS,
    COMPANIES,
    CURRENCIES,
    JOURNAL_ENTRIES,
    JOURNAL_ITEMS,
    JOURNALS,
    PARTNERS,
    RECONCILIATIONS,
    STREAMS,
    Stream,
)


def test_the_ledger_is_indispensable() -> None:
    assert (
        *(COMPANIES, CURRENCIES, PARTNERS, JOURNALS, ACCOUNTS),
        *(JOURNAL_ENTRIES, JOURNAL_ITEMS, RECONCILIATIONS),
    ) == INDISPENSABLE


def test_nothing_is_left_out_where_all_is_readable() -> None:
    assert left_out(STREAMS) == ()


@pytest.mark.parametrize("stream", ANALYTIC_STREAMS, ids=lambda stream: stream.name)
def test_without_one_of_the_analytic_streams_all_of_them_are_left_out(stream: Stream) -> None:
    readable = [each for each in STREAMS if each is not stream]

    assert left_out(readable) == (ANALYTIC_PLANS, ANALYTIC_ACCOUNTS, ANALYTIC_ITEMS)
