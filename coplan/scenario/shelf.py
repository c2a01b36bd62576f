"""What reading one scenario leaves for the next that names the same files: variants of a study."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from coplan.elements.card import Card
from coplan.scenario.provenance import Assumption
from coplan.scenario.shapes import Mention
from coplan.scenario.yaml_reader import Node, read_yaml


@dataclass(frozen=True)
class ReadCard:
    """A card as read; a shelf keeps those that no scenario changes and that have no problem."""

    path: Path
    node: Node
    card: Card | None
    """None where it is wrong."""
    assumptions: tuple[Assumption, ...]
    mentions: tuple[Mention, ...]
    """The cards it names."""


@dataclass
class Shelf:
    """Files and cards as they were when they were read first; one shelf serves one project."""

    cards: dict[str, ReadCard] = field(default_factory=dict)
    """By "kind/id"."""
    _nodes: dict[Path, Node] = field(default_factory=dict)

    def yaml(self, path: Path) -> Node:
        """The file as read by `read_yaml`, which refuses what is no YAML."""
        if path not in self._nodes:
            self._nodes[path] = read_yaml(path)
        return self._nodes[path]
