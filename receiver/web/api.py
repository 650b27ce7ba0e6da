"""What every endpoint that reads has in common: its token, its checked query, its documentation."""

from collections.abc import Callable
from typing import Any, TypeVar

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint  # type: ignore[import-untyped]

from receiver.web.formats import MEDIA_TYPES, Format
from receiver.web.query import QueryParser
from receiver.web.tokens import require_token

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
    )
}


class ReadingBlueprint(Blueprint):  # type: ignore[misc]
    """Endpoints under /v1 that answer to a token alone."""

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
            answering = self._answering(view, answer, formats)
            checked = self.arguments(query, location="query")(answering)
            parameters = [value for name, value in PATH_PARAMETERS.items() if name in rule]
            if parameters:
                checked = self.alt_response(404, "NOT_FOUND")(checked)
            self.add_url_rule(rule, view.__name__, checked, parameters=parameters)
            return view

        return register

    def _answering(self, view: Any, answer: Answer, formats: tuple[Format, ...]) -> Any:
        view = self.doc(operationId=view.__name__)(view)
        for format in formats:
            text = {"schema": {"type": "string"}, "content_type": MEDIA_TYPES[format]}
            view = self.alt_response(200, success=True, **text)(view)
        view = self.response(200, answer)(view)
        return self.alt_response(401, "UNAUTHORIZED")(view)


def _forbid_keeping(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
