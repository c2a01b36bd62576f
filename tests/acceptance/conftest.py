"""Two finished runs that the acceptance tests share; a test that spoils one copies it first."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.acceptance.command import QUICKSTART, WEEK, Said, coplan, run


@pytest.fixture(scope="session")
def said(tmp_path_factory: pytest.TempPathFactory) -> tuple[Said, Path]:
    """The quickstart on its first 720 hours, with the report in both languages."""
    folder = tmp_path_factory.mktemp("acceptance") / "quickstart"
    found = coplan("run", QUICKSTART, "--out", folder, "--set", "options.hours=720")
    assert found.code == 0, found.err
    return found, folder


@pytest.fixture(scope="session")
def done(said: tuple[Said, Path]) -> Path:
    """The folder of that run; nothing may change it."""
    return said[1]


@pytest.fixture(scope="session")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A smaller finished run, without a report, for tests that copy and spoil it."""
    folder = tmp_path_factory.mktemp("acceptance") / "week"
    found = run("quickstart", folder, *WEEK, hours=168)
    assert found.code == 0, found.err
    return folder


@pytest.fixture
def copy(week: Path, tmp_path: Path) -> Path:
    """A copy of the smaller run that a test may spoil."""
    return Path(shutil.copytree(week, tmp_path / "week"))
