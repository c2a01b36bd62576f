"""Numbers the report needs, worked out once from the plan as plain numpy arrays."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from coplan.plan.compliance import own_power
from coplan.report.model import Item, Name, say
from coplan.report.numbers import Amount

if TYPE_CHECKING:
    import xarray as xr

Array = np.ndarray
SMALL_MW = 1e-3


@dataclass(frozen=True)
class Flows:
    """Power of one site or of the fleet, (time,) in MW; `stored_mwh` and `room_mwh` in MWh."""

    wind: Array
    pv: Array
    curtailment: Array
    discharge: Array
    charge: Array
    contract: Array
    retail: Array
    export: Array
    facility: Array
    it: Array
    cooling: Array
    loss: Array
    stored_mwh: Array
    room_mwh: float

    def __add__(self, other: Flows) -> Flows:
        return Flows(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def during(self, steps: Array) -> Flows:
        """The same flows in the given steps only."""
        return Flows(*(value[steps] if isinstance(value := getattr(self, f.name), np.ndarray)
                       else value for f in fields(self)))  # fmt: skip


class Facts:
    """Reads a Plan; `period` and `weather` are indices, a site is named by its id."""

    def __init__(self, plan: xr.Dataset, kpis: dict[str, Any], audit: dict[str, Any]):
        self.plan, self.kpis, self.audit = plan, kpis, audit
        self.run: dict[str, Any] = self._json("run", {})
        self.targets: list[dict[str, Any]] = self._json("targets", [])
        self.assumptions: list[dict[str, Any]] = self._json("assumptions", [])
        self.policies: list[dict[str, Any]] = self._json("policies", [])
        self.notices: list[dict[str, str]] = self._json("notices", [])
        self._names: dict[str, dict[str, str]] = self._json("names", {})
        self._card_names: dict[str, dict[str, str]] = self._json("card_names", {})
        self._flows: dict[tuple[int, int, str], Flows] = {}
        self.period = 0
        self.weather = int(np.argmax(plan["weather_probability"].values))

    def _json(self, key: str, default: Any) -> Any:
        value = self.plan.attrs.get(key, default)
        return json.loads(value) if isinstance(value, str) else value

    @property
    def in_money(self) -> bool:
        """Whether cost was minimised; emissions, or sizes near the cheapest plan, where not."""
        return self.objective == "cost"

    @property
    def objective(self) -> str:
        """What was minimised: cost, emissions or near_optimal."""
        return str(self.plan.attrs.get("objective", "cost"))

    # -- names ------------------------------------------------------------------------------
    @property
    def scenario_id(self) -> str:
        """The scenario's id."""
        return str(self.plan.attrs.get("scenario_id", ""))

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the digests of all data of the plan; empty where it records none."""
        digests = str(self.plan.attrs.get("digests", ""))
        return sha256(digests.encode("utf-8")).hexdigest() if digests else ""

    @cached_property
    def title(self) -> Name:
        """The scenario's title in both languages."""
        return self._name(self._json("title", {}), self.scenario_id)

    @staticmethod
    def _name(entry: dict[str, str], fallback: str) -> Name:
        zh = entry.get("zh") or entry.get("en") or fallback
        return Name(zh, entry.get("en") or entry.get("zh") or fallback)

    @cached_property
    def note(self) -> Name | None:
        """The scenario's own remark, as written; None without one."""
        text = str(self.plan.attrs.get("note", "")).strip()
        try:
            found = json.loads(text)
            return Name(str(found["zh"]), str(found["en"]))
        except (ValueError, KeyError, TypeError, RecursionError):  # one text for both languages
            return Name(text, text) if text else None

    def name(self, unit_id: str) -> Name:
        """The names of an id; the id itself where it has none."""
        return self._name(self._names.get(str(unit_id), {}), str(unit_id))

    def card_name(self, card: str) -> Name | None:
        """The name of the card "kind/id"; None where the plan does not hold it."""
        found = self._card_names.get(card)
        return self._name(found, card) if found else None

    def label_name(self, label: str) -> Item:
        """The name of a class of compute; FP16 for fp16 where it has none."""
        if label == "as_reported":
            return say("word.as_reported")
        return self.name(label) if label in self._names else label.upper()

    def pool_groups(self) -> list[tuple[Item, list[int]]]:
        """Pools under one name each: class of compute and how long the work may wait."""
        delay = self.values("pool_delay_h")
        groups: dict[tuple[str, float], list[int]] = {}
        for i, label in enumerate(self.labels("pool_label")):
            groups.setdefault((label, float(delay[i])), []).append(i)
        return [
            (say("compute.pool_later" if hours else "compute.pool_now",
                 label=self.label_name(label), hours=Amount(hours, "trim")), members)
            for (label, hours), members in groups.items()
        ]  # fmt: skip

    def ids(self, dim: str) -> list[str]:
        """Labels of a dimension as text."""
        return [str(x) for x in self.plan[dim].values] if dim in self.plan.coords else []

    def labels(self, coord: str) -> list[str]:
        """Values of a text coordinate."""
        return [str(x) for x in self.plan[coord].values] if coord in self.plan.coords else []

    # -- time -------------------------------------------------------------------------------
    @cached_property
    def periods(self) -> list[int]:
        """Planning periods as years."""
        return [int(x) for x in self.plan["period"].values]

    @cached_property
    def step_h(self) -> float:
        """Length of a step in hours."""
        return float(self.plan["step_h"])

    @cached_property
    def hours(self) -> Array:
        """Hours of the year each step stands for, (time,)."""
        return self.plan["step_weight"].values.astype(float) * self.step_h

    @cached_property
    def month(self) -> Array:
        """Month 1..12 of each step."""
        return self.plan["month_of_step"].values.astype(int)

    @cached_property
    def hour(self) -> Array:
        """Hour of day 0..23 of each step."""
        return self.plan["hour_of_day"].values.astype(int)

    @cached_property
    def day(self) -> Array:
        """Day of year 1..365 of each step."""
        return self.plan["day_of_year"].values.astype(int)

    @cached_property
    def months(self) -> list[int]:
        """Months that occur in the horizon, in order."""
        return sorted({int(m) for m in self.month})

    @property
    def is_whole_year(self) -> bool:
        """True when every hour of the year is modelled by itself."""
        return bool(len(self.hours) * self.step_h >= 8759)

    # -- values -----------------------------------------------------------------------------
    def has(self, name: str) -> bool:
        """True when the plan carries this variable."""
        return name in self.plan

    def values(self, name: str, period: int | None = None, weather: int | None = None) -> Array:
        """A variable as float array, at one period and weather where it has those dims."""
        array = self.plan[name]
        pick = {"period": period, "weather": weather}
        array = array.isel({d: i for d, i in pick.items() if d in array.dims and i is not None})
        return np.asarray(array.values, dtype=float)

    @cached_property
    def probability(self) -> Array:
        """Probability of each weather year."""
        return self.plan["weather_probability"].values.astype(float)

    def owned(self, dim: str, site: str) -> Array:
        """Which members of plant, battery, hall or contract stand at a site, as a mask."""
        return np.array([s == site for s in self.labels(f"{dim}_site")], dtype=bool)

    def flows(self, period: int, weather: int, site: str = "") -> Flows:
        """Flows of a site, or of the fleet when no site is named."""
        key = (period, weather, site)
        if key not in self._flows:
            if site:
                self._flows[key] = self._site_flows(period, weather, site)
            else:
                parts = [self.flows(period, weather, s) for s in self.ids("site")]
                total = parts[0]
                for part in parts[1:]:
                    total = total + part
                self._flows[key] = total
        return self._flows[key]

    def _site_flows(self, period: int, weather: int, site: str) -> Flows:
        def get(name: str) -> Array:
            return self.values(name, period, weather)

        mine = self.owned("plant", site)
        free = get("capacity_factor") * get("plant_capacity_mw")[:, None] - get("generation_mw")
        battery, hall = self.owned("battery", site), self.owned("hall", site)
        contract = self.owned("contract", site)
        i = self.ids("site").index(site)
        return Flows(
            wind=self._own(period, weather, "wind")[i],
            pv=self._own(period, weather, "pv")[i],
            curtailment=np.clip(free[mine].sum(0), 0, None),
            discharge=get("discharge_mw")[battery].sum(0),
            charge=get("charge_mw")[battery].sum(0),
            contract=get("delivered_mw")[contract].sum(0),
            retail=get("retail_mw")[i],
            export=get("export_mw")[i],
            facility=get("facility_mw")[i],
            it=get("site_it_mw")[i],
            cooling=get("cooling_mw")[hall].sum(0),
            loss=get("loss_mw")[hall].sum(0),
            stored_mwh=get("soc_mwh")[battery].sum(0),
            room_mwh=float((get("usable_share") * get("storage_energy_mwh"))[battery].sum()),
        )

    def _own(self, period: int, weather: int, kind: str) -> Array:
        """Own generation of one kind as it reaches each site, (site, time) MW."""
        power = own_power(self.plan.isel(period=[period], weather=[weather]), kind)
        power = power.isel(period=0, weather=0).transpose("site", "time")
        return np.asarray(power.values, dtype=float)

    @cached_property
    def shown(self) -> Flows:
        """Fleet flows of the period and weather year that the hourly figures show."""
        return self.flows(self.period, self.weather)

    @cached_property
    def price(self) -> Array:
        """Load-weighted energy price of the shown year, (time,) CNY/MWh."""
        price = self.values("energy_price_cny_per_mwh", self.period, self.weather)
        load = self.values("facility_mw", self.period, self.weather)
        total = load.sum(0)
        flat = price.mean(0)
        return np.divide((price * load).sum(0), total, out=flat, where=total > 0)

    # -- sums -------------------------------------------------------------------------------
    def monthly(self, period: int, site: str = "") -> dict[str, Array]:
        """Expected energy per month, name of the flow -> (month,) MWh, over the weather years."""
        index = np.searchsorted(self.months, self.month)
        out: dict[str, Array] = {}
        for weather, probability in enumerate(self.probability):
            flows = self.flows(period, weather, site)
            for item in fields(flows):
                if item.name in ("stored_mwh", "room_mwh"):
                    continue
                energy = np.bincount(
                    index, getattr(flows, item.name) * self.hours, len(self.months)
                )
                out[item.name] = out.get(item.name, 0.0) + probability * energy
        return out

    def yearly(self, period: int, site: str = "") -> dict[str, float]:
        """Expected energy per year, name of the flow -> MWh."""
        return {name: float(value.sum()) for name, value in self.monthly(period, site).items()}

    def busy_sites(self, period: int, *flows: str) -> list[str]:
        """Sites with a millionth of all load in one of these flows, or in any if none is named."""
        least_mwh = 1e-6 * self.yearly(period)["facility"]
        return [site for site in self.ids("site")
                if any(energy > least_mwh for name, energy in self.yearly(period, site).items()
                       if not flows or name in flows)]  # fmt: skip

    def target(self, kind: str) -> dict[str, Any] | None:
        """The first target of a kind, or None."""
        return next((t for t in self.targets if t.get("kind") == kind), None)

    @cached_property
    def clauses(self) -> list[dict[str, Any]]:
        """Compliance rows: id, kind, period, required, achieved, slack, shadow_price, ... ."""
        if "clause" not in self.plan.sizes:
            return []
        names = ("id", "kind", "period", "required", "achieved", "slack", "shadow_price",
                 "shadow_unit", "status", "missed", "missed_unit", "penalty_cny")  # fmt: skip
        columns = {n: self.plan[f"clause_{n}"].values for n in names if f"clause_{n}" in self.plan}
        return [
            {name: column[i] for name, column in columns.items()}
            for i in range(self.plan.sizes["clause"])
        ]

    @cached_property
    def limits(self) -> list[dict[str, Any]]:
        """Limits that stop the plan, the dearest first: name, place, period, unit, element, most,
        saving_cny [CNY/year per unit]."""
        names = ("name", "place", "period", "unit", "element", "most", "saving_cny")
        return [
            {name: self.plan[f"limit_{name}"].values[i] for name in names}
            for i in range(self.plan.sizes.get("limit", 0))
        ]

    @cached_property
    def account(self) -> list[dict[str, Any]]:
        """Account lines: element, label, place, period, book, cny."""
        names = ("element", "label", "place", "period", "book")
        columns = {n: self.plan[f"account_{n}"].values for n in names}
        cny = self.plan["account_cny"].values.astype(float)
        return [
            {"cny": float(cny[i])} | {name: column[i] for name, column in columns.items()}
            for i in range(len(cny))
        ]

    def investment(self, period: int) -> dict[str, float]:
        """Initial investment in CNY: plants, storage, connection, halls and (apart) servers.

        What stands already (stock halls and servers, the existing connection) is not built again.
        """

        def get(name: str) -> Array:
            return self.values(name, period)

        storage = get("storage_power_mw") * get("storage_power_capex_cny_per_mw")
        storage = storage + get("storage_energy_mwh") * get("storage_energy_capex_cny_per_mwh")
        plants = get("plant_capacity_mw") * get("plant_capex_cny_per_mw")
        kind = np.array(self.labels("plant_kind"), dtype=object)
        lines = get("line_circuits") * get("line_capex_cny_per_circuit")
        lines = lines + get("line_mw") * get("line_capex_cny_per_mw")
        connection = get("grid_connection_mw") - get("connection_min_mw")
        halls, servers = get("halls_new"), get("servers_bought_mw")
        return {
            "wind": float(plants[kind == "wind"].sum()),
            "pv": float(plants[kind == "pv"].sum()),
            "lines": float(lines.sum()),
            "storage": float(storage.sum()),
            "connection": float(
                (connection * get("connection_capex_cny_per_mw")).sum()
            ),
            "halls": float(
                (halls * get("hall_it_mw") * get("hall_capex_cny_per_mw")).sum()
            ),
            "servers": float((servers * get("server_capex_cny_per_mw")).sum()),
        }

    @cached_property
    def carbon_free(self) -> Array:
        """Hourly carbon-free share of the fleet's load, (time,) 0..1.

        Stored energy keeps the share it had when charged, well mixed, cyclic; see formulation.
        """
        grey = np.zeros(len(self.hours))
        for site in self.ids("site"):
            flows = self.flows(self.period, self.weather, site)
            supply = flows.wind + flows.pv + flows.contract + flows.retail
            share = np.divide(flows.retail, supply, out=np.zeros_like(supply), where=supply > 0)
            from_store = _stored_share(share, flows)
            used = np.clip(flows.facility, 1e-9, None)
            part = np.clip(flows.discharge / used, 0, 1)
            direct = np.clip(flows.retail - share * flows.charge, 0, None)
            grey += np.minimum(direct + from_store * part * used, flows.facility)
        load = np.clip(self.shown.facility, 1e-9, None)
        return np.clip(1 - grey / load, 0, 1)


def _stored_share(share: Array, flows: Flows) -> Array:
    """Grey share of the stored energy at the start of each step, (time,)."""
    out = np.zeros(len(share))
    charge, stored = flows.charge.tolist(), flows.stored_mwh.tolist()
    if max(charge, default=0.0) <= SMALL_MW:
        return out
    mixed, grey = 0.0, share.tolist()
    for _ in range(2):  # a second round, so that the year starts as it ended
        for t, (power, level) in enumerate(zip(charge, stored, strict=True)):
            out[t] = mixed
            if power > SMALL_MW and level > 0:
                fresh = min(1.0, power / max(level, power))
                mixed += fresh * (grey[t] - mixed)
    return out
