"""The API's description: OpenAPI 3.1 at /openapi.json, and the page at /docs that shows it."""

from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import marshmallow as ma
from flask import Flask
from flask_smorest import Api  # type: ignore[import-untyped]
from marshmallow import fields
from monitr_wire.streams import STREAMS

from receiver.web.api.connections.closed_periods import closed_periods
from receiver.web.api.connections.connection_health import health
from receiver.web.api.connections.connections import connections
from receiver.web.api.connections.odoo_access import odoo_access
from receiver.web.api.connections.proofs import proofs
from receiver.web.api.connections.pulls import pulls
from receiver.web.api.connections.records import records
from receiver.web.api.connections.set_aside import set_aside
from receiver.web.api.description.components import (
    page_component,
    page_name,
    record_component,
    record_name,
)
from receiver.web.api.description.docs import docs
from receiver.web.api.description.signed_operations import describe_signed_operations
from receiver.web.api.reports.closings import closings
from receiver.web.api.reports.general_ledger import ledger
from receiver.web.api.reports.open_items import ageing
from receiver.web.api.reports.statements import statements
from receiver.web.api.reports.structures import structures
from receiver.web.api.reports.trial_balance import reports
from receiver.web.security_headers import add_security_headers

DESCRIPTION = """\
What Odoo's books say, as this receiver has stored it.

Every request carries an API token, made with `monitr token add`, as `Authorization: Bearer`. A
token may be bound to one connection; it then sees no other. What changes something needs a token
made with `--manage`.

Amounts are exact decimal strings, never floating point. Ids are Odoo's own. What is absent is
`null`, in CSV an empty field. Errors are `application/problem+json` with a stable `code`.

CSV is RFC 4180 in UTF-8 with a header. Text that a spreadsheet would run as a formula, as it begins
with `=`, `+`, `-`, `@`, a tab or a line's end, has an apostrophe before it; programs ask for
`raw_text=true` and get every text as it is. Amounts are never altered.
"""
CONFIG = {
    "API_TITLE": "Monitr",
    "API_VERSION": version("monitr"),
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/",
    "API_SPEC_OPTIONS": {
        "info": {"description": DESCRIPTION},
        "security": [{"token": []}],
    },
}
PYTHONS_END = r"\Z"
ERRORS = {
    HTTPStatus.UNAUTHORIZED.name: "No valid token",
    HTTPStatus.FORBIDDEN.name: "The token may only read",
    HTTPStatus.NOT_FOUND.name: "Nothing by that name that the token may see",
    HTTPStatus.UNPROCESSABLE_ENTITY.name: "A parameter or the body is wrong: `path` names it",
    Api.DEFAULT_ERROR_RESPONSE_NAME: "Any other error",
}


class ProblemSchema(ma.Schema):
    """An error, as RFC 9457 has it."""

    type = fields.String(required=True, metadata={"format": "uri"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "A sentence for people"})
    code = fields.String(required=True, metadata={"description": "Stable, for programs"})
    path = fields.String(metadata={"description": "Where in the request the error is"})


class MonitrApi(Api):  # type: ignore[misc]
    """flask-smorest without its own errors and pages: ours are problem+json and cursors."""

    def _register_error_handlers(self) -> None:
        """web/errors.py is the one place that turns errors into answers."""

    def _register_responses(self) -> None:
        content = {"application/problem+json": {"schema": ProblemSchema}}
        for name, description in ERRORS.items():
            response = {"description": description, "content": content}
            self.spec.components.response(name, response, lazy=True)

    def _register_pagination_header(self) -> None: ...


def init_api(app: Flask) -> None:
    """Adds everything that reads: the API, its description and its page."""
    app.config.update(CONFIG)
    api = MonitrApi(app)
    api.ma_plugin.converter.add_attribute_function(_anchored_pattern)
    for stream in STREAMS:
        api.spec.components.schema(record_name(stream), record_component(stream))
        api.spec.components.schema(page_name(stream), page_component(stream))
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for blueprint in (
        connections,
        odoo_access,
        health,
        proofs,
        reports,
        statements,
        ledger,
        structures,
        ageing,
        closed_periods,
        closings,
        set_aside,
        pulls,
        records,
    ):
        api.register_blueprint(blueprint)
    describe_signed_operations(app, api.spec)
    app.register_blueprint(docs)
    app.after_request(add_security_headers)


def _anchored_pattern(_converter: object, field: fields.Field[Any], **_: object) -> dict[str, str]:
    """Elsewhere Python's end of text means nothing, and a pattern may match in the middle."""
    for validator in field.validators:
        if isinstance(validator, ma.validate.Regexp):
            pattern = str(validator.regex.pattern)
            return {"pattern": f"^{pattern.removesuffix(PYTHONS_END)}$"}
    return {}
