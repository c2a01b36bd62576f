"""Weather becomes profiles: capacity factors of plants, cooling coefficients of halls."""

from __future__ import annotations

from typing import Any

import numpy as np

from coplan.dataset import user_series
from coplan.dataset.horizon import Horizon
from coplan.dataset.weather import Weather, epw_weather, station_weather, weather_file
from coplan.elements.index import Field
from coplan.elements.lines import DirectPlantEntry
from coplan.elements.trading.cards import shape_of
from coplan.errors import InputError
from coplan.physics.cooling import (
    altitude_factor,
    cooling_load_factor,
    loss_coefficients,
    water_use,
)
from coplan.physics.psychrometrics import air_density, pressure_at
from coplan.physics.wind import wind_capacity_factor
from coplan.scenario.messages import near
from coplan.scenario.reader import data_files

SMALLEST_FACTOR = 1e-3
"""Capacity factors below this count as none, so that no coefficient of the matrix is tiny."""

LOSS_PART_LOAD = 0.3
"""Part load at which a hall card states its second loss value."""

HUB_HEIGHT_M, SHEAR_EXPONENT = 100.0, 0.2
"""For wind taken from an EPW file: hub height and exponent of the power law over open land."""


class Skies:
    """Weather of every site and weather year, and the profiles made from it."""

    def __init__(self, scenario: Any, span: Horizon):
        self.scenario = scenario
        self.span = span
        self.notices: list[dict] = []
        weather = scenario.spec.weather
        self.epw = weather if isinstance(weather, dict) else {}
        named = ["typical"] if isinstance(weather, (str, dict)) else list(weather)
        self.years = {name if not self.epw else "user": name for name in named}
        self._read: dict[tuple[str, str], Weather] = {}
        self.sites = {
            site: scenario.cards["sites"][campus.site]
            for site, campus in scenario.system.sites.items()
        }
        self.at_site = self._read_all()

    def _read_all(self) -> dict[tuple[str, str], Weather]:
        """Weather by year and site; InputError with what is wrong in every file that is needed."""
        found, problems = {}, []
        for year in self.years:
            for site in self.sites:
                try:
                    found[year, site] = self._site_weather(year, site)
                except InputError as error:
                    problems += error.problems
            for place in self._places_of_plants():
                try:
                    self._typical(year, place)
                except InputError as error:
                    problems += error.problems
        if problems:
            raise InputError(list(dict.fromkeys(problems)))
        return found

    def _places_of_plants(self) -> list[Any]:
        """Site cards of the plants behind contracts and direct lines."""
        cards = self.scenario.cards
        names = [card.place for card in cards.get("contracts", {}).values()]
        names += [e.place for e in self.scenario.system.plants.values() if e.profile is None]
        return [cards["sites"][name] for name in names]

    def _typical(self, year: str, place: Any) -> Weather:
        """Weather of the station of a site card."""
        key = (self.years[year], place.station)
        if key not in self._read:
            self._refuse_missing(*key)
            self._read[key] = station_weather(self.scenario.project, *key, place)
        return self._read[key]

    def _refuse_missing(self, year: str, station: str) -> None:
        """InputError at the scenario's weather, or at the card that names the station."""
        path = weather_file(self.scenario.project, year, station)
        if path.is_file():
            return
        if not path.parent.is_dir():
            years = sorted(p.name for p in path.parent.parent.glob("*") if p.is_dir())
            text = f"there is no weather year {year}; {near(year, years)}"
            raise InputError(self.scenario.problem("scenario", ("weather",), text))
        stations = sorted(file.stem for file in path.parent.glob("*.csv"))
        text = f"there is no weather of this station for the year {year}; {near(station, stations)}"
        cards = self.scenario.cards["sites"].items()
        name = next(f"sites/{key}" for key, card in cards if card.station == station)
        raise InputError(self.scenario.problem(name, ("station",), text))

    def _site_weather(self, year: str, site: str) -> Weather:
        place = self.sites[site]
        typical = self._typical(year, place)
        if site not in self.epw:
            return typical
        entry = self.epw[site]
        wind = typical if entry.wind == "typical" else None
        path = data_files(self.scenario)[site]
        found, notices = epw_weather(path, wind, place, HUB_HEIGHT_M, SHEAR_EXPONENT)
        name = place.name
        self.notices += [
            {"zh": f"{name.zh}：{n['zh']}", "en": f"{name.en}: {n['en']}"} for n in notices
        ]
        return found

    def fields(self) -> dict[str, Field]:
        """Weather years, their probability, and dry and wet bulb of every site."""
        years = list(self.years)
        fields = {
            "weather": Field(("weather",), years, "", "weather year"),
            "weather_probability": Field(
                ("weather",), np.full(len(years), 1 / len(years)), "1", "probability"
            ),
        }
        for name, text in (("dry_bulb_degc", "dry bulb"), ("wet_bulb_degc", "wet bulb")):
            values = [
                [getattr(self.at_site[year, site], name)[self.span.hour_of_year]
                 for site in self.sites] for year in years
            ]  # fmt: skip
            fields[name] = Field(("weather", "site", "time"), np.round(values, 2), "degC", text)
        for name in ("latitude_deg", "longitude_deg"):
            values = [getattr(card, name) for card in self.sites.values()]
            fields[f"site_{name}"] = Field(("site",), np.array(values), "degree", name[:-4])
        fields["site_zone"] = Field(
            ("site",), [card.zone for card in self.sites.values()], "", "grid zone"
        )
        return fields

    def plant_fields(self, plants: dict[str, tuple]) -> dict[str, Field]:
        """Capacity factor of every own plant."""
        values = [
            [self._own(year, site, entry, card) for site, entry, card in plants.values()]
            for year in self.years
        ]
        return {
            "capacity_factor": Field(
                ("weather", "plant", "time"), self._stacked(values, len(plants)), "1",
                "power the weather gives over capacity",
            )
        }  # fmt: skip

    def _own(self, year: str, site: str, entry: Any, card: Any) -> np.ndarray:
        """Capacity factor of an own plant: the profile its entry names, else from weather.

        Behind a meter that of its site; else that of its place, as any site there has it.
        """
        if entry.profile is not None:
            return user_series.values(self.scenario, entry.profile, self.span)
        if not isinstance(entry, DirectPlantEntry):
            return self._factor(self.at_site[year, site], self.sites[site], card)
        place = self.scenario.cards["sites"][entry.place]
        there = [self.at_site[year, s] for s, other in self.sites.items() if other is place]
        weather = there[0] if there else self._typical(year, place)
        return self._factor(weather, place, card)

    def contract_fields(self, contracts: dict[str, tuple], span: Horizon) -> dict[str, Field]:
        """Profile of every contract's plant, from the typical weather of its place.

        The plant behind a baseload or shaped contract makes as much in the year as the shape asks
        for: its profile is scaled to it, and may exceed the volume in good hours.
        """
        cards = self.scenario.cards
        values = []
        for year in self.years:
            row = []
            for _, _, card in contracts.values():
                place = cards["sites"][card.place]
                weather = self._typical(year, place)
                factor = self._factor(weather, place, cards["generators"][card.generator])
                factor = factor * np.isin(span.month, card.months)
                if card.kind != "pay_as_produced":
                    shape = shape_of(card, span.month, span.hour_of_day)
                    factor = factor * (shape.sum() / max(factor.sum(), 1e-9))
                row.append(factor)
            values.append(row)
        return {
            "contract_profile": Field(
                ("weather", "contract", "time"), self._stacked(values, len(contracts)), "1",
                "power the plant gives over contract volume",
            )
        }  # fmt: skip

    def cooling_fields(self, halls: dict[str, tuple]) -> dict[str, Field]:
        """Cooling coefficients by hour and loss coefficients of every hall unit."""
        by_year = [
            [self._cooling(year, site, hall) for site, _, hall, _ in halls.values()]
            for year in self.years
        ]
        slopes, fixeds, factors, waters = (
            [[found[part] for found in year] for year in by_year] for part in range(4)
        )
        losses = [
            loss_coefficients(
                hall.loss_rated_share, part_load=LOSS_PART_LOAD,
                part_load_extra=hall.loss_at_30_percent_share - hall.loss_rated_share,
            ) for _, _, hall, _ in halls.values()
        ]  # fmt: skip
        dims = ("weather", "hall", "time")
        return {
            "cooling_slope": Field(dims, self._stacked(slopes, len(halls)), "1", "cooling per IT"),
            "cooling_fixed": Field(
                dims, self._stacked(fixeds, len(halls)), "1", "cooling per installed IT capacity"
            ),
            "cooling_load_factor": Field(
                dims, self._stacked(factors, len(halls)), "1", "rated cooling per IT"
            ),
            "water_l_per_kwh": Field(
                dims, self._stacked(waters, len(halls)), "L/kWh", "water per IT energy"
            ),
            "loss_slope": Field(
                ("hall",), np.round([a for a, _ in losses], 5), "1", "loss per IT"
            ),
            "loss_fixed": Field(
                ("hall",), np.round([b for _, b in losses], 5), "1", "loss per installed capacity"
            ),
        }

    def _cooling(self, year: str, site: str, hall: Any) -> tuple[np.ndarray, ...]:
        """Slope and fixed part of the first line, cooling load factor, water, of one hall unit."""
        card = self.scenario.cards["cooling"][hall.cooling]
        weather, hours = self.at_site[year, site], self.span.hour_of_year
        factor = cooling_load_factor(
            weather.dry_bulb_degc[hours], weather.wet_bulb_degc[hours],
            dry_bulb_points=[(p.degc, p.clf) for p in card.by_dry_bulb or ()],
            wet_bulb_points=[(p.degc, p.clf) for p in card.by_wet_bulb or ()],
            dry_mode_below_degc=card.dry_mode_below_degc,
        )  # fmt: skip
        pressure = pressure_at(self.sites[site].altitude_m)
        factor = np.round(factor * altitude_factor(pressure, fan_share=card.fan_share), 5)
        slope, fixed = card.segments()[0]
        water = water_use(
            weather.dry_bulb_degc[hours], weather.wet_bulb_degc[hours],
            points=[(p.degc, p.l_per_kwh) for p in card.water],
            dry_mode_below_degc=card.dry_mode_below_degc,
        )  # fmt: skip
        return np.round(factor * slope, 5), np.round(factor * fixed, 5), factor, np.round(water, 4)

    def _factor(self, weather: Weather, place: Any, card: Any) -> np.ndarray:
        """Capacity factor over the horizon, rounded, tiny values cut."""
        if card.kind == "wind":
            density = air_density(
                weather.dry_bulb_degc, weather.relative_humidity, weather.pressure_pa
            )
            factor = wind_capacity_factor(
                weather.wind_speed_hub_m_s, density, losses=card.losses_share
            )
        else:
            factor = self._solar(weather, place, card)
        factor = np.round(factor[self.span.hour_of_year], 4)
        return np.where(factor < SMALLEST_FACTOR, 0.0, factor)

    def _solar(self, weather: Weather, place: Any, card: Any) -> np.ndarray:
        from coplan.physics import solar  # pvlib takes a second to import: only where PV stands

        sun = solar.sun_path(place.latitude_deg, place.longitude_deg, place.altitude_m)
        return solar.pv_capacity_factor(
            weather.ghi_w_m2, weather.dni_w_m2, weather.dhi_w_m2, weather.dry_bulb_degc,
            weather.wind_speed_10m_m_s, sun=sun, tilt_deg=card.tilt_deg,
            dc_ac_ratio=card.dc_ac_ratio, losses=card.losses_share,
        )  # fmt: skip

    def _stacked(self, values: list, units: int) -> np.ndarray:
        shape = (len(self.years), units, len(self.span.hour_of_year))
        return np.array(values, dtype=float).reshape(shape)
