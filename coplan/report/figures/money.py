"""How the cost of energy adds up, line by line, per MWh of IT energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coplan.report import style
from coplan.report.facts import Facts
from coplan.report.model import Figure, Item, say
from coplan.report.money import by_label, energy_labels, label_text
from coplan.report.numbers import Amount, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale


def build(facts: Facts) -> Figure | None:
    """Cumulative bars of the energy account of the shown period; None without energy cost."""
    period = facts.periods[facts.period]
    it = facts.yearly(facts.period)["it"]
    sums = energy_labels(by_label(facts, period))
    if it <= 0 or not sums:
        return None
    steps = {label: value / it for label, value in sums.items()}
    total = sum(steps.values())
    steps = {n: v for n, v in steps.items() if abs(v) > 2e-4 * max(abs(total), 1e-9)}
    if not steps:
        return None
    largest = max(steps, key=lambda n: steps[n])
    values = {
        "total": Amount(total, "price"),
        "label": label_text(largest),
        "part": Amount(steps[largest] / total if total else 0.0, "percent", digits=0),
    }
    # WHY: with income among the lines, the largest cost may be more than the sum
    key = "figure.money.title" if 0 < steps[largest] <= total else "figure.money.title_total"
    rows: list[tuple[Item, float]] = [(label_text(n), v) for n, v in steps.items()]

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw(canvas, locale, rows, total)

    return Figure(
        id="cost_build_up", title=say(key, **values),
        caption=say("figure.money.caption"), alt=say("figure.money.alt", **values),
        data={"label": list(steps), "cny_per_mwh_it": [round(v, 3) for v in steps.values()]},
        draw=draw, height_in=0.75 + 0.2 * (len(rows) + 1),
    )  # fmt: skip


def _draw(canvas: Canvas, locale: Locale, rows: list[tuple[Item, float]], total: float) -> None:
    ax = style.axes(canvas, left=1.35, right=0.35, bottom=0.4)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    level, reach = 0.0, max(sum(v for _, v in rows if v > 0), 1e-9)
    names = []
    for y, (name, value) in enumerate(rows):
        ax.barh(y, value, 0.62, left=level, color=style.UP if value > 0 else style.DOWN, lw=0)
        ax.text(max(level, level + value) + 0.01 * reach, y, plain(value, 1, signed=True),
                va="center", fontsize=7.5)  # fmt: skip
        level += value
        ax.vlines(level, y - 0.31, y + 1.31, color=style.MUTED, lw=0.5)
        names.append(locale.show(name))
    ax.barh(len(rows), total, 0.62, color=style.ACCENT, lw=0)
    ax.text(max(total, 0.0) + 0.01 * reach, len(rows), plain(total, 1), va="center",
            fontsize=8, color=style.ACCENT)  # fmt: skip
    names.append(locale.text("table.energy_cost_total"))
    ax.set_yticks(range(len(names)), names, color=style.INK)
    ax.set_ylim(len(rows) + 0.5, -0.6)
    ax.set_xlim(min(0.0, total * 1.05), reach * 1.12)
    ax.set_xlabel(locale.text("axis.cost_per_mwh"))
    style.thousands(ax.xaxis)
