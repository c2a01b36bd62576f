"""Random small projects as a planner writes them: cards in YAML, changed as text is changed."""

from __future__ import annotations

import copy
import functools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import yaml

from coplan.dataset.build import build_dataset
from coplan.scenario.reader import read_scenario

ROOT = Path(__file__).resolve().parents[2]
SYSTEM = "models/systems/zhangbei-campus.yaml"
SCENARIO = "scenarios/quickstart.yaml"
DAY = 24
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

Project = dict[str, Any]
"""File below the project's folder → its content."""
TOLD = ("source", "note", "confidence", "document")
"""Keys whose text is no input of the model."""

MOVED = (
    "approved_mw", "_max_mw", "_max_mwh", "mean_p", "_cny_per_kwh", "_cny_per_kw",
    "_cny_per_kw_year", "_cny_per_kw_month",
)  # fmt: skip
"""How keys end whose numbers are moved at random."""

OTHER_UNITS = {
    "_mw": (("kW", 1e3), ("GW", 1e-3)),
    "_mwh": (("kWh", 1e3), ("GWh", 1e-3)),
    "_kw": (("MW", 1e-3), ("W", 1e3)),
    "_cny_per_kwh": (("CNY/MWh", 1e3), ("万元/GWh", 1e2)),
    "_cny_per_mwh": (("CNY/kWh", 1e-3), ("元/MWh", 1.0)),
    "_cny_per_kw": (("CNY/MW", 1e3), ("万元/MW", 1e-1)),
    "_cny_per_kva": (("CNY/MVA", 1e3), ("万元/MVA", 1e-1)),
    "_cny_per_kw_year": (("CNY/MW/year", 1e3), ("万元/MW/year", 1e-1)),
    "_cny_per_kw_month": (("CNY/MW/month", 1e3), ("元/kW/month", 1.0)),
    "_cny_per_kva_month": (("CNY/MVA/month", 1e3), ("元/kVA/month", 1.0)),
    "_kg_per_kwh": (("t/MWh", 1.0), ("g/kWh", 1e3)),
    "_share": (("%", 1e2),),
    "_m": (("km", 1e-3),),
    "_h": (("min", 60.0),),
    "_ms": (("s", 1e-3),),
    "mean_p": (("EFLOPS", 1e-3),),
}
"""How a key ends that holds a number → other units for it, and how many of these one is."""


@functools.cache
def shipped() -> Project:
    """The quickstart and every card it may name."""
    files = [*sorted(ROOT.glob("models/*/*.yaml")), ROOT / SCENARIO]
    return {
        path.relative_to(ROOT).as_posix(): yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in files if path.parent.name != "systems" or path.stem == Path(SYSTEM).stem
    }  # fmt: skip


def numbers(content: Any, key: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every number of a card that is an input: the key it is said of, its holder, its place.

    `{value: 3, source: …}` and `{2027: 3}` belong to the key above them.
    """
    pairs = content.items() if isinstance(content, dict) else enumerate(content)
    for place, value in pairs:
        if place in TOLD:
            continue
        named = isinstance(place, str) and place != "value"
        if isinstance(value, (dict, list)):
            yield from numbers(value, place if named else key)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield place if named else key, content, place


def random_project(seed: int) -> Project:
    """The quickstart over one day of the year, its sizes, prices and targets moved at random."""
    rng = np.random.default_rng(seed)
    project = copied(shipped())
    for path, content in project.items():
        if path.startswith(("models/systems", "models/generators", "models/storage",
                            "models/contracts", "models/tariffs")):  # fmt: skip
            for key, holder, place in numbers(content):
                if key.endswith(MOVED):
                    low = 0.7 if key == "mean_p" else 0.9
                    holder[place] = float(holder[place]) * float(rng.uniform(low, 1.1))
    scenario = project[SCENARIO]
    share, matching = float(rng.uniform(0.0, 0.6)), str(rng.choice(["hourly", "monthly", "annual"]))
    scenario["targets"]["green_share"] |= {"value": share, "matching": matching}
    scenario["targets"]["compute"] = {"fp16": float(rng.uniform(8_000, 18_000))}
    scenario["options"] |= {"hours": DAY, "start_hour": int(DAY * rng.integers(0, 365))}
    scenario["options"]["carbon_price_cny_per_t"] = float(rng.choice([0.0, 60.0]))
    return project


def copied(project: Project) -> Project:
    """A copy that may be changed."""
    return copy.deepcopy(project)


def dataset_of(project: Project, folder: Path) -> xr.Dataset:
    """What coplan reads from a project that is written into `folder`."""
    for name, content in project.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = yaml.dump(content, None, DUMPER, allow_unicode=True, sort_keys=False)
        path.write_text(text, encoding="utf-8")
    return build_dataset(read_scenario(folder / SCENARIO, root=folder))


def with_weather(folder: Path) -> Path:
    """A folder that holds the weather of the station, the typical year a second time."""
    weather = folder / "data" / "weather"
    for year in ("typical", "typical-again"):
        (weather / year).mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "data/weather/typical/zhangbei.csv", weather / year)
    shutil.copy(ROOT / "data/weather/stations.yaml", weather)
    return folder


def changed(
    project: Project, change: Callable[[str, Any], Any], ends: str | tuple[str, ...] = ""
) -> Project:
    """The project with every number of a key that ends so replaced by `change(key, number)`."""
    found = copied(project)
    for content in found.values():
        for key, holder, place in list(numbers(content)):
            if key.endswith(ends):
                holder[place] = change(key, holder[place])
    return found


def in_other_units(project: Project, seed: int) -> Project:
    """The same project with its numbers written in other units: 80 MW as 80000 kW."""
    rng = np.random.default_rng(seed)

    def rewrite(key: str, value: float) -> Any:
        ends = [end for end in OTHER_UNITS if key.endswith(end) and not key.endswith(f"_per{end}")]
        if not ends:
            return value
        ways = OTHER_UNITS[max(ends, key=len)]
        unit, factor = ways[rng.integers(len(ways))]
        return f"{value * factor!r} {unit}"

    return changed(project, rewrite)


def with_double_money(project: Project) -> Project:
    """The same project where every price, fee and investment is twice as high."""
    return changed(
        project, lambda key, value: value * 2.0 if "cny" in key and "per_cny" not in key else value
    )


def in_another_order(project: Project) -> Project:
    """The same project, with what its site and system hold listed from the last to the first."""
    found = copied(project)
    system = found[SYSTEM]
    site = system["sites"]["zhangbei"]
    for holder, keys in ((site, ("halls", "plants", "batteries", "contracts")),
                         (system, ("demand", "regions", "certificates"))):  # fmt: skip
        for key in keys:
            holder[key] = dict(reversed(holder[key].items()))
    return found


def with_halves(project: Project) -> Project:
    """The same project with each plant and the battery as two of half the size."""
    found = copied(project)
    site = found[SYSTEM]["sites"]["zhangbei"]
    for kind in ("plants", "batteries"):
        whole = site.pop(kind)
        halves = changed(whole, lambda _, mw: mw / 2.0, ("_mw", "_mwh"))
        site[kind] = {f"{name}-{part}": copied(entry)
                      for name, entry in halves.items() for part in "ab"}  # fmt: skip
    return found


def with_weather_twice(project: Project) -> Project:
    """The same project with its weather year listed twice, each of half the weight."""
    found = copied(project)
    found[SCENARIO]["weather"] = ["typical", "typical-again"]
    return found
