"""What a pydantic class allows at a place of a file: keys, entries, units, limits, references."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pydantic
from pydantic.fields import FieldInfo

from coplan.elements.card import CardKind
from coplan.scenario.yaml_reader import Node

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Shape:
    """One thing that may stand somewhere.

    `kind` is the type itself for a single value, else `dict` or `list`; `model` is set for a
    mapping with fixed keys; `key` and `item` are annotations of a mapping's or list's entries.
    """

    kind: Any
    marks: tuple[Any, ...] = ()
    model: type[pydantic.BaseModel] | None = None
    key: Any = None
    item: Any = None

    @cached_property
    def keys(self) -> list[Shape]:
        """What a key may be, where keys are not fixed."""
        return shapes(self.key) if self.key is not None else []

    @cached_property
    def items(self) -> list[Shape]:
        """What stands in every entry of a list, or of a mapping whose keys are not fixed."""
        return shapes(self.item) if self.item is not None else []

    @property
    def unit(self) -> str:
        """The unit of a quantity, empty for anything else."""
        found = [mark["unit"] for mark in self.marks if isinstance(mark, dict) and "unit" in mark]
        return found[0] if found else ""

    @property
    def folder(self) -> str:
        """The folder under models/ that a reference points into, empty for anything else."""
        found = [mark.folder for mark in self.marks if isinstance(mark, CardKind)]
        return found[0] if found else ""

    def limit(self, name: str) -> Any:
        """The limit `ge`, `gt`, `le`, `lt`, `min_length` or `max_length`, None where unlimited."""
        found = [getattr(mark, name) for mark in self.marks if hasattr(mark, name)]
        return found[0] if found else None


def shapes(annotation: Any, marks: Iterable[Any] = ()) -> list[Shape]:
    """Every alternative that an annotation allows, in order of declaration."""
    marks = tuple(_flat(marks))
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return shapes(arguments[0], (*_flat(arguments[1:]), *marks))
    if origin in (Union, types.UnionType):
        return [shape for one in arguments for shape in shapes(one, marks)]
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return [Shape(dict, marks, model=annotation)]
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return [Shape(dict, marks, key=arguments[0], item=arguments[1])]
    if origin in (list, tuple, Sequence):
        return [Shape(list, marks, item=arguments[0])]
    return [Shape(annotation, marks)]


@cache
def field_shapes(model: type[pydantic.BaseModel]) -> dict[str, list[Shape]]:
    """Every alternative that each field of a class allows."""
    return {name: shapes(field.annotation, (field,)) for name, field in model.model_fields.items()}


def below(alternatives: Iterable[Shape], key: str | int) -> list[Shape]:
    """What may stand under `key` (a key of a mapping or a position in a list)."""
    found: list[Shape] = []
    for shape in alternatives:
        if shape.model is not None:
            found += field_shapes(shape.model).get(str(key), [])
        else:
            found += shape.items
    return found


def at(model: type[pydantic.BaseModel], path: Path) -> list[Shape]:
    """What may stand at `path` inside a file of class `model`."""
    found = shapes(model)
    for key in path:
        found = below(found, key)
    return found


def unit_at(model: type[pydantic.BaseModel], path: Path) -> str:
    """The unit of the quantity at `path`, or of the entries of a list there; else empty."""
    found = at(model, path)
    units = [shape.unit for shape in (*found, *below(found, 0)) if shape.unit]
    return units[0] if units else ""


def valid_keys(alternatives: Iterable[Shape]) -> list[str]:
    """The keys that mappings of these shapes may have, as far as they are fixed."""
    keys: list[str] = []
    for shape in alternatives:
        if shape.model is not None:
            keys += shape.model.model_fields
        else:
            keys += choices(shape.keys)
    return keys


def choices(alternatives: Iterable[Shape]) -> list[str]:
    """The words allowed where only certain words are."""
    return [
        str(word)
        for shape in alternatives
        if get_origin(shape.kind) is Literal
        for word in get_args(shape.kind)
    ]


@dataclass(frozen=True)
class Mention:
    """A card that a file names: its folder, its id and the place where it stands."""

    folder: str
    id: str
    path: Path
    node: Node


def mentions(node: Node, alternatives: list[Shape], path: Path = ()) -> Iterator[Mention]:
    """Every reference to a card in a file, found before the file is validated.

    Looking at the text finds the cards of a file that has other mistakes, so that all mistakes of
    all files are told at once.
    """
    if isinstance(node.content, str):
        for folder in sorted({shape.folder for shape in alternatives if shape.folder}):
            yield Mention(folder, node.content, path, node)
    elif isinstance(node.content, dict):
        fitting = [shape for shape in alternatives if shape.kind is dict]
        if len(fitting) > 1:
            fitting = [shape for shape in fitting if _fits(shape, node)]
        keys = [key for shape in fitting for key in shape.keys]
        for key, value in node.content.items():
            if any(shape.folder for shape in keys):
                yield from mentions(Node(key, value.key_place or value.place), keys, (*path, key))
            yield from mentions(value, below(fitting, key), (*path, key))
    elif isinstance(node.content, list):
        fitting = [shape for shape in alternatives if shape.kind is list]
        for position, value in enumerate(node.content):
            yield from mentions(value, below(fitting, position), (*path, position))


def _fits(shape: Shape, node: Node) -> bool:
    """False where a fixed word of one of several classes contradicts the file."""
    if shape.model is None:
        return True
    for name, allowed in field_shapes(shape.model).items():
        words, found = choices(allowed), node.get(name)
        if words and found is not None and found.content not in words:
            return False
    return True


def _flat(marks: Iterable[Any]) -> Iterator[Any]:
    for mark in marks:
        if isinstance(mark, FieldInfo):
            yield from mark.metadata
            if isinstance(mark.json_schema_extra, dict):
                yield mark.json_schema_extra
        else:
            yield mark
