"""An endpoint that changes something needs a token that may manage, and a JSON body that fits."""

from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_smorest import Api  # type: ignore[import-untyped]
from sqlalchemy import Engine

from receiver.config import Config
from receiver.db.engine import writing
from receiver.db.users.tokens import insert_token, let_manage
from receiver.web.api.description.openapi import CONFIG
from receiver.web.api.endpoints import ReadingBlueprint
from receiver.web.current import equip
from receiver.web.errors import register_errors
from receiver.web.query import Body


class PaintBody(Body):
    colour = ma.fields.String(required=True)


class PaintSchema(ma.Schema):
    colour = ma.fields.String(required=True)


@pytest.fixture
def painting(config: Config, engine: Engine) -> Flask:
    """An app with one endpoint that manages, and one that takes no body."""
    blueprint = ReadingBlueprint("Paint", "Colours")

    @blueprint.manages("PUT", "/paint", PaintSchema(), body=PaintBody())
    def paint(body: dict[str, str]) -> dict[str, str]:
        return {"colour": body["colour"].upper()}

    @blueprint.manages("DELETE", "/paint", status=204)
    def remove_paint() -> None:
        return None

    app = Flask("test")
    equip(app, config, engine)
    app.config.update(CONFIG)
    Api(app).register_blueprint(blueprint)
    register_errors(app)
    return app


@pytest.fixture
def reader(painting: Flask, engine: Engine) -> FlaskClient:
    return client_with_token(painting, engine, may_manage=False)


@pytest.fixture
def manager(painting: Flask, engine: Engine) -> FlaskClient:
    return client_with_token(painting, engine, may_manage=True)


def client_with_token(app: Flask, engine: Engine, *, may_manage: bool) -> FlaskClient:
    token = f"token_{may_manage}"
    with writing(engine) as db:
        insert_token(db, token, token, None, datetime.now(UTC))
        if may_manage:
            let_manage(db, token)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def test_it_obeys_a_token_that_may_manage(manager: FlaskClient) -> None:
    painted = manager.put("/v1/paint", json={"colour": "red"})

    assert (painted.status_code, painted.get_json()) == (200, {"colour": "RED"})
    assert manager.delete("/v1/paint").status_code == 204


def test_it_refuses_a_token_that_only_reads_whatever_the_body(reader: FlaskClient) -> None:
    for refused in (reader.put("/v1/paint", data=b"{"), reader.delete("/v1/paint")):
        assert (refused.status_code, refused.get_json()["code"]) == (403, "may_not_manage")
        assert "--manage" in refused.get_json()["detail"]


def test_it_refuses_a_request_without_a_token(painting: Flask) -> None:
    assert painting.test_client().delete("/v1/paint").status_code == 401


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "path", "words"),
    [
        ({"json": {}}, "/colour", "Missing data"),
        ({"json": {"colour": 1}}, "/colour", "Not a valid string"),
        ({"json": {"colour": "red", "size": 1}}, "/size", "no such field"),
        ({"json": []}, None, "Expected an object"),
        ({"data": b"{", "content_type": "application/json"}, None, "is not JSON"),
        ({"data": b"{}"}, None, "Content-Type: application/json"),
    ],
)
def test_it_says_where_a_body_is_wrong(
    manager: FlaskClient, body: dict[str, Any], path: str | None, words: str
) -> None:
    refused = manager.put("/v1/paint", **body)

    problem = refused.get_json()
    assert (refused.status_code, problem["code"]) == (422, "invalid_body")
    assert words in problem["detail"]
    assert problem.get("path") == path
