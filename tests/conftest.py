"""What every test may use. Parts with fixtures of their own are plugins, named here."""

import gc
from collections.abc import Generator

import pytest
from hypothesis import settings

pytest_plugins = ["tests.left_out", "tests.postgres", "tests.odoo.fixtures"]

# How long an example takes says more about the machine than about the code.
settings.register_profile("monitr", deadline=None)
settings.load_profile("monitr")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported stays: garbage is looked for among what tests make, not in it too."""
    gc.disable()
    collected = yield
    gc.freeze()
    gc.enable()
    return collected
