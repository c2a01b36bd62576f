"""The results of a study side by side: one Dataset over its variants, and its files."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from coplan.plan.kpis import TIMING_KEYS
from coplan.plan.tables import ENCODING, safe_for_spreadsheets
from coplan.run import read_json
from coplan.study import differences, front, near_optimal
from coplan.study.expand import axis_names
from coplan.study.reader import Study
from coplan.study.store import Store
from coplan.study.variant import BASE, Variant

if TYPE_CHECKING:
    from coplan.report.house import HouseStyle

UNITS = (
    ("_cny_per_mwh_it", "CNY/MWh"), ("_cny_per_p_hour", "CNY/(P·h)"), ("_cny", "CNY"),
    ("_mwh", "MWh"), ("_mw", "MW"), ("_gb", "GB"), ("_years", "a"),
)  # fmt: skip
"""Ending of a key of kpis.json → its unit."""
MOST_DIFFERENT = 5
"""Plans that are told as most different, beside the cheapest."""
CLAUSE_FIGURES = ("required", "achieved", "slack", "shadow_price", "missed", "penalty_cny")


@dataclass(frozen=True)
class Compared:
    """One result that is compared, and what is known of it beside its files."""

    variant: Variant
    key: str
    status: str
    cause: str
    """Why there is no plan, where there is none."""
    folder: Path
    settings: Mapping[str, str]
    """Dotted keys in which the scenarios differ, with the value of this one."""


def comparison(study: Study, keys: Sequence[str], store: Store) -> xr.Dataset:
    """The results of a study side by side, with what its front and its near-optimal plans say."""
    settings = differences.of_study(study)
    each = [Compared(variant, key, *_end(store, key), store.result(key), of_one)
            for variant, key, of_one in zip(study.variants, keys, settings,
                                            strict=True)]  # fmt: skip
    data = side_by_side(each)
    data["axis_zh"], data["axis_en"] = _axis_names(study, data["axis"].values.tolist())
    if study.spec.front is not None:
        data = _with_front(data, study.spec.front.against)
    if study.spec.near_optimal is not None:
        data = _with_near_optimal(data, study, study.spec.near_optimal.within)
    title = study.spec.title
    return data.assign_attrs(study=study.spec.id, title_zh=title.zh, title_en=title.en,
                             base=study.base.spec.id)  # fmt: skip


def side_by_side(each: Sequence[Compared]) -> xr.Dataset:
    """Everything that can be compared, over the variants in their order, the base first.

    Key figures over `variant`; `size` [unit of `size_unit`] over (variant, unit); clauses over
    (variant, clause); `at` over (variant, axis) and `setting` over (variant, setting_key) as text.
    What a variant does not have is NaN or "".
    """
    data = xr.Dataset(coords={"variant": [one.variant.name for one in each]})
    texts = {
        "title_zh": ("name in Chinese", [one.variant.title_zh for one in each]),
        "title_en": ("name in English", [one.variant.title_en for one in each]),
        "part": ("part of the study's file", [one.variant.part for one in each]),
        "key": ("key of the result in the store", [one.key for one in each]),
        "status": ("what became of it", [one.status for one in each]),
        "cause": ("why there is no plan", [one.cause for one in each]),
    }
    for name, (long_name, values) in texts.items():
        data[name] = ("variant", values, {"units": "", "long_name": long_name})
    for name, dim, rows, long_name in (
        ("at", "axis", [one.variant.at for one in each], "place on the axis"),
        ("setting", "setting_key", [one.settings for one in each], "value of a key that differs"),
    ):
        labels = list(dict.fromkeys(label for row in rows for label in row))
        data = data.assign_coords({dim: np.array(labels, dtype=str)})
        grid = _grid([[row.get(label, "") for label in labels] for row in rows], len(labels))
        data[name] = (("variant", dim), grid, {"units": "", "long_name": long_name})
    data["axis_zh"] = data["axis_en"] = ("axis", data["axis"].values)
    found = [_result(one.folder) for one in each]
    data = _with_figures(data, [one.figures for one in found])
    data = _with_sizes(data, [one.sizes for one in found])
    return _with_clauses(data, [one.clauses for one in found])


def _with_front(data: xr.Dataset, against: str) -> xr.Dataset:
    """Value on the other axis of the front, whether a plan is on it, and the exchange rate."""
    columns = {str(name): data[name].values for name in data.data_vars
               if data[name].dims == ("variant",)}  # fmt: skip
    each = [{name: values[i] for name, values in columns.items()}
            for i in range(data.sizes["variant"])]  # fmt: skip
    found = [front.value_of(against, one) for one in each]
    value = np.array([math.nan if one is None else one for one in found])
    cost = np.array([float(one.get("cost_cny", math.nan)) + float(one.get("penalties_cny", 0.0))
                     for one in each])  # fmt: skip
    part = data["part"].values.astype(str)
    curve = front.curve(against, value, cost, np.isin(part, [BASE, front.PART]))
    unit = front.AXES[against].unit
    told = (
        ("front_value", value, unit, f"{against} on the front"),
        ("is_on_front", curve.is_on, "1", "1 where no plan is as cheap and as good"),
        ("front_rate_cny", curve.rate_cny, f"CNY per {abs(front.AXES[against].step):g} {unit}",
         "cost of going on from the cheaper neighbour"),
    )  # fmt: skip
    for name, values, units, long_name in told:
        data[name] = ("variant", values, {"units": units, "long_name": long_name})
    return data.assign_attrs(front=against)


def _with_near_optimal(data: xr.Dataset, study: Study, within: float) -> xr.Dataset:
    """The range of every size that was explored, and which plans differ most from one another."""
    names = near_optimal.size_names(study.variants)
    labels = data["unit"].values.astype(str)
    last = max((label.rsplit(", ", 1)[1] for label in labels), default="")
    chosen = [j for j, label in enumerate(labels)
              if label.rsplit(", ", 1)[0] in names and label.endswith(f", {last}")]  # fmt: skip
    part = data["part"].values.astype(str)
    mine = np.isin(part, [BASE, near_optimal.PART, near_optimal.APART])
    found = np.where(mine[:, None], data["size"].values[:, chosen], np.nan).astype(float)
    seen = found[np.isfinite(found).all(axis=1)]
    told = [names[labels[j].rsplit(", ", 1)[0]] for j in chosen]
    data = data.assign_coords(explored=np.array([labels[j] for j in chosen], dtype=str))
    columns = {
        "explored_zh": (np.array([zh for zh, _ in told], dtype=str), "name in Chinese"),
        "explored_en": (np.array([en for _, en in told], dtype=str), "name in English"),
        "explored_unit": (data["size_unit"].values[chosen], "unit of the size"),
        "near_least": (seen.min(axis=0, initial=math.inf), "least size within the budget"),
        "near_cheapest": (found[0], "size of the cheapest plan"),
        "near_most": (seen.max(axis=0, initial=-math.inf), "largest size within the budget"),
    }
    for name, (values, long_name) in columns.items():
        data[name] = ("explored", values, {"units": "see explored_unit", "long_name": long_name})
    data["different"] = ("variant", near_optimal.ranks(found, MOST_DIFFERENT),
                         {"units": "1", "long_name": "order of the plans that differ most"})
    return data.assign_attrs(near_optimal_within=within)


def write_comparison_files(data: xr.Dataset, folder: Path) -> None:
    """Write comparison.nc and .csv, sizes.csv, clauses.csv and settings.csv."""
    data.to_netcdf(folder / "comparison.nc", engine="netcdf4")
    for name, table in (("comparison", figure_table(data)), ("sizes", size_table(data)),
                        ("clauses", clause_table(data)),
                        ("settings", setting_table(data))):  # fmt: skip
        safe_for_spreadsheets(table).to_csv(
            folder / f"{name}.csv", index=False, encoding=ENCODING, lineterminator="\n"
        )


@dataclass(frozen=True)
class Drawing:
    """The report of a comparison whose files stand in a folder, to be written beside them."""

    folder: Path
    languages: tuple[str, ...]
    house: HouseStyle | None = None
    deadline_s: float = 3600.0


def draw(drawing: Drawing) -> None:
    """Write the report of the comparison that comparison.nc holds."""
    from coplan.report import write_study_report

    with xr.open_dataset(drawing.folder / "comparison.nc") as data:
        write_study_report(data.load(), drawing.folder, drawing.languages, drawing.house)


def figure_table(data: xr.Dataset) -> pd.DataFrame:
    """One row for each variant: names, status, place on the axes, every key figure."""
    texts = data[["title_zh", "title_en", "part", "status"]].to_pandas()
    places = data["at"].to_pandas()
    figures = data[[name for name in data.data_vars if data[name].dtype.kind == "f"
                    and data[name].dims == ("variant",)]].to_pandas()  # fmt: skip
    return pd.concat([texts, places, figures, data["cause"].to_pandas().rename("cause")],
                     axis=1).reset_index()  # fmt: skip


def size_table(data: xr.Dataset) -> pd.DataFrame:
    """One row for each size, one column for each variant."""
    about = pd.DataFrame({"size": data["unit"].values, "unit": data["size_unit"].values})
    values = pd.DataFrame(data["size"].values.T, columns=data["variant"].values)
    return pd.concat([about, values], axis=1)


def clause_table(data: xr.Dataset) -> pd.DataFrame:
    """One row for each clause of each variant that has it."""
    names = ["clause_kind", "clause_status", *(f"clause_{name}" for name in CLAUSE_FIGURES)]
    table = data[names].to_dataframe().reset_index()
    return table[table["clause_status"] != ""]


def setting_table(data: xr.Dataset) -> pd.DataFrame:
    """One row for each key in which the scenarios differ, one column for each variant."""
    values = pd.DataFrame(data["setting"].values.T, columns=data["variant"].values)
    return pd.concat([pd.DataFrame({"key": data["setting_key"].values}), values], axis=1)


def _axis_names(study: Study, axes: list[str]) -> list[xr.DataArray]:
    """What each axis is called in Chinese and in English."""
    sweep = study.spec.sweep
    given = {axis_names(sweep)[key]: name for key, name in sweep.names.items()} if sweep else {}
    texts = [[getattr(given[axis], lang) if axis in given else axis for axis in axes]
             for lang in ("zh", "en")]  # fmt: skip
    return [xr.DataArray(np.array(text, dtype=str), dims="axis",
                         attrs={"units": "", "long_name": "name of the axis"})
            for text in texts]  # fmt: skip


def _end(store: Store, key: str) -> tuple[str, str]:
    """Status of a variant and why it has no plan."""
    if store.has(key):
        told = store.outcome(key)
        return str(told["status"]), str(told["message"])
    return "failed", str(store.failure_told(key).get("cause", ""))


@dataclass(frozen=True)
class _Result:
    """What is compared of one result; small, since there may be thousands. Empty without a plan."""

    figures: dict[str, float]
    sizes: dict[tuple[str, str], float]
    """(label, unit) → size."""
    clauses: dict[tuple[str, str], tuple[str, ...]]
    """(label, kind) → status and CLAUSE_FIGURES, as written."""


def _result(folder: Path) -> _Result:
    figures = {
        intern(name): _number(value) for name, value in read_json(folder / "kpis.json").items()
        if name not in TIMING_KEYS and not isinstance(value, str)
    }  # fmt: skip
    sizes = {
        (intern(f"{row['id']}, {row['quantity']}, {row['period']}"), intern(row["unit"])):
            _figure(row["value"])
        for row in _table(folder / "tables" / "capacities.csv")
    }  # fmt: skip
    clauses = {
        (intern(", ".join(text for text in (row["id"], row["period"]) if text)),
         intern(row["kind"])): tuple(intern(row[name]) for name in ("status", *CLAUSE_FIGURES))
        for row in _table(folder / "compliance.csv")
    }  # fmt: skip
    return _Result(figures, sizes, clauses)


def _table(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV table of a run; none where there is no plan."""
    if not path.is_file():
        return []
    with path.open(encoding=ENCODING, newline="") as stream:
        return list(csv.DictReader(stream))


def _with_figures(data: xr.Dataset, found: list[dict[str, float]]) -> xr.Dataset:
    """Every number of kpis.json."""
    for name in dict.fromkeys(name for one in found for name in one):
        values = np.array([one.get(name, math.nan) for one in found])
        about = {"units": _unit(name), "long_name": name.replace("_", " ")}
        data[name] = ("variant", values, about)
    return data


def _unit(name: str) -> str:
    stem = name.rsplit("_", 1)[0] if name.rsplit("_", 1)[-1].isdecimal() else name
    if "_t_" in f"{stem}_":
        return "t"
    return next((unit for ending, unit in UNITS if stem.endswith(ending)), "1")


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _figure(text: str) -> float:
    return float(text) if text else math.nan


def _with_sizes(data: xr.Dataset, found: list[dict[tuple[str, str], float]]) -> xr.Dataset:
    """Every size decided, by "id, quantity, period"."""
    labels = list(dict.fromkeys(label for one in found for label in one))
    values = [[one.get(label, math.nan) for label in labels] for one in found]
    data = data.assign_coords(unit=np.array([label for label, _ in labels], dtype=str))
    data["size"] = (("variant", "unit"), _grid(values, len(labels)),
                    {"units": "see size_unit", "long_name": "size decided"})  # fmt: skip
    data["size_unit"] = ("unit", np.array([unit for _, unit in labels], dtype=str),
                         {"units": "", "long_name": "unit of the size"})  # fmt: skip
    return data


def _with_clauses(
    data: xr.Dataset, found: list[dict[tuple[str, str], tuple[str, ...]]]
) -> xr.Dataset:
    """Every clause, by "id, period"."""
    labels = list(dict.fromkeys(label for one in found for label in one))
    data = data.assign_coords(clause=np.array([label for label, _ in labels], dtype=str))
    data["clause_kind"] = ("clause", np.array([kind for _, kind in labels], dtype=str),
                           {"units": "", "long_name": "kind of the clause"})  # fmt: skip
    dims, none = ("variant", "clause"), ("",) * (1 + len(CLAUSE_FIGURES))
    states = [[one.get(label, none)[0] for label in labels] for one in found]
    about = {"units": "", "long_name": "status of the clause"}
    data["clause_status"] = (dims, _grid(states, len(labels)), about)
    for place, name in enumerate(CLAUSE_FIGURES, start=1):
        values = [[_figure(one.get(label, none)[place]) for label in labels] for one in found]
        about = {"units": "as in compliance.csv", "long_name": f"{name} of the clause"}
        data[f"clause_{name}"] = (dims, _grid(values, len(labels)), about)
    return data


def _grid(rows: list[list[Any]], width: int) -> np.ndarray:
    """Rows as an array, also where they are empty."""
    return np.array(rows) if width else np.empty((len(rows), 0), dtype=str)
