"""What this machine could not run: said in one line each, an error in CI.

A pytest plugin; `tests/conftest.py` names it in `pytest_plugins`.
"""

import os
from typing import NoReturn

import pytest

MARK = "left out: "


def left_out(part: str, what_would_bring_it: str) -> NoReturn:
    """Skip every test that needs `part`, loudly; fail them in CI (environment variable CI=true).

    Call it from a fixture or at the top of a test module, for instance
    `left_out("Odoo 14", "a Debian mirror that still has bullseye")`.
    """
    sentence = f"{MARK}{part}; it needs {what_would_bring_it}"
    if os.environ.get("CI") == "true":
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence, allow_module_level=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each part left out, however many tests needed it."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = [report.longrepr[2].removeprefix("Skipped: ") for report in skipped]
    for reason in dict.fromkeys(reasons):
        if reason.startswith(MARK):
            terminalreporter.write_line(reason, yellow=True)
