"""What scenarios differ in, as dotted keys with a value for each: only keys that are not alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from coplan.scenario.provenance import flow_text, is_provenance
from coplan.scenario.yaml_reader import Node
from coplan.study.expand import said
from coplan.study.reader import Study

NOT_COMPARED = ("id", "title", "note", "options.near_optimal", "options.threads")
"""Keys that only name a scenario, or that the study itself sets for every variant."""


def of_study(study: Study) -> list[dict[str, str]]:
    """Dotted key → value for every variant, of the keys that some variant changes."""
    changed = [
        dict(pair for one in variant.settings for pair in flat(one.value, one.key))
        for variant in study.variants
    ]  # fmt: skip
    keys = list(dict.fromkeys(key for one in changed for key in one))
    spec = study.base.spec.model_dump(mode="json")
    base = {key: _shown(said(key, study.base.documents)) or _default(key, spec) for key in keys}
    return differing([base | one for one in changed])


def of_documents(found: Sequence[Mapping[str, Node]]) -> list[dict[str, str]]:
    """The same of scenarios as they were read: scenario and cards, "cards.kind/id.key"."""
    return differing([
        dict(pair for name, node in documents.items()
             for pair in flat(node, "" if name == "scenario" else f"cards.{name}"))
        for documents in found
    ])  # fmt: skip


def differing(found: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Only the keys in which they differ; "" where one does not have a key."""
    keys = [
        key for key in dict.fromkeys(key for one in found for key in one)
        if not any(key == name or key.startswith(f"{name}.") for name in NOT_COMPARED)
        and len({one.get(key, "") for one in found}) > 1
    ]  # fmt: skip
    return [{key: one.get(key, "") for key in keys} for one in found]


def flat(node: Node, key: str) -> Iterator[tuple[str, str]]:
    """Every value below a node with its dotted key; a list is one value."""
    if is_provenance(node):
        yield from flat(node.content["value"], key)
    elif isinstance(node.content, dict):
        for name, value in node.content.items():
            yield from flat(value, f"{key}.{name}" if key else name)
    else:
        yield key, _shown(node)


def _default(key: str, spec: Mapping[str, Any]) -> str:
    """What holds in a scenario that says nothing under a key; "" for a card's own."""
    found: Any = spec
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return "" if found is None or isinstance(found, (dict, list)) else _shown(Node(str(found)))


def _shown(node: Node | None) -> str:
    """A value as text; numbers that are equal are written alike."""
    if node is None or node.content is None:
        return ""
    if is_provenance(node):
        return _shown(node.content["value"])
    text = flow_text(node)
    try:
        return f"{float(text):.10g}"
    except ValueError:
        return text
