"""Weather read again from its files, and what cooling and plants make of it."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from coplan.physics.psychrometrics import air_density, pressure_at, wet_bulb
from coplan.physics.wind import wind_capacity_factor
from coplan.verify.case import Case
from coplan.verify.outcome import Check, Part, measured

if TYPE_CHECKING:
    from coplan.verify.sources import Sources

Year = dict[str, np.ndarray]
STEPS = ("weather", "time")
DEGREES, COOLING, PROFILE = 5.1e-3, 1.1e-5, 5.1e-5
"""What rounding may change, half of the last digit kept: degC, cooling per IT, shares of power."""
CUT = 1e-3
"""Capacity factors below this count as none."""
EPW_FIELDS = {
    "dry_bulb_degc": 6, "relative_humidity": 8, "pressure_pa": 9, "ghi_w_m2": 13, "dni_w_m2": 14,
    "dhi_w_m2": 15, "wind_speed_10m_m_s": 21,
}  # fmt: skip
HUB_OVER_10_M = (100.0 / 10.0) ** 0.2
"""Wind at 100 m over wind at 10 m in open land."""


@lru_cache(maxsize=64)
def _file(path: Path, _changed: int) -> Year:
    """A weather file of data/weather with its wet bulb, 8,760 hours."""
    from coplan.verify.sources import columns_of

    return _with_wet_bulb(columns_of(path, (*EPW_FIELDS, "wind_speed_hub_m_s")))


def _with_wet_bulb(year: Year) -> Year:
    dry, humidity = year["dry_bulb_degc"], year["relative_humidity"]
    return year | {"wet_bulb_degc": wet_bulb(dry, humidity, year["pressure_pa"])}


@lru_cache(maxsize=64)
def _epw(path: Path, _changed: int) -> Year:
    """An EPW file without the 29 February; wind at 100 m by the power law."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8", "replace")
    rows = [line.split(",") for line in text.splitlines()[8:] if line.strip()]
    rows = [row for row in rows if (int(row[1]), int(row[2])) != (2, 29)]
    year = {name: np.array([float(row[k]) for row in rows]) for name, k in EPW_FIELDS.items()}
    year["relative_humidity"] = np.minimum(year["relative_humidity"], 100.0) / 100.0
    year["wind_speed_hub_m_s"] = year["wind_speed_10m_m_s"] * HUB_OVER_10_M
    return _with_wet_bulb(year)


def _years(sources: Sources) -> list[str]:
    """Folder of every weather year, in the order of the dataset."""
    said = sources.scenario.spec.weather
    return ["typical"] if isinstance(said, (str, dict)) else list(said)


def _of_station(sources: Sources, year: str, station: str) -> Year:
    path = sources.scenario.root / "data" / "weather" / year / f"{station}.csv"
    return _file(path, path.stat().st_mtime_ns)


def _at_site(sources: Sources, year: str, site: str) -> Year:
    """Weather of a site: its station's, or its EPW file's with the wind that the scenario says."""
    scenario = sources.scenario
    card = scenario.cards["sites"][scenario.system.sites[site].site]
    station = _of_station(sources, year, card.station)
    said = scenario.spec.weather
    if not isinstance(said, dict) or site not in said:
        return station
    path = scenario.path.absolute().parent / said[site].epw
    found = _epw(path, path.stat().st_mtime_ns)
    if said[site].wind == "typical":
        return found | {"wind_speed_hub_m_s": station["wind_speed_hub_m_s"]}
    return found


def _curve(points: Any, at: np.ndarray, value: str) -> np.ndarray:
    return np.interp(at, [p.degc for p in points], [getattr(p, value) for p in points])


def temperatures(sources: Sources) -> list[Check]:
    """Dry and wet bulb of every site are those of its weather file."""
    case, parts = sources.case, []
    for w, year in enumerate(_years(sources)):
        for s, site in enumerate(sources.scenario.system.sites):
            there = _at_site(sources, year, site)
            for name in ("dry_bulb_degc", "wet_bulb_degc"):
                gap = np.abs(case.given(name)[w, s] - there[name][sources.hour_of_year])
                parts.append(measured(gap - DEGREES, 1.0, ("time",), f"{site} {name}"))
    return [case.check("气温与湿球由气象文件重读", "temperatures of the weather files", *parts)]


def _cooling_law(card: Any, dry: np.ndarray, wet: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cooling over IT power at rated load, and litres of water per kWh (time)."""
    runs_dry = np.zeros(dry.shape, dtype=bool)
    if card.dry_mode_below_degc is not None:
        runs_dry = dry <= card.dry_mode_below_degc
    factor = np.zeros(dry.shape)
    if card.by_wet_bulb is not None:
        factor = _curve(card.by_wet_bulb, wet, "clf")
    if card.by_dry_bulb is not None:
        only = card.by_wet_bulb is None
        factor = np.where(runs_dry | only, _curve(card.by_dry_bulb, dry, "clf"), factor)
    water = _curve(card.water, wet, "l_per_kwh") if card.water else np.zeros(dry.shape)
    return factor, np.where(runs_dry, 0.0, water)


def _first_line(card: Any) -> tuple[float, float]:
    """Slope and fixed part of the part-load law at little load."""
    if card.part_load is None:
        return 1.0 - float(card.fixed_share), float(card.fixed_share)
    one, two = card.part_load[:2]
    slope = (two.power_share - one.power_share) / (two.load_share - one.load_share)
    return slope, two.power_share - slope * two.load_share


def cooling(sources: Sources) -> list[Check]:
    """Cooling and water of every hall follow from the weather and the curves of its design."""
    case, known, parts = sources.case, sources.scenario.cards, []
    for u, (unit, (site, entry)) in enumerate(sources.units("halls").items()):
        card = known["cooling"][known["halls"][entry.card].cooling]
        altitude = known["sites"][sources.scenario.system.sites[site].site].altitude_m
        thin = 1.0 + card.fan_share * (101325.0 / float(pressure_at(altitude)) - 1.0)
        slope, fixed = _first_line(card)
        for w, year in enumerate(_years(sources)):
            there = _at_site(sources, year, site)
            dry, wet = (there[name][sources.hour_of_year]
                        for name in ("dry_bulb_degc", "wet_bulb_degc"))  # fmt: skip
            factor, water = _cooling_law(card, dry, wet)
            factor = factor * thin
            for name, expected in (
                ("cooling_slope", slope * factor), ("cooling_fixed", fixed * factor),
                ("cooling_load_factor", factor), ("water_l_per_kwh", water),
            ):  # fmt: skip
                gap = np.abs(case.given(name)[w, u] - expected)
                last = PROFILE if name == "water_l_per_kwh" else COOLING
                parts.append(measured(gap - last, 1.0, ("time",), f"{unit} {name}"))
    return [case.check("制冷系数由气象重算", "cooling as weather and design say", *parts)]


def _profile(weather: Year, place: Any, card: Any) -> np.ndarray:
    """Power over capacity of a plant in the 8,760 hours of a weather year."""
    if card.kind == "wind":
        air = air_density(
            weather["dry_bulb_degc"], weather["relative_humidity"], weather["pressure_pa"]
        )
        return wind_capacity_factor(weather["wind_speed_hub_m_s"], air, losses=card.losses_share)
    from coplan.physics import solar  # pvlib takes a second to import: only where PV stands

    sun = solar.sun_path(place.latitude_deg, place.longitude_deg, place.altitude_m)
    return solar.pv_capacity_factor(
        weather["ghi_w_m2"], weather["dni_w_m2"], weather["dhi_w_m2"], weather["dry_bulb_degc"],
        weather["wind_speed_10m_m_s"], sun=sun, tilt_deg=card.tilt_deg,
        dc_ac_ratio=card.dc_ac_ratio, losses=card.losses_share,
    )  # fmt: skip


def _kept(profile: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """A profile over the horizon as the dataset keeps it: four digits, tiny values as none."""
    rounded = np.round(profile[hours], 4)
    return np.where(rounded < CUT, 0.0, rounded)


def plants(sources: Sources) -> list[Check]:
    """Capacity factors of own plants follow from the weather of their place, or their file."""
    case, scenario = sources.case, sources.scenario
    known, parts = scenario.cards, []
    beside = sources.units("plants")
    for g, unit in enumerate(case.labels["plant"]):
        for w, year in enumerate(_years(sources)):
            if unit in beside:
                site, entry = beside[unit]
                place = known["sites"][scenario.system.sites[site].site]
                there = _at_site(sources, year, site)
            else:
                entry = scenario.system.plants[unit]
                place = known["sites"][entry.place]
                near = [site for site, campus in scenario.system.sites.items()
                        if campus.site == entry.place]  # fmt: skip
                there = (_at_site(sources, year, near[0]) if near
                         else _of_station(sources, year, place.station))  # fmt: skip
            if entry.profile is not None:
                expected = sources.series(entry.profile)
            else:
                made = _profile(there, place, known["generators"][entry.card])
                expected = _kept(made, sources.hour_of_year)
            parts.append(_against(case, "capacity_factor", (w, g), expected, unit))
    return [case.check("风光出力由气象重算", "plant profiles as the weather says", *parts)]


def contracts(sources: Sources) -> list[Check]:
    """Profiles of contracts follow from the typical weather of the place they name."""
    case, known, parts = sources.case, sources.scenario.cards, []
    for c, (unit, (_, entry)) in enumerate(sources.units("contracts").items()):
        card = known["contracts"][entry.card]
        place = known["sites"][card.place]
        generator = known["generators"][card.generator]
        for w, year in enumerate(_years(sources)):
            made = _profile(_of_station(sources, year, place.station), place, generator)
            expected = _kept(made, sources.hour_of_year) * np.isin(sources.month, card.months)
            if card.kind != "pay_as_produced":
                curve = np.ones(24) if card.shape is None else np.array(card.shape, dtype=float)
                due = (curve[sources.hour] * np.isin(sources.month, card.months)).sum()
                expected = expected * (due / max(expected.sum(), 1e-9))
            parts.append(_against(case, "contract_profile", (w, c), expected, unit))
    return [case.check("合同电源出力重算", "contract profiles as the weather says", *parts)]


def _against(case: Case, name: str, at: tuple[int, int], expected: np.ndarray, unit: str) -> Part:
    # a rounding may fall either way in the last digit, and so on either side of the cut
    gap = np.abs(case.given(name)[at] - expected)
    near_cut = (gap <= CUT * 1.001) & (np.maximum(case.given(name)[at], expected) <= CUT * 1.001)
    return measured(np.where(near_cut, 0.0, gap - 2.0 * PROFILE), 1.0, ("time",), unit)
