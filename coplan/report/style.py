"""The look of every figure: font, colours, sizes; matplotlib is only loaded here and in figures."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale
    from coplan.report.model import Figure

FAMILY = "Noto Sans CJK SC"
INK, MUTED, GRID, PAPER, ACCENT = "#1f2933", "#66727f", "#e3e7eb", "#ffffff", "#0b6e4f"
LOAD, UP, DOWN = "#111111", "#d9734e", "#1b7f5c"
STATUS = {"ok": "#1b7f5c", "warn": "#b86e00", "fail": "#b3261e", "none": MUTED}
CARRIER = {
    "wind": "#4e86f0", "pv": "#febf3d", "retail": "#333840", "discharge": "#7c429b",
    "charge": "#c9b2d9", "contract": "#8bc28b", "export": "#587b67", "curtailment": "#d6d7d8",
    "cooling": "#2fbcd9", "loss": "#8fa3b3", "it": "#8793a3", "price": "#b3261e",
}  # fmt: skip
HATCH: dict[str, Any] = {"hatch": "////", "hatchcolor": PAPER}  # curtailment only
SERIES = ("#1a7a5e", "#57b894", "#b6d8c9", "#8793a3", "#c9a227", "#c8442e", "#5b3a29", "#d3b8ae")
SHARE_COLOURS = ("#FFEBCB", "#FDC877", "#E99B45", "#A9A85A", "#5F9E6E", "#2A7A5C", "#06483A")
SHARE_STOPS = (0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1)
WIDTH_IN = 6.54
MARGIN_IN = {"left": 0.62, "right": 0.12, "top": 0.34, "bottom": 0.34}


def font_file() -> str:
    """Path of the font collection that arrives as a dependency."""
    from noto_cjk_sans_otc import FONT_PATH

    return str(FONT_PATH)


@cache
def _register() -> None:
    from matplotlib import font_manager

    font_manager.fontManager.addfont(font_file())


def settings() -> Any:
    """The rcParams of every figure."""
    return {
        "font.family": [FAMILY, "DejaVu Sans"], "font.size": 8, "axes.titlesize": 9,
        "axes.titlelocation": "left", "axes.titlepad": 8, "axes.labelsize": 7.5,
        "xtick.labelsize": 7.5, "ytick.labelsize": 7.5, "legend.fontsize": 7.5,
        "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": "#8793a3",
        "xtick.color": MUTED, "ytick.color": MUTED, "axes.linewidth": 0.6,
        "xtick.major.width": 0.6, "ytick.major.size": 0, "xtick.major.size": 2.5,
        "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
        "axes.grid.axis": "y", "grid.color": GRID, "grid.linewidth": 0.6,
        "axes.axisbelow": True, "legend.frameon": False, "svg.fonttype": "none",
        "svg.hashsalt": "coplan", "text.parse_math": False, "hatch.linewidth": 0.6,
        "axes.unicode_minus": True, "figure.facecolor": "none", "axes.facecolor": "none",
        "lines.linewidth": 1.3, "path.simplify": True, "svg.image_inline": True,
    }  # fmt: skip


@contextmanager
def applied() -> Iterator[None]:
    """Our style for the time of the block; the caller's matplotlib settings come back after."""
    import matplotlib

    _register()
    with matplotlib.rc_context(settings()):
        yield


def draw(figure: Figure, locale: Locale) -> str:
    """The figure as SVG text, the same bytes every time; call inside `applied()`."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(WIDTH_IN, figure.height_in))
    FigureCanvasSVG(canvas)
    figure.draw(canvas, locale)
    title = locale.show(figure.title)
    canvas.text(0.06 / WIDTH_IN, 1 - 0.06 / figure.height_in, title,
                fontsize=title_size(title), color=INK, ha="left", va="top")  # fmt: skip
    out = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    canvas.savefig(out, format="svg", metadata=nothing)
    return out.getvalue()


def title_size(title: str) -> float:
    """Points at which a title fits its line: 9, or less down to 6.5 for a long one."""
    wide = sum(1.0 if ord(c) > 0x2E7F else 0.56 for c in title)
    return max(6.5, min(9.0, 72 * (WIDTH_IN - 0.12) / max(wide, 1.0)))


def axes(
    canvas: Canvas, bottom: float = 0.34, top: float = 0.34, left: float = 0.62,
    right: float = 0.12,
) -> Axes:  # fmt: skip
    """An axes with margins in inches, so that labels never depend on the figure's height."""
    width, height = canvas.get_size_inches()
    return canvas.add_axes(
        (left / width, bottom / height, 1 - (left + right) / width, 1 - (top + bottom) / height)
    )


def panel(canvas: Canvas, bottom: float, height: float, left: float = 0.62,
          right: float = 0.12) -> Axes:  # fmt: skip
    """An axes at a given height above the lower edge, all in inches."""
    width, total = canvas.get_size_inches()
    return canvas.add_axes(
        (left / width, bottom / total, 1 - (left + right) / width, height / total)
    )


def legend(canvas: Canvas, handles: list[Any], bottom: float, columns: int = 5) -> None:
    """One legend centred below the plot, its lower edge `bottom` inches up."""
    if not handles:
        return
    height = canvas.get_size_inches()[1]
    canvas.legend(
        handles=handles, loc="lower center", bbox_to_anchor=(0.5, bottom / height),
        ncols=min(columns, len(handles)), handlelength=1.1, handleheight=0.9,
        columnspacing=1.3, handletextpad=0.5, borderaxespad=0, borderpad=0,
    )  # fmt: skip


def patch(carrier: str, label: str) -> Any:
    """A legend swatch in a carrier's colour."""
    from matplotlib.patches import Patch

    if carrier == "curtailment":
        return Patch(facecolor=CARRIER[carrier], lw=0, label=label, **HATCH)
    return Patch(facecolor=CARRIER.get(carrier, carrier), lw=0, label=label)


def line(colour: str, label: str, style: str = "-", width: float = 1.5) -> Any:
    """A legend line."""
    from matplotlib.lines import Line2D

    return Line2D([], [], color=colour, lw=width, ls=style, label=label)


def thousands(axis: Any, digits: int = 0, factor: float = 1.0, suffix: str = "") -> None:
    """Tick labels with commas and U+2212."""
    from matplotlib.ticker import FuncFormatter

    from coplan.report.numbers import plain

    axis.set_major_formatter(FuncFormatter(lambda v, _: plain(v * factor, digits) + suffix))


def decimals(span: float) -> int:
    """Digits that tell neighbouring ticks of an axis of this span apart."""
    return 0 if span >= 6 else 1 if span >= 0.6 else 2
