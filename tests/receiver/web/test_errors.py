"""Every error has one place where it becomes an answer, and no answer tells what is inside."""

from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from flask import Flask, abort, redirect
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from receiver import errors
from receiver.errors import MonitrError
from receiver.web.errors import HEADERS, STATUS, register_errors

SECRET = "the inside of the receiver"


def leaves(kind: type[MonitrError] = MonitrError) -> Iterator[type[MonitrError]]:
    """Tests elsewhere have errors of their own."""
    children = [each for each in kind.__subclasses__() if each.__module__ == errors.__name__]
    for child in children:
        yield from leaves(child)
    if not children:
        yield kind


def new(kind: type[MonitrError]) -> MonitrError:
    if kind is errors.Overtaken:
        return errors.Overtaken(41)
    return errors.PullRunning(7) if kind is errors.PullRunning else kind()


def client_of(view: Callable[[], object]) -> FlaskClient:
    app = Flask("test")
    register_errors(app)
    app.add_url_rule("/", view_func=view)  # type: ignore[arg-type]
    return app.test_client()


def client_raising(error: Exception) -> FlaskClient:
    def view() -> NoReturn:
        raise error

    return client_of(view)


def test_every_leaf_of_the_tree_is_mapped_and_nothing_else() -> None:
    assert set(STATUS) == set(leaves())
    assert set(HEADERS) <= set(STATUS)


def test_every_leaf_has_a_code_of_its_own() -> None:
    codes = [leaf.code for leaf in leaves()]

    assert len(set(codes)) == len(codes)
    assert MonitrError.code not in codes


def test_the_tree_in_the_docstring_names_every_error() -> None:
    assert [leaf.__name__ for leaf in leaves() if leaf.__name__ not in str(errors.__doc__)] == []


@pytest.mark.parametrize("kind", list(leaves()), ids=lambda kind: kind.code)
def test_every_error_is_answered_as_a_problem(kind: type[MonitrError]) -> None:
    response = client_raising(new(kind)).get("/")

    problem = response.get_json()
    assert response.content_type == "application/problem+json"
    assert response.status_code == problem["status"] == STATUS[kind]
    assert problem["code"] == kind.code
    assert problem["type"] == f"urn:monitr:problem:{kind.code}"
    assert problem["title"]
    assert problem["detail"].endswith((".", "says what.", "<token>."))


@pytest.mark.parametrize("kind", [k for k, status in STATUS.items() if status == 401])
def test_every_401_says_how_to_authenticate(kind: type[MonitrError]) -> None:
    assert client_raising(kind()).get("/").headers["WWW-Authenticate"]


def test_it_says_where_in_the_request_the_error_is() -> None:
    error = errors.InvalidRecord("Line 3 is odd.", path="lines/3/debit")

    problem = client_raising(error).get("/").get_json()

    assert (problem["detail"], problem["path"]) == ("Line 3 is odd.", "lines/3/debit")


def test_what_was_not_foreseen_tells_nothing() -> None:
    response = client_raising(KeyError(SECRET)).get("/")

    assert response.status_code == 500
    assert response.get_json()["code"] == "internal_error"
    assert SECRET not in response.text


def test_a_misconfigured_receiver_tells_senders_nothing() -> None:
    response = client_raising(errors.Misconfigured(SECRET)).get("/")

    assert response.status_code == 500
    assert SECRET not in response.text


def test_a_wrong_method_says_which_are_allowed(client: FlaskClient) -> None:
    response = client.get("/v1/batches")

    assert response.status_code == 405
    assert response.get_json()["code"] == "method_not_allowed"
    assert set(response.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def test_an_unknown_address_is_a_problem(client: FlaskClient) -> None:
    response = client.get("/v2/nothing")

    assert response.status_code == 404
    assert response.get_json()["code"] == "not_found"
    assert "/docs lists" in response.get_json()["detail"]


def test_flasks_own_errors_are_problems() -> None:
    def view() -> NoReturn:
        abort(418)

    problem = client_of(view).get("/").get_json()

    assert (problem["status"], problem["code"]) == (418, "i'm_a_teapot")


def test_a_redirect_stays_a_redirect() -> None:
    def view() -> NoReturn:
        abort(redirect_to_elsewhere())

    def redirect_to_elsewhere() -> Response:
        return redirect("/elsewhere")

    response = client_of(view).get("/")

    assert (response.status_code, response.headers["Location"]) == (302, "/elsewhere")
