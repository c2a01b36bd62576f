"""The zoomable full-year chart: a Bokeh document as JSON, and the library that draws it."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import numpy as np

from coplan.report import style
from coplan.report.catalogue import Locale
from coplan.report.facts import Facts
from coplan.report.figures.dispatch import SUPPLY, USE, hardest_week

MILLISECONDS = 3_600_000
IDENTIFIER = re.compile(r"^p\d+$")


@cache
def plotting_script() -> str:
    """Bokeh's own JavaScript, inlined from the installed package."""
    from bokeh.resources import Resources

    texts = Resources(mode="inline", components=["bokeh"], log_level="error").js_raw
    return "\n".join(texts).replace("</script", "<\\/script")


def document(facts: Facts, locale: Locale) -> str:
    """JSON of {"doc": ..., "root": id}; ids are renumbered so that every run gives the same."""
    from bokeh.document import Document

    chart = _chart(facts, locale)
    doc = Document()
    doc.add_root(chart)
    first = hardest_week(facts)[0]
    start = ((int(facts.day[first]) - 1) * 24 + int(facts.hour[first])) * MILLISECONDS
    content: dict[str, Any] = {"start": start, "doc": doc.to_json(deferred=False), "root": chart.id}
    content["doc"]["title"] = ""
    return json.dumps(_renumbered(content, {}), ensure_ascii=False, separators=(",", ":"))


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


def _source(facts: Facts) -> tuple[Any, list[str], list[str]]:
    from bokeh.models import ColumnDataSource

    flows = facts.shown
    clock = (facts.day - 1) * 24.0 + facts.hour
    if facts.step_h < 1:  # quarter hours: place the steps of one hour after each other
        clock = clock + np.arange(len(clock)) % round(1 / facts.step_h) * facts.step_h
    columns: dict[str, Any] = {"time": (clock * MILLISECONDS).astype(np.float64)}
    names: list[list[str]] = [[], []]
    for side, group, sign in ((0, SUPPLY, 1.0), (1, USE, -1.0)):
        for name in group:
            power = getattr(flows, name)
            if power.max(initial=0.0) > 0.02:
                columns[name] = np.round(sign * power, 3).astype(np.float32)
                names[side].append(name)
    columns["load"] = np.round(flows.facility, 3).astype(np.float32)
    return ColumnDataSource(columns), names[0], names[1]


def _chart(facts: Facts, locale: Locale) -> Any:
    from bokeh.models import DatetimeTickFormatter, HoverTool, PanTool, Range1d, WheelZoomTool
    from bokeh.models.annotations import Legend, LegendItem
    from bokeh.plotting import figure

    source, up, down = _source(facts)
    time = source.data["time"]
    first, last = float(time.min()), float(time.max()) + facts.step_h * MILLISECONDS
    plot = figure(
        height=340, sizing_mode="stretch_width", x_axis_type="datetime", name="year",
        x_range=Range1d(start=first, end=last, bounds=(first, last),
                        min_interval=6 * MILLISECONDS),
        tools=[PanTool(dimensions="width"), WheelZoomTool(dimensions="width", name="wheel")],
        toolbar_location=None,
        output_backend="canvas", background_fill_alpha=0, border_fill_alpha=0,
        outline_line_color=None,
    )  # fmt: skip
    plot.toolbar.active_scroll = None  # the page scrolls over it; a click turns the wheel on
    items: list[Any] = [*_areas(plot, source, up, locale), *_areas(plot, source, down, locale)]
    load: Any = plot.step("time", "load", source=source, mode="after", line_width=1.4,
                     line_color=style.LOAD, name="load")  # fmt: skip
    items.insert(0, LegendItem(label=locale.text("carrier.load"), renderers=[load]))
    plot.add_layout(Legend(items=items, orientation="horizontal", ncols=5, name="legend",
                           location="center",
                           border_line_color=None, background_fill_alpha=0), "below")  # fmt: skip
    day = "%m-%d" if locale.lang == "en" else "%-m月%-d日"
    plot.xaxis.formatter = DatetimeTickFormatter(
        hours="%H:%M", days=day, months=day, hourmin="%H:%M", years=day)  # fmt: skip
    plot.yaxis.axis_label = locale.axis("axis.power", "MW")
    tips = [(locale.text("table.time"), "@time{%m-%d %H:%M}")]
    tips += [(locale.text(f"carrier.{n}"), f"@{n}{{0.0}} MW") for n in (*up, *down, "load")]
    plot.add_tools(HoverTool(renderers=[load], tooltips=tips, mode="vline",
                             formatters={"@time": "datetime"}))  # fmt: skip
    _type(plot)
    return plot


def _areas(plot: Any, source: Any, names: list[str], locale: Locale) -> list[Any]:
    from bokeh.core.properties import expr
    from bokeh.models import Stack
    from bokeh.models.annotations import LegendItem

    items = []
    for i, name in enumerate(names):
        area = plot.varea_step(
            x="time", y1=expr(Stack(fields=names[:i])), y2=expr(Stack(fields=names[: i + 1])),
            source=source, step_mode="after", fill_color=style.CARRIER[name], name=name,
        )  # fmt: skip
        items.append(LegendItem(label=locale.text(f"carrier.{name}"), renderers=[area]))
    return items


def _type(plot: Any) -> None:
    font = style.FAMILY
    for axis in plot.axis:
        axis.axis_label_text_font = axis.major_label_text_font = font
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_color = axis.major_label_text_color = style.MUTED
        axis.axis_line_color = axis.major_tick_line_color = style.GRID
        axis.minor_tick_line_color = None
    plot.legend.label_text_font = font
    plot.legend.label_text_font_size = "12px"
    plot.legend.label_text_color = style.INK
    plot.grid.grid_line_color = style.GRID
    plot.xgrid.grid_line_color = None
