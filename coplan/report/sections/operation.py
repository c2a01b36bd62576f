"""Cooling and PUE, then the year of operation in pictures."""

from __future__ import annotations

from coplan.report import prose
from coplan.report.facts import Facts
from coplan.report.figures import dispatch, duration, heatmap, monthly, pue, pue_map, sankey
from coplan.report.free_cooling import FreeCooling, free_cooling
from coplan.report.model import (
    Block,
    Column,
    Item,
    Paragraph,
    Section,
    Sentences,
    Table,
    YearChart,
    say,
)  # fmt: skip
from coplan.report.numbers import Amount


def cooling(facts: Facts) -> Section:
    """The chapter on halls and cooling."""
    blocks: list[Block] = []
    for p, year in enumerate(facts.periods):
        if facts.yearly(p)["it"] <= 0:
            blocks.append(Paragraph(say("cooling.no_it", year=Amount(year, "year"))))
            continue
        blocks.append(_pue_text(facts, p))
        blocks.append(_pue_table(facts, p))
        if len(facts.busy_sites(p, "it")) > 1 and len(facts.months) > 1:
            blocks.append(_pue_months(facts, p))
    figures = (pue.by_month(facts), pue_map.build(facts), pue.against_wet_bulb(facts))
    blocks += [figure for figure in figures if figure]
    found = free_cooling(facts)
    blocks += [_free_table(facts, found)] if found else []
    return Section("cooling", say("section.cooling"), blocks)


def _ratio(energy: dict[str, float]) -> float:
    return energy["facility"] / energy["it"] if energy["it"] > 0 else float("nan")


def _pue_text(facts: Facts, p: int) -> Paragraph:
    energy = facts.yearly(p)
    intro = say(
        "cooling.intro", year=Amount(facts.periods[p], "year"), it=Amount(energy["it"], "energy"),
        cooling=Amount(energy["cooling"], "energy"), loss=Amount(energy["loss"], "energy"),
        pue=Amount(_ratio(energy), "pue"),
    )  # fmt: skip
    limit = (facts.target("pue") or {}).get("value")
    if limit is None:
        return Paragraph(intro)
    room = float(limit) - _ratio(energy)
    key = "cooling.limit_ok" if room >= -5e-4 else "cooling.limit_fail"
    verdict = say(key, limit=Amount(float(limit), "limit"), slack=Amount(abs(room), "pue"))
    return Paragraph(Sentences((intro, verdict)))


def _pue_table(facts: Facts, p: int) -> Table:
    rows: list[list[Item]] = []
    sites = facts.busy_sites(p, "it")
    for site in [*sites, *([""] if len(sites) > 1 else [])]:
        energy, months = facts.yearly(p, site), facts.monthly(p, site)
        worst = max((f / i for f, i in zip(months["facility"], months["it"], strict=True) if i > 0),
                    default=float("nan"))  # fmt: skip
        rows.append([facts.name(site) if site else say("word.all"),
                     *(Amount(energy[n] / 1e3, "number")
                       for n in ("it", "cooling", "loss", "facility")),
                     Amount(_ratio(energy), "pue"), Amount(worst, "pue")])  # fmt: skip
    gwh = say("unit.gwh")
    columns = [
        Column(say("table.site"), numeric=False, width=2.0), Column(say("table.it"), gwh),
        Column(say("carrier.cooling"), gwh), Column(say("table.losses"), gwh),
        Column(say("table.facility"), gwh), Column("PUE"), Column(say("table.worst_month")),
    ]  # fmt: skip
    title = say("cooling.table", year=Amount(facts.periods[p], "year"))
    totals = frozenset({len(rows) - 1}) if len(sites) > 1 else frozenset()
    note = say("cooling.idle_note") if len(sites) < len(facts.ids("site")) else None
    return Table(f"efficiency_{facts.periods[p]}", title, columns, rows, totals, note)


def _pue_months(facts: Facts, p: int) -> Table:
    """PUE of every site and month, with the year's at the end."""
    rows: list[list[Item]] = []
    for site in facts.busy_sites(p, "it"):
        months = facts.monthly(p, site)
        ratios = [f / i if i > 0 else float("nan")
                  for f, i in zip(months["facility"], months["it"], strict=True)]  # fmt: skip
        rows.append([facts.name(site), *(Amount(x, "pue") for x in ratios),
                     Amount(_ratio(facts.yearly(p, site)), "pue")])  # fmt: skip
    columns = [Column(say("table.site"), numeric=False, width=1.6),
               *(Column(say(f"month.m{m}")) for m in facts.months),
               Column(say("table.year_pue"))]  # fmt: skip
    title = say("cooling.months_table", year=Amount(facts.periods[p], "year"))
    return Table(f"pue_months_{facts.periods[p]}", title, columns, rows, small=True)


def _free_table(facts: Facts, found: list[FreeCooling]) -> Table:
    """Hours of free cooling by site and design."""
    rows: list[list[Item]] = [
        [facts.name(one.site), facts.name(one.design), Amount(one.hours, "count"),
         Amount(one.hours / float(facts.hours.sum()), "percent"),
         Amount(one.up_to_degc, "number"), Amount(one.lowest, "pue"), Amount(one.highest, "pue")]
        for one in found
    ]  # fmt: skip
    columns = [
        Column(say("table.site"), numeric=False, width=1.5),
        Column(say("table.cooling"), numeric=False, width=2.0),
        Column(say("table.free_hours"), say("unit.hours")), Column(say("table.of_year")),
        Column(say("table.free_up_to"), "°C", width=1.2), Column(say("table.lowest_factor")),
        Column(say("table.highest_factor")),
    ]  # fmt: skip
    title = say("cooling.free_table", year=Amount(facts.periods[facts.period], "year"))
    return Table("free_cooling", title, columns, rows, note=say("cooling.free_note"),
                 small=len(rows) > 12)  # fmt: skip


def section(facts: Facts) -> Section:
    """The chapter on operation."""
    blocks: list[Block] = [Paragraph(Sentences(tuple(prose.operation(facts))))]
    figures = [
        dispatch.build(facts, "hardest"), dispatch.build(facts, "typical"),
        monthly.build(facts), heatmap.build(facts), duration.build(facts), sankey.build(facts),
    ]  # fmt: skip
    blocks += [f for f in figures[:2] if f]
    blocks.append(YearChart())
    blocks += [f for f in figures[2:] if f]
    return Section("operation", say("section.operation"), blocks)
