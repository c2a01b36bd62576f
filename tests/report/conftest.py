"""One rendered report for the tests that only look at it, and a browser for those that use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coplan.report import write_report
from tests.report.fake_plan import fake_audit, fake_kpis, fake_plan

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the report of an ordinary one-site plan, in both languages."""
    folder = tmp_path_factory.mktemp("report")
    plan = fake_plan()
    write_report(plan, fake_kpis(plan), fake_audit(), folder)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of this machine, without a window; closed after the file's last test."""
    from playwright.sync_api import sync_playwright

    from tests.report.browser import launched

    with sync_playwright() as playwright:
        running = launched(playwright)
        yield running
        running.close()
