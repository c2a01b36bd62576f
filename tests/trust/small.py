"""A project of one campus over one day, in a folder of its own, that a row may spoil."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

from coplan.dataset.files import data_files_used
from coplan.scenario.merge import apply_overrides
from coplan.scenario.reader import Scenario, read_scenario
from coplan.scenario.yaml_reader import Node, read_yaml, write_yaml
from tests.acceptance.command import QUICKSTART

DAY = (
    "options.hours=24", "options.threads=1", "targets.green_share.value=0.2",
    "policies=[hub-green-2024]",
    "cards.policies/hub-green-2024.clauses.green-80.targets.green_share.value=0.2",
)  # fmt: skip
"""One day, in which about 27 % can be green, under a pack of policies."""
SMALL = "scenarios/small.yaml"
SYSTEM = "models/systems/zhangbei-campus.yaml"


@cache
def quickstart() -> Scenario:
    """What the project is made of."""
    return read_scenario(QUICKSTART, DAY)


def write_project(folder: Path, change: Callable[[str, str], str] | None = None) -> Path:
    """Write the project below `folder`; returns its scenario file.

    `change(key, text)` gives every text of the scenario and its cards by the key it stands under.
    """
    given = quickstart()
    for source in data_files_used(given):
        copied(source, folder / source.relative_to(given.root))
    for source in given.files:
        node = read_yaml(source)
        name = source.absolute().relative_to(given.root)
        if source.absolute() == QUICKSTART:
            node, name = apply_overrides(node, (*DAY, "id=small")), Path(SMALL)
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        changed = node if change is None else _changed(node, "", change)
        place.write_text(write_yaml(changed), encoding="utf-8")
    return folder / SMALL


def copied(source: Path, target: Path) -> Path:
    """A copy of a file below folders that are made for it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(source, target))


def _changed(node: Node, key: str, change: Callable[[str, str], str]) -> Node:
    if isinstance(node.content, dict):
        is_pair = key in ("source", "note") and set(node.content) <= {"zh", "en"}
        return node.with_content({
            name: _changed(value, key if is_pair else name, change)
            for name, value in node.content.items()
        })  # fmt: skip
    if isinstance(node.content, list):
        return node.with_content([_changed(value, key, change) for value in node.content])
    if not isinstance(node.content, str):
        return node
    new = change(key, node.content)
    return node if new == node.content else Node(new, node.place, node.key_place, True)


def replaced(path: Path, old: str, new: str) -> None:
    """Replace a text that must stand in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text, (path, old)
    path.write_text(text.replace(old, new), encoding="utf-8")
