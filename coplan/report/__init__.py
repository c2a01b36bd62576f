"""The study report: one language-neutral model, rendered to HTML, PDF and figures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

    from coplan.report.house import HouseStyle


def write_report(
    plan: xr.Dataset, kpis: dict[str, Any], audit: dict[str, Any], folder: str | Path,
    languages: Iterable[str] = ("zh", "en"), house: HouseStyle | None = None,
    with_workbook: bool = False, packs: Iterable[str] = (),
) -> None:  # fmt: skip
    """Write report.<lang>.html, report.<lang>.pdf and figures/ of one plan into `folder`.

    `kpis` are those of kpis.json, `audit` the verifier's record. With a workbook also
    report.<lang>.xlsx; with packs these are written in place of the ordinary report, as
    report-<pack>.<lang>.html and .pdf.
    Raises CatalogueError for an unknown language, InputError for an unknown pack.
    """
    from coplan.report import writer  # matplotlib, bokeh and typst load only when needed

    writer.write_report(plan, kpis, audit, folder, languages, house, with_workbook, packs)


def write_study_report(
    data: xr.Dataset, folder: str | Path, languages: Iterable[str] = ("zh", "en"),
    house: HouseStyle | None = None,
) -> None:  # fmt: skip
    """Write compare.<lang>.html, compare.<lang>.pdf and figures/ of a study into `folder`.

    `data` is the comparison of coplan.study: key figures, sizes and clauses over `variant`.
    """
    from coplan.report import studies

    studies.write_study_report(data, folder, languages, house)


__all__ = ["write_report", "write_study_report"]
