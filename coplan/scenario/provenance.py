"""Where a number comes from: `{value: 4500, source: "W36", confidence: published}`.

Such a mapping may stand wherever a plain value may. It is replaced by its value before the value
is checked, and recorded so that the report can list every assumption that was used. Source and
note are one text, or `{zh: ..., en: ...}` for a reader of each language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coplan.errors import Problem
from coplan.scenario.yaml_reader import Node

CONFIDENCES = ("measured", "published", "derived", "assumed")
_MARKS = frozenset({"source", "confidence"})
_KEYS = _MARKS | {"value", "note"}
LANGUAGES = ("zh", "en")
MAX_TEXT = 1000

Text = str | dict[str, str]
"""One text for all readers, or a Chinese and an English one under zh and en."""


@dataclass(frozen=True)
class Assumption:
    """A value of a card or scenario together with where it comes from."""

    card: str
    key: str
    value: str
    unit: str = ""
    source: Text = ""
    confidence: str = ""
    note: Text = ""


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
    value = flow_text(node.content["value"])
    confidence = node.get("confidence")
    word = str(confidence.content or "") if confidence is not None else ""
    source, note = _text(node.get("source")), _text(node.get("note"))
    return Assumption(card, ".".join(path), value, "", source, word, note)


def _text(node: Node | None) -> Text:
    """What a source or a note says; empty where it says nothing that can be shown."""
    content = node.content if node is not None else None
    if isinstance(content, dict):
        texts = {key: str(item.content or "") for key, item in content.items()}
        return texts if set(texts) == set(LANGUAGES) else ""
    return content if isinstance(content, str) else ""


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
        pair = found.content if isinstance(found.content, dict) else None
        if pair is not None and set(pair) != set(LANGUAGES):
            refuse(key, found, "must be one text or have the two keys zh and en")
            continue
        for text in [found] if pair is None else list(pair.values()):
            if not isinstance(text.content, str) or not text.content.strip():
                refuse(key, text, "must be text that says where the value comes from")
            elif len(text.content) > MAX_TEXT:
                refuse(key, text, f"must be at most {MAX_TEXT} characters long")
    confidence = node.get("confidence")
    if confidence is not None and confidence.content not in CONFIDENCES:
        refuse("confidence", confidence, "must be one of " + ", ".join(CONFIDENCES))
    return problems
