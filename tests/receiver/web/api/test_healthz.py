"""GET /healthz."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from receiver.app import create_app
from receiver.config import Config


def test_it_is_well_while_the_database_answers(client: FlaskClient) -> None:
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.get_json() == {"status": "ok"}


@pytest.mark.parametrize(
    "out_of_reach",
    ["postgresql+psycopg://monitr@127.0.0.1:1/monitr", "sqlite:////no/such/folder/monitr.sqlite3"],
)
def test_it_is_not_well_without_its_database(config: Config, out_of_reach: str) -> None:
    app = create_app(replace(config, database_url=out_of_reach))

    response = app.test_client().get("/healthz")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "30"
    assert response.content_type == "application/problem+json"
    assert response.get_json()["code"] == "database_unavailable"
