"""OCA's auditlog on our models, as strict as it can be: no trace of a connection key is in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from monitr_wire.connection_key import decode_connection_key

from tests.left_out import left_out
from tests.odoo.books import copy_of_books_with_addon
from tests.odoo.installations import Unavailable
from tests.odoo.oca import SERIES, installation_with_oca
from tests.odoo.paired import SettingsPage
from tests.odoo.test_install import KEY
from tests.postgres import PostgresServer

AUDITLOG = "auditlog"
SECRET = decode_connection_key(KEY).secret
AUDIT_EVERYTHING_OF_OURS = """
models = env["ir.model"].search([("model", "=like", "monitr.%%")])
[active] = {state for state, _ in env["auditlog.rule"]._fields["state"].selection} - {"draft"}
for model in models:
    env["auditlog.rule"].create({
        "name": model.model, "model_id": model.id, "log_type": %r, "log_read": True,
        "log_write": True, "log_create": True, "log_unlink": True, "capture_record": True,
        "state": active,
    })
result = None
"""
PASTE_AND_SAVE = """
from odoo.tests import Form
connection = env["monitr.connection"].search([])
with Form(connection) as form:
    form.pasted_key = {key!r}
    pasted = form.pasted_key
connection.read()
result = [pasted, connection.address]
"""


@pytest.fixture(params=SERIES)
def page(
    request: pytest.FixtureRequest, postgres: PostgresServer, tmp_path: Path
) -> Iterator[SettingsPage]:
    try:
        installation = installation_with_oca(request.param)
    except Unavailable as need:
        left_out(f"OCA's auditlog on Odoo {request.param}", str(need))
    with copy_of_books_with_addon(installation, postgres, tmp_path / "odoo") as odoo:
        odoo.install(AUDITLOG)
        yield SettingsPage(odoo)


@pytest.mark.parametrize("log_type", ["full", "fast"])
def test_no_audit_trail_holds_the_key(page: SettingsPage, log_type: str) -> None:
    page.odoo.shell(AUDIT_EVERYTHING_OF_OURS % log_type)

    [pasted, address] = page.odoo.shell(PASTE_AND_SAVE.format(key=KEY))

    assert (pasted, address) == (False, "https://monitr.example")
    page.odoo.shell("env['monitr.connection'].search([]).write({'push_every': '15'}); result = 0")
    logged = page.odoo.sql(
        "SELECT f.name, l.* FROM auditlog_log_line l JOIN ir_model_fields f ON f.id = l.field_id"
    )
    assert "push_every" in {row[0] for row in logged}, "it does log"
    for text in (KEY, SECRET, SECRET[-20:]):
        assert text not in str(logged)
        assert text not in str(page.odoo.sql("SELECT * FROM monitr_connection"))
