"""The zoomable full-year chart: Bokeh draws it; the page keeps the hourly values apart, packed."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np

from coplan.report import style
from coplan.report.catalogue import Locale
from coplan.report.facts import Array, Facts
from coplan.report.figures.dispatch import hardest_week
from coplan.report.year_series import Series, series

MILLISECONDS = 3_600_000
IDENTIFIER = re.compile(r"^p\d+$")
PANELS = ("power", "pue", "stored", "price")
"""From above; hours are written below the lowest that shows."""
PLOT_PX, PANEL_PX, LEFT_PX = 300, 110, 64
STEPS, SITE_STEPS = 8_000, 1_000
"""Values are kept as whole numbers of so many steps up to the largest one of their series;
the many series of sites by fewer, so that the page stays small."""


@cache
def plotting_script() -> str:
    """Bokeh's own JavaScript, inlined from the installed package."""
    from bokeh.resources import Resources

    texts = Resources(mode="inline", components=["bokeh"], log_level="error").js_raw
    return "\n".join(texts).replace("</script", "<\\/script")


def document(facts: Facts, locale: Locale) -> dict[str, Any]:
    """The chart: Bokeh's document with no values in it, what is to say of the series, and `values`.

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
        "series": [_about(one, locale) for one in shown],
        "values": b"".join(_whole(one) for one in shown),
    }  # fmt: skip


def _clock(facts: Facts) -> Array:
    """Hour of the year at which each step begins, (time,)."""
    clock = (facts.day - 1) * 24.0 + facts.hour
    if facts.step_h < 1:  # quarter hours: place the steps of one hour after each other
        clock = clock + np.arange(len(clock)) % round(1 / facts.step_h) * facts.step_h
    return np.asarray(clock, dtype=float)


def _about(one: Series, locale: Locale) -> dict[str, Any]:
    """What the page says of a series and how it draws it; `step` turns its whole numbers."""
    place = locale.show(one.place)
    text = locale.show(one.text)
    full = locale.text("figure.year.of_place", place=place, what=text) if place else text
    return {"name": one.name, "text": full, "group": text if place else "",
            "label": place or text, "unit": locale.show(one.unit), "digits": one.digits,
            "shape": one.shape, "panel": one.panel, "shown": one.shown, "apart": not one.shown,
            "colour": one.colour, "step": _step(one)}  # fmt: skip


def _step(one: Series) -> float:
    known = np.abs(one.values[np.isfinite(one.values)])
    most = float(known.max(initial=0.0))
    return float(f"{most / (SITE_STEPS if one.place else STEPS):.6g}") if most else 1.0


def _whole(one: Series) -> bytes:
    """Values as 16-bit whole steps, all low bytes before all high ones; −32768 is no value."""
    known = np.isfinite(one.values)
    whole = np.where(known, np.round(np.where(known, one.values, 0.0) / _step(one)), -32768)
    return whole.astype("<i2").view(np.uint8).reshape(-1, 2).T.tobytes()


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
             for end in (("_from", "_to") if one.shape != "line" else ("",))
             if one.shown]  # fmt: skip
    # WHY: the page brings the values; on empty columns Bokeh never ends looking for ticks
    source = ColumnDataSource({name: [0.0, 1.0] for name in ("time", *names)}, name="values")
    panels = [name for name in PANELS if any(one.panel == name for one in shown)]
    lowest = [name for name in panels if any(one.panel == name and one.shown for one in shown)][-1]
    return column(
        [_panel(name, [one for one in shown if one.panel == name], source, time, locale,
                name == lowest) for name in panels],
        sizing_mode="stretch_width", spacing=0,
    )  # fmt: skip


def _panel(name: str, shown: list[Series], source: Any, time: Any, locale: Locale,
           is_lowest: bool) -> Any:  # fmt: skip
    from bokeh.models import ColumnDataSource, DataRange1d, PanTool, WheelZoomTool
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
        # WHY: what is hidden at first has its values apart, so that it costs nothing till chosen
        own = source if one.shown else ColumnDataSource(
            {"time": [0.0, 1.0], one.name: [0.0, 1.0]}, name=f"values-{one.name}")
        look: dict[str, Any] = {"source": own, "name": f"series-{one.name}"}
        if one.shape == "line":
            drawn: Any = plot.step("time", one.name, mode="after", line_color=one.colour,
                                   line_width=1.4, **look)  # fmt: skip
        else:
            drawn = plot.varea_step("time", f"{one.name}_from", f"{one.name}_to",
                                    step_mode="after", fill_color=one.colour, **look)  # fmt: skip
        drawn.visible = one.shown
        drawn.nonselection_glyph = drawn.muted_glyph = None
    plot.visible = any(one.shown for one in shown)
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
    panel = plot.name.removeprefix("plot-")
    unit, label = locale.show(shown[0].unit), f"figure.year.{panel}_axis"
    plot.yaxis.axis_label = locale.axis(label, unit) if unit else locale.text(label)
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
