"""Finished runs that belong to no study, compared as the variants of a study are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import xarray as xr

from coplan.folders import Replacing, mend
from coplan.run import COMPARED, read_json, refuse_strange_folder, unchanged
from coplan.scenario.yaml_reader import Node, read_yaml
from coplan.study import differences
from coplan.study.gather import (
    Compared,
    Drawing,
    draw,
    side_by_side,
    write_comparison_files,
)
from coplan.study.variant import BASE, Variant

if TYPE_CHECKING:
    from coplan.report.house import HouseStyle


def compare_folders(
    folders: Sequence[Path], out: Path, languages: Sequence[str] = ("zh", "en"),
    house: HouseStyle | None = None,
) -> Path:  # fmt: skip
    """Write the comparison of several finished runs into `out`; changes are against the first."""
    found = [unchanged(Path(folder), COMPARED) for folder in folders]
    mend(out)
    refuse_strange_folder(Path(out), "comparison.csv")
    data = loose_runs(found)
    with Replacing(Path(out)) as made:
        write_comparison_files(data, made)
        draw(Drawing(made, tuple(languages), house))
    return Path(out)


def loose_runs(folders: Sequence[Path]) -> xr.Dataset:
    """The comparison (see `coplan.study.gather`) of finished runs, named by their folders."""
    names = _names(folders)
    documents = [_documents(folder / "inputs") for folder in folders]
    settings = differences.of_documents(documents)
    each = [
        Compared(Variant(name, name, name, BASE if i == 0 else "run"), "",
                 str(read_json(folder / "kpis.json")["status"]), "", folder, settings[i])
        for i, (name, folder) in enumerate(zip(names, folders, strict=True))
    ]  # fmt: skip
    data = side_by_side(each)
    return data.assign_attrs(study="", title_zh="方案比选", title_en="Comparison of plans",
                             base=names[0])  # fmt: skip


def _documents(inputs: Path) -> dict[str, Node]:
    """Scenario and cards as a run kept them, by "scenario" or "kind/id"."""
    cards = sorted((inputs / "models").rglob("*.yaml"))
    return {"scenario": read_yaml(inputs / "scenario.yaml")} | {
        path.relative_to(inputs / "models").with_suffix("").as_posix(): read_yaml(path)
        for path in cards
    }


def _names(folders: Sequence[Path]) -> list[str]:
    """Names of the folders; with as many of those above as tell them from one another."""
    parts = [folder.resolve().parts for folder in folders]
    for length in range(1, max(map(len, parts)) + 1):
        names = ["/".join(one[-length:]) for one in parts]
        if len(set(names)) == len(names):
            return names
    return [f"{number} {folder.name}" for number, folder in enumerate(folders, start=1)]
