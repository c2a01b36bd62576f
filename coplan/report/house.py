"""An organisation's own look: name, logo, accent colour and cover lines, from a YAML template.

What is read here goes into pages that others open: a logo is a plain picture, or it is refused.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pydantic

from coplan.elements.card import Entry, Name
from coplan.errors import InputError, Problem
from coplan.report import logo, pdf
from coplan.report.style import PAPER
from coplan.scenario import messages
from coplan.scenario.yaml_reader import Node, plain, read_regular_file, read_yaml

SHADE, DARK_SHADE = "#f1f5f4", "#1c2229"
"""What text in the accent colour stands on beside white paper: total rows, light and dark."""
LEAST_CONTRAST = 4.5
"""WCAG 2.2, success criterion 1.4.3 (AA), text of ordinary size."""
MOST_LOGO_BYTES = 256 * 1024
MOST_PIXELS = 4000
"""Width and height of a logo."""

Text = Annotated[str, pydantic.Field(min_length=1, max_length=120)]


class HouseTemplate(Entry):
    """The keys of a template file; every one of them may be left out."""

    organisation: Name | None = None
    """Name of the organisation: cover, running heads, header of the page."""
    logo: Annotated[str, pydantic.Field(min_length=1, max_length=1000)] | None = None
    """SVG or PNG file in the template's folder, at most 256 KiB."""
    accent: Annotated[str, pydantic.Field(pattern=r"^#[0-9A-Fa-f]{6}$")] | None = None
    """Colour of headings and marks such as "#0b6e4f"; readable on white (contrast 4.5 or more)."""
    department: Name | None = None
    """Department, on the cover."""
    authors: Annotated[tuple[Text, ...], pydantic.Field(max_length=12)] = ()
    """Who made the report, on the cover."""
    document_number: Text | None = None
    """Number of the document: cover and foot of every page."""
    confidentiality: Name | None = None
    """Such as 内部资料, Internal: cover and foot of every page."""


@dataclass(frozen=True)
class Logo:
    """A picture that was looked at: svg or png, and its bytes."""

    form: str
    content: bytes


@dataclass(frozen=True)
class HouseStyle:
    """A template that was read, with its logo."""

    template: HouseTemplate
    logo: Logo | None = None

    @property
    def accent_dark(self) -> str | None:
        """The accent on a dark page: the same hue, as much lighter as reading asks for."""
        return None if self.template.accent is None else lightened(self.template.accent)


def json_schema() -> dict[str, Any]:
    """The JSON schema of template files."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema",
            **HouseTemplate.model_json_schema(), "title": "coplan house template"}  # fmt: skip


def read_house(path: Path) -> HouseStyle:
    """Read a template; raises InputError with every problem, each with line, key and value."""
    node = read_yaml(path)
    try:
        template = HouseTemplate.model_validate(plain(node))
    except pydantic.ValidationError as error:
        found = messages.validation_problems(error, node, HouseTemplate)
        raise InputError([problem for _, problem in found]) from error
    problems = [p for p in (_unreadable(template, node),) if p]
    picture = None
    if template.logo is not None:
        try:
            picture = _read_logo(path.parent, template.logo)
        except ValueError as error:
            problems.append(messages.problem_at(node, ("logo",), str(error)))
    if problems:
        raise InputError(problems)
    return HouseStyle(template, picture)


def _unreadable(template: HouseTemplate, node: Node) -> Problem | None:
    """What is wrong with an accent that cannot be read on paper or on a shaded row."""
    if template.accent is None:
        return None
    least = min(contrast(template.accent, PAPER), contrast(template.accent, SHADE))
    if least >= LEAST_CONTRAST:
        return None
    text = (f"too light to be read on white and on shaded rows: the contrast is {least:.1f}, "
            f"at least {LEAST_CONTRAST} is needed (WCAG AA)")  # fmt: skip
    return messages.problem_at(node, ("accent",), text)


def _read_logo(folder: Path, name: str) -> Logo:
    """The logo; raises ValueError (a sentence) where it is no plain picture of this folder."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError("the logo must lie in the folder of the template, or below it")
    form = path.suffix.lower().removeprefix(".")
    if form not in ("svg", "png"):
        raise ValueError("must name an .svg or a .png file")
    content = read_regular_file(path, MOST_LOGO_BYTES)
    if form == "svg":
        logo.refuse_active(content)
    else:
        _refuse_odd_png(content)
    pdf.try_picture(form, content)
    return Logo(form, content)


def _refuse_odd_png(content: bytes) -> None:
    """Raise ValueError unless these are the bytes of a whole PNG picture of a sensible size."""
    from PIL import Image

    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR" or len(content) < 33:
        raise ValueError("this is no PNG picture")
    width, height = struct.unpack(">II", content[16:24])
    if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        raise ValueError(f"the picture has {width} × {height} pixels, "
                         f"at most {MOST_PIXELS} × {MOST_PIXELS} are allowed")  # fmt: skip
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
            picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(f"this PNG picture is damaged: {error}") from error


def contrast(one: str, other: str) -> float:
    """Contrast of two colours such as #0b6e4f, from 1 to 21 (WCAG 2.2, relative luminance)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lightened(colour: str) -> str:
    """The colour mixed with white until it can be read on a dark page and its shaded rows."""
    parts = _parts(colour)
    for percent in range(0, 101, 5):
        mixed = [round(part + (255 - part) * percent / 100) for part in parts]
        found = "#" + "".join(f"{part:02x}" for part in mixed)
        if contrast(found, DARK_SHADE) >= LEAST_CONTRAST:
            return found
    raise AssertionError("white can be read on a dark page")


def _parts(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _luminance(colour: str) -> float:
    shares = [part / 255 for part in _parts(colour)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
