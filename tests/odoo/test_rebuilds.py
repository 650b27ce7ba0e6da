"""Odoo's models are rebuilt while a push runs, or changed by a process that tells nobody: what
arrives equals the books all the same, and no push fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread

import pytest
from monitr_wire.streams import ANALYTIC_PLANS, STREAMS

from tests.odoo.equality import assert_equals_odoo, assert_ties_out, differences_of
from tests.odoo.independent_read import selects
from tests.odoo.installations import Installation
from tests.odoo.paired import Paired, paired
from tests.odoo.server import Odoo, OdooError
from tests.postgres import PostgresServer

PUSHES = 5
TRIES = 40  # of one push: Odoo's own calls fail while its models are rebuilt
PLANS_HAVE_COLUMNS_SINCE = "17.0"
FIELD_MORE = "x_more"
IS_DONE = {"create": "ValidationError", "unlink": "MissingError"}  # it is there, or is gone
WITH_A_FIELD_MORE = ("account.move.line", "account.analytic.line", "res.company")


@pytest.fixture(scope="module")
def pair(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Paired]:
    with paired(installation, postgres, tmp_path_factory.mktemp("rebuilds")) as pair:
        let_administrator_make_plans(pair.odoo)
        assert pair.push()["state"] == "succeeded"
        yield pair


def let_administrator_make_plans(odoo: Odoo) -> None:
    odoo.shell("""
        administrator = env.ref("base.user_admin")
        groups = "group_ids" if "group_ids" in administrator._fields else "groups_id"
        administrator[groups] += env.ref("analytic.group_analytic_accounting")
    """)


def test_pushes_during_which_fields_and_plans_are_made_send_what_odoo_holds(pair: Paired) -> None:
    with rebuilding(pair.odoo) as (rebuilds, pause):
        for _ in range(PUSHES):
            touch_everything(pair.odoo)

            run = push_through(pair)

            assert_ties_out(pair, run)
            with pause:
                assert_all_but_plans_equals_odoo(pair)

    assert rebuilds
    assert_ties_out(pair, pair.push())
    assert_equals_odoo(pair)
    assert pair.odoo.sql("SELECT error FROM monitr_run WHERE state = 'failed'") == []
    assert "monitr push failed" not in pair.odoo.log_text()


def test_a_plan_made_and_used_by_a_process_that_tells_nobody_arrives(pair: Paired) -> None:
    if pair.odoo.series < PLANS_HAVE_COLUMNS_SINCE:
        return  # there a plan has no column
    item_id, account_id = pair.odoo.shell("""
        plan = env["account.analytic.plan"].create({"name": "Told to nobody"})
        account = env["account.analytic.account"].create({"name": "Quiet", "plan_id": plan.id})
        item = env["account.analytic.line"].search([], limit=1)
        item[plan._column_name()] = account
        result = [item.id, account.id]
    """)

    assert_ties_out(pair, pair.push())

    [item] = [each for each in pair.records("analytic_items") if each["id"] == item_id]
    assert account_id in item["analytic_account_ids"]
    assert_equals_odoo(pair)


def test_a_plan_that_loses_its_column_unheard_is_sent_without_it(pair: Paired) -> None:
    if pair.odoo.series < PLANS_HAVE_COLUMNS_SINCE:
        return
    [plan_id] = pair.odoo.call("account.analytic.plan", "create", [{"name": "Soon gone"}])
    assert_ties_out(pair, pair.push())
    pair.odoo.shell(f'env["account.analytic.plan"].browse({plan_id}).unlink()')
    touch_everything(pair.odoo)

    assert_ties_out(pair, pair.push())

    assert_equals_odoo(pair)


def assert_all_but_plans_equals_odoo(pair: Paired) -> None:
    """The plans themselves are others than they were in the moment of the push."""
    selected = selects(pair.odoo)
    for stream in STREAMS:
        if stream is not ANALYTIC_PLANS:
            assert list(differences_of(pair, stream, selected[stream.name])) == []


@contextmanager
def rebuilding(odoo: Odoo) -> Iterator[tuple[list[str], Lock]]:
    """Another user makes, renames, moves and removes fields and plans until the end: what he did,
    and a lock that lets him wait."""
    rebuilds: list[str] = []
    pause, is_over = Lock(), Event()

    def rebuild() -> None:
        while not is_over.is_set():
            for change in (change_fields, change_plans):
                change(odoo, pause)
                rebuilds.append(change.__name__)

    thread = Thread(target=rebuild)
    thread.start()
    try:
        yield rebuilds, pause
    finally:
        is_over.set()
        thread.join()


def change_fields(odoo: Odoo, pause: Lock) -> None:
    for model in WITH_A_FIELD_MORE:
        [(model_id,)] = odoo.sql("SELECT id FROM ir_model WHERE model = %s", [model])
        field = {"model_id": model_id, "name": FIELD_MORE, "ttype": "char"}
        insist(odoo, pause, "ir.model.fields", "create", [field])
        is_it = "SELECT id FROM ir_model_fields WHERE model = %s AND name = %s"
        [(field_id,)] = odoo.sql(is_it, [model, FIELD_MORE])
        insist(odoo, pause, "ir.model.fields", "unlink", [field_id])


def change_plans(odoo: Odoo, pause: Lock) -> None:
    """Which make, rename and drop columns from 17 on."""
    if odoo.series < PLANS_HAVE_COLUMNS_SINCE:
        return
    plans, names = "account.analytic.plan", [{"name": "Above"}, {"name": "Below"}]
    above, below = insist(odoo, pause, plans, "create", names)
    insist(odoo, pause, plans, "write", [below], {"name": "Renamed"})
    insist(odoo, pause, plans, "write", [below], {"parent_id": above})
    insist(odoo, pause, plans, "unlink", [below])
    insist(odoo, pause, plans, "unlink", [above])


def insist(odoo: Odoo, pause: Lock, model: str, method: str, *args: object) -> list[int]:
    """Odoo itself stumbles over its models while others read them."""
    refusals = []
    for _ in range(TRIES):
        try:
            with pause:
                answer = odoo.call(model, method, *args)
        except OdooError as error:
            if error.name.endswith(IS_DONE.get(method, "nothing")):
                return []  # the try before has done it and failed only then
            refusals.append(str(error))
            continue
        return answer if isinstance(answer, list) else []
    raise AssertionError(f"Odoo refuses {model}.{method}: {refusals[-1]}")


def touch_everything(odoo: Odoo) -> None:
    """Each row of these is to be sent again."""
    odoo.sql("UPDATE account_analytic_line SET amount = amount")
    odoo.sql("UPDATE account_move SET ref = ref")
    odoo.sql("UPDATE account_partial_reconcile SET amount = amount")
    odoo.sql("UPDATE res_company SET name = name")
    odoo.sql("UPDATE account_account SET reconcile = reconcile")


def push_through(pair: Paired) -> dict[str, object]:
    for _ in range(TRIES):
        try:
            return pair.push()
        except OdooError:
            continue
    raise AssertionError(f"no push goes through: {pair.odoo.sql('SELECT error FROM monitr_run')}")
