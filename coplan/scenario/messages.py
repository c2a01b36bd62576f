"""Turns what pydantic says into sentences a planner understands, each with file, line and key."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterable
from typing import Any

import pydantic

from coplan.errors import Problem
from coplan.scenario import shapes
from coplan.scenario.provenance import flow_text
from coplan.scenario.shapes import Shape
from coplan.scenario.yaml_reader import MAX_PROBLEMS, Node

MAX_VALUE = 60
MAX_LISTED = 12


def problem_at(node: Node, path: shapes.Path, message: str, prefix: str = "") -> Problem:
    """A problem located at `path` below `node`, or at the nearest place above it that exists."""
    key_parts = [str(part) for part in path]
    found = node
    for depth, part in enumerate(path):
        child = _child(found, part)
        if child is None:
            place = found.key_place or found.place
            return Problem(message, place.file, place.line, _key(prefix, key_parts[: depth + 1]))
        found = child
    place = found.key_place or found.place
    value = shown(found) if path else ""  # a whole file is no value
    return Problem(message, place.file, place.line, _key(prefix, key_parts), value)


def validation_problems(
    error: pydantic.ValidationError, node: Node, model: type[pydantic.BaseModel]
) -> list[tuple[shapes.Path, Problem]]:
    """One problem for each place of a file that pydantic refuses, with its path in the file.

    After MAX_PROBLEMS places the rest is left out: nobody mends more at a time.
    """
    messages: dict[shapes.Path, list[str]] = {}
    for detail in error.errors(include_url=False, include_input=False):
        path, is_key = _path_in_file(tuple(detail["loc"]), node, detail["type"])
        if len(messages) >= MAX_PROBLEMS and path not in messages:
            break
        message = _sentence(dict(detail), path, is_key, node, model)
        known = messages.setdefault(path, [])
        if message not in known:
            known.append(message)
    return [(path, problem_at(node, path, ", or ".join(texts))) for path, texts in messages.items()]


def near(word: str, known: Iterable[str]) -> str:
    """A hint: the nearest known words, else the known words, else nothing."""
    words = list(dict.fromkeys(known))
    close = difflib.get_close_matches(word[:100], words, n=3, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(close) + "?"
    if not words:
        return ""
    more = f" and {len(words) - MAX_LISTED} more" if len(words) > MAX_LISTED else ""
    return "known are " + ", ".join(words[:MAX_LISTED]) + more


def shown(node: Node) -> str:
    """The value as a message shows it: short, on one line."""
    if node.content is None:
        return "nothing"
    text = flow_text(node)
    return text if len(text) <= MAX_VALUE else text[:MAX_VALUE] + "..."


def _child(node: Node, part: str | int) -> Node | None:
    if isinstance(node.content, list):
        inside = isinstance(part, int) and 0 <= part < len(node.content)
        return node.content[int(part)] if inside else None
    return node.get(str(part))


def _key(prefix: str, parts: list[str]) -> str:
    return ".".join([prefix, *parts] if prefix else parts)


def _path_in_file(loc: tuple, node: Node, kind: str) -> tuple[shapes.Path, bool]:
    """Drop what pydantic adds to a location (names of alternatives); tell if a key is meant."""
    path: list[str | int] = []
    for position, part in enumerate(loc):
        if part == "[key]":
            return tuple(path), True
        child = _child(node, part)
        last = position == len(loc) - 1
        if child is not None:
            path.append(part)
            node = child
        elif last and kind in ("missing", "extra_forbidden"):
            path.append(part)
    return tuple(path), False


def _sentence(
    detail: dict[str, Any],
    path: shapes.Path,
    is_key: bool,
    node: Node,
    model: type[pydantic.BaseModel],
) -> str:
    kind: str = detail["type"]
    parent, allowed = shapes.at(model, path[:-1]), shapes.at(model, path)
    if kind == "extra_forbidden":
        return f"unknown key; {near(str(path[-1]), shapes.valid_keys(parent))}"
    if kind == "missing" and isinstance(path[-1], int):
        return f"must have at least {path[-1] + 1} entries"
    if kind == "missing":
        return "this key is required" + _manual(parent, str(path[-1]))
    if is_key:
        keys = [shape for one in parent for shape in one.keys]
        return f"this key {_expected(keys, detail)}"
    found: Node | None = node
    for part in path:
        found = _child(found, part) if found is not None else None
    if found is not None and found.content is None and kind != "value_error":
        return f"has no value; it {_expected(allowed, detail)}, or remove the key"
    return _expected(allowed, detail)


def _manual(parent: list[Shape], name: str) -> str:
    for shape in parent:
        field = shape.model.model_fields.get(name) if shape.model is not None else None
        if field is not None and field.description:
            return f" ({field.description.strip().rstrip('.')})"
    return ""


def _expected(allowed: list[Shape], detail: dict[str, Any]) -> str:
    kind: str = detail["type"]
    context: dict[str, Any] = detail.get("ctx", {})
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", detail["msg"]))
    if kind in ("too_short", "too_long", "string_too_short", "string_too_long"):
        return _length(kind, context)
    if kind == "finite_number":
        return "must be a finite number" + _range(allowed)
    sentences = [_must_be(shape) for shape in allowed if shape.kind is not type(None)]
    sentences = [text for text in dict.fromkeys(sentences) if text]
    return "must be " + ", or ".join(sentences) if sentences else str(detail["msg"])


def _length(kind: str, context: dict[str, Any]) -> str:
    what = "characters" if kind.startswith("string") else "entries"
    if kind.endswith("short"):
        least = context["min_length"]
        return "must not be empty" if least == 1 else f"must have at least {least} {what}"
    return f"must have at most {context['max_length']} {what}"


def _must_be(shape: Shape) -> str:
    words = shapes.choices([shape])
    if words:
        return ("one of " if len(words) > 1 else "") + ", ".join(words)
    if shape.kind is bool:
        return "true or false"
    if shape.kind is int:
        return "a whole number" + _range([shape])
    if shape.kind is float:
        unit = shape.unit
        in_unit = f" in {unit}" if unit and unit != "dimensionless" else ""
        return f"a number{in_unit}" + _range([shape])
    if shape.kind is datetime.date:
        return "a date such as 2026-01-31"
    if shape.kind is list:
        return "a list such as [a, b]"
    if shape.kind is dict:
        keys = shapes.valid_keys([shape])
        return "a mapping " + (f"with the keys {', '.join(keys)}" if keys else "of keys and values")
    if shape.kind is str:
        slug = any("a-z0-9" in str(getattr(mark, "pattern", "")) for mark in shape.marks)
        return "an id of small letters, digits, - and _, at most 80 characters" if slug else "text"
    return ""


def _range(allowed: list[Shape]) -> str:
    for shape in allowed:
        least, over = shape.limit("ge"), shape.limit("gt")
        most, under = shape.limit("le"), shape.limit("lt")
        parts = [
            f"{words} {limit:g}"
            for words, limit in (("at least", least), ("more than", over), ("at most", most),
                                 ("less than", under))
            if limit is not None
        ]  # fmt: skip
        if parts:
            return f", {' and '.join(parts)}"
    return ""
