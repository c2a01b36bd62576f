"""Scenario and data files become one xarray Dataset: every number the model and the audit use."""

from __future__ import annotations

import datetime
import json
from typing import Any

import numpy as np
import xarray as xr

from coplan.dataset.demand import demand_fields, label_references
from coplan.dataset.horizon import Horizon, horizon
from coplan.dataset.profiles import Skies
from coplan.elements import network, storage, supply, trading
from coplan.elements.compute import cards as compute
from coplan.elements.index import Field
from coplan.elements.network import TariffCard
from coplan.elements.targets import listed
from coplan.errors import InputError

DIMENSIONS = {
    "period": "first year of a planning period", "weather": "weather year", "site": "campus",
    "plant": "own wind or PV plant", "battery": "battery", "hall": "hall type at a site",
    "contract": "green-power contract", "demand": "class of work from a region",
    "pool": "work of equal label, reach and delay", "label": "precision that compute is counted in",
    "month": "month, 1 to 12", "time": "step of the operating year, local standard time",
}  # fmt: skip


def build_dataset(scenario: Any) -> xr.Dataset:
    """All inputs of a scenario, aligned to the operating year in local standard time.

    Raises InputError when a data file is missing or bad, or when entries do not fit together.
    """
    parts = Parts(scenario)
    span = horizon(scenario.spec.options.hours, scenario.spec.options.start_hour)
    skies = Skies(scenario, span)
    wacc = scenario.spec.options.wacc
    fields: dict[str, Field] = {}
    fields |= _time_fields(scenario, span)
    fields |= skies.fields()
    fields |= supply.table(parts.plants, wacc)
    fields |= skies.plant_fields(parts.plants)
    fields |= storage.table(parts.batteries, wacc)
    fields |= _hall_fields(scenario, parts, wacc)
    fields |= skies.cooling_fields(parts.halls)
    fields |= demand_fields(scenario, parts.halls, span)
    fields |= _network_fields(scenario, parts, span, wacc)
    fields |= trading.table(parts.contracts)
    fields |= skies.contract_fields(parts.contracts)
    fields |= _trading_fields(scenario, parts)
    fields |= _money_fields(scenario)
    notices = skies.notices + _tariff_notices(scenario, parts)
    return _to_dataset(scenario, parts, fields, notices)


class Parts:
    """Entries of the system by unit id `<site>_<entry>`, each with its site and cards."""

    def __init__(self, scenario: Any):
        cards = scenario.cards
        self.sites = scenario.system.sites
        self.plants = {
            f"{site}_{name}": (site, entry, cards["generators"][entry.card])
            for site, campus in self.sites.items()
            for name, entry in campus.plants.items()
        }
        self.batteries = {
            f"{site}_{name}": (site, entry, cards["storage"][entry.card])
            for site, campus in self.sites.items()
            for name, entry in campus.batteries.items()
        }
        self.halls = {
            f"{site}_{name}": (
                site, entry, cards["halls"][entry.card],
                cards["servers"][cards["halls"][entry.card].servers],
            )
            for site, campus in self.sites.items()
            for name, entry in campus.halls.items()
        }  # fmt: skip
        self.contracts = {
            f"{site}_{name}": (site, entry, cards["contracts"][entry.card])
            for site, campus in self.sites.items()
            for name, entry in campus.contracts.items()
        }
        self.connections = {
            site: (
                campus.connection, cards["tariffs"][campus.connection.tariff],
                cards["zones"][cards["sites"][campus.site].zone],
            )
            for site, campus in self.sites.items()
        }  # fmt: skip


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


def _hall_fields(scenario: Any, parts: Parts, wacc: float) -> dict[str, Field]:
    fields = compute.table(parts.halls, wacc)
    references = label_references(parts.halls)
    ratio = [
        server.density_p_per_mw / references[server.label]
        for _, _, _, server in parts.halls.values()
    ]
    periods = len(scenario.spec.periods)
    for name in ("halls_min", "halls_max", "servers_min_mw", "servers_max_mw"):
        static = fields[name]
        values = np.tile(static.values, (periods, 1))
        fields[name] = Field(("period", "hall"), values, static.units, static.long_name)
    fields["density_ratio"] = Field(
        ("hall",), np.array(ratio), "1", "density over the label's reference"
    )
    fields["label_reference_p_per_mw"] = Field(
        ("label",), np.array(list(references.values())), "P/MW", "P of one MW-equivalent"
    )
    fields["site_it_max_mw"] = Field(
        ("site",), np.array([c.it_max_mw for c in parts.sites.values()]), "MW", "most IT capacity"
    )
    return fields


def _network_fields(scenario: Any, parts: Parts, span: Horizon, wacc: float) -> dict[str, Field]:
    fields = network.table(parts.connections, wacc)
    periods = len(scenario.spec.periods)
    for name in (
        "demand_price_cny_per_mw_month",
        "capacity_price_cny_per_mva_month",
        "emission_factor_t_per_mwh",
    ):
        static = fields[name]
        values = np.tile(static.values, (periods, 1))
        fields[name] = Field(("period", "site"), values, static.units, static.long_name)
    price = np.array([
        network.energy_price_cny_per_mwh(tariff, entry.voltage, span.month, span.hour_of_day)
        for entry, tariff, _ in parts.connections.values()
    ])  # fmt: skip
    earned = np.array([
        np.full(len(span.month), 1e3 * zone.export_price_cny_per_kwh)
        for _, _, zone in parts.connections.values()
    ])  # fmt: skip
    dims = ("period", "site", "time")
    fields["retail_price_cny_per_mwh"] = Field(
        dims, np.tile(price, (periods, 1, 1)), "CNY/MWh", "price of grid energy, all parts"
    )
    fields["export_price_cny_per_mwh"] = Field(
        dims, np.tile(earned, (periods, 1, 1)), "CNY/MWh", "what fed-in energy earns"
    )
    _refuse_prices_without_a_mode(scenario, parts, price, earned)
    residual = [1.0 * zone.residual_factor_kg_per_kwh for _, _, zone in parts.connections.values()]
    fields["residual_factor_t_per_mwh"] = Field(
        ("period",), np.full(periods, np.mean(residual)), "t/MWh", "residual factor (market-based)"
    )
    return fields


def _tariff_notices(scenario: Any, parts: Parts) -> list[dict[str, str]]:
    """A remark for every period that a tariff is used outside the dates it was issued for."""
    used: dict[str, TariffCard] = {
        entry.tariff: tariff for entry, tariff, _ in parts.connections.values()
    }
    notices = []
    for tariff in used.values():
        for period in scenario.spec.periods:
            ended = tariff.valid_to is not None and tariff.valid_to < datetime.date(period, 1, 1)
            if not ended and tariff.valid_from <= datetime.date(period, 12, 31):
                continue
            until = tariff.valid_to or "…"
            notices.append({
                "zh": f"{period} 年电价沿用{tariff.name.zh}"
                f"（{tariff.valid_from} 至 {until} 执行），此后电价未知",
                "en": f"{period} uses the tariff {tariff.name.en}, issued for {tariff.valid_from} "
                f"to {until}; later prices are not known",
            })  # fmt: skip
    return notices


def _refuse_prices_without_a_mode(
    scenario: Any, parts: Parts, price: np.ndarray, earned: np.ndarray
) -> None:
    """Refuse prices that would need mode binaries: exporting for more than importing costs (a
    site would do both at once) and prices below zero (a battery would burn energy)."""
    problems = []
    for row, (site, (entry, tariff, zone)) in enumerate(parts.connections.items()):
        adders = [
            trading.adder_cny_per_mwh(card, tariff, entry.voltage)
            for place, contract, card in parts.contracts.values()
            if place == site and contract.max_mw > 0
        ]  # fmt: skip
        cheapest = min([float(price[row].min()), *adders])
        if float(price[row].min()) < 0:
            text = "prices below zero are not represented yet: a battery would burn energy for pay"
            name = f"tariffs/{entry.tariff}"
            problems.append(scenario.problem(name, ("floating_base_cny_per_kwh",), text))
        if zone.export_allowed and float(earned[row].max()) >= cheapest:
            text = (
                f"the export price must stay below {cheapest / 1e3:.4f} CNY/kWh, the cheapest way "
                f"to import at {site}; else a site would import and export at once"
            )
            name = f"zones/{scenario.cards['sites'][parts.sites[site].site].zone}"
            problems.append(scenario.problem(name, ("export_price_cny_per_kwh",), text))
    if problems:
        raise InputError(problems)


def _trading_fields(scenario: Any, parts: Parts) -> dict[str, Field]:
    periods = len(scenario.spec.periods)
    adders = []
    for site, _, card in parts.contracts.values():
        entry, tariff, _ = parts.connections[site]
        adders.append(trading.adder_cny_per_mwh(card, tariff, entry.voltage))
    green = scenario.spec.targets.green_share
    counts = green is not None and green.unbundled_max_share > 0
    most = sum(campus.connection.max_mw for campus in parts.sites.values()) * 8760.0
    return {
        "contract_adder_cny_per_mwh": Field(
            ("period", "contract"), np.tile(np.array(adders, float), (periods, 1)), "CNY/MWh",
            "grid fees on delivered energy",
        ),
        "certificate_price_cny_per_mwh": Field(
            (), scenario.spec.options.certificate_price_cny_per_mwh, "CNY/MWh",
            "price of an unbundled certificate",
        ),
        "certificate_max_mwh": Field(
            (), most if counts else 0.0, "MWh", "most certificates; 0 where they do not count"
        ),
    }  # fmt: skip


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
        "battery": list(parts.batteries),
        "hall": list(parts.halls),
        "contract": list(parts.contracts),
        "demand": list(scenario.system.demand),
        "label": list(label_references(parts.halls)),
        "month": months,
        "time": np.arange(len(fields["step_weight"].values)),
    }
    fields = dict(fields)
    coords["pool"] = fields.pop("pool").values
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
    return dataset


def _array(values: Any) -> np.ndarray:
    """A plain array; an empty one of text stays text."""
    array = np.asarray(values)
    return array.astype("U1") if array.size == 0 and isinstance(values, list) else array


def _attributes(scenario: Any, parts: Parts, notices: list) -> dict[str, str]:
    names = _names(scenario, parts)
    records = {
        "names": names,
        "targets": listed(scenario.spec.targets),
        "assumptions": [vars(assumption) for assumption in scenario.assumptions],
        "title": scenario.spec.title.model_dump(),
        "notices": notices,
    }
    texts = {key: json.dumps(value, ensure_ascii=False) for key, value in records.items()}
    return {"scenario_id": scenario.spec.id, "note": scenario.spec.note or ""} | texts


def _names(scenario: Any, parts: Parts) -> dict[str, dict[str, str]]:
    """What every id is called, in both languages."""
    cards = scenario.cards
    names = {site: cards["sites"][campus.site].name for site, campus in parts.sites.items()}
    names |= {
        region: cards["regions"][card].name for region, card in scenario.system.regions.items()
    }
    found = {key: name.model_dump() for key, name in names.items()}
    for kind in ("halls", "workloads", "cooling", "servers", "contracts", "generators", "storage"):
        found |= {key: card.name.model_dump() for key, card in cards.get(kind, {}).items()}
    for units in (parts.plants, parts.batteries, parts.contracts):
        for unit, (site, _, card) in units.items():
            found[unit] = _joined(found[site], card.name.model_dump())
    for unit, (site, _, hall, _) in parts.halls.items():
        found[unit] = _joined(found[site], hall.name.model_dump())
    for name, entry in scenario.system.demand.items():
        workload = cards["workloads"][entry.workload].name.model_dump()
        found[name] = _joined(found[entry.region], workload)
    return found


def _joined(place: dict[str, str], thing: dict[str, str]) -> dict[str, str]:
    return {"zh": place["zh"] + thing["zh"], "en": f"{place['en']} {thing['en']}"}
