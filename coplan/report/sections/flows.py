"""Where work goes: classes by hour and season, regions to sites, patterns across provinces."""

from __future__ import annotations

import numpy as np

from coplan.report.classes import WorkClass, province, province_sign, work_classes
from coplan.report.facts import Facts
from coplan.report.figures import site_flows, where
from coplan.report.model import Block, Column, Item, Paragraph, Section, Table, say
from coplan.report.numbers import Amount

LEAST_SHARE = 5e-4


def section(facts: Facts) -> Section | None:
    """The chapter on the flow of work; None where there is one site, or no work."""
    classes = work_classes(facts)
    if not classes or len(facts.ids("site")) < 2:
        return None
    blocks: list[Block] = [Paragraph(say("flows.intro"))]
    blocks += [f for f in (site_flows.build(facts), where.build(facts)) if f]
    blocks += [_places(facts, classes), _regions(facts, classes)]
    blocks += [table for table in (_patterns(facts, classes),) if table]
    return Section("flows", say("section.flows"), blocks)


def _places(facts: Facts, classes: list[WorkClass]) -> Table:
    """Share of each class that ran in each province, and its work of the year."""
    provinces = facts.labels("site_province") or [""] * len(facts.ids("site"))
    kinds = list(dict.fromkeys(provinces))
    rows: list[list[Item]] = []
    for one in classes:
        by_site = one.p_hours(facts.hours).sum(0)
        total = max(float(by_site.sum()), 1e-12)
        inside = [
            float(by_site[[p == kind for p in provinces]].sum()) / total for kind in kinds
        ]
        rows.append([one.title(facts), Amount(total / 8760.0, "count"),
                     *(Amount(share, "percent") for share in inside)])  # fmt: skip
    columns = [Column(say("table.work_class"), numeric=False, width=1.8),
               Column(say("table.mean"), say("unit.compute")),
               *(Column(province(kind)) for kind in kinds)]  # fmt: skip
    title = say("flows.places_table", year=Amount(facts.periods[facts.period], "year"))
    return Table("work_places", title, columns, rows, note=say("flows.places_note"))


def _regions(facts: Facts, classes: list[WorkClass]) -> Table:
    """Mean work from every region to every site that runs some, in power of reference servers."""
    regions = facts.labels("demand_region")
    names = list(dict.fromkeys(regions))
    sites = facts.ids("site")
    mean = np.zeros((len(sites), len(names)))
    for one in classes:
        power = (one.power_mw * facts.hours).sum(-1) / facts.hours.sum()
        for row, demand in enumerate(one.demands):
            mean[:, names.index(regions[demand])] += power[row]
    rows: list[list[Item]] = [
        [facts.name(site), *(Amount(float(x), "number") for x in part),
         Amount(float(part.sum()), "number")]
        for site, part in zip(sites, mean, strict=True) if part.sum() > 1e-3
    ]  # fmt: skip
    rows.append([say("word.all"), *(Amount(float(x), "number") for x in mean.sum(0)),
                 Amount(float(mean.sum()), "number")])  # fmt: skip
    mw = say("unit.mw")
    columns = [Column(say("table.site"), numeric=False, width=1.8),
               *(Column(facts.name(name), mw) for name in names), Column(say("word.all"), mw)]
    title = say("flows.regions_table", year=Amount(facts.periods[facts.period], "year"))
    return Table("work_flows", title, columns, rows, frozenset({len(rows) - 1}),
                 say("compute.routes_note"))  # fmt: skip


def _patterns(facts: Facts, classes: list[WorkClass]) -> Table | None:
    """How much of 京模冀训 and its like there is: origin × execution place of work for models.

    For each province that has work for models run in another one.
    """
    origin, place = facts.labels("demand_province"), facts.labels("site_province")
    if not origin or not place:
        return None
    rows: list[list[Item]] = []
    for one in classes:
        if one.use not in ("training", "inference"):
            continue
        work = one.p_hours(facts.hours)
        for start in dict.fromkeys(origin[d] for d in one.demands):
            asked = work[[origin[d] == start for d in one.demands]].sum(0)
            whole = max(float(asked.sum()), 1e-12)
            for end in dict.fromkeys(place):
                part = float(asked[[p == end for p in place]].sum())
                if part / whole < LEAST_SHARE:
                    continue
                kind = f"{one.use}_here" if start == end else one.use
                name = say(f"flows.pattern_{kind}", origin=province_sign(start),
                           place=province_sign(end))  # fmt: skip
                rows.append([name, facts.label_name(one.label), province(start), province(end),
                             Amount(part / 8760.0, "count"), Amount(part / whole, "percent")])
    if not rows:
        return None
    columns = [
        Column(say("table.pattern"), numeric=False, width=1.3),
        Column(say("table.label"), numeric=False, width=1.1),
        Column(say("table.origin_province"), numeric=False),
        Column(say("table.place_province"), numeric=False),
        Column(say("table.mean"), say("unit.compute")), Column(say("table.share_of_origin")),
    ]  # fmt: skip
    title = say("flows.patterns_table", year=Amount(facts.periods[facts.period], "year"))
    return Table("work_patterns", title, columns, rows, note=say("flows.patterns_note"))
