"""The plan holds every number of the raw inputs, unchanged, and nothing that is not a number."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from coplan.verify.case import CLAUSE_FIGURES, INPUT_DIMS, RESULT_DIMS, Case
from coplan.verify.outcome import WORST, Check, Part, flat, measured

RELATIVE = 1e-9
MOST_PROFILE = 2.0
"""A measured profile of a plant may exceed its rated power, not its double."""
ATTRIBUTES = (
    "scenario_id", "title", "targets", "policies", "objective", "near_optimal", "perspective",
    "names",
    "assumptions", "notices", "finance",
)  # fmt: skip
MAY_BE_OPEN = ("latency_one_way_ms", "latency_limit_ms", "state_ramp_per_h")
"""Inputs in which "no route" or "no limit" may be written as not a number or infinity."""


def complete(case: Case) -> list[Check]:
    """Every variable of the contract is there with its dims and lengths."""
    faults: list[str] = []
    rows = 0
    for source, where, known in (
        (case.inputs, "inputs", INPUT_DIMS),
        (case.plan, "plan", INPUT_DIMS | RESULT_DIMS),
    ):
        for name, dims in known.items():
            rows += 1
            shape = tuple(case.size(dim) for dim in dims)
            if name not in source:
                faults += [] if 0 in shape else [f"{where}: {name} is missing"]
                continue
            variable = source.variables[name]
            if sorted(map(str, variable.dims)) != sorted(dims):
                faults.append(f"{where}: {name} has dims {variable.dims}, not {dims}")
            elif variable.transpose(*dims).shape != shape:
                faults.append(f"{where}: {name} has shape {variable.shape}, not {shape}")
            elif variable.dtype.kind not in "fiub":
                faults.append(f"{where}: {name} is not numeric")
    for name in ("account_cny", *CLAUSE_FIGURES):
        rows += 1
        if name not in case.plan and (case.targets or name == "account_cny"):
            faults.append(f"plan: {name} is missing")
    return [flat("变量齐全", "all variables present", faults, rows)]


def unchanged(case: Case) -> list[Check]:
    """Variables, coordinates and attributes equal those rebuilt from raw inputs."""
    parts = [
        _same_numbers(name, case.plan, case.inputs.variables[name])
        for name in map(str, case.inputs.data_vars)
    ]
    faults, rows = [], 0
    for name in map(str, case.inputs.coords):
        rows += case.inputs.variables[name].size
        if not _same_coordinate(name, case.plan, case.inputs.variables[name]):
            faults.append(name)
    attributes = [name for name in ATTRIBUTES if name in case.inputs.attrs]
    for name in attributes:
        if _plain(case.plan.attrs.get(name)) != _plain(case.inputs.attrs[name]):
            faults.append(f"attribute {name}")
    return [
        case.check("输入数据与原始数据一致", "inputs equal the raw data", *parts),
        flat("标签与属性一致", "labels and attributes equal the raw data", faults,
             rows + len(attributes)),
    ]  # fmt: skip


def _same_numbers(name: str, plan: xr.Dataset, raw: xr.Variable) -> Part:
    dims = tuple(map(str, raw.dims))
    if name not in plan or sorted(map(str, plan.variables[name].dims)) != sorted(dims):
        return Part(np.full((1,), WORST), (), name, RELATIVE)
    found = plan.variables[name].transpose(*raw.dims).values
    if found.shape != raw.shape:
        return Part(np.full((1,), WORST), (), name, RELATIVE)
    if raw.dtype.kind not in "fiub":
        unequal = found.astype(str) != raw.values.astype(str)
        return Part(np.where(unequal, WORST, 0.0), dims, name, RELATIVE)
    one, other = np.asarray(found, dtype=float), np.asarray(raw.values, dtype=float)
    size = np.abs(other[np.isfinite(other)])
    floor = max(1e-6 * float(size.max(initial=0.0)), 1e-300)
    with np.errstate(invalid="ignore"):
        relative = np.abs(one - other) / np.maximum(np.abs(other), floor)
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    relative = np.where(same, 0.0, np.where(np.isfinite(relative), relative, WORST))
    return Part(np.minimum(relative, WORST), dims, name, RELATIVE)


def _same_coordinate(name: str, plan: xr.Dataset, raw: xr.Variable) -> bool:
    if name not in plan.coords or plan.variables[name].shape != raw.shape:
        return False
    found = plan.variables[name].values
    if raw.dtype.kind in "fiub" and found.dtype.kind in "fiub":
        return bool(np.allclose(found.astype(float), raw.values.astype(float),
                                rtol=RELATIVE, atol=0.0, equal_nan=True))  # fmt: skip
    return bool((found.astype(str) == raw.values.astype(str)).all())


def _plain(value: Any) -> Any:
    """JSON text as the value it stands for, so that spacing does not count."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def finite(case: Case) -> list[Check]:
    """Every number of inputs and plan is finite.

    Only clauses that are met, missed or violated must have numbers; the others have nothing to
    measure.
    """
    parts = []
    for source in (case.inputs, case.plan):
        for name in map(str, source.data_vars):
            variable = source.variables[name]
            if variable.dtype.kind != "f" or name in MAY_BE_OPEN:
                continue
            broken = ~np.isfinite(variable.values)
            if name in CLAUSE_FIGURES:
                status = source["clause_status"].values.astype(str)
                broken &= np.isin(status, ["met", "missed", "violated"])
            if name == "clause_shadow_price":
                broken &= _has_a_price(case)
            dims = tuple(map(str, variable.dims))
            parts.append(Part(np.where(broken, WORST, 0.0), dims, name))
    return [case.check("数值有限", "all numbers finite", *parts)]


def _has_a_price(case: Case) -> np.ndarray:
    """Whether a price can be told for each clause: some have no unit, emissions have no money."""
    in_money = case.inputs.attrs.get("objective", "cost") == "cost"
    units = case.text_found("clause_shadow_unit")
    return np.array([in_money and bool(unit) for unit in units], dtype=bool)


def sound(case: Case) -> list[Check]:
    """Raw inputs obey what their names promise: shares, weights, probabilities, pools."""
    steps = 8760.0 / float(case.given("step_h"))
    weights = case.given("step_weight")
    value = case.given("period_years") * case.given("discount_factor")
    shares = [
        measured(np.maximum(-values, values - 1.0), 1.0, INPUT_DIMS[name], name)
        for name in (
            "contract_shape", "charge_efficiency", "discharge_efficiency",
            "soc_kept_per_step", "usable_share", "idle_share", "availability",
            "minimum_running_share", "weather_probability", "line_loss_share",
            "plant_is_behind_meter",
        )
        for values in [case.given(name)]
    ]  # fmt: skip
    factor = case.given("capacity_factor")
    shares.append(
        measured(np.maximum(-factor, factor - MOST_PROFILE), 1.0, INPUT_DIMS["capacity_factor"])
    )
    sums = [
        measured(abs(weights.sum() - steps), steps, (), "step_weight"),
        measured(abs(case.given("weather_probability").sum() - 1.0), 1.0, (), "probability"),
        measured(abs(value.sum() - 1.0), 1.0, (), "discount_factor"),
        measured(-weights, 1.0, ("time",), "step_weight"),
    ]
    faults = []
    for name in ("month_of_step",):
        if not np.isin(case.inputs[name].values, case.inputs["month"].values).all():
            faults.append(f"{name} names a month that is not there")
    for unit, place in (
        ("plant", "site"), ("direct_line", "site"), ("direct_line", "plant"),
        ("battery", "site"), ("hall", "site"), ("contract", "site"),
        ("pool", "label"), ("demand", "pool"), ("demand", "label"), ("hall", "label"),
        ("placed", "pool"), ("placed", "site"), ("link", "site"), ("stream", "link"),
        ("stream", "pool"), ("preference", "pool"), ("fixed_load", "site"), ("measure", "site"),
        ("saving", "measure"), ("saving", "hall"),
        ("heat", "site"), ("surcharge", "site"), ("response", "site"),
        ("reward", "hall"), ("reward", "site"),
    ):  # fmt: skip
        if case.size(unit) and not (case.belongs(f"{unit}_{place}", place).sum(1) == 1).all():
            faults.append(f"{unit}_{place} names no {place}")
    return [
        case.check("份额在0与1之间", "shares between 0 and 1", *shares),
        case.check("权重与概率之和", "weights and probabilities add up", *sums),
        flat("单元归属明确", "every unit has its place", faults, 26),
        *_pools(case),
    ]


def _pools(case: Case) -> list[Check]:
    """Pools hold exactly the demand of their members, with equal delay and reach."""
    member = case.belongs("demand_pool", "pool")
    demand, pooled = case.given("demand_mw"), case.given("pool_demand_mw")
    total = np.einsum("pdt,dq->pqt", demand, member)
    reach, limit = case.given("demand_reach"), case.given("latency_limit_ms")
    late = np.where(reach > 0, case.given("latency_one_way_ms") - limit[:, None], 0.0)
    late = np.where(np.isnan(late), WORST, late)
    ratio = case.given("density_p_per_mw") - case.given("density_ratio") * (
        case.belongs("hall_label", "label") @ case.given("label_reference_p_per_mw")
    )
    return [
        case.check(
            "需求池等于其成员之和", "pools equal their demands",
            measured(np.abs(pooled - total), np.abs(total), ("period", "pool", "time")),
            measured(np.abs(member @ case.given("pool_delay_h") - case.given("demand_delay_h")),
                     1.0, ("demand",), "delay"),
            measured(np.abs(member @ case.given("pool_reach") - reach), 1.0,
                     ("demand", "site"), "reach"),
        ),
        case.check(
            "时延可达", "reach only within the latency limit",
            measured(late, np.where(np.isfinite(limit), limit, 1.0)[:, None],
                     ("demand", "site")),
        ),
        case.check(
            "算力密度换算", "density ratio is density over its label's reference",
            measured(np.abs(ratio), case.given("density_p_per_mw"), ("hall",)),
        ),
    ]  # fmt: skip
