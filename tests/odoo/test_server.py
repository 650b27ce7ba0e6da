"""The Odoo that tests use can be started, killed, changed and asked as they expect."""

import pytest
import requests

from tests.odoo import books_script as script
from tests.odoo.server import Odoo, OdooError, OdooFailed

MODULE = "account_debit_note"  # small, and in every series


def test_it_installs_updates_and_uninstalls_a_module(books: Odoo) -> None:
    state = "SELECT state FROM ir_module_module WHERE name = %s"

    books.install(MODULE)
    assert books.sql(state, [MODULE]) == [("installed",)]
    books.update(MODULE)
    assert books.sql(state, [MODULE]) == [("installed",)]
    books.uninstall(MODULE)
    assert books.sql(state, [MODULE]) == [("uninstalled",)]


def test_it_refuses_a_module_that_does_not_exist(books: Odoo) -> None:
    with pytest.raises(OdooFailed, match="no_such_module"):
        books.install("no_such_module")


def test_the_shell_commits_and_gives_back_its_result(books: Odoo) -> None:
    found = books.shell("""
        partner = env["res.partner"].create({"name": "From the shell"})
        result = {"id": partner.id}
    """)

    assert books.sql("SELECT id FROM res_partner WHERE name = 'From the shell'") == [(found["id"],)]


def test_a_shell_that_fails_commits_nothing_and_says_so(books: Odoo) -> None:
    with pytest.raises(OdooFailed, match="ZeroDivisionError"):
        books.shell("env['res.partner'].create({'name': 'Half done'}); 1 / 0")

    assert books.sql("SELECT id FROM res_partner WHERE name = 'Half done'") == []


def test_it_can_be_killed_and_started_again(odoo: Odoo) -> None:
    odoo.kill()
    with pytest.raises(requests.ConnectionError):
        requests.get(odoo.url, timeout=5)

    odoo.start()

    assert odoo.call("res.users", "search_count", [("login", "=", script.ACCOUNTANT_A)]) == 1


def test_a_call_may_return_nothing(odoo: Odoo) -> None:
    state = "SELECT id, state FROM account_move WHERE ref = %s"
    ((entry, _),) = odoo.sql(state, [script.OFF_BALANCE_ENTRY])

    result = odoo.call("account.move", "button_draft", [entry], user=script.ACCOUNTANT_A)

    assert result is None
    assert odoo.sql(state, [script.OFF_BALANCE_ENTRY]) == [(entry, "draft")]


def test_a_wrong_password_is_refused(shared_odoo: Odoo) -> None:
    with pytest.raises(OdooError, match="cannot log in"):
        shared_odoo.call("res.users", "search_count", [], password="wrong")
