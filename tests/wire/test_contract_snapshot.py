"""Every change of the contract is seen in review, and none breaks what is already installed."""

import difflib
import json

import pytest
from monitr_wire.streams import STREAMS_BY_NAME

from tests.wire.contract import CONTRACT_FILE, RELEASED_FILE, contract_text, released_fields

HOW_TO_RENEW = (
    "The wire contract has changed. If that is meant, write it down with\n"
    "    .venv/bin/python -m tests.wire.contract\n"
    "and commit tests/wire/contract.json with the change.\n\n"
)
RELEASED_STAYS = (
    "A released field of {} was removed, moved or changed, and addons in the field still send it: "
    "leave it as it was and add a new field at the end."
)


def test_the_contract_is_the_one_that_was_reviewed() -> None:
    reviewed, now = CONTRACT_FILE.read_text(), contract_text()

    if now != reviewed:
        pytest.fail(HOW_TO_RENEW + changed_lines(reviewed, now), pytrace=False)


def test_a_released_stream_stays() -> None:
    released = json.loads(RELEASED_FILE.read_text())

    assert set(released) - set(STREAMS_BY_NAME) == set()


def test_a_released_stream_only_gains_fields_at_its_end() -> None:
    released = json.loads(RELEASED_FILE.read_text())

    for name, fields in released.items():
        now = released_fields(STREAMS_BY_NAME[name])
        assert now[: len(fields)] == list(fields.items()), RELEASED_STAYS.format(name)


def changed_lines(reviewed: str, now: str) -> str:
    lines = reviewed.splitlines(), now.splitlines()
    return "\n".join(difflib.unified_diff(*lines, "reviewed", "now", n=0, lineterm=""))
