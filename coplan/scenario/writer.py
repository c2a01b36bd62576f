"""Writes a scenario with its cards so that reading it back gives the same scenario."""

from __future__ import annotations

import shutil
from pathlib import Path

from coplan.scenario.reader import Scenario, data_files
from coplan.scenario.yaml_reader import Node, write_yaml

EPW_FOLDER = "data/epw"


def write_inputs(scenario: Scenario, folder: str | Path) -> list[Path]:
    """Write scenario.yaml, models/ and the EPW files into `folder`; returns the files written.

    Bases and overrides are applied, sources of values are kept, so that
    `read_scenario(folder / "scenario.yaml", root=folder)` gives an equal Scenario (only the
    paths of EPW files differ). Raises FileExistsError rather than overwrite anything.
    """
    folder = Path(folder)
    written = [
        _copied(source, folder / EPW_FOLDER / f"{site}.epw")
        for site, source in data_files(scenario).items()
    ]
    for name, node in scenario.documents.items():
        path = folder / ("scenario.yaml" if name == "scenario" else f"models/{name}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        if name == "scenario":
            node = _with_copied_epw(node)
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(write_yaml(node))
        written.append(path)
    return written


def _copied(source: Path, target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as original, target.open("xb") as copy:
        shutil.copyfileobj(original, copy)
    return target


def _with_copied_epw(node: Node) -> Node:
    """The scenario with EPW paths that point at the copies."""
    weather = node.get("weather")
    if weather is None or not weather.is_mapping:
        return node
    sites = {}
    for site, entry in weather.content.items():
        epw = entry.content["epw"].with_content(f"{EPW_FOLDER}/{site}.epw")
        sites[site] = entry.with_content(entry.content | {"epw": epw})
    return node.with_content(node.content | {"weather": weather.with_content(sites)})
