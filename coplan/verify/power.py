"""Power: what flows in equals what flows out, within weather, peaks, connections and contracts."""

from __future__ import annotations

import numpy as np

from coplan.verify import green, lines
from coplan.verify.case import OPERATION_DIMS, Case
from coplan.verify.outcome import Check, measured

SITE = ("period", "weather", "site", "time")
BOTH_WAYS = 1e-4
"""Share of the scale below which the lesser of two opposite flows counts as numerical dust."""


def balance(case: Case) -> list[Check]:
    """Generation, discharge, retail and contracts cover facility, charge, export and data."""
    gain = (
        lines.own_mw(case)
        + case.on_site(case.found("discharge_mw"), "battery")
        + case.found("retail_mw")
        + case.on_site(case.found("delivered_mw"), "contract")
    )
    use = (
        case.found("facility_mw")
        + case.on_site(case.found("charge_mw"), "battery")
        + case.found("export_mw")
        + case.on_site(case.found("heat_pump_mw"), "heat")
        + case.on_site(case.found("transfer_mw"), "link")
        + case.on_site(case.found("migration_mw"), "placed")
    )
    part = measured(np.abs(gain - use), case.site_scale, SITE)
    return [case.check("功率平衡", "power balance", part)]


def generation(case: Case) -> list[Check]:
    """No plant gives more than its weather and capacity."""
    most = case.given("capacity_factor") * case.found("plant_capacity_mw")[:, None, :, None]
    capacity = case.found("plant_capacity_mw")[:, None, :, None]
    part = measured(
        case.found("generation_mw") - most, capacity, OPERATION_DIMS["generation_mw"]
    )
    return [case.check("出力不超过可用", "generation within the weather", part)]


def import_and_export(case: Case) -> list[Check]:
    """Import within the month's peak and the connection; export allowed, own and one-way.

    The peak is the month's largest import, as the meter would bill it: neither less nor more.
    """
    bought = case.found("retail_mw") + case.on_site(case.found("delivered_mw"), "contract")
    peak, export = case.found("peak_mw"), case.found("export_mw")
    connection = case.found("grid_connection_mw")[:, None, :, None]
    limit = case.given("export_max_mw")[:, None]
    own = lines.own_mw(case)
    month = np.argmax(case.in_month, axis=1)
    largest = np.stack(
        [bought[..., month == m].max(axis=-1, initial=0.0) for m in range(case.size("month"))],
        axis=-1,
    )
    both = np.minimum(bought, export) - BOTH_WAYS * case.site_scale
    peak_dims = OPERATION_DIMS["peak_mw"]
    return [
        case.check("购电不超过峰值", "import within the month's peak",
                   measured(bought - peak[..., month], case.site_scale, SITE)),
        case.check("峰值等于最大购电", "peak is the month's largest import",
                   measured(np.abs(peak - largest), case.site_scale, peak_dims)),
        case.check("峰值不超过接入容量", "peak within the connection",
                   measured(peak - connection, connection, peak_dims)),
        case.check("上网电量许可", "export within the limit and from own generation",
                   measured(export - limit, limit, SITE, "limit"),
                   measured(export - own, case.site_scale, SITE, "own generation")),
        case.check("不同时购电与上网", "no import and export at once",
                   measured(both, case.site_scale, SITE)),
    ]  # fmt: skip


def contracts(case: Case) -> list[Check]:
    """A contract delivers no more than is due; resale within its share; grey is told as grey."""
    volume = case.found("contract_volume_mw")[:, None, :, None]
    shaped = case.given("contract_is_shaped")[:, None] > 0
    due = volume * np.where(shaped, case.given("contract_shape"), case.given("contract_profile"))
    resold = green.resold_mw(case)
    excess = case.found("delivered_mw") + resold - due
    sold = np.einsum("pwct,rc->pwr", resold * case.hours,
                     case.belongs("resale_contract", "contract"))  # fmt: skip
    most = case.given("resale_share") * np.einsum(
        "pwct,rc->pwr", np.broadcast_to(due, resold.shape) * case.hours,
        case.belongs("resale_contract", "contract"),
    )  # fmt: skip
    beyond = np.einsum("pwct,kc->pwkt", green.beyond_production_mw(case),
                       case.belongs("shaped_contract", "contract"))  # fmt: skip
    dims = OPERATION_DIMS["delivered_mw"]
    return [
        case.check("合同交付不超过发电", "contract delivers what is due",
                   measured(excess, volume, dims)),
        case.check("合同转售与曲线", "resale and matching of contracts",
                   measured(sold - most, most, ("period", "weather", "resale"), "resale"),
                   measured(beyond - case.found("unmatched_mw"), case.site_scale.max(initial=1.0),
                            OPERATION_DIMS["unmatched_mw"], "beyond production")),
    ]  # fmt: skip


def zones(case: Case) -> list[Check]:
    """Sites of a zone together import and export no more than its grid can bring and take."""
    place = case.text("site_zone")
    bought = case.found("retail_mw") + case.on_site(case.found("delivered_mw"), "contract")
    flows = (("import", bought, "import_headroom_mw"),
             ("export", case.found("export_mw"), "export_corridor_mw"))  # fmt: skip
    parts = []
    for name, power, limit in flows:
        zone = np.array(case.labels.get(f"{name}_zone", []), dtype=str)
        inside = (zone[:, None] == place[None, :]).astype(float)
        together = np.einsum("pwst,zs->pwzt", power, inside)
        most = case.given(limit)[:, None]
        scale = np.maximum(most, 1.0)
        parts.append(measured(together - most, scale, ("period", "weather", f"{name}_zone", "time"),
                              name))  # fmt: skip
    return [case.check("分区电网容量", "zones within their headroom and corridor", *parts)]
