"""The zoomable full-year chart: Bokeh draws it; the page keeps the hourly values apart, packed."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from coplan.report import style
from coplan.report.catalogue import Locale
from coplan.report.facts import SMALL_MW, Array, Facts
from coplan.report.figures.dispatch import SUPPLY, USE, hardest_week

MILLISECONDS = 3_600_000
IDENTIFIER = re.compile(r"^p\d+$")
LEAST_MW = 0.02
FURTHER = ("it", "cooling", "loss")
PLOT_PX, PANEL_PX, LEFT_PX = 300, 110, 64
STEPS = 32_000
"""Values are kept as whole numbers of so many steps up to the largest one of their series."""


@dataclass(frozen=True)
class Series:
    """One hourly series: (time,) values, how it is drawn and whether it shows from the start."""

    name: str
    text: str
    unit: str
    values: Array
    shape: str  # "up" and "down" are stacked areas, "line" a step line
    panel: str = "power"
    shown: bool = True


@cache
def plotting_script() -> str:
    """Bokeh's own JavaScript, inlined from the installed package."""
    from bokeh.resources import Resources

    texts = Resources(mode="inline", components=["bokeh"], log_level="error").js_raw
    return "\n".join(texts).replace("</script", "<\\/script")


def document(facts: Facts, locale: Locale) -> dict[str, Any]:
    """The chart as JSON-ready data: Bokeh's document with no values in it, and the series.

    `start` is the hour of the year at which the hardest week begins, `jumps` are pairs of step
    and hour of the year from which time runs on in steps of `step_h`. Ids are renumbered so that
    every run gives the same.
    """
    from bokeh.document import Document

    clock = _clock(facts)
    shown = series(facts)
    root = _panels(shown, clock, facts.step_h, locale)
    doc = Document()
    doc.add_root(root)
    content: dict[str, Any] = {"doc": doc.to_json(deferred=False), "root": root.id}
    content["doc"]["title"] = ""
    jumps = np.flatnonzero(np.abs(np.diff(clock, prepend=-1e9) - facts.step_h) > 1e-6)
    return _renumbered(content, {}) | {
        "start": float(clock[hardest_week(facts)[0]]), "step_h": facts.step_h,
        "jumps": [[int(at), float(clock[at])] for at in jumps], "steps": len(clock),
        "series": [_packed(one, locale) for one in shown],
    }  # fmt: skip


def series(facts: Facts) -> list[Series]:
    """Everything of the fleet that runs hour by hour, in the order of the legend."""
    flows, out = facts.shown, [Series("load", "carrier.load", "MW", facts.shown.facility, "line")]
    for shape, names in (("up", SUPPLY), ("down", USE)):
        out += [Series(name, f"carrier.{name}", "MW", power, shape) for name in names
                if (power := getattr(flows, name)).max(initial=0.0) > LEAST_MW]  # fmt: skip
    out += [Series(name, f"carrier.{name}", "MW", power, "line", shown=False) for name in FURTHER
            if (power := getattr(flows, name)).max(initial=0.0) > LEAST_MW]  # fmt: skip
    if flows.room_mwh > SMALL_MW:
        out.append(Series("stored", "figure.year.stored", "MWh", flows.stored_mwh, "line",
                          "stored"))  # fmt: skip
    if np.isfinite(facts.price).any():
        out.append(Series("price", "figure.year.price", "unit.price", facts.price, "line",
                          "price"))  # fmt: skip
    return out


def _clock(facts: Facts) -> Array:
    """Hour of the year at which each step begins, (time,)."""
    clock = (facts.day - 1) * 24.0 + facts.hour
    if facts.step_h < 1:  # quarter hours: place the steps of one hour after each other
        clock = clock + np.arange(len(clock)) % round(1 / facts.step_h) * facts.step_h
    return np.asarray(clock, dtype=float)


def _unit(one: Series, locale: Locale) -> str:
    return locale.text(one.unit) if "." in one.unit else one.unit


def _colour(one: Series) -> str:
    own = {"load": style.LOAD, "stored": style.CARRIER["discharge"]}
    return own.get(one.name) or style.CARRIER[one.name]


def _packed(one: Series, locale: Locale) -> dict[str, Any]:
    """A series with its values as little-endian 16-bit steps in base64; −32768 is no value."""
    known = np.isfinite(one.values)
    most = float(np.abs(one.values[known]).max(initial=0.0))
    step = float(f"{most / STEPS:.6g}") if most else 1.0
    whole = np.where(known, np.round(np.where(known, one.values, 0.0) / step), -32768)
    return {
        "name": one.name, "text": locale.text(one.text), "unit": _unit(one, locale),
        "shape": one.shape, "panel": one.panel, "shown": one.shown, "colour": _colour(one),
        "step": step, "values": base64.b64encode(whole.astype("<i2").tobytes()).decode("ascii"),
    }  # fmt: skip


def _renumbered(value: Any, seen: dict[str, str]) -> Any:
    """Bokeh counts its ids up over the life of the process; here they start at one again."""
    if isinstance(value, dict):
        out = {}
        for key, item in value.items():
            is_id = key in ("id", "root") and isinstance(item, str) and IDENTIFIER.match(item)
            out[key] = (seen.setdefault(item, f"p{len(seen) + 1}") if is_id
                        else _renumbered(item, seen))  # fmt: skip
        return out
    if isinstance(value, list | tuple):
        return [_renumbered(item, seen) for item in value]
    return value


def _panels(shown: list[Series], clock: Array, step_h: float, locale: Locale) -> Any:
    """One plot per panel under each other, with one time axis for all."""
    from bokeh.layouts import column
    from bokeh.models import ColumnDataSource, Range1d

    first, last = clock.min() * MILLISECONDS, (clock.max() + step_h) * MILLISECONDS
    time = Range1d(start=first, end=last, bounds=(first, last), name="time",
                   min_interval=6 * MILLISECONDS)  # fmt: skip
    names = [f"{one.name}{end}" for one in shown
             for end in (("_from", "_to") if one.shape != "line" else ("",))]  # fmt: skip
    # WHY: the page brings the values; on empty columns Bokeh never ends looking for ticks
    source = ColumnDataSource({name: [0.0, 1.0] for name in ("time", *names)}, name="values")
    panels = list(dict.fromkeys(one.panel for one in shown))
    return column(
        [_panel(name, [one for one in shown if one.panel == name], source, time, locale,
                name == panels[-1]) for name in panels],
        sizing_mode="stretch_width", spacing=0,
    )  # fmt: skip


def _panel(name: str, shown: list[Series], source: Any, time: Any, locale: Locale,
           is_lowest: bool) -> Any:  # fmt: skip
    from bokeh.models import DataRange1d, PanTool, WheelZoomTool
    from bokeh.models.annotations import Span
    from bokeh.plotting import figure

    plot = figure(
        height=(PLOT_PX if name == "power" else PANEL_PX) + 24 * is_lowest,
        sizing_mode="stretch_width", x_axis_type="datetime", name=f"plot-{name}", x_range=time,
        y_range=DataRange1d(only_visible=True, range_padding=0.05),
        tools=[PanTool(dimensions="width"),
               WheelZoomTool(dimensions="width", name=f"wheel-{name}")],
        toolbar_location=None, output_backend="canvas", background_fill_alpha=0,
        border_fill_alpha=0, outline_line_color=None, min_border_left=LEFT_PX,
    )  # fmt: skip
    plot.toolbar.active_scroll = None  # the page scrolls over it; a click turns the wheel on
    for one in sorted(shown, key=lambda one: one.shape == "line"):  # lines over areas
        look: dict[str, Any] = {"source": source, "name": f"series-{one.name}"}
        if one.shape == "line":
            drawn: Any = plot.step("time", one.name, mode="after", line_color=_colour(one),
                                   line_width=1.4, **look)  # fmt: skip
        else:
            drawn = plot.varea_step("time", f"{one.name}_from", f"{one.name}_to",
                                    step_mode="after", fill_color=_colour(one), **look)  # fmt: skip
        drawn.visible = one.shown
    plot.add_layout(Span(dimension="height", name=f"cursor-{name}", line_dash="4 3",
                         line_color=style.ACCENT, level="overlay"))  # fmt: skip
    _type(plot, shown, locale, is_lowest)
    return plot


def _type(plot: Any, shown: list[Series], locale: Locale, is_lowest: bool) -> None:
    from bokeh.models import DatetimeTickFormatter

    day = "%m-%d" if locale.lang == "en" else "%-m月%-d日"
    plot.xaxis.formatter = DatetimeTickFormatter(
        hours="%H:%M", days=day, months=day, hourmin="%H:%M", years=day)  # fmt: skip
    plot.xaxis.visible = is_lowest
    label = "axis.power" if plot.name == "plot-power" else f"figure.year.{shown[0].name}_axis"
    plot.yaxis.axis_label = locale.axis(label, _unit(shown[0], locale))
    plot.yaxis.ticker.desired_num_ticks = 6 if plot.name == "plot-power" else 3
    font = style.FAMILY
    for axis in plot.axis:
        axis.axis_label_text_font = axis.major_label_text_font = font
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_font_size = "12px"
        axis.axis_label_text_color = axis.major_label_text_color = style.MUTED
        axis.axis_line_color = axis.major_tick_line_color = style.GRID
        axis.minor_tick_line_color = None
    plot.grid.grid_line_color = style.GRID
    plot.xgrid.grid_line_color = None
