"""The base of every card (a YAML file under models/) and of every entry that names one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pydantic

from coplan.units import quantity

Share = quantity("dimensionless", ge=0, le=1)
"""A share between 0 and 1."""

Slug = Annotated[str, pydantic.Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=80)]
"""An id: small letters, digits, dash, underscore."""


class Entry(pydantic.BaseModel):
    """A strict, frozen piece of configuration; the text under a field is its manual."""

    model_config = pydantic.ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=True
    )


class Name(Entry):
    """What a thing is called in the report."""

    zh: Annotated[str, pydantic.Field(min_length=1, max_length=200)]
    """Chinese name."""
    en: Annotated[str, pydantic.Field(min_length=1, max_length=200)]
    """English name."""


class Card(Entry):
    """A file under models/<kind>/<id>.yaml; the id is the file's name."""

    name: Name
    """What it is called in the report."""


def Text(longest: int) -> Any:
    """A field type: one text for all readers, or a Chinese and an English one under zh and en."""
    one = Annotated[str, pydantic.Field(min_length=1, max_length=longest)]
    return one | Annotated[dict[Literal["zh", "en"], one], pydantic.Field(min_length=2)]


def in_chinese(text: str | Mapping[str, str]) -> str:
    """The one text, or the Chinese one of two."""
    return text if isinstance(text, str) else text["zh"]


@dataclass(frozen=True)
class CardKind:
    """Marks a text field that names a card: the folder under models/ where it lies."""

    folder: str


def Reference(folder: str) -> Any:
    """A field type: the id of a card in models/<folder>/."""
    return Annotated[
        str,
        pydantic.Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=80),
        CardKind(folder),
    ]
