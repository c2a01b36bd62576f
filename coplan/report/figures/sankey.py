"""Where the year's energy came from and where it went, through the campus bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coplan.report import style
from coplan.report.facts import Facts
from coplan.report.figures.ribbons import box, ribbon, spread
from coplan.report.model import Figure, say
from coplan.report.numbers import Amount, plain, significant

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

SOURCES = ("wind", "pv", "contract", "retail")
SINKS = ("it", "cooling", "loss", "storage_loss", "export", "curtailment")
COLOUR = {"storage_loss": style.CARRIER["charge"]} | style.CARRIER


def build(facts: Facts) -> Figure | None:
    """The yearly energy flow of the fleet; None where only one source feeds the load."""
    energy = facts.yearly(facts.period)
    energy["storage_loss"] = max(0.0, energy["charge"] - energy["discharge"])
    left = {name: energy[name] for name in SOURCES}
    for name, lost in _curtailed(facts).items():
        left[name] += lost  # the bus is drawn before curtailment, so that what was lost is seen
    right = {name: energy[name] for name in SINKS}
    total = sum(left.values())
    left = {n: v for n, v in left.items() if v > 5e-4 * total}
    right = {n: v for n, v in right.items() if v > 5e-4 * total}
    if len(left) < 2 or energy["facility"] <= 0:
        return None
    main = max(left, key=lambda n: left[n])
    values = {
        "source": say(f"carrier.{main}"), "share": Amount(left[main] / total, "percent", digits=0),
        "total": Amount(total, "energy"), "it": Amount(energy["it"] / total, "percent", digits=0),
        "lost": Amount(energy["curtailment"] / total, "percent"),
    }  # fmt: skip
    stored = (energy["charge"], energy["discharge"])
    is_lost = energy["curtailment"] > 5e-4 * total
    key = "figure.sankey.title" if is_lost else "figure.sankey.title_nothing_lost"

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw(canvas, locale, left, right, stored)

    rows = [("source", n, v) for n, v in left.items()] + [("use", n, v) for n, v in right.items()]
    rows += [("storage", "charge", stored[0]), ("storage", "discharge", stored[1])]
    return Figure(
        id="energy_flow", title=say(key, **values),
        caption=say("figure.sankey.caption"), alt=say("figure.sankey.alt", **values),
        data={"side": [r[0] for r in rows], "flow": [r[1] for r in rows],
              "energy_mwh": [round(r[2], 2) for r in rows]},
        draw=draw, height_in=3.2,
    )  # fmt: skip


def _curtailed(facts: Facts) -> dict[str, float]:
    """The year's curtailment by kind of plant [MWh], expected over the weather years."""
    p, kind = facts.period, facts.labels("plant_kind")
    free = sum(
        w * (facts.values("capacity_factor", p, i) * facts.values("plant_capacity_mw", p)[:, None]
             - facts.values("generation_mw", p, i)).clip(0.0)
        for i, w in enumerate(facts.probability)
    )  # fmt: skip
    lost = (free * facts.hours).sum(-1)
    return {name: float(lost[[k == name for k in kind]].sum()) for name in ("wind", "pv")}


def _draw(canvas: Canvas, locale: Locale, left: dict[str, float], right: dict[str, float],
          stored: tuple[float, float]) -> None:  # fmt: skip
    ax = style.axes(canvas, left=0.1, right=0.1, bottom=0.08, top=0.4)
    ax.axis("off")
    total = sum(left.values())
    ax.set(xlim=(0, 10), ylim=(-0.22, 1.12))
    _side(ax, locale, left, total, x=(2.3, 4.85), inner=4.85)
    _side(ax, locale, right, total, x=(5.0, 7.55), inner=5.0)
    ax.add_patch(box(4.85, 0.1, 0.15, 0.8, style.INK))
    ax.text(4.925, 0.925, f"{locale.text('carrier.bus')} {_gwh(total)} GWh", ha="center",
            va="bottom", fontsize=8)  # fmt: skip
    if stored[0] > 1e-4 * total:
        ax.annotate("", (5.2, 0.07), (4.65, 0.07), arrowprops={
            "arrowstyle": "-|>", "connectionstyle": "arc3,rad=0.55", "lw": 1.8,
            "color": style.CARRIER["discharge"], "shrinkA": 0, "shrinkB": 0})  # fmt: skip
        text = f"{locale.text('carrier.storage')} {_gwh(stored[0])} → {_gwh(stored[1])} GWh"
        ax.text(4.925, -0.14, text, ha="center", va="center", fontsize=8,
                color=style.CARRIER["discharge"])  # fmt: skip


def _side(ax: Axes, locale: Locale, flows: dict[str, float], total: float,
          x: tuple[float, float], inner: float) -> None:  # fmt: skip
    """Bands between the outer blocks and the bus; labels are pushed apart where flows are thin."""
    outward = inner == x[0]
    scale, gap = 0.8 / total, 0.045
    outer_height = sum(flows.values()) * scale + gap * (len(flows) - 1)
    outer, bus = 0.5 + outer_height / 2, 0.9
    edge = x[1] if outward else x[0]
    marks = []
    for name, value in flows.items():
        high = value * scale
        ends = (bus, outer) if outward else (outer, bus)
        ax.add_patch(ribbon(x, ends, (high, high), COLOUR[name]))
        hatch = "////" if name == "curtailment" else None
        ax.add_patch(box(edge if outward else edge - 0.15, outer - high, 0.15, high,
                          COLOUR[name], hatch))  # fmt: skip
        marks.append((name, value, outer - high / 2))
        outer -= high + gap
        bus -= high
    at = spread([m[2] for m in marks], 0.078)
    for (name, value, _), y in zip(marks, at, strict=True):
        label = locale.text(f"carrier.{name}")
        text = f"{label}  {_gwh(value)} ({plain(100 * value / total, 0)}%)"
        ax.text(edge + (0.25 if outward else -0.25), y, text, fontsize=7.5, va="center",
                ha="left" if outward else "right")  # fmt: skip


def _gwh(mwh: float) -> str:
    return plain(mwh / 1e3, significant(mwh / 1e3, 3, 1))
