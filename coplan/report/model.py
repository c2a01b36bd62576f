"""The language-neutral report: sections of paragraphs, tables and figures, ready for any locale."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from coplan.report.numbers import Amount

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale


Level = Literal["ok", "warn", "fail", "none"]


@dataclass(frozen=True)
class Name:
    """A user's own name in both languages; shown literally, never interpreted."""

    zh: str
    en: str


@dataclass(frozen=True)
class Day:
    """A day of the year, 1..365, that each language writes its own way."""

    day_of_year: int


@dataclass(frozen=True)
class Message:
    """A catalogue text with the values that fill its placeholders."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """Several items joined as one text, with the separator the language uses."""

    items: tuple[Any, ...]


@dataclass(frozen=True)
class Joined:
    """Parts of one word, such as a unit, with nothing between them."""

    items: tuple[Any, ...]


@dataclass(frozen=True)
class Sentences:
    """Several sentences as one paragraph, spaced as the language does it."""

    items: tuple[Message, ...]


@dataclass(frozen=True)
class Status:
    """A verdict, always shown as symbol, word and colour together."""

    level: Level
    word: Message


@dataclass(frozen=True)
class Delta:
    """A value with its signed change against the first plan in small type."""

    value: Amount
    change: Amount
    level: Level


Item = str | Amount | Name | Day | Message | Listing | Joined | Sentences | Status | Delta | None


def say(key: str, /, **values: Any) -> Message:
    """A Message from keyword values."""
    return Message(key, values)


@dataclass(frozen=True)
class Paragraph:
    """Running text; "lead" opens a chapter, "warn" and "fail" must not be missed."""

    text: Message | Name | Sentences
    tone: Literal["plain", "lead", "note", "warn", "fail"] = "plain"


@dataclass(frozen=True)
class Column:
    """One table column: heading, unit shown in parentheses, alignment, relative width."""

    title: Item
    unit: Item = None
    numeric: bool = True
    width: float = 1.0


@dataclass(frozen=True)
class Table:
    """Rows of cells under columns; `totals` are the indices of rows that sum others up.

    On paper the first column of a `grouped` table becomes a heading over the rows that share it,
    and a table with short rows may stand `across` the page several times side by side.

    `variants` are its rows, or its columns after the first, where a reader may choose among them.

    `sources` names, by row, the figures and tables its number comes from: the first that the
    report has is linked.
    """

    id: str
    title: Message
    columns: Sequence[Column]
    rows: Sequence[Sequence[Item]]
    totals: frozenset[int] = frozenset()
    note: Message | None = None
    small: bool = False
    grouped: bool = False
    across: int = 1
    sources: Mapping[int, Sequence[str]] = field(default_factory=dict)
    variants: Literal["", "rows", "columns"] = ""


@dataclass(frozen=True)
class Figure:
    """One picture: `title` states the finding, `caption` what is drawn, `data` its CSV by column.

    `draw(canvas, locale)` paints on an empty matplotlib Figure of `height_in` inches.
    """

    id: str
    title: Message
    caption: Message
    alt: Message
    data: Mapping[str, Any]
    draw: Callable[[Canvas, Locale], None]
    height_in: float = 3.1


@dataclass(frozen=True)
class YearChart:
    """Where the zoomable full-year chart goes in HTML; paper shows nothing here."""

    id: str = "year"


@dataclass(frozen=True)
class Measured:
    """One key figure of every variant, in the unit that its name tells; NaN where there is none."""

    id: str
    name: Message
    values: Sequence[Amount]


@dataclass(frozen=True)
class Explorer:
    """Where variants and the axes of a chart are chosen in HTML; paper shows nothing here.

    `x` and `y` are the figures that the chart begins with.
    """

    variants: Sequence[Name]
    figures: Sequence[Measured]
    x: str
    y: str
    id: str = "explorer"


Block = Paragraph | Table | Figure | YearChart | Explorer


@dataclass(frozen=True)
class Section:
    """One chapter of the report."""

    id: str
    title: Message
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Card:
    """One of the numbers that matter, with its target below, a verdict and where it comes from.

    Of the ids in `source` (figures, tables) the first that the report has is linked.
    """

    label: Message
    value: Item
    remark: Item
    level: Level = "none"
    source: Sequence[str] = ()


@dataclass(frozen=True)
class Report:
    """Everything a template needs, before any language is chosen."""

    title: Name | Message
    subtitle: Message
    identity: Message
    status: Status
    cards: Sequence[Card]
    notices: Sequence[Paragraph]
    sections: Sequence[Section]
