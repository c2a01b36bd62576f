"""A real browser for the tests that drive a page: found where it is installed, never downloaded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
         "microsoft-edge", "msedge")  # fmt: skip
LOOKS = [("zh", "light"), ("en", "dark"), ("zh", "dark"), ("en", "light")]
"""Language and theme of a page."""
WIDTHS = (390, 900, 1440)
"""A phone, a tablet, a screen."""
CHANNELS = ("chrome", "msedge")
"""Where Playwright itself knows the installed Chrome and Edge of Windows, macOS and Linux."""


def launched(playwright: Playwright) -> Browser:
    """The system's own Chromium, Chrome or Edge; skips the test where there is none."""
    found = (shutil.which(name) for name in NAMES)
    choices: list[dict[str, Any]] = [{"executable_path": path} for path in found if path]
    choices += [{"channel": channel} for channel in CHANNELS]
    for choice in choices:
        try:  # no sandbox: a container's root may not use Chromium's own
            return playwright.chromium.launch(args=["--no-sandbox"], **choice)
        except Error:
            continue
    pytest.skip("no Chromium, Chrome or Edge is installed on this machine")


@dataclass
class Visit:
    """One opened page with everything it said and asked for."""

    page: Page
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def complaints(self) -> list[str]:
        """What axe-core objects to, as "rule: element"."""
        found = Axe().run(self.page).response["violations"]
        return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]

    def has_sideways_scroll(self) -> bool:
        """Whether the page as a whole is wider than its window."""
        return bool(self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        ))  # fmt: skip


@contextmanager
def visit(browser: Browser, path: Path, width: int = 1440, theme: str = "light",
          **options: Any) -> Iterator[Visit]:  # fmt: skip
    """Opens a file of the disk; leaves when nothing loads any more and the fonts are there."""
    context = browser.new_context(viewport={"width": width, "height": 900},
                                  color_scheme=theme, **options)  # fmt: skip
    try:
        seen = Visit(context.new_page())
        seen.page.on("console", lambda message: seen.console.append(message.text)
                     if message.type in ("error", "warning") else None)  # fmt: skip
        seen.page.on("pageerror", lambda error: seen.console.append(str(error)))
        seen.page.on("request", lambda asked: seen.requests.append(asked.url))
        seen.page.goto(path.as_uri())
        seen.page.evaluate("document.fonts.ready.then(() => true)")
        if options.get("java_script_enabled", True) and seen.page.locator("#year-chart").count():
            seen.page.wait_for_selector("#year-chart[data-ready]", state="attached")
        yield seen
    finally:
        context.close()


def faults(browser: Browser, path: Path, theme: str) -> list[str]:
    """Whatever is wrong with a page that is only opened: complaints, console, other requests."""
    with visit(browser, path, theme=theme) as seen:
        more = [url for url in seen.requests if url != path.as_uri()]
        return [*seen.complaints(), *seen.console, *more]
