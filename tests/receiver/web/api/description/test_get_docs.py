"""GET /docs: the API's description for people; and the headers that every answer carries."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from receiver import web

VENDOR = Path(web.__file__).parent / "static" / "vendor"


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """Pages ask no database: one kind is enough."""
    return str(request.getfixturevalue(f"{request.param}_database"))


def test_it_loads_everything_from_this_receiver(client: FlaskClient) -> None:
    page = client.get("/docs").text

    addresses = re.findall(r'(?:src|href|data-openapi)="([^"]+)"', page)
    assert all(address.startswith(("/", "data:,")) for address in addresses)
    local = [address for address in addresses if address.startswith("/")]
    assert len(local) == 5
    assert {client.get(address, buffered=True).status_code for address in local} == {200}


def test_it_runs_under_its_content_security_policy(client: FlaskClient) -> None:
    page = client.get("/docs")

    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert not re.search(r"<script>|<style|\son\w+=|style=", page.text)


@pytest.mark.parametrize(
    "path", ["/docs", "/openapi.json", "/v1/connections", "/nowhere", "/v1/batches"]
)
def test_every_answer_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers

    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_nobody_keeps_a_copy_of_what_a_token_shows(client: FlaskClient) -> None:
    assert client.get("/v1/connections").headers["Cache-Control"] == "no-store"


def test_vendored_files_are_those_of_the_registry() -> None:
    vendored = json.loads((VENDOR / "vendor.json").read_text())
    listed = {path: sha for package in vendored.values() for path, sha in package["sha256"].items()}

    files = [path for path in VENDOR.rglob("*") if path.is_file() and path.name != "vendor.json"]
    found = {str(p.relative_to(VENDOR)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
    assert found == listed
