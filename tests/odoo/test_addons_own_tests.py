"""The addon's own tests, which run inside Odoo by its runner, as an addon's developer runs them."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from tests.odoo.books import copy_of_books_with_addon
from tests.odoo.installations import Installation
from tests.odoo.runner_log import ENDED, FAILED, STARTED
from tests.odoo.server import PROJECT_ADDONS
from tests.postgres import PostgresServer

TAGS = "/monitr_connector"
FILES = sorted((PROJECT_ADDONS / "monitr_connector" / "tests").glob("test_*.py"))
HELPER = "odoo_test_helper"  # what fakes the models of another module in 15 to 18


@pytest.fixture(scope="module")
def log(
    installation: Installation, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> str:
    folder = tmp_path_factory.mktemp("addons_own")
    with copy_of_books_with_addon(installation, postgres, folder / "odoo") as odoo:
        return odoo.run_tests(TAGS, libraries=libraries(folder))


def libraries(folder: Path) -> Path:
    """A folder with the helper alone: the rest of what is installed here is of another Python."""
    found = importlib.util.find_spec(HELPER)
    assert found is not None
    assert found.submodule_search_locations
    only = folder / "libraries"
    only.mkdir()
    (only / HELPER).symlink_to(found.submodule_search_locations[0])
    return only


def written_tests() -> set[str]:
    return {
        f"{each.name}.{test.name}"
        for path in FILES
        for each in ast.parse(path.read_text()).body
        if isinstance(each, ast.ClassDef)
        for test in each.body
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_")
    }


def test_every_test_ran_and_none_failed(log: str) -> None:
    written = written_tests()

    assert FAILED.findall(log) == []
    assert set(STARTED.findall(log)) == written
    assert ENDED.findall(log) == [str(len(written))]
    assert len(written) > 30
    assert not re.search(r" ERROR \S+ odoo\.addons\.monitr_connector|skipped", log)
