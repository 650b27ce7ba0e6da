"""/: what each of the cast sees of the connections."""

from monitr_wire.connection_key import ConnectionKey

from tests.receiver.web.pages.conftest import Browser


def test_an_administrator_sees_every_connection(
    anna: Browser, acme: ConnectionKey, globex: ConnectionKey
) -> None:
    page = anna.get("/").text

    assert "acme" in page
    assert "globex" in page


def test_a_viewer_sees_their_own_alone(bob: Browser, globex: ConnectionKey) -> None:
    page = bob.get("/").text

    assert "acme" in page
    assert "globex" not in page


def test_nobody_keeps_a_copy_and_forms_lead_here_alone(anna: Browser) -> None:
    headers = anna.get("/").headers

    assert headers["Cache-Control"] == "no-store"
    assert "form-action 'self'" in headers["Content-Security-Policy"]
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
