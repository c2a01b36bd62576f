"""One rendered report for the tests that only look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from coplan.report import write_report
from tests.report.fake_plan import fake_audit, fake_kpis, fake_plan


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the report of an ordinary one-site plan, in both languages."""
    folder = tmp_path_factory.mktemp("report")
    plan = fake_plan()
    write_report(plan, fake_kpis(plan), fake_audit(), folder)
    return folder
