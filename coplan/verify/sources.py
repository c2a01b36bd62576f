"""What the dataset says is worked out a second time from cards and files, by a shorter way.

Model and audit read the same dataset: a mistake in making it would show in neither. So prices are
looked up again hour by hour in the tariff cards, weather is read again from its files, and cooling,
plant profiles, demand and annuities are worked out from what stands there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from coplan.verify import cards, promises, tariffs, weather
from coplan.verify.case import Case
from coplan.verify.outcome import AuditReport, Check, flat, guarded

RULES = (
    tariffs.energy_prices, tariffs.fixed_charges, tariffs.contract_fees, tariffs.factors,
    weather.temperatures, weather.cooling, weather.plants, weather.contracts,
    cards.investments, cards.running_costs, cards.halls, cards.demand,
    promises.targets, promises.rewards, promises.vouchers,
)  # fmt: skip


class Sources(NamedTuple):
    """A scenario, the dataset made of it, and the hours of its operating year."""

    scenario: Any
    case: Case
    hour_of_year: np.ndarray
    month: np.ndarray
    hour: np.ndarray

    def series(self, entry: Any) -> np.ndarray:
        """A series that a card names over the horizon (time), in the model's unit."""
        column = columns_of(self.scenario.root / entry.file, [entry.column])[entry.column]
        return np.asarray(column[self.hour_of_year] * entry.factor)

    def units(self, group: str) -> dict[str, tuple[str, Any]]:
        """Unit → (site, entry) of one group of entries of all sites."""
        return {
            f"{site}_{name}": (site, entry)
            for site, campus in self.scenario.system.sites.items()
            for name, entry in getattr(campus, group).items()
        }


def audit_sources(scenario: Any, inputs: xr.Dataset) -> AuditReport:
    """Compare the dataset `inputs` with what the scenario's cards and files say."""
    options, case = scenario.spec.options, Case(inputs, inputs)
    first = datetime(2027, 1, 1) + timedelta(hours=options.start_hour)  # any year of 365 days
    moments = [first + timedelta(hours=step) for step in range(options.hours)]
    year = np.array([(one.timetuple().tm_yday - 1) * 24 + one.hour for one in moments])
    month, hour = (np.array([getattr(one, key) for one in moments]) for key in ("month", "hour"))
    sources = Sources(scenario, case, year, month, hour)
    checks: list[Check] = calendar(sources)
    for rule in RULES:
        checks += guarded(rule, sources)
    return AuditReport(checks)


def calendar(sources: Sources) -> list[Check]:
    """Every step has its month, day and hour, and stands for its share of the year."""
    inputs = sources.case.inputs
    expected = {
        "month_of_step": sources.month, "hour_of_day": sources.hour,
        "day_of_year": sources.hour_of_year // 24 + 1,
        "step_weight": np.full(sources.month.size, 8760.0 / sources.month.size),
    }  # fmt: skip
    faults = [
        name for name, values in expected.items()
        if not np.allclose(inputs[name].values, values, rtol=1e-12, atol=0.0)
    ]  # fmt: skip
    return [flat("日历", "months, days and hours of the year", faults, 4 * sources.month.size)]


def columns_of(path: Path, names: Iterable[str]) -> dict[str, np.ndarray]:
    """Columns of a CSV file with a heading, comment lines left out, by name."""
    text = path.read_text(encoding="utf-8-sig").splitlines()
    rows = [line for line in text if line.strip() and not line.startswith("#")]
    heading = [name.strip() for name in rows[0].split(",")]
    wanted = list(names)
    table = np.loadtxt(rows[1:], delimiter=",", ndmin=2, comments=None,
                       usecols=[heading.index(name) for name in wanted])  # fmt: skip
    return dict(zip(wanted, table.T, strict=True))
