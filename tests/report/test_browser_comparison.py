"""The page of a comparison, opened and used in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from coplan.report.studies import write_study_report
from tests.report.browser import LOOKS, WIDTHS, faults, visit
from tests.report.comparison_data import comparison
from tests.sampling import one_in


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the comparison of nine variants, one of which has no plan."""
    place = tmp_path_factory.mktemp("compared")
    write_study_report(comparison(), place)
    return place


def points(page: Page) -> dict[int, tuple[float, float]]:
    """Variant → where its point stands in the chart."""
    found: list[list[Any]] = page.evaluate("""() =>
        [...document.querySelectorAll("#explorer-chart [data-point]")].map(dot =>
            [dot.dataset.point, dot.cx.baseVal.value, dot.cy.baseVal.value])""")
    return {int(number): (x, y) for number, x, y in found}


def rows_shown(page: Page, table: str) -> list[str]:
    """First cells of the rows of a table that can be seen."""
    return page.evaluate("""id => [...document.querySelectorAll(
        `[data-table="${id}"] tbody tr`)].filter(row => row.getClientRects().length)
        .map(row => row.cells[0].textContent.trim())""", table)  # fmt: skip


@pytest.mark.parametrize(("lang", "theme"), one_in(4, LOOKS))
def test_nothing_is_wrong_with_the_page(browser: Browser, folder: Path, lang: str,
                                        theme: str) -> None:  # fmt: skip
    assert faults(browser, folder / f"compare.{lang}.html", theme) == []


@pytest.mark.parametrize("width", one_in(3, WIDTHS))
def test_no_width_makes_the_page_scroll_sideways(browser: Browser, folder: Path,
                                                 width: int) -> None:  # fmt: skip
    with visit(browser, folder / "compare.zh.html", width) as seen:
        assert not seen.has_sideways_scroll()


def test_the_variants_chosen_are_those_of_tables_and_chart(browser: Browser, folder: Path) -> None:
    with visit(browser, folder / "compare.en.html") as seen:
        page = seen.page
        everyone = [f"v{number}" for number in range(9)]
        assert rows_shown(page, "costs") == everyone
        assert sorted(points(page)) == list(range(8))  # the last has no plan
        page.get_by_label("v3", exact=True).first.uncheck()
        assert rows_shown(page, "costs") == [one for one in everyone if one != "v3"]
        assert rows_shown(page, "clauses") == [one for one in everyone if one != "v3"]
        assert 3 not in points(page)
        page.get_by_role("button", name="The base alone").click()
        assert rows_shown(page, "costs") == ["v0"]
        assert list(points(page)) == [0]
        page.get_by_role("button", name="All", exact=True).click()
        assert rows_shown(page, "costs") == everyone
        assert seen.console == []
        assert len(seen.requests) == 1


@pytest.mark.slow
def test_the_chart_takes_other_axes_and_zooms(browser: Browser, folder: Path) -> None:
    with visit(browser, folder / "compare.en.html") as seen:
        page = seen.page
        before = points(page)
        page.locator("#explorer-x").select_option("carbon_t_location")
        after = points(page)
        assert before != after
        # v0 to v7 emit less from one to the next: further to the left
        across = [after[number][0] for number in sorted(after)]
        assert across == sorted(across, reverse=True)
        page.locator("#explorer-chart").focus()
        page.keyboard.press("+")
        near = points(page)
        assert 0 < len(near) < len(after)
        kept = sorted(near)
        assert abs(near[kept[0]][0] - near[kept[-1]][0]) > 1.9 * abs(
            after[kept[0]][0] - after[kept[-1]][0]
        )
        page.keyboard.press("ArrowRight")
        assert points(page) != near
        page.keyboard.press("0")
        assert points(page) == after
        page.locator('[data-point="3"]').hover()
        assert "v3" in page.locator("#explorer-said").inner_text()
        assert "420" in page.locator("#explorer-said").inner_text()


@pytest.mark.slow
def test_a_table_is_sorted_and_filtered_beside_the_choice(browser: Browser, folder: Path) -> None:
    with visit(browser, folder / "compare.en.html") as seen:
        page = seen.page
        page.get_by_label("v3", exact=True).first.uncheck()
        page.locator('[data-table="costs"] thead button').nth(2).click()
        found = rows_shown(page, "costs")
        assert found[0] == "v1"  # 490, now that the 420 of v3 is out of sight
        assert "v3" not in found


@pytest.mark.slow
def test_without_scripts_all_variants_are_listed(browser: Browser, folder: Path) -> None:
    path = folder / "compare.en.html"
    with visit(browser, path, java_script_enabled=False) as seen:
        assert seen.page.locator('[data-table="costs"] tbody tr').count() == 9
        assert not seen.page.locator(".explorer").is_visible()
