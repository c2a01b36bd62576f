"""A scenario on top of another one, and single keys set from the command line or by a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coplan.errors import InputError, Problem
from coplan.scenario.provenance import is_provenance
from coplan.scenario.yaml_reader import Node, Place, parse_yaml


@dataclass(frozen=True)
class Setting:
    """A dotted key of a scenario and its new value, which knows the file it was written in."""

    key: str
    value: Node


def merge(base: Node, over: Node) -> Node:
    """`over` on top of `base`: mappings key by key, anything else replaces.

    A new value replaces an old one together with its source, since the old source says nothing
    about the new value.
    """
    if is_provenance(over):
        return over
    if is_provenance(base):
        base = base.content["value"]
        if isinstance(over.content, dict) and list(over.content) == ["value"]:
            return over.content["value"]
    if not isinstance(base.content, dict) or not isinstance(over.content, dict):
        return over
    merged = dict(base.content)
    for key, value in over.content.items():
        merged[key] = merge(merged[key], value) if key in merged else value
    return base.with_content(merged)


def apply_overrides(node: Node, overrides: Sequence[str | Setting]) -> Node:
    """Apply `key=value` texts and settings in order.

    Raises InputError with every one that cannot be read.
    """
    problems: list[Problem] = []
    for one in overrides:
        try:
            setting = one if isinstance(one, Setting) else _read(one)
            node = merge(node, _as_node(setting, node))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return node


def _read(text: str) -> Setting:
    """The setting that `key=value` means, its place being the text itself."""
    name = f"--set {text}"
    key, equals, value = text.partition("=")
    if not equals or not all(part.strip() for part in key.split(".")):
        message = "must be written as key=value, such as targets.green_share.value=0.9"
        raise InputError(Problem(message, name))
    return Setting(key, moved(_value(value, name, key), Place(name)))


def _as_node(setting: Setting, scenario: Node) -> Node:
    """`a.b` set to 1 as the mapping {a: {b: 1}}, every level at the place of the value."""
    place = setting.value.key_place or setting.value.place
    parts = [part.strip() for part in setting.key.split(".")]
    if not all(parts):
        message = "must be a dotted key of the scenario, such as targets.green_share.value"
        raise InputError(Problem(message, place.file, place.line, setting.key))
    if _is_list(scenario, parts[:-1]):
        message = "a list is set as a whole, such as periods=[2027, 2030]"
        raise InputError(Problem(message, place.file, place.line, setting.key))
    node = setting.value
    for part in reversed(parts):
        node = Node({part: node}, place, place)
    return node


def _is_list(node: Node, path: Sequence[str]) -> bool:
    """Whether the scenario itself holds a list there; years may be keys of a mapping."""
    found: Node | None = node
    for part in path:
        found = found.get(part) if found is not None else None
    return found is not None and isinstance(found.content, list)


def _value(text: str, name: str, key: str) -> Node:
    if not text.strip():
        return Node(None)
    try:
        node = parse_yaml(text.strip(), name)
    except InputError as error:
        found = [Problem(p.message, name, None, p.key or key, text) for p in error.problems]
        raise InputError(found) from error
    if not isinstance(node.content, (str, type(None))) and text.strip()[0] not in "[{":
        message = 'write a list as [a, b], a mapping as {a: 1}, text with a colon in "quotes"'
        raise InputError(Problem(message, name, None, key, text))
    return node


def moved(node: Node, place: Place) -> Node:
    """The same value, standing at another place."""
    content = node.content
    if isinstance(content, dict):
        content = {key: moved(value, place) for key, value in content.items()}
    elif isinstance(content, list):
        content = [moved(value, place) for value in content]
    return Node(content, place, place, node.quoted)
