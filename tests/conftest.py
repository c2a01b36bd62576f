"""Settings of every test, and the scoreboard that the tests of tests/trust write."""

from __future__ import annotations

import gc
import os
from typing import Any

import pytest
from hypothesis import settings

from tests.trust.scoreboard import Trials, lines_of, scores_of

# a loaded machine is no fault of the code; a submission is judged on the same examples every time
settings.register_profile("coplan", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("coplan")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full`: the rows of tests/trust try all their cases instead of a sample."""
    parser.addoption("--full", action="store_true", help="rows of tests/trust at full size")


def pytest_configure(config: pytest.Config) -> None:
    """At full size the longer rows are tried as well."""
    if config.getoption("--full") and config.option.markexpr == "not slow":
        config.option.markexpr = ""


def pytest_collection_finish() -> None:
    """Garbage is looked for less often, and not among what was imported: a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture
def trials(request: pytest.FixtureRequest, record_property: Any) -> Trials:
    """How many cases a row of the scoreboard tries in this run, and where it writes its line."""
    return Trials(request.config.getoption("--full"), record_property)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the scoreboard when any of its rows was run."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, [])]
    lines = lines_of(scores_of(reports))
    if lines:
        terminalreporter.section("scoreboard of trust")
        for line in lines:
            terminalreporter.write_line(line)
