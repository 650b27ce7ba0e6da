"""What every endpoint that reads or manages has in common: its token, its checked query or body,
its documentation."""

from collections.abc import Callable
from typing import Any, TypeVar

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint  # type: ignore[import-untyped]

from receiver.web.api.tokens import require_token
from receiver.web.media_types import MEDIA_TYPES, Format
from receiver.web.query import Body, QueryParser

View = TypeVar("View", bound=Callable[..., object])
Answer = ma.Schema | str  # a schema, or the name of a component

PATH_PARAMETERS = {
    f"<{name}>": {
        "in": "path",
        "name": name,
        "required": True,
        "description": description,
        "schema": {"type": "string", "minLength": 1},
    }
    for name, description in (
        ("name", "The connection's name"),
        ("proof_id", "A proof's id, or `newest`"),
        ("run_id", "A pull's number, or `newest`"),
        ("structure_id", "A reporting structure's number: 1, 2, 3 in a connection"),
        ("line_id", "The number of a line in its structure"),
        ("entry_id", "Odoo's id of the journal entry"),
    )
}


class ReadingBlueprint(Blueprint):  # type: ignore[misc]
    """Endpoints under /v1 that answer to a token alone, by a GET; others need one that may manage
    (tokens.py).
    """

    ARGUMENTS_PARSER = QueryParser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, __name__, url_prefix="/v1", description=description)
        self.before_request(require_token)
        self.after_request(_forbid_keeping)

    def reads(
        self, rule: str, query: ma.Schema, answer: Answer, *formats: Format
    ) -> Callable[[View], View]:
        """Makes the view answer GET ``rule``: it is called with the checked query and the path's
        values. ``answer`` is the shape of JSON; ``formats`` are others it can answer in.

        The view's name and docstring are the operation's id and description.
        """

        def register(view: View) -> View:
            answering = self._answering(view, 200, answer)
            for format in formats:
                text = {"schema": {"type": "string"}, "content_type": MEDIA_TYPES[format]}
                answering = self.alt_response(200, success=True, **text)(answering)
            checked = self.arguments(query, location="query")(answering)
            self._add_rule(rule, view.__name__, checked, "GET")
            return view

        return register

    def manages(
        self,
        method: str,
        rule: str,
        answer: Answer | None = None,
        *,
        body: Body | None = None,
        status: int = 200,
    ) -> Callable[[View], View]:
        """Makes the view answer ``method`` at ``rule``, to a token that may manage: it is called
        with the checked JSON body, if there is to be one, and the path's values.

        The view's name and docstring are the operation's id and description.
        """

        def register(view: View) -> View:
            checked = self._answering(view, status, answer)
            checked = self.alt_response(403, "FORBIDDEN")(checked)
            if body is not None:
                checked = self.arguments(body, location="json")(checked)
            self._add_rule(rule, view.__name__, checked, method)
            return view

        return register

    def _answering(self, view: Any, status: int, answer: Answer | None) -> Any:
        view = self.doc(operationId=view.__name__)(view)
        view = self.response(status, answer)(view)
        return self.alt_response(401, "UNAUTHORIZED")(view)

    def _add_rule(self, rule: str, name: str, view: Any, method: str) -> None:
        parameters = [value for key, value in PATH_PARAMETERS.items() if key in rule]
        if parameters:
            view = self.alt_response(404, "NOT_FOUND")(view)
        self.add_url_rule(rule, name, view, parameters=parameters, methods=[method])


def _forbid_keeping(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
