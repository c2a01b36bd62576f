"""One study that its tests share; a test that spoils a folder copies it first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.command import Said, coplan
from tests.study.world import LADDER, write_study


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study's file."""
    return write_study(tmp_path_factory.mktemp("study"), LADDER)


@pytest.fixture(scope="session")
def done(study: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Said, Path]:
    """The study run by two workers without a disturbance."""
    folder = tmp_path_factory.mktemp("done") / "out"
    return coplan("study", study, "--out", folder, "--workers", 2), folder
