"""Where a number comes from: `{value: 4500, source: "W36", confidence: published}`.

Such a mapping may stand wherever a plain value may. It is replaced by its value before the value
is checked, and recorded so that the report can list every assumption that was used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coplan.errors import Problem
from coplan.scenario.yaml_reader import Node

CONFIDENCES = ("measured", "published", "derived", "assumed")
_MARKS = frozenset({"source", "confidence"})
_KEYS = _MARKS | {"value", "note"}
MAX_TEXT = 1000


@dataclass(frozen=True)
class Assumption:
    """A value of a card or scenario together with where it comes from."""

    card: str
    key: str
    value: str
    unit: str = ""
    source: str = ""
    confidence: str = ""
    note: str = ""


def is_provenance(node: Node) -> bool:
    """True for a mapping of `value` with a source or a confidence and at most a note."""
    content = node.content
    if not isinstance(content, dict) or "value" not in content:
        return False
    return _KEYS.issuperset(content) and not _MARKS.isdisjoint(content)


def strip(
    node: Node, card: str, skip: frozenset[str] = frozenset()
) -> tuple[Node, list[Assumption], list[Problem]]:
    """Replace every provenance mapping by its value and record it for `card`.

    Keys of the top level in `skip` are left as they are.
    """
    assumptions: list[Assumption] = []
    problems: list[Problem] = []

    def stripped(node: Node, path: tuple[str, ...]) -> Node:
        if is_provenance(node):
            problems.extend(_problems(node, path))
            assumptions.append(_assumption(node, card, path))
            value = node.content["value"]
            return stripped(Node(value.content, value.place, node.key_place, value.quoted), path)
        if isinstance(node.content, dict):
            return node.with_content(
                {
                    key: value if not path and key in skip else stripped(value, (*path, key))
                    for key, value in node.content.items()
                }
            )
        if isinstance(node.content, list):
            items = enumerate(node.content)
            return node.with_content([stripped(value, (*path, str(i))) for i, value in items])
        return node

    return stripped(node, ()), assumptions, problems


def flow_text(node: Node) -> str:
    """A value on one line, as it would stand in a flow mapping."""
    if isinstance(node.content, dict):
        pairs = (f"{key}: {flow_text(value)}" for key, value in node.content.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(node.content, list):
        return "[" + ", ".join(flow_text(value) for value in node.content) + "]"
    return "null" if node.content is None else str(node.content)


def _assumption(node: Node, card: str, path: tuple[str, ...]) -> Assumption:
    def text(key: str) -> str:
        found = node.get(key)
        return found.content if found is not None and isinstance(found.content, str) else ""

    value = flow_text(node.content["value"])
    key = ".".join(path)
    return Assumption(card, key, value, "", text("source"), text("confidence"), text("note"))


def _problems(node: Node, path: tuple[str, ...]) -> list[Problem]:
    problems = []

    def refuse(key: str, found: Any, message: str) -> None:
        place = found.key_place or found.place
        value = "" if found.content is None else flow_text(found)[:60]
        problems.append(Problem(message, place.file, place.line, ".".join((*path, key)), value))

    for key in ("source", "note"):
        found = node.get(key)
        if found is None:
            continue
        if not isinstance(found.content, str) or not found.content.strip():
            refuse(key, found, "must be text that says where the value comes from")
        elif len(found.content) > MAX_TEXT:
            refuse(key, found, f"must be at most {MAX_TEXT} characters long")
    confidence = node.get("confidence")
    if confidence is not None and confidence.content not in CONFIDENCES:
        refuse("confidence", confidence, "must be one of " + ", ".join(CONFIDENCES))
    return problems
