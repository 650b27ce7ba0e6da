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


class TestProblem:
    """An error as a page, or as JSON for programs."""

    def test_a_browser_gets_a_page_that_says_what_to_do(self, browser: Browser) -> None:
        answer = browser.get("/nowhere")

        assert (answer.status_code, answer.mimetype) == (404, "text/html")
        assert "Check the address." in answer.text
        assert "form-action 'self'" in answer.headers["Content-Security-Policy"]

    def test_it_speaks_the_viewers_language(self, bob: Browser) -> None:
        bob.post("/account/language", {"language": "nl"})

        assert "Alleen een beheerder mag dit." in bob.get("/users").text

    def test_who_is_signed_in_keeps_the_sidebar(self, bob: Browser) -> None:
        assert "sidebar" in bob.get("/users").text

    def test_a_program_gets_a_problem(self, browser: Browser) -> None:
        for path, accept in (("/nowhere", "*/*"), ("/v1/connections", "text/html")):
            answer = browser.client.get(path, headers={"Accept": accept})
            assert answer.mimetype == "application/problem+json"
