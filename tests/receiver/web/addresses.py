"""The addresses of a connection's books: every page, and every operation of the API that reads."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

Parameters = Mapping[str, list[str] | None]  # {name: its values}; None: whatever

HISTORIES = ("pulls", "pushes", "proofs", "repairs", "changes")
STATEMENTS = ("profit-and-loss", "balance-sheet", "cash-flow")
NAMED = {
    "connection": "acme",
    "name": "acme",
    "proof_id": "proof-1",
    "run_id": "newest",
    "structure_id": "1",
    "line_id": "1",
    "entry_id": "1",
    "partner": "1",
}


def rules_of_books(app: Flask) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        is_named = bool(rule.arguments & {"connection", "name"})
        is_of_books = rule.rule == "/" or (is_named and not rule.rule.startswith("/users"))
        if is_of_books and "GET" in (rule.methods or ()):
            yield rule


def addresses_of(rule: Rule, **values: object) -> list[str]:
    """Several where the rule is that of several pages. What is not given is the first of its
    kind."""
    if "statement" in rule.arguments:
        return [_address(rule, {**values, "statement": each}) for each in STATEMENTS]
    if "any(" in rule.rule:
        return [_address(rule, {**values, "name": each}) for each in HISTORIES]
    return [_address(rule, values)]


def _address(rule: Rule, values: Mapping[str, object]) -> str:
    known = {**NAMED, **values}
    built = rule.build({name: str(known[name]) for name in rule.arguments})
    assert built is not None
    return built[1]


def parameters_of(operations: Any, rule: Rule) -> Parameters | None:
    """What an operation of the API takes; None: a page, which leaves others out."""
    operation = operations.get(rule.rule.replace("<", "{").replace(">", "}"))
    if operation is None:
        return None
    known = [each for each in operation["get"].get("parameters", ()) if "name" in each]
    return {each["name"]: each["schema"].get("enum") for each in known}


def taken_of(query: Mapping[str, str], parameters: Parameters) -> dict[str, str]:
    """As much of the query as the operation takes."""
    return {
        name: value
        for name, value in query.items()
        if name in parameters and value in (parameters[name] or [value])
    }
