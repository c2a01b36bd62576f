"""What one hundredth of every binding clause and limit is worth: the dearest at the top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coplan.report import binding, prose, style
from coplan.report.facts import Facts
from coplan.report.model import Figure, Item, say
from coplan.report.numbers import Amount, show

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

    from coplan.report.catalogue import Locale

MOST_BARS = 12
SCALE = {"zh": 1e-4, "en": 1e-6}
"""CNY → 万元 in Chinese, CNY M in English."""


def build(facts: Facts) -> Figure | None:
    """Bars of CNY a year per hundredth, clauses and limits together; None where none binds."""
    bars = sorted(_clauses(facts) + _limits(facts), key=lambda bar: -bar["cny"])[:MOST_BARS]
    if not bars:
        return None
    top = bars[0]
    values = {"name": top["name"], "money": Amount(top["cny"], "money")}
    kind = "clause" if top["is_clause"] else "limit"

    def draw(canvas: Canvas, locale: Locale) -> None:
        _draw(canvas, locale, bars)

    return Figure(
        id="binding", title=say(f"figure.binding.title_{kind}", **values),
        caption=say("figure.binding.caption"),
        alt=say("figure.binding.alt", count=Amount(len(bars), "count"), **values),
        data={"kind": ["clause" if b["is_clause"] else "limit" for b in bars],
              "id": [b["id"] for b in bars], "period": [b["period"] for b in bars],
              "value": [b["value"] for b in bars],
              "cny_per_year_per_percent": [round(b["cny"], 2) for b in bars]},
        draw=draw, height_in=1.05 + 0.22 * len(bars),
    )  # fmt: skip


def _clauses(facts: Facts) -> list[dict[str, Any]]:
    return [
        {"is_clause": True, "id": str(row["id"]), "period": int(row["period"]),
         "value": float(row["required"]), "cny": prose.one_percent_cny(row),
         "name": binding.clause_in_period(facts, row)}
        for row in facts.clauses if prose.one_percent_cny(row) >= 1.0
    ]  # fmt: skip


def _limits(facts: Facts) -> list[dict[str, Any]]:
    return [
        {"is_clause": False, "id": f"{row['place']}.{row['name']}", "period": int(row["period"]),
         "value": float(row["most"]), "cny": abs(float(row["saving_cny"]) * row["most"]) / 100,
         "name": say("limits.of_place", place=binding.limit_place(facts, row),
                     limit=say(f"limits.{row['name']}"))}
        for row in facts.limits if abs(float(row["saving_cny"]) * row["most"]) >= 100.0
    ]  # fmt: skip


def _draw(canvas: Canvas, locale: Locale, bars: list[dict[str, Any]]) -> None:
    ax = style.axes(canvas, left=2.35, right=0.75, bottom=0.66)
    ax.grid(axis="x")
    ax.grid(visible=False, axis="y")
    scale = SCALE[locale.lang]
    for y, bar in enumerate(bars):
        colour = style.UP if bar["is_clause"] else style.DOWN
        ax.barh(y, scale * bar["cny"], 0.62, color=colour, lw=0)
        ax.annotate(show(Amount(bar["cny"], "money"), locale.lang), (scale * bar["cny"], y),
                    (3, 0), textcoords="offset points", va="center", fontsize=7.5)  # fmt: skip
    names: list[Item] = [bar["name"] for bar in bars]
    texts = [locale.show(name) for name in names]
    most = 22 if locale.lang == "zh" else 40
    ax.set_yticks(range(len(bars)), [t if len(t) <= most else f"{t[: most - 1]}…" for t in texts],
                  color=style.INK)  # fmt: skip
    ax.set_ylim(len(bars) - 0.4, -0.6)
    ax.set_xlabel(locale.text("figure.binding.axis"))
    style.thousands(ax.xaxis, style.decimals(scale * bars[0]["cny"]))
    kinds = {bar["is_clause"] for bar in bars}
    handles = [style.patch(colour, locale.text(f"figure.binding.{name}"))
               for is_clause, colour, name in ((True, style.UP, "clauses"),
                                               (False, style.DOWN, "limits"))
               if is_clause in kinds]  # fmt: skip
    style.legend(canvas, handles, 0.06)
