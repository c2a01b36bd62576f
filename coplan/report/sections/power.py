"""Plants, storage, grid connection and green-power contracts."""

from __future__ import annotations

import math

import numpy as np

from coplan.plan.compliance import certificates_valid
from coplan.report import prose
from coplan.report.facts import SMALL_MW, Facts
from coplan.report.model import (
    Block,
    Column,
    Item,
    Listing,
    Paragraph,
    Section,
    Status,
    Table,
    say,
)  # fmt: skip
from coplan.report.money import by_label
from coplan.report.numbers import Amount

Unit = tuple[Item, str, float, float, float]  # name, unit, size, limit, MWh per year


def section(facts: Facts) -> Section:
    """The chapter on supply."""
    blocks: list[Block] = []
    for p in range(len(facts.periods)):
        units = _units(facts, p)
        blocks += [_intro(facts, p, units), _capacities(facts, p, units)]
        if facts.values("contract_volume_mw", p).sum() > SMALL_MW:
            blocks += [_contract_text(facts, p), _contracts(facts, p)]
        if facts.values("certificate_max_mwh").sum() > 0:
            blocks.append(_certificates(facts, p))
        if facts.ids("direct_line"):
            blocks.append(_lines(facts, p))
    if facts.values("contract_volume_mw").sum() <= SMALL_MW:
        blocks.append(Paragraph(say("power.no_contract")))
    storage = _storage_text(facts)
    if storage:
        blocks.append(storage)
    blocks += [text for p in range(len(facts.periods)) if (text := _response_text(facts, p))]
    return Section("power", say("section.power"), blocks)


def _expected(facts: Facts, name: str, p: int) -> np.ndarray:
    """Expected MWh per year of an hourly variable, by its first dimension."""
    total = sum(w * facts.values(name, p, i) for i, w in enumerate(facts.probability))
    return (total * facts.hours).sum(-1)


def _units(facts: Facts, p: int) -> list[Unit]:
    out: list[Unit] = []
    size, limit = facts.values("plant_capacity_mw", p), facts.values("plant_capacity_max_mw")
    energy = _expected(facts, "generation_mw", p)
    for i, name in enumerate(facts.ids("plant")):
        out.append((facts.name(name), "MW", size[i], limit[i], energy[i]))
    power, most = facts.values("storage_power_mw", p), facts.values("storage_power_max_mw")
    room, room_max = facts.values("storage_energy_mwh", p), facts.values("storage_energy_max_mwh")
    energy = _expected(facts, "discharge_mw", p)
    for i, name in enumerate(facts.ids("battery")):
        out.append((facts.name(name), "MW", power[i], most[i], energy[i]))
        out.append((facts.name(name), "MWh", room[i], room_max[i], math.nan))
    size, limit = facts.values("grid_connection_mw", p), facts.values("connection_max_mw", p)
    energy = _expected(facts, "retail_mw", p)
    for s, site in enumerate(facts.ids("site")):
        energy[s] += facts.yearly(p, site)["contract"]
        label = say("word.place", site=facts.name(site), item=say("investment.connection"))
        out.append((label, "MW", size[s], limit[s], energy[s]))
    return out


def _is_at_limit(size: float, limit: float) -> bool:
    return size > SMALL_MW and size >= limit * (1 - 1e-4)


def _intro(facts: Facts, p: int, units: list[Unit]) -> Paragraph:
    built, grid = prose.mix(facts, p)
    full: list[Item] = []
    for name, _, size, limit, _ in units:
        if _is_at_limit(size, limit) and name not in full:
            full.append(name)
    limits = say("power.at_limit", list=Listing(tuple(full))) if full else say("power.inside")
    return Paragraph(say("power.intro", year=Amount(facts.periods[p], "year"),
                         mix=Listing((*built, grid)), limits=limits))  # fmt: skip


def _capacities(facts: Facts, p: int, units: list[Unit]) -> Table:
    rows: list[list[Item]] = []
    for name, unit, size, limit, energy in units:
        if size <= SMALL_MW:
            verdict = Status("none", say("power.limit_unused"))
        elif _is_at_limit(size, limit):
            verdict = Status("warn", say("power.limit_reached"))
        else:
            verdict = Status("ok", say("power.limit_inside"))
        hours = energy / size if size > SMALL_MW else math.nan
        rows.append([name, unit, Amount(size, "number"), Amount(limit, "trim"), verdict,
                     Amount(energy / 1e3, "number"), Amount(hours, "count")])  # fmt: skip
    columns = [
        Column(say("table.item"), numeric=False, width=2.6),
        Column(say("table.unit"), numeric=False, width=0.7), Column(say("table.size")),
        Column(say("table.limit")), Column(say("table.at_limit"), numeric=False, width=1.5),
        Column(say("table.year_energy"), say("unit.gwh"), width=1.2),
        Column(say("table.full_hours"), say("unit.hours"), width=1.1),
    ]  # fmt: skip
    title = say("power.capacity_table", year=Amount(facts.periods[p], "year"))
    return Table(f"capacities_{facts.periods[p]}", title, columns, rows)


def _paid(facts: Facts, p: int) -> np.ndarray:
    """Expected MWh per year that each contract charges for."""
    profile = sum(w * facts.values("contract_profile", weather=i)
                  for i, w in enumerate(facts.probability))  # fmt: skip
    return facts.values("contract_volume_mw", p) * (profile * facts.hours).sum(-1)


def _contract_text(facts: Facts, p: int) -> Paragraph:
    paid = float(_paid(facts, p).sum())
    used = float(_expected(facts, "delivered_mw", p).sum())
    return Paragraph(say("power.contract", paid=Amount(paid, "energy"),
                         delivered=Amount(used, "energy"),
                         spilled=Amount(max(0.0, paid - used), "energy")))  # fmt: skip


def _contracts(facts: Facts, p: int) -> Table:
    volume, limit = facts.values("contract_volume_mw", p), facts.values("contract_volume_max_mw")
    paid, used = _paid(facts, p), _expected(facts, "delivered_mw", p)
    price = facts.values("contract_price_cny_per_mwh")
    rows: list[list[Item]] = []
    for i, name in enumerate(facts.ids("contract")):
        settled = say(f"power.settlement_{facts.labels('contract_settlement')[i]}")
        rows.append([facts.name(name), Amount(volume[i], "number"), Amount(limit[i], "trim"),
                     Amount(paid[i] / 1e3, "number"), Amount(used[i] / 1e3, "number"),
                     Amount(price[i], "trim", digits=1), settled])  # fmt: skip
    columns = [
        Column(say("table.contract"), numeric=False, width=2.4),
        Column(say("table.volume"), say("unit.mw")), Column(say("table.limit"), say("unit.mw")),
        Column(say("table.paid"), say("unit.gwh"), width=1.2),
        Column(say("table.delivered"), say("unit.gwh"), width=1.2),
        Column(say("table.price"), say("unit.price"), width=1.3),
        Column(say("table.settlement"), numeric=False, width=1.3),
    ]  # fmt: skip
    title = say("power.contract_table", year=Amount(facts.periods[p], "year"))
    return Table(f"contracts_{facts.periods[p]}", title, columns, rows)


def _certificates(facts: Facts, p: int) -> Table:
    """Certificates without energy: vintage, price, what was bought, and whether they count."""
    bought = sum(w * facts.values("certificates_mwh", p, i)
                 for i, w in enumerate(facts.probability))  # fmt: skip
    valid = certificates_valid(facts.plan).isel(period=p).values > 0
    columns = ("certificate_vintage", "certificate_price_cny_per_mwh", "certificate_max_mwh")
    vintage, price, most = (facts.values(name) for name in columns)
    rows: list[list[Item]] = []
    for i, name in enumerate(facts.ids("certificate")):
        rows.append([
            facts.name(name), Amount(int(vintage[i]), "year"), Amount(price[i], "trim", digits=1),
            Amount(bought[i] / 1e3, "number"), Amount(most[i] / 1e3, "number"),
            say("word.yes" if valid[i] else "word.no"),
        ])  # fmt: skip
    head = [
        Column(say("table.certificate"), numeric=False, width=2.4),
        Column(say("table.vintage")), Column(say("table.price"), say("unit.price"), width=1.3),
        Column(say("table.bought"), say("unit.gwh"), width=1.2),
        Column(say("table.limit"), say("unit.gwh"), width=1.2),
        Column(say("table.counts"), numeric=False),
    ]  # fmt: skip
    title = say("power.certificate_table", year=Amount(facts.periods[p], "year"))
    return Table(f"certificates_{facts.periods[p]}", title, head, rows)


def _lines(facts: Facts, p: int) -> Table:
    """Direct lines: what was built, what arrived and what energy over them pays."""
    circuits, power = facts.values("line_circuits", p), facts.values("line_mw", p)
    km, kv = facts.values("direct_line_length_km"), facts.values("direct_line_voltage_kv")
    sent, kept = _expected(facts, "sent_mw", p), 1.0 - facts.values("line_loss_share")
    fee = (facts.values("line_fee_cny_per_mwh") * facts.hours).sum(-1) / facts.hours.sum()
    rows: list[list[Item]] = []
    for i, name in enumerate(facts.ids("direct_line")):
        rows.append([
            facts.name(name), Amount(km[i], "trim"), Amount(kv[i], "trim"),
            Amount(circuits[i], "count"), Amount(power[i], "number"),
            Amount(sent[i] * kept[i] / 1e3, "number"), Amount(fee[i], "trim", digits=1),
        ])  # fmt: skip
    columns = [
        Column(say("table.direct_line"), numeric=False, width=2.8),
        Column(say("table.length"), "km"), Column(say("table.voltage"), "kV"),
        Column(say("table.circuits")), Column(say("table.line_power"), say("unit.mw")),
        Column(say("table.arrived"), say("unit.gwh"), width=1.2),
        Column(say("table.line_fee"), say("unit.price"), width=1.2),
    ]  # fmt: skip
    title = say("power.line_table", year=Amount(facts.periods[p], "year"))
    return Table(f"direct_lines_{facts.periods[p]}", title, columns, rows,
                 note=say("power.line_note"))  # fmt: skip


def _storage_text(facts: Facts) -> Paragraph | None:
    room = facts.values("usable_share") * facts.values("storage_energy_mwh", facts.period)
    energy = facts.yearly(facts.period)
    if room.sum() <= SMALL_MW or energy["discharge"] <= 0:
        return None
    return Paragraph(say(
        "power.storage", energy=Amount(energy["discharge"], "energy"),
        cycles=Amount(energy["discharge"] / float(room.sum()), "count"),
        efficiency=Amount(energy["discharge"] / energy["charge"], "percent")))  # fmt: skip


def _response_text(facts: Facts, p: int) -> Paragraph | None:
    """Demand response that is sold in a period; None where none is."""
    if not facts.ids("response") or facts.values("response_mw", p).max() <= SMALL_MW:
        return None
    sold, baseline = facts.values("response_mw", p), facts.values("response_baseline_mw")
    hours = facts.values("response_called") @ facts.hours
    mine = np.flatnonzero(sold > SMALL_MW)
    sites = facts.labels("response_site")
    earned = -by_label(facts, facts.periods[p]).get("flexibility revenue", 0.0)
    return Paragraph(say(
        "power.response", year=Amount(facts.periods[p], "year"),
        list=Listing(tuple(
            say("power.response_site", site=facts.name(sites[r]), power=Amount(sold[r], "power"),
                baseline=Amount(baseline[r], "power"), hours=Amount(hours[r], "hours"))
            for r in mine
        )), money=Amount(earned, "money")))  # fmt: skip
