"""What pages read of forms and addresses, and that they declare it."""

import re
from pathlib import Path
from typing import Any

import marshmallow as ma
import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

import receiver.web.pages
from receiver.errors import InvalidQuery
from receiver.web.pages.shared.request_fields import (
    Chosen,
    Stripped,
    Text,
    Ticked,
    WholeNumber,
    read_query,
    takes_form,
)

PAGES = Path(receiver.web.pages.__file__).parent
READ = re.compile(r"request\.(?:form|args|values)")
BY_HAND = {
    "menu.py": "hands on all of an address",
    "overview.py": "connection, by which every page knows the one looked at",
    "mapping/mapping_editor.py": "seen, which every form of the editor carries",
    "reports/financial_reports.py": "company_id, handed on to another page as it is",
    "reports/report_request.py": "a report shows what it can, though a value is wrong",
    "shared/blueprint.py": "every field, for text that no database takes",
    "shared/companies.py": "company_id, by which every page knows the one looked at",
    "shared/connection_filter.py": "what the next address keeps",
    "shared/session.py": "next, which leads on from signing in",
    "shared/viewer.py": "company_id and connection, before any page",
    "signing_in/users.py": "a field for each connection",
}


def test_pages_declare_what_they_read() -> None:
    by_hand = [path for path in PAGES.rglob("*.py") if READ.search(path.read_text())]

    assert {path.relative_to(PAGES).as_posix() for path in by_hand} == set(BY_HAND)


def form_of(fields: dict[str, ma.fields.Field[Any]], *entered: tuple[str, str]) -> dict[str, Any]:
    """What a view with these fields is called with."""

    @takes_form(**fields)
    def view(**values: Any) -> dict[str, Any]:
        return values

    with Flask("forms").test_request_context(method="POST", data=MultiDict(entered)):
        return dict(view())


FIELDS: dict[str, ma.fields.Field[Any]] = {
    "password": Text(),
    "name": Stripped(),
    "is_ticked": Ticked(),
    "ids": Chosen(data_key="id"),
}


def test_a_field_that_is_not_there_is_empty() -> None:
    assert form_of(FIELDS) == {"password": "", "name": "", "is_ticked": False, "ids": []}


def test_a_view_is_called_with_what_was_entered_and_nothing_else() -> None:
    entered = [("password", " a "), ("name", " b "), ("is_ticked", "yes"), ("other", "x")]

    form = form_of(FIELDS, *entered, ("id", "1"), ("id", "2"), ("name", "again"))

    assert form == {"password": " a ", "name": "b", "is_ticked": True, "ids": ["1", "2"]}


@pytest.mark.parametrize("value", ["", "no", "on", "YES"])
def test_a_box_is_ticked_by_yes_alone(value: str) -> None:
    assert form_of({"is_ticked": Ticked()}, ("is_ticked", value)) == {"is_ticked": False}


@pytest.mark.parametrize(
    ("text", "number"),
    [("2", 2), ("0", 1), ("-9", 1), ("11", 10), ("9" * 5000, 1), ("two", 1), ("", 1), ("1.5", 1)],
)
def test_a_number_is_the_nearest_that_is_possible(text: str, number: int) -> None:
    query = ma.Schema.from_dict({"page": WholeNumber(1, 10)})()

    with Flask("forms").test_request_context(query_string={"page": text, "other": "x"}):
        assert read_query(query) == {"page": number}


def test_a_wrong_parameter_is_named() -> None:
    query = ma.Schema.from_dict({"day": ma.fields.Date(error_messages={"invalid": "No day."})})()

    with (
        Flask("forms").test_request_context(query_string={"day": "soon"}),
        pytest.raises(InvalidQuery, match=r"No day\.") as refused,
    ):
        read_query(query)

    assert refused.value.path == "day"
