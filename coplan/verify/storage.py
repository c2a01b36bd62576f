"""Batteries: energy carries over from step to step around the year, within power and band."""

from __future__ import annotations

import numpy as np

from coplan.verify.case import OPERATION_DIMS, SIZE_DIMS, Case
from coplan.verify.lines import own_mw
from coplan.verify.outcome import Check, measured
from coplan.verify.power import BOTH_WAYS


def state_of_charge(case: Case) -> list[Check]:
    """soc = kept · soc before + h · (η_c · charge − discharge / η_d), cyclic or from a start."""
    soc, charge, discharge = (
        case.found(name) for name in ("soc_mwh", "charge_mw", "discharge_mw")
    )
    kept, gain, loss = (
        case.given(name)[:, None]
        for name in ("soc_kept_per_step", "charge_efficiency", "discharge_efficiency")
    )
    step_h = float(case.given("step_h"))
    before = np.roll(soc, 1, axis=-1)
    energy = case.found("storage_energy_mwh")[:, None, :, None]
    room = case.given("usable_share")[:, None] * energy
    is_cyclic, start = case.given("storage_is_cyclic"), case.given("storage_start_share")
    before[..., 0] = np.where(is_cyclic > 0, before[..., 0], start * room[..., 0])
    expected = kept * before + step_h * (gain * charge - discharge / loss)
    dims = OPERATION_DIMS["soc_mwh"]
    return [
        case.check("储能电量递推", "state of charge carries over",
                   measured(np.abs(soc - expected), energy, dims)),
        case.check("储能可用区间", "state of charge within the usable band",
                   measured(soc - room, energy, dims)),
    ]  # fmt: skip


def power(case: Case) -> list[Check]:
    """Charge and discharge share the power, and never happen at once."""
    charge, discharge = case.found("charge_mw"), case.found("discharge_mw")
    size = case.found("storage_power_mw")[:, None, :, None]
    dims = OPERATION_DIMS["charge_mw"]
    ratio = case.given("storage_charge_power_ratio")[:, None]
    both = np.minimum(charge, discharge) - BOTH_WAYS * np.maximum(size, 1.0)
    return [
        case.check("储能功率", "charge and discharge within the power",
                   measured(charge / ratio + discharge - size, size, dims)),
        case.check("不同时充放电", "no charge and discharge at once",
                   measured(both, size, dims)),
    ]  # fmt: skip


def durations(case: Case) -> list[Check]:
    """Energy lies between the least and the most hours of power."""
    size, energy = case.found("storage_power_mw"), case.found("storage_energy_mwh")
    least, most = case.given("storage_duration_min_h"), case.given("storage_duration_max_h")
    dims = SIZE_DIMS["storage_energy_mwh"]
    return [
        case.check("储能时长", "battery durations",
                   measured(least * size - energy, energy, dims, "too short"),
                   measured(energy - most * size, energy, dims, "too long"))
    ]  # fmt: skip


def own_charge(case: Case) -> list[Check]:
    """Batteries bound to own generation store no more than is generated and not fed in."""
    bound = case.given("storage_charges_own")[:, None]
    stored = case.on_site(case.found("charge_mw") * bound, "battery")
    left = own_mw(case) - case.found("export_mw")
    excess = np.where(stored > 0, stored - left, 0.0)
    dims = ("period", "weather", "site", "time")
    return [case.check("仅储自发电量", "some batteries store only own generation",
                       measured(excess, case.site_scale, dims))]
