"""Steps in which a price could pay for running two opposite flows at once.

Only there a rule of its own forbids it; everywhere else it never pays.
"""

from __future__ import annotations

import numpy as np
import xarray as xr


def marked(data: xr.Dataset) -> xr.Dataset:
    """The dataset with `exchange_needs_mode` (site, time) and `battery_needs_mode` (battery, time).

    A meter needs a mode where what a fed-in MWh earns (its price, and the fee that it does not
    pay as own use) is at least the cheapest way to import one. A battery needs one where the
    lowest price could pay for the wear with the energy that is lost on the way, and that in every
    step, since what is burnt in one makes room for energy that is taken for pay in another:

        wear · η_c · η_d ≤ |price| · (1 − η_c · η_d)                                [CNY/MWh taken]

    Import is worth more than its price where a well-used transformer has a discount, and where
    fed-in energy keeps certificates that contract energy would not: such sites need modes in
    every step. `export_room_mw` (period, weather, site, time) is what a meter can feed in that
    imports nothing: generation and discharge at their most, less the load that cannot wait or run
    elsewhere. The tighter it is, the nearer the relaxed LP comes to what can be done.
    """
    import_cost = cheapest_import_cny_per_mwh(data)
    discounted = np.isin(data["site"].values, data["discount_site"].values)
    exchange = _exchange(data, import_cost) | discounted[:, None]
    exchange &= _may_export(data)
    place = _at(data, "battery")
    eta = (data["charge_efficiency"] * data["discharge_efficiency"]).values
    wear = data["wear_cny_per_mwh"].values * eta
    price = place @ import_cost.min(axis=1)
    battery = (price < 0) & (wear <= -price * (1.0 - eta))
    battery |= (place @ discounted > 0) & (eta < 1.0)
    battery &= data["storage_power_max_mw"].values > 0
    return data.assign(
        export_room_mw=(
            ("period", "weather", "site", "time"), _export_room_mw(data),
            {"units": "MW", "long_name": "most that can be fed in while nothing is imported"},
        ),
        exchange_needs_mode=(
            ("site", "time"), exchange.astype(float),
            {"units": "1", "long_name": "1 where importing while exporting could pay"},
        ),
        battery_needs_mode=(
            ("battery", "time"),
            np.repeat(battery.astype(float)[:, None], data.sizes["time"], axis=1),
            {"units": "1", "long_name": "1 where charging while discharging could pay"},
        ),
    )  # fmt: skip


def _at(data: xr.Dataset, unit: str) -> np.ndarray:
    """Matrix [unit, site] with 1 where the unit stands."""
    sites = data["site"].values.astype(str)
    places = data[f"{unit}_site"].values.astype(str)
    return (places[:, None] == sites[None, :]).astype(float)


def _reached(data: xr.Dataset) -> np.ndarray:
    """Matrix [plant, site] with 1 where a plant stands behind the meter or a line arrives."""
    plants = data["plant"].values.astype(str)
    starts = data["direct_line_plant"].values.astype(str)[:, None] == plants[None, :]
    behind = _at(data, "plant") * data["plant_is_behind_meter"].values[:, None]
    return behind + starts.T.astype(float) @ _at(data, "direct_line")


def cheapest_import_cny_per_mwh(data: xr.Dataset) -> np.ndarray:
    """Least cost of one more imported MWh (site, time), CNY: the grid's under any scheme and
    block price, or what taking contract energy adds to a contract that pays either way."""
    cheapest = data["retail_price_cny_per_mwh"].values.min(axis=0)
    for owner, price in zip(
        _at(data, "alternative"), data["alternative_price_cny_per_mwh"].values, strict=True
    ):
        cheapest = np.where(owner[:, None] > 0, np.minimum(cheapest, price), cheapest)
    rebate = np.minimum(data["energy_tier_more_cny_per_mwh"].values, 0.0)
    cheapest = cheapest + (rebate @ _at(data, "energy_tier"))[:, None]
    taken = data["contract_price_cny_per_mwh"] - data["contract_unused_cny_per_mwh"]
    cost = taken.values[:, None] + data["contract_adder_cny_per_mwh"].values.min(axis=0)
    for owner, price, most in zip(
        _at(data, "contract"), cost, data["contract_volume_max_mw"].values, strict=True
    ):
        if most > 0:
            cheapest = np.where(owner[:, None] > 0, np.minimum(cheapest, price), cheapest)
    return np.asarray(cheapest)


def _exchange(data: xr.Dataset, import_cost: np.ndarray) -> np.ndarray:
    """Whether feeding in earns at least what importing costs (site, time)."""
    at = _reached(data)
    fee = data["plant_use_fee_cny_per_mwh"].values
    spared = np.array([fee[here > 0].min(initial=np.inf) for here in at.T])
    spared = np.where(np.isfinite(spared), spared, 0.0)
    earned = data["export_price_cny_per_mwh"].values.max(axis=0) + spared[:, None]
    signed = data["contract_volume_max_mw"].values @ _at(data, "contract") > 0
    keeps = (data["export_keeps_certificates"].values > 0) & signed
    return np.asarray((earned >= import_cost) | keeps[:, None])


def _may_export(data: xr.Dataset) -> np.ndarray:
    """Whether a site may feed in and has generation that could be (site, time)."""
    most = data["capacity_factor"].values.max(axis=0)
    most = most * data["plant_capacity_max_mw"].values[:, None]
    allowed = data["export_max_mw"].values > 0
    return np.asarray((_reached(data).T @ most > 0) & allowed[:, None])


def _export_room_mw(data: xr.Dataset) -> np.ndarray:
    """Generation and discharge at their most less the least load (period, weather, site, time)."""
    made = data["capacity_factor"].values * data["plant_capacity_max_mw"].values[:, None]
    most = np.einsum("wgt,gs->wst", made, _reached(data))
    most = most + (data["storage_power_max_mw"].values @ _at(data, "battery"))[:, None]
    room = most[None] - least_load_mw(data)[:, None]
    limit = np.minimum(data["export_max_mw"].values[:, None], most)
    return np.asarray(np.clip(room, 0.0, limit))


def least_load_mw(data: xr.Dataset) -> np.ndarray:
    """Load that a site has in every plan (period, site, time), MW.

    Work that may not wait and reaches one site only runs there, on servers of its label that take
    at least its power; fixed loads are drawn. Measures may save their shares of both.
    """
    reach = data["pool_reach"].values > 0
    bound = (data["pool_delay_h"].values == 0) & (reach.sum(axis=1) == 1)
    label = data["pool_label"].values.astype(str)
    of_label = data["hall_label"].values.astype(str)
    here = _at(data, "hall") > 0
    ratio = data["density_ratio"].values
    at = np.zeros(reach.shape)
    for q, s in np.argwhere(reach & bound[:, None]):
        best = ratio[here[:, s] & (of_label == label[q])].max(initial=0.0)
        at[q, s] = 1.0 / best if best > 0 else 0.0
    load = np.einsum("pqt,qs->pst", data["pool_demand_mw"].values, at)
    load = load + _at(data, "fixed_load").T @ data["fixed_load_mw"].values
    saved = data["measure_saving_share"].values @ _at(data, "measure")
    return np.asarray(load * np.clip(1.0 - saved, 0.0, 1.0)[:, None])
