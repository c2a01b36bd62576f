"""Rules that turn a plan's numbers into sentences; every number arrives by placeholder."""

from __future__ import annotations

import math
from typing import Any

from coplan.report.catalogue import entries
from coplan.report.clauses import clause_name
from coplan.report.facts import SMALL_MW, Facts
from coplan.report.model import Level, Listing, Message, Sentences, Status, say
from coplan.report.money import INVESTMENT, by_label, energy_labels, label_text
from coplan.report.numbers import Amount

FORMAT = {  # clause kind: (kind of value, kind of slack)
    "green_share": ("percent_limit", "points"), "pue": ("limit", "pue"),
    "compute": ("compute", "compute"), "capacity": ("compute", "compute"),
    "pue_limits": ("limit", "pue"), "conditional_pue": ("limit", "pue"),
    "intelligent_share": ("percent_limit", "points"),
    "domestic_share": ("percent_limit", "points"), "occupancy": ("percent_limit", "points"),
    "priority": ("percent_limit", "points"), "no_new": ("power", "power"),
    **dict.fromkeys(("self_use_share", "own_supply_share", "export_share", "utilisation",
                     "storage_share", "peak_valley_rate", "energy_pool"),
                    ("percent_limit", "points")),
    "grid_connection": ("power", "power"), "max_exchange": ("power", "power"),
    "ramp_limit": ("ramp", "ramp"),
    "no_reverse_flow_hours": ("energy", "energy"), "carbon_cap": ("mass", "mass"),
    "energy_budget": ("coal", "coal"),
}  # fmt: skip
ACHIEVED = {  # clause kind: kind of the value reached, where it is not that of the limit
    "green_share": "percent", "pue": "pue", "pue_limits": "pue", "conditional_pue": "pue",
    "intelligent_share": "percent", "domestic_share": "percent", "occupancy": "percent",
    "priority": "percent",
    **dict.fromkeys(("self_use_share", "own_supply_share", "export_share", "utilisation",
                     "storage_share", "peak_valley_rate", "energy_pool"), "percent"),
}  # fmt: skip
AT_MOST = frozenset({"pue", "pue_limits", "conditional_pue", "cue", "water", "no_new",
                     "energy_pool", "export_share", "grid_connection", "max_exchange",
                     "no_reverse_flow_hours",
                     "peak_valley_rate", "ramp_limit", "carbon_cap", "energy_budget"})  # fmt: skip
LEVEL: dict[str, Level] = {"met": "ok", "missed": "warn", "violated": "fail",
                           "not represented": "warn"}  # fmt: skip
LEAST_SHARE = 5e-4
"""Share of the load below which a source is not told."""

MISSED = {"mwh": "energy", "mw": "power", "p": "compute", "t": "mass", "tce": "coal",
          "m3": "water", "cluster": "count"}  # fmt: skip
"""What a soft clause is missed by: unit of its penalty → kind of value."""


def number(value: Any) -> float:
    """A float, NaN where there is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def mix(facts: Facts, period: int) -> tuple[list[Message], Message]:
    """What is built, in words, and the grid connection apart."""
    kind = facts.labels("plant_kind")
    size = facts.values("plant_capacity_mw", period)
    out = []
    for name in ("wind", "pv"):
        power = sum(float(size[i]) for i, k in enumerate(kind) if k == name)
        if power > SMALL_MW:
            out.append(say(f"mix.{name}", power=Amount(power, "power")))
    energy = float(facts.values("storage_energy_mwh", period).sum())
    if energy > SMALL_MW:
        power = float(facts.values("storage_power_mw", period).sum())
        out.append(say("mix.storage", power=Amount(power, "power"),
                       energy=Amount(energy, "energy")))  # fmt: skip
    volume = float(facts.values("contract_volume_mw", period).sum())
    if volume > SMALL_MW:
        out.append(say("mix.contract", power=Amount(volume, "power")))
    grid = float(facts.values("grid_connection_mw", period).sum())
    return out, say("mix.grid", power=Amount(grid, "power"))


def energy_cost(facts: Facts) -> float:
    """Energy cost per MWh of IT energy, CNY."""
    it = number(facts.kpis.get("it_mwh"))
    cost = number(facts.kpis.get("energy_cost_cny"))
    return cost / it if it > 0 else math.nan


def investment(facts: Facts) -> float:
    """Initial investment without servers in the shown period, CNY."""
    parts = facts.investment(facts.period)
    return sum(value for name, value in parts.items() if name != "servers")


def recommendation(facts: Facts) -> list[Message]:
    """Two sentences: what to build and what it brings; what binds or is still missing."""
    built, grid = mix(facts, facts.period)
    if not number(facts.kpis.get("it_mwh")) > 0:
        sizes = Listing((*built, grid))
        return [say("summary.recommend_no_load", mix=sizes,
                    investment=Amount(investment(facts), "money")), _verdict(facts)]  # fmt: skip
    key = "summary.recommend" if built else "summary.recommend_grid"
    first = say(
        key, mix=Listing((*built, grid)), green=Amount(number(facts.kpis.get("green_share")),
        "percent"), cost=Amount(energy_cost(facts), "price"),
        investment=Amount(investment(facts), "money"),
    )  # fmt: skip
    return [first, _verdict(facts)]


def _verdict(facts: Facts) -> Message:
    rows = facts.clauses
    if not rows:
        return say({"cost": "summary.free", "emissions": "summary.free_emissions",
                    "near_optimal": "summary.free_near"}[facts.objective])  # fmt: skip
    missed = [clause_name(facts, r) for r in rows if str(r["status"]) == "violated"]
    if missed:
        return say("summary.violated", clauses=Listing(tuple(missed)))
    soft = [clause_name(facts, r) for r in rows if str(r["status"]) == "missed"]
    if soft:
        return say("summary.missed", clauses=Listing(tuple(soft)))
    priced = [r for r in rows if one_percent_cny(r) > 0]
    if not priced:
        return say("summary.slack")
    top = max(priced, key=one_percent_cny)
    return say("summary.binding", clause=clause_name(facts, top), words=price_words(top))


def one_percent_cny(row: dict[str, Any]) -> float:
    """What tightening a clause by one hundredth of its value costs [CNY a year], for small changes.

    Comparable across kinds; 0 where the clause does not bind or has no price by its own unit.
    """
    price, required = number(row.get("shadow_price")), number(row.get("required"))
    if not math.isfinite(price) or price < 1.0 or not math.isfinite(required):
        return 0.0
    unit = str(row.get("shadow_unit", ""))
    if "percentage point" in unit or "0.01" in unit:
        return price * abs(required)  # a hundredth of 0.80 is 0.8 points, of 1.25 is 1.25 steps
    if FORMAT.get(str(row["kind"]), ("",))[0] == "percent_limit":
        return 0.0  # asked as a share and priced by something else
    return price * abs(required) / 100


def bound_sign(facts: Facts, row: dict[str, Any]) -> str:
    """The side a clause limits: its own `at_most` first, else that of its kind."""
    target = next((t for t in facts.targets if t.get("id") == str(row["id"])), {})
    is_upper = target.get("at_most", str(row["kind"]) in AT_MOST)
    return "≤ " if is_upper else "≥ "


def price_words(row: dict[str, Any]) -> Message:
    """The shadow price as a sentence a planner can use."""
    price = number(row.get("shadow_price"))
    if not math.isfinite(price):
        return say("compliance.price_none")
    if abs(price) < 1.0:
        return say("compliance.price_zero")
    kind, money = str(row["kind"]), Amount(price, "money")
    if f"compliance.price_{kind}" in entries():
        return say(f"compliance.price_{kind}", money=money)
    return say("compliance.price_other", money=money, unit=str(row.get("shadow_unit", "")))


def clause_status(row: dict[str, Any]) -> Status:
    """The verdict on a clause as symbol and word."""
    status = str(row["status"])
    if status == "missed":
        unit = MISSED.get(str(row["missed_unit"]), "trim")
        ramp = str(row["kind"]) == "ramp_limit"
        amount = Amount(number(row["missed"]), "ramp" if ramp else unit)
        money = Amount(number(row["penalty_cny"]), "money")
        return Status("warn", say("compliance.missed_by", amount=amount, money=money))
    key = "compliance." + status.lower().replace(" ", "_")
    word = say(key) if key in entries() else say("word.none")
    return Status(LEVEL.get(status, "none"), word)


def green_rule(facts: Facts) -> Sentences:
    """Which energy counts as green, from the target's own fields."""
    target = facts.target("green_share")
    if target is None:
        return Sentences((say("green.none"),))
    out = [say(f"green.{target.get('matching', 'annual')}")]
    share = number(target.get("unbundled_max_share", 0.0))
    if share > 0:
        out.append(say("green.unbundled", share=Amount(share, "percent_limit")))
    else:
        out.append(say("green.no_unbundled"))
    kpis = [number(facts.kpis.get(f"green_share_{m}")) for m in ("hourly", "monthly", "annual")]
    if all(map(math.isfinite, kpis)):
        hourly, monthly, annual = (Amount(k, "percent") for k in kpis)
        out.append(say("green.compared", hourly=hourly, monthly=monthly, annual=annual))
    return Sentences(tuple(out))


def scope(facts: Facts) -> Message:
    """What was studied, and how much computing it has."""
    items = []
    for label in facts.ids("label"):
        value = number(facts.kpis.get(f"compute_p_{label}"))
        if value > 0:
            items.append(say("summary.compute_item", value=Amount(value, "compute"),
                             label=facts.label_name(label)))  # fmt: skip
    compute = say("summary.compute", list=Listing(tuple(items))) if items else say(
        "summary.no_compute")  # fmt: skip
    return say(
        "summary.scope", title=facts.title, steps=Amount(len(facts.hours), "count"),
        it=Amount(number(facts.kpis.get("it_mwh")), "energy"),
        load=Amount(number(facts.kpis.get("facility_mwh")), "energy"), compute=compute,
    )  # fmt: skip


def supply(facts: Facts) -> Sentences:
    """Where the energy comes from, what is curtailed and what it emits."""
    energy = facts.yearly(facts.period)
    load = energy["facility"]
    if load <= 0:
        return Sentences((say("summary.no_load"),))
    grid, contract = energy["retail"] / load, energy["contract"] / load
    shares = {"own": max(0.0, 1 - grid - contract), "contract": contract, "grid": grid}
    parts = [say(f"summary.from_{name}", share=Amount(share, "percent"))
             for name, share in shares.items() if share > LEAST_SHARE]  # fmt: skip
    out = [say("summary.supply", list=Listing(tuple(parts)))]
    free = energy["wind"] + energy["pv"] + energy["curtailment"]
    if free > 0:
        share = Amount(energy["curtailment"] / free, "percent")
        out.append(say("summary.curtailed", share=share))
    return Sentences((*out, say(
        "summary.emits", carbon=Amount(number(facts.kpis.get("carbon_t_location")), "mass"),
        cue=Amount(number(facts.kpis.get("cue")), "intensity"))))  # fmt: skip


def operation(facts: Facts) -> list[Message]:
    """How much grid energy is needed, when, and how carbon-free the hours are."""
    flows, energy = facts.shown, facts.monthly(facts.period)
    grid = float(energy["retail"].sum())
    load = float(flows.facility.max(initial=0.0))
    if load <= 0:
        return [say("operation.no_load")]
    if grid <= 1e-6 * float(energy["facility"].sum()):
        return [say("operation.no_grid")]
    used = flows.facility * facts.hours
    share = float((facts.carbon_free * used).sum() / max(float(used.sum()), 1e-9))
    hours = float(facts.hours[flows.retail > 0.01 * load].sum())
    key = "few_hours" if hours < 0.5 * float(facts.hours.sum()) else "many_hours"
    spread = say(f"operation.{key}", hours=Amount(hours, "hours"))
    out = [say("operation.intro", grid=Amount(grid, "energy"), spread=spread,
               share=Amount(share, "percent"))]  # fmt: skip
    if len(facts.months) == 12:
        top = int(energy["retail"].argmax())
        out.append(say("operation.season", month=say(f"month.m{facts.months[top]}"),
                       share=Amount(float(energy["retail"][top]) / grid, "percent")))  # fmt: skip
    return out


def money(facts: Facts) -> list[Message]:
    """The energy cost, its largest line, and what must be invested."""
    sums = energy_labels(by_label(facts, facts.periods[facts.period]))
    total = sum(sums.values())
    out = []
    if sums and total:
        top = max(sums, key=lambda name: sums[name])
        it, share = facts.yearly(facts.period)["it"], sums[top] / total
        key = "money.intro" if it > 0 and 0 < share <= 1 else "money.intro_total"
        out.append(say(
            key, cost=Amount(total, "money"), label=label_text(top),
            unit=Amount(total / it if it > 0 else math.nan, "price"),
            share=Amount(share, "percent", digits=0), top=Amount(sums[top], "money")))  # fmt: skip
    parts = {n: v for n, v in facts.investment(facts.period).items() if n in INVESTMENT[:-1]}
    whole = sum(parts.values())
    if whole > 0:
        top = max(parts, key=lambda name: parts[name])
        out.append(say("money.invest", total=Amount(whole, "money"),
                       label=say(f"investment.{top}"),
                       share=Amount(parts[top] / whole, "percent", digits=0)))  # fmt: skip
    return out
