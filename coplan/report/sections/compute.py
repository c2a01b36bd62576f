"""Demand, halls and servers, and where the work runs."""

from __future__ import annotations

import numpy as np

from coplan.report.facts import Facts
from coplan.report.figures import sites as site_figure
from coplan.report.figures import timing as timing_figure
from coplan.report.figures import work as work_figure
from coplan.report.model import Block, Column, Item, Paragraph, Section, Table, say
from coplan.report.numbers import Amount
from coplan.report.sections import changes

MOST_COLUMNS = 6


def section(facts: Facts) -> Section:
    """The chapter on demand and computing."""
    blocks: list[Block] = []
    if facts.ids("demand"):
        blocks += [_intro(facts), _demand(facts)]
    if facts.ids("fixed_load"):
        blocks.append(_given(facts))
    for p in range(len(facts.periods)):
        if facts.values("servers_mw", p).sum() > 0:
            blocks += [_halls_text(facts, p), _halls(facts, p)]
        elif facts.ids("hall"):
            year = Amount(facts.periods[p], "year")
            blocks.append(Paragraph(say("compute.no_servers", year=year)))
    blocks += changes.tables(facts)
    blocks += [f for f in (site_figure.build(facts),) if f]
    if len(facts.ids("site")) > 1:
        blocks.append(_routes(facts))
    blocks += [f for f in (work_figure.build(facts), timing_figure.build(facts)) if f]
    return Section("compute", say("section.compute"), blocks)


def _intro(facts: Facts) -> Paragraph:
    demand = facts.values("demand_mw", facts.period)
    energy = (demand * facts.hours).sum(-1)
    total = demand.sum(0)
    delay = facts.values("demand_delay_h")
    late = float(energy[delay > 0].sum())
    flexible = say("compute.rigid")
    if late > 0:
        flexible = say("compute.flexible", share=Amount(late / float(energy.sum()), "percent"),
                       hours=Amount(float(delay.max()), "trim"))  # fmt: skip
    mean = float(energy.sum() / facts.hours.sum())
    return Paragraph(say(
        "compute.intro", count=Amount(len(demand), "count"), mean=Amount(mean, "power"),
        peak=Amount(float(total.max(initial=0.0)), "power"), flexible=flexible))  # fmt: skip


def _given(facts: Facts) -> Paragraph:
    """Loads that are given by the hour."""
    power = facts.values("fixed_load_mw").sum(0)
    mean = float((power * facts.hours).sum() / facts.hours.sum())
    return Paragraph(say(
        "compute.given", count=Amount(len(facts.ids("fixed_load")), "count"),
        mean=Amount(mean, "power"), peak=Amount(float(power.max()), "power")))  # fmt: skip


def _demand(facts: Facts) -> Table:
    demand = facts.values("demand_mw", facts.period)
    delay, limit = facts.values("demand_delay_h"), facts.values("latency_limit_ms")
    reach = facts.values("demand_reach").sum(1)
    rows: list[list[Item]] = []
    for i, name in enumerate(facts.ids("demand")):
        wait = say("word.delay", hours=Amount(float(delay[i]), "trim"))
        rows.append([
            facts.name(name), facts.label_name(facts.labels("demand_label")[i]),
            Amount(float((demand[i] * facts.hours).sum() / facts.hours.sum()), "number"),
            Amount(float(demand[i].max()), "number"),
            wait if delay[i] > 0 else say("word.immediate"),
            Amount(float(limit[i]), "trim"), Amount(float(reach[i]), "count"),
        ])  # fmt: skip
    columns = [
        Column(say("table.demand"), numeric=False, width=2.0),
        Column(say("table.label"), numeric=False, width=1.7),
        Column(say("table.mean"), say("unit.mw")), Column(say("table.peak"), say("unit.mw")),
        Column(say("table.delay"), numeric=False, width=1.2),
        Column(say("table.latency"), say("unit.ms"), width=1.2),
        Column(say("table.reach")),
    ]  # fmt: skip
    return Table("demand", say("compute.demand_table"), columns, rows)


def _halls_text(facts: Facts, p: int) -> Paragraph:
    halls, servers = facts.values("halls_built", p), facts.values("servers_mw", p)
    use = _use(facts, p)
    mean = float((use * servers).sum() / servers.sum())
    return Paragraph(say(
        "compute.halls", year=Amount(facts.periods[p], "year"),
        halls=Amount(float(halls.sum()), "count"),
        built=Amount(float((halls * facts.values("hall_it_mw")).sum()), "power"),
        servers=Amount(float(servers.sum()), "power"), use=Amount(mean, "percent")))  # fmt: skip


def _use(facts: Facts, p: int) -> np.ndarray:
    """Mean share of the servers that runs work, (hall,)."""
    load = sum(w * facts.values("load_mw", p, i) for i, w in enumerate(facts.probability))
    mean = (load * facts.hours).sum(-1) / facts.hours.sum()
    servers = facts.values("servers_mw", p)
    return np.divide(mean, servers, out=np.zeros_like(servers), where=servers > 0)


def _halls(facts: Facts, p: int) -> Table:
    halls, servers = facts.values("halls_built", p), facts.values("servers_mw", p)
    it, density = facts.values("hall_it_mw"), facts.values("density_p_per_mw")
    use = _use(facts, p)
    stock = facts.values("hall_is_stock") > 0
    rows: list[list[Item]] = []
    for i, name in enumerate(facts.ids("hall")):
        if halls[i] < 0.5 and servers[i] < 1e-3:
            continue
        rows.append([
            facts.name(name), facts.name(facts.labels("hall_cooling")[i]),
            say("word.stock" if stock[i] else "word.new"), Amount(float(halls[i]), "count"),
            Amount(float(halls[i] * it[i]), "number"), Amount(float(servers[i]), "number"),
            Amount(float(servers[i] * density[i]), "count"), Amount(float(use[i]), "percent"),
        ])  # fmt: skip
    columns = [
        Column(say("table.hall"), numeric=False, width=2.4),
        Column(say("table.cooling"), numeric=False, width=1.9),
        Column(say("table.origin"), numeric=False, width=1.1), Column(say("table.count")),
        Column(say("table.it_capacity"), say("unit.mw"), width=1.2),
        Column(say("table.servers"), say("unit.mw"), width=1.1),
        Column(say("table.compute"), say("unit.compute"), width=1.1),
        Column(say("table.use"), width=1.1),
    ]  # fmt: skip
    title = say("compute.halls_table", year=Amount(facts.periods[p], "year"))
    return Table(f"halls_{facts.periods[p]}", title, columns, rows)


def _routes(facts: Facts) -> Table:
    routed = facts.values("routed_mw", facts.period, facts.weather)
    mean = (routed * facts.hours).sum(-1) / facts.hours.sum()
    groups = [(name, mean[members].sum(0)) for name, members in facts.pool_groups()]
    sites: list[Item] = [facts.name(s) for s in facts.ids("site")]
    names: list[Item] = [name for name, _ in groups]
    cells = np.array([part for _, part in groups]).reshape(len(groups), len(sites))
    turned = len(sites) > MOST_COLUMNS
    down, across, table = (sites, names, cells.T) if turned else (names, sites, cells)
    rows: list[list[Item]] = [
        [head, *(Amount(float(x), "number") for x in part), Amount(float(part.sum()), "number")]
        for head, part in zip(down, table, strict=True)
    ]
    rows.append([say("word.all"), *(Amount(float(x), "number") for x in table.sum(0)),
                 Amount(float(table.sum()), "number")])  # fmt: skip
    columns = [Column(say("table.site" if turned else "table.work"), numeric=False, width=1.8),
               *(Column(head, say("unit.mw")) for head in across),
               Column(say("word.all"), say("unit.mw"))]  # fmt: skip
    title = say("compute.routes_table", year=Amount(facts.periods[facts.period], "year"))
    return Table("routes", title, columns, rows, frozenset({len(rows) - 1}),
                 say("compute.routes_note"), small=turned)  # fmt: skip
