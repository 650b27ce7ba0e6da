"""A changed setting changes what is sent, so everything is sent again."""

from tests.odoo import books_script
from tests.odoo.equality import assert_equals_odoo, assert_ties_out
from tests.odoo.paired import NAME, Paired


def test_changed_settings_send_everything_again(pair: Paired) -> None:
    pair.push()
    pair.set(language="en_US")

    run = pair.push()

    assert run["is_of_everything"]
    assert_ties_out(pair, run)
    assert_equals_odoo(pair)
    names = {record["name"] for record in pair.records("accounts")}
    assert not names & set(books_script.TRANSLATED_NAMES.values())
    assert pair.receiver.get(f"/v1/connections/{NAME}")["language"] == "en_US"
    pair.set(language=books_script.LANGUAGE)
    pair.push()
