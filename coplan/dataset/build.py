"""Scenario and data files become one xarray Dataset: every number the model and the audit use."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from coplan.dataset.demand import demand_fields, hall_fields, label_references
from coplan.dataset.grid import line_fields, network_fields, tariff_notices, trading_fields
from coplan.dataset.horizon import Horizon, horizon
from coplan.dataset.modes import marked
from coplan.dataset.parts import Parts
from coplan.dataset.reliability import failures, reliability_fields, reserves
from coplan.dataset.sites import site_fields
from coplan.dataset.sources import read_sources
from coplan.dataset.subsidies import subsidy_fields
from coplan.dataset.user_series import values
from coplan.dataset.work import work_fields
from coplan.elements import (
    backup,
    cooling,
    flexibility,
    heat,
    loads,
    measures,
    near_optimal,
    storage,
    supply,
    surcharge,
    trading,
)
from coplan.elements.card import in_chinese
from coplan.elements.compute import stock
from coplan.elements.cooling import tank
from coplan.elements.index import Field
from coplan.elements.targets import listed
from coplan.scenario.yaml_reader import plain

DIMENSIONS = {
    "period": "first year of a planning period", "weather": "weather year", "site": "campus",
    "plant": "own wind or PV plant", "direct_line": "direct line from a plant to a site",
    "battery": "battery", "hall": "hall type at a site",
    "tank": "cold-water tank", "bend": "line of a part-load law",
    "conversion": "stock halls that may become others", "relocation": "stock servers that may move",
    "contract": "green-power contract", "certificate": "unbundled certificates",
    "demand": "class of work from a region",
    "pool": "work of equal label, reach and delay", "label": "precision that compute is counted in",
    "backup": "backup generators of a site", "failure": "what fails, one at a time",
    "reserve": "battery that keeps a reserve",
    "fixed_load": "electrical load that is given", "measure": "efficiency measure",
    "saving": "measure at a hall", "heat": "heat pump",
    "response": "demand response that a site may sell",
    "surcharge": "tier of the differential tariff of a site",
    "offer": "fixed charge a site may take",
    "import_zone": "grid zone with a headroom", "export_zone": "grid zone with a corridor",
    "coincident": "site charged while the grid peaks",
    "alternative": "supply scheme that a site may take instead",
    "shaped": "contract that delivers a shape", "resale": "contract that may be sold on",
    "discount": "site whose transformers may be well used",
    "energy_tier": "block of a month's energy", "demand_tier": "block of a month's maximum",
    "reward": "rule of public money that fits a project",
    "voucher_user": "unit that asks for compute vouchers", "voucher_year": "year vouchers are of",
    "month": "month, 1 to 12", "time": "step of the operating year, local standard time",
    "state_pool": "work that depends on what ran before", "link": "fibre link, region to site",
    "placed": "pool and site of work with state", "block": "day or week of one split over sites",
}  # fmt: skip


def build_dataset(scenario: Any) -> xr.Dataset:
    """All inputs of a scenario, aligned to the operating year in local standard time.

    Raises InputError when a data file is missing or bad, or when entries do not fit together.
    """
    parts = Parts(scenario)
    span = horizon(scenario.spec.options.hours, scenario.spec.options.start_hour)
    skies = read_sources(scenario, parts, span)
    wacc = scenario.spec.options.wacc
    fields: dict[str, Field] = {}
    fields |= _time_fields(scenario, span)
    fields |= skies.fields()
    fields |= supply.table(parts.plants, wacc)
    fields |= skies.plant_fields(parts.plants)
    fields |= storage.table(parts.batteries, wacc)
    fields |= hall_fields(scenario, parts, wacc)
    fields |= stock.table(
        parts.halls, parts.conversions, parts.relocations, fields["period_years"].values, wacc
    )
    fields |= skies.cooling_fields(parts.halls)
    fields |= cooling.table(parts.cooling) | tank.table(parts.tanks, wacc)
    fields["water_price_cny_per_m3"] = Field(
        ("site",), np.array([campus.water_price_cny_per_m3 for campus in parts.sites.values()]),
        "CNY/m3", "price of water",
    )  # fmt: skip
    power = [values(scenario, entry.power, span) for _, entry in parts.loads.values()]
    steps = len(span.hour_of_year)
    fields |= loads.table(parts.loads, np.array(power, dtype=float).reshape(-1, steps))
    fields |= measures.table(parts.measures, parts.halls)
    fields |= demand_fields(scenario, parts.halls, span)
    fields |= work_fields(scenario, parts.halls, span, fields, wacc)
    fields |= backup.table(parts.backups, wacc)
    recoverable = [parts.cooling[unit].recoverable_heat_share for unit in parts.halls]
    fields |= heat.table(parts.heat, span.month, wacc, recoverable)
    fields |= surcharge.table({s: campus.differential_tariff for s, campus in parts.sites.items()})
    fields |= _flexibility_fields(scenario, parts, span)
    fields |= subsidy_fields(scenario, parts)
    fields |= reliability_fields(scenario, parts, fields)
    fields |= network_fields(scenario, parts, span, wacc)
    fields |= line_fields(scenario, parts, span, wacc)
    fields |= site_fields(scenario, parts)
    fields |= trading.table(
        parts.contracts, scenario.spec.periods, span.month, span.hour_of_day
    )
    fields |= skies.contract_fields(parts.contracts, span)
    fields |= trading_fields(scenario, parts, span)
    fields |= _money_fields(scenario)
    notices = skies.notices + tariff_notices(scenario, parts)
    return marked(_to_dataset(scenario, parts, fields, notices))


def _time_fields(scenario: Any, span: Horizon) -> dict[str, Field]:
    periods = np.array(scenario.spec.periods)
    years = np.diff(periods, append=periods[-1] + 1).astype(float)
    if len(periods) > 1:
        years[-1] = years[-2]
    discount = (1 + scenario.spec.options.wacc) ** -(periods - periods[0]).astype(float)
    steps = len(span.hour_of_year)
    return {
        "period_years": Field(("period",), years, "year", "years a period stands for"),
        "discount_factor": Field(
            ("period",), discount / (years @ discount), "1", "discount, normalised to one year"
        ),
        "step_weight": Field(("time",), np.full(steps, span.weight), "1", "steps stood for"),
        "step_h": Field((), span.step_h, "h", "length of a step"),
        "month_of_step": Field(("time",), span.month, "", "month of the step"),
        "hour_of_day": Field(("time",), span.hour_of_day, "", "hour of the day, beginning"),
        "day_of_year": Field(("time",), span.day_of_year, "", "day of the year"),
    }


def _flexibility_fields(scenario: Any, parts: Parts, span: Horizon) -> dict[str, Field]:
    """Demand response of the sites that may sell it, and the steps in which they are called."""
    entries = {s: c.flexibility for s, c in parts.sites.items() if c.flexibility is not None}
    calls = [
        np.ceil(values(scenario, entry.call_series, span)) if entry.call_series is not None
        else flexibility.called(entry.calls, span.month, span.day_of_year, span.hour_of_day)
        for entry in entries.values()
    ]  # fmt: skip
    steps = len(span.hour_of_year)
    return flexibility.table(entries, np.array(calls, dtype=float).reshape(-1, steps))


def _money_fields(scenario: Any) -> dict[str, Field]:
    options = scenario.spec.options
    return {
        "wacc": Field((), options.wacc, "1", "cost of capital"),
        "carbon_price_cny_per_t": Field((), options.carbon_price_cny_per_t, "CNY/t", "carbon"),
        "server_capex_counts": Field(
            (), float(options.server_capex), "1", "1 where servers count in the objective"
        ),
    }


def _to_dataset(scenario: Any, parts: Parts, fields: dict[str, Field], notices: list) -> xr.Dataset:
    months = sorted(set(np.asarray(fields["month_of_step"].values).tolist()))
    coords: dict[str, Any] = {
        "period": list(scenario.spec.periods),
        "site": list(parts.sites),
        "plant": list(parts.plants),
        "direct_line": list(parts.lines),
        "battery": list(parts.batteries),
        "hall": list(parts.halls),
        "tank": list(parts.tanks),
        "conversion": list(parts.conversions),
        "relocation": list(parts.relocations),
        "contract": list(parts.contracts),
        "certificate": list(parts.certificates),
        "demand": list(scenario.system.demand),
        "backup": list(parts.backups),
        "failure": list(failures(scenario)),
        "reserve": list(reserves(scenario, parts)),
        "label": list(label_references(parts.halls)),
        "month": months,
        "link": list(scenario.system.network.links),
        "heat": list(parts.heat),
        "fixed_load": list(parts.loads),
        "measure": list(parts.measures),
        "voucher_user": list(scenario.system.voucher_users),
        "time": np.arange(len(fields["step_weight"].values)),
    }
    fields = dict(fields)
    for dim in ("bend", "pool", "state_pool", "placed", "block", "saving", "surcharge", "reward",
                "voucher_year", "offer", "energy_tier", "demand_tier", "coincident",
                "alternative", "import_zone", "export_zone", "response", "discount", "shaped",
                "resale"):
        coords[dim] = fields.pop(dim).values
    coords["weather"] = fields.pop("weather").values
    data = {
        name: xr.DataArray(
            _array(field.values), dims=field.dims,
            attrs={"units": field.units, "long_name": field.long_name},
        )
        for name, field in fields.items()
    }  # fmt: skip
    dataset = xr.Dataset(data, coords={name: _array(values) for name, values in coords.items()})
    texts = [name for name, array in dataset.data_vars.items() if array.dtype.kind in "UO"]
    for name, long_name in DIMENSIONS.items():
        dataset[name].attrs = {"units": "", "long_name": long_name}
    dataset = dataset.set_coords(
        [*texts, "month_of_step", "hour_of_day", "day_of_year", "hall_is_stock",
         "site_latitude_deg", "site_longitude_deg"]
    )  # fmt: skip
    dataset.attrs = _attributes(scenario, parts, notices)
    if scenario.spec.options.near_optimal is not None:
        asked = near_optimal.record(scenario.spec.options.near_optimal, dataset)
        dataset.attrs["near_optimal"] = json.dumps(asked)
    return dataset


def _array(values: Any) -> np.ndarray:
    """A plain array; an empty one of text stays text."""
    array = np.asarray(values)
    return array.astype("U1") if array.size == 0 and isinstance(values, list) else array


def _attributes(scenario: Any, parts: Parts, notices: list) -> dict[str, str]:
    names = _names(scenario, parts)
    records: dict[str, Any] = {
        "names": names,
        "card_names": _card_names(scenario),
        "targets": promised(scenario),
        "policies": scenario.policy_clauses,
        "assumptions": [vars(assumption) for assumption in scenario.assumptions],
        "title": scenario.spec.title.model_dump(),
        "notices": notices,
        "finance": _financing(scenario),
        "settings": plain(scenario.documents["scenario"]),
    }
    texts = {key: json.dumps(value, ensure_ascii=False) for key, value in records.items()}
    options = scenario.spec.options
    objective = "near_optimal" if options.near_optimal else options.objective
    note = scenario.spec.note or ""
    told = json.dumps(note, ensure_ascii=False) if isinstance(note, dict) else note
    words = {"note": told, "objective": objective,
             "perspective": options.perspective}  # fmt: skip
    return {"scenario_id": scenario.spec.id} | words | texts


def _financing(scenario: Any) -> dict[str, Any]:
    """The finance card as a record; empty where the scenario names none."""
    if scenario.spec.finance is None:
        return {}
    card = scenario.cards["finance"][scenario.spec.finance]
    return dict(card.model_dump(exclude={"name"}))


def promised(scenario: Any) -> list[dict[str, Any]]:
    """Targets as records, those of policy packs with document, article, agency and years."""
    basis = {
        target: {"source": f"{in_chinese(one['document'])} {in_chinese(one['article'])}",
                 "agency": one["agency"],
                 "from_year": one["from_year"], "to_year": one["to_year"]}
        for one in scenario.policy_clauses for target in one["targets"]
    }  # fmt: skip
    return [record | basis.get(record["id"], {}) for record in listed(scenario.spec.targets)]


def _names(scenario: Any, parts: Parts) -> dict[str, dict[str, str]]:
    """What every id is called, in both languages."""
    cards = scenario.cards
    names = {site: cards["sites"][campus.site].name for site, campus in parts.sites.items()}
    names |= {
        region: cards["regions"][card].name for region, card in scenario.system.regions.items()
    }
    found = {key: name.model_dump() for key, name in names.items()}
    for kind in ("subsidies", "halls", "workloads", "cooling", "servers", "contracts", "generators",
                 "storage", "policies"):  # fmt: skip
        found |= {key: card.name.model_dump() for key, card in cards.get(kind, {}).items()}
    for units in (parts.plants, parts.batteries, parts.contracts, parts.backups, parts.heat,
                  parts.tanks):  # fmt: skip
        for unit, (site, _, card) in units.items():
            found[unit] = _joined(found[site], card.name.model_dump())
    found |= {name: card.name.model_dump() for name, (_, card) in parts.certificates.items()}
    places = {name: cards["sites"][plant.place].name.model_dump()
              for name, plant in scenario.system.plants.items()}  # fmt: skip
    for plant, place in places.items():
        found[plant] = _joined(place, parts.plants[plant][2].name.model_dump())
    for line, (plant, site, _, card) in parts.lines.items():
        ends = {key: f"{places[plant][key]}–{found[site][key]}" for key in ("zh", "en")}
        found[line] = _joined(ends, card.name.model_dump())
    for unit, (site, _, hall, _) in parts.halls.items():
        found[unit] = _joined(found[site], hall.name.model_dump())
    found |= {key: unit.name.model_dump() for key, unit in scenario.system.voucher_users.items()}
    for name, entry in scenario.system.demand.items():
        workload = cards["workloads"][entry.workload].name.model_dump()
        found[name] = _joined(found[entry.region], workload)
    return found


def _card_names(scenario: Any) -> dict[str, dict[str, str]]:
    """What every card is called, as "kind/id", and the scenario."""
    spec, system = scenario.spec, scenario.system
    found = {f"systems/{spec.system}": system.name, f"scenarios/{spec.id}": spec.title}
    for kind, cards in scenario.cards.items():
        found |= {f"{kind}/{key}": card.name for key, card in cards.items()}
    return {key: name.model_dump() for key, name in found.items()}


def _joined(place: dict[str, str], thing: dict[str, str]) -> dict[str, str]:
    return {"zh": place["zh"] + thing["zh"], "en": f"{place['en']} {thing['en']}"}
