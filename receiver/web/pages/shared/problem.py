"""An error as a page, for who looks with a browser: what is wrong, and what to do next."""

from flask import Response, g, make_response, render_template, request

from receiver.messages import Sentence
from receiver.web.security_headers import PAGE_HEADERS

PROGRAMS_PATHS = ("/v1/", "/openapi.json", "/healthz")


def wants_page() -> bool:
    """A browser asks for HTML; a program takes anything."""
    if request.path.startswith(PROGRAMS_PATHS):
        return False
    accepted = request.accept_mimetypes
    return accepted["text/html"] > accepted["application/json"]


def problem_page(status: int, code: str, sentence: Sentence) -> Response:
    """Never fails where the database does: the viewer is known only if a page loaded them."""
    g.setdefault("viewer", None)
    page = render_template("pages/problem.html", status=status, code=code, sentence=sentence)
    response = make_response(page, status)
    response.headers.update(PAGE_HEADERS)
    response.headers["Cache-Control"] = "no-store"
    return response
