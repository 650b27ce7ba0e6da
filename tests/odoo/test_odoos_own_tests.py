"""Odoo's own tests of its ledger pass with the addon installed, whose triggers fire all along.

Those that stress the ledger most; all of Odoo's module `account` with MONITR_TEST_ODOOS_OWN=all,
which `make odoo-tests` sets.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.odoo.equality import assert_equals_odoo, assert_ties_out
from tests.odoo.failing_without_addon import FAILING_WITHOUT_ADDON
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired, paired
from tests.odoo.runner_log import FAILED, STARTED
from tests.postgres import PostgresServer

ALL = "/account"
IN_EVERY_SERIES = (
    "TestAccountMove",
    "TestAccountMoveOutInvoiceOnchanges",
    "TestAccountMoveReconcile",
    "TestAccountPayment",
    "TestAccountPaymentRegister",
    "TestAccountBankStatementLine",
)
# Where all of them take longer than everybody should wait: 19 has a thousand, 14 a quarter of that.
CHOSEN = {
    "19.0": (
        *IN_EVERY_SERIES,
        "TestAccountAccount",
        "TestAccountAnalyticAccount",
        "TestAccountLockException",
        "TestAccountMergeWizard",
        "TestCompanyBranch",
        "TestMergePartner",
        "TestSequenceMixin",
        "TestSequenceMixinConcurrency",
        "TestTransferWizard",
    ),
}
# Tests of web pages ask for them there; the books' template has the address it was built at.
OWN_ADDRESS = "UPDATE ir_config_parameter SET value = %s WHERE key = 'web.base.url'"
OUTBOX_ROWS = "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'monitr_outbox'"


@dataclass(frozen=True)
class Aftermath:
    """The paired Odoo after the tests."""

    pair: Paired
    log: str
    captured_count: int  # rows written to the outbox, those of rolled back transactions too


@pytest.fixture(scope="module")
def aftermath(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Aftermath]:
    """Pushed before, so that the push afterwards sends just what the tests left changed."""
    with paired(installation, postgres, tmp_path_factory.mktemp("own_tests")) as pair:
        assert pair.push()["state"] == "succeeded"
        pair.odoo.sql(OWN_ADDRESS, [pair.odoo.url])
        before = captured_count(pair)
        log = pair.odoo.run_tests(tags_of(installation.series))
        yield Aftermath(pair, log, captured_count(pair) - before)


def tags_of(series: str) -> str:
    if os.environ.get("MONITR_TEST_ODOOS_OWN") == "all" or series not in CHOSEN:
        return ALL
    return ",".join(f"{ALL}:{name}" for name in CHOSEN[series])


def captured_count(pair: Paired) -> int:
    return int(pair.odoo.sql(OUTBOX_ROWS)[0][0])


def test_odoos_own_tests_pass(aftermath: Aftermath) -> None:
    failed = set(FAILED.findall(aftermath.log))

    known = FAILING_WITHOUT_ADDON.get(aftermath.pair.odoo.series, {})
    assert failed - known.keys() == set()


def test_every_chosen_class_ran_with_the_triggers_at_work(aftermath: Aftermath) -> None:
    classes = {name.split(".")[0] for name in STARTED.findall(aftermath.log)}

    assert set(CHOSEN.get(aftermath.pair.odoo.series, IN_EVERY_SERIES)) <= classes
    assert aftermath.captured_count > 10_000


def test_afterwards_it_ties_out_and_every_record_equals_odoos(aftermath: Aftermath) -> None:
    run = aftermath.pair.push()

    assert not run["is_of_everything"]
    assert_ties_out(aftermath.pair, run)
    assert_equals_odoo(aftermath.pair)
