"""Every reading endpoint needs an API token."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from monitr_wire.streams import STREAMS

TOKEN = "Bearer monitr_token_of_acme"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer monitr_token_of_nobody",
        TOKEN + "x",
        TOKEN.replace("Bearer", "Basic"),
        TOKEN[7:],
    ],
)
def test_it_refuses_what_is_not_a_stored_token(
    client: FlaskClient, acme_reader: FlaskClient, header: str
) -> None:
    refused = client.get("/v1/connections", headers={"Authorization": header})

    assert (refused.status_code, refused.get_json()["code"]) == (401, "wrong_token")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_it_takes_the_scheme_in_any_case(client: FlaskClient, acme_reader: FlaskClient) -> None:
    headers = {"Authorization": TOKEN.replace("Bearer", "bearer")}

    assert client.get("/v1/connections", headers=headers).status_code == 200


def test_it_guards_every_endpoint(app: Flask, client: FlaskClient) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/v1/connections")]

    answers = [
        client.open(rule.rule.replace("<name>", "acme"), method=method)
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]

    assert len(rules) > len(STREAMS)
    assert {answer.status_code for answer in answers} == {401}
