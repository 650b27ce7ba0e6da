"""Installing, updating and uninstalling the addon on a real Odoo."""

import re

import pytest

from tests.odoo.paired import NAME, SettingsPage, paired
from tests.odoo.server import Odoo, OdooError

KEY = (
    "monitr_WyJodHRwczovL21vbml0ci5leGFtcGxlIiwiY29uXzEiLCJ3aHNlY19NVEl6TkRVMk56ZzVNREV5TXpRMU5n"
    "PT0iXQ"
)  # https://monitr.example, con_1
OUR_MODELS = ("monitr.connection", "monitr.run", "monitr.outbox", "monitr.set.aside")
PUBLIC_METHODS = """
import inspect
result = [
    name
    for name, method in inspect.getmembers(type(env[{model!r}]), inspect.isfunction)
    if "monitr_connector" in method.__module__
    and not name.startswith("_")
    and len(inspect.signature(method).parameters) == 1
]
"""  # those that need nothing but records
EVERYTHING_IN_THE_DATABASE = {
    "tables": "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    "columns": "SELECT table_name, column_name FROM information_schema.columns "
    "WHERE table_schema = 'public'",
    "triggers": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    "models": "SELECT model FROM ir_model",
    "fields": "SELECT model, name FROM ir_model_fields",
    "parameters": "SELECT key FROM ir_config_parameter WHERE key ILIKE '%%monitr%%'",
    "crons": "SELECT cron_name::text FROM ir_cron",
    "server actions": "SELECT id FROM ir_act_server",
    "window actions": "SELECT id FROM ir_act_window",
    "views": "SELECT id FROM ir_ui_view",
    "menus": "SELECT id FROM ir_ui_menu",
    "access rights": "SELECT id FROM ir_model_access",
    "external ids": "SELECT module, name FROM ir_model_data WHERE module = 'monitr_connector'",
    "relations": "SELECT name FROM ir_model_relation",
    "constraints": "SELECT name FROM ir_model_constraint",
}


def test_it_installs_and_updates_without_a_warning_of_its_own(books: Odoo) -> None:
    books.install("monitr_connector")
    books.update("monitr_connector")

    lines = re.findall(r"^.* (?:WARNING|ERROR|CRITICAL) .*$", books.log_text(), re.MULTILINE)
    assert [line for line in lines if "monitr_connector" in line] == []
    assert "Traceback" not in books.log_text()


def test_uninstalling_leaves_no_trace_in_the_database(books: Odoo) -> None:
    before = contents(books)
    books.install("monitr_connector")
    assert contents(books) != before

    books.uninstall("monitr_connector")

    after = contents(books)
    for kind, rows in before.items():
        assert after[kind] == rows, kind


def contents(odoo: Odoo) -> dict[str, set[tuple[object, ...]]]:
    return {kind: set(odoo.sql(query)) for kind, query in EVERYTHING_IN_THE_DATABASE.items()}


def test_the_settings_page_explains_what_is_wrong(settings_page: SettingsPage) -> None:
    page = settings_page

    with pytest.raises(OdooError, match="Paste the connection key first"):
        page.push()
    with pytest.raises(OdooError, match="incomplete: copy it again"):
        page.set_key(KEY[:-5])
    with pytest.raises(OdooError, match="it starts with monitr_"):
        page.set_key("a password")
    page.set_key(KEY)
    with pytest.raises(OdooError, match="Choose the user"):
        page.test_connection()
    page.connect(KEY)
    with pytest.raises(OdooError, match=r"https://monitr.example cannot be reached"):
        page.test_connection()


def test_what_is_no_key_shows_no_address_and_no_traceback(settings_page: SettingsPage) -> None:
    """The form asks for it as soon as something is pasted."""
    pasted = settings_page.odoo.shell(f"""
        result = []
        for key in (False, "a password", {KEY!r}):
            form = env["monitr.connection"].new({{"pasted_key": key}})
            warning = form._onchange_pasted_key()
            result.append([form.address, form.pasted_key, bool(warning)])
    """)

    assert pasted == [
        [False, False, False],
        [False, False, True],
        ["https://monitr.example", False, False],
    ]


def test_only_administrators_see_the_connection_key(settings_page: SettingsPage) -> None:
    settings_page.set_key(KEY)

    for method, *arguments in (
        ("search_read", [], ["sealed_key"]),
        ("set_key", [1], KEY),
    ):
        with pytest.raises(OdooError, match="AccessError"):
            settings_page.odoo.call("monitr.connection", method, *arguments, user="accountant_ab")


def test_others_than_administrators_can_use_no_method(settings_page: SettingsPage) -> None:
    settings_page.connect(KEY)

    for model in OUR_MODELS:
        for method in settings_page.odoo.shell(PUBLIC_METHODS.format(model=model)):
            with pytest.raises(OdooError, match="AccessError"):
                settings_page.odoo.call(model, method, [1], user="accountant_ab")

    assert settings_page.odoo.sql("SELECT count(*) FROM monitr_run") == [(0,)]


def test_a_run_that_another_worker_has_just_ended_is_not_gone_on_with(
    settings_page: SettingsPage,
) -> None:
    settings_page.connect(KEY)

    [ended, begun] = settings_page.odoo.shell("""
        from odoo.addons.monitr_connector import push
        connection = env["monitr.connection"].search([])
        run = connection.open_run()
        env.cr.commit()
        connection.due_at()  # as the cron does before it pushes
        with env.registry.cursor() as other:
            other.execute("UPDATE monitr_run SET state = 'succeeded' WHERE id = %s", [run.id])
        result = [run.id, push.push_slice(connection).id]
    """)

    assert begun > ended
    assert settings_page.odoo.sql("SELECT error FROM monitr_run WHERE id = %s", [ended]) == [
        (None,)
    ]


def test_runs_are_forgotten_but_not_the_last_one_of_everything(
    settings_page: SettingsPage,
) -> None:
    """Where a right is missing, each try is a run of everything."""
    left = settings_page.odoo.shell("""
        connection, runs = env["monitr.connection"].search([]), env["monitr.run"]
        run = {"connection_id": connection.id, "scope": "[]", "state": "failed"}
        result = []
        for is_of_everything, count in ((True, 1), (False, 60), (True, 60)):
            for _ in range(count):
                runs.create(dict(run, is_of_everything=is_of_everything))
            runs.forget_old(connection)
            kept = runs.search([])
            result.append([len(kept), len(kept.filtered("is_of_everything"))])
    """)

    assert left == [[1, 1], [51, 1], [50, 50]]


def test_a_push_that_cannot_even_begin_is_recorded_and_not_raised(
    settings_page: SettingsPage,
) -> None:
    settings_page.connect(KEY)

    failed, unrecorded = settings_page.odoo.shell("""
        from unittest.mock import patch
        from odoo.addons.monitr_connector import push
        connection = env["monitr.connection"].search([])
        with patch.object(type(connection), "open_run", side_effect=ZeroDivisionError):
            run = push.push_slice(connection)
            failed = [run.state, run.error]
            with patch.object(type(connection), "failed_run", side_effect=ZeroDivisionError):
                unrecorded = len(push.push_slice(connection))
        result = [failed, unrecorded]
    """)

    assert failed == ["failed", "Unexpected error ZeroDivisionError: see Odoo's log."]
    assert unrecorded == 0
    assert "could not be recorded" in settings_page.odoo.log_text()


def test_nothing_raises_out_of_the_cron(settings_page: SettingsPage) -> None:
    settings_page.connect(KEY)
    with pytest.raises(OdooError, match="cannot be reached"):
        settings_page.push()
    settings_page.odoo.stop()
    settings_page.odoo.sql("UPDATE monitr_run SET state = 'failed'")
    settings_page.odoo.sql("UPDATE monitr_connection SET push_every = 'never'")

    settings_page.odoo.shell("env['monitr.connection']._push_on_schedule(); result = None")

    assert "monitr cron failed" in settings_page.odoo.log_text()


def test_nothing_raises_out_of_the_cron_when_postgresql_goes_away(
    settings_page: SettingsPage,
) -> None:
    settings_page.connect(KEY)
    settings_page.odoo.stop()

    settings_page.odoo.shell("""
        cr = env.registry.cursor()
        cr.execute("SELECT pg_backend_pid()")
        env.cr.execute("SELECT pg_terminate_backend(%s)", cr.fetchone())
        env(cr=cr)["monitr.connection"]._push_on_schedule()
        result = None
    """)

    assert "monitr cron failed" in settings_page.odoo.log_text()


def test_a_copied_database_waits_for_a_key_of_its_own(installation, postgres, tmp_path) -> None:
    with paired(installation, postgres, tmp_path) as pair:
        pair.push()
        pair.odoo.sql("UPDATE ir_config_parameter SET value = 'other' WHERE key = 'database.uuid'")
        pair.odoo.stop()
        pair.odoo.start()
        before = pair.receiver.sql("SELECT count(*) FROM receipts")

        with pytest.raises(OdooError, match="copy of the one that is connected"):
            pair.push()

        assert pair.receiver.sql("SELECT count(*) FROM receipts") == before
        pair.set_key(pair.receiver.add_connection(NAME + "-copy"))
        assert pair.push()["state"] == "succeeded"
