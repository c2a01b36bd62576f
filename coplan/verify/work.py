"""Work with state, links and priorities: from raw arrivals and what was routed, step by step."""

from __future__ import annotations

import numpy as np

from coplan.verify.case import OPERATION_DIMS, RESULT_DIMS, SIZE_DIMS, Case
from coplan.verify.compute import SUMMED
from coplan.verify.outcome import Check, measured

PLACED = OPERATION_DIMS["placed_backlog_mwh"]


def keeps_pace(case: Case) -> list[Check]:
    """Work with state changes only so fast, never falls too low, and its pauses are counted."""
    rows = [case.labels["pool"].index(name) for name in case.labels.get("state_pool", [])]
    served = case.found("served_mw")[:, :, rows]
    mean = case.given("pool_demand_mw")[:, rows].mean(axis=-1)[:, None, :, None]
    ramp = case.given("state_ramp_per_h")[:, None] * float(case.given("step_h"))
    change = served - np.roll(served, 1, axis=-1)
    free = ~np.isfinite(ramp)
    fast = np.where(free, 0.0, np.abs(change) - np.where(free, 0.0, ramp) * mean)
    least = case.given("state_running_share")[:, None] * mean
    placed = np.isin(case.labels.get("state_pool", []), case.text("placed_pool"))[:, None]
    costly = (case.given("state_checkpoint_h") > 0)[:, None] & ~placed
    uncounted = np.where(costly, -change - case.found("paused_mw"), 0.0)
    dims = OPERATION_DIMS["paused_mw"]
    return [
        case.check("有状态任务的节奏", "work with state keeps its pace",
                   measured(fast, mean, dims, "changes too fast"),
                   measured(least - served, mean, dims, "runs too little"),
                   measured(uncounted, mean, dims, "a pause is not counted")),
    ]  # fmt: skip


def placed_work(case: Case) -> list[Check]:
    """Placed work runs where its share put it when it arrived, in time, at every site.

    Judged by cumulated arrivals and work of each pair of pool and site, without the stored queue:
    some first queue must keep it between zero and the arrivals of the last L hours.
    """
    work, share = _pair_work(case), case.found("placed_share")
    step_h = float(case.given("step_h"))
    pools = _pair_pools(case)
    demand = case.given("pool_demand_mw")[:, pools]
    size = np.abs(demand).max(axis=-1, keepdims=True, initial=0.0)[:, None]
    block = _blocks(case)
    arrived = demand[:, None] * _by_step(share, block)
    waits = case.given("pool_delay_h")[pools] > 0
    again = _pair_again(case)[:, None]
    redo = again * case.found("placed_paused_mw")
    change = step_h * (arrived - work) + redo
    waiting, window = np.cumsum(change, axis=-1), _windows(case, share, block)
    needed = (-waiting).max(axis=-1, initial=0.0)
    allowed = np.min(window - waiting, axis=-1, initial=np.inf)
    apart = np.where(waits[:, None], 0.0, np.abs(work - arrived))
    late = np.where(waits, needed - np.where(waits, allowed, 0.0), 0.0)
    stored = case.found("placed_backlog_mwh")
    step = np.where(waits[:, None], stored - np.roll(stored, 1, axis=-1) - change, stored)
    fallen = np.roll(work, 1, axis=-1) - work - case.found("placed_paused_mw")
    scale = step_h * size
    return [
        case.check("驻留任务份额", "shares of placed work",
                   measured(_share_gaps(case, share, block), 1.0, (), "shares of a block"),
                   measured(apart, size, PLACED, "work that may not wait")),
        case.check("驻留任务按期", "placed work is in time at its site",
                   measured(late, scale[..., 0] + window.max(axis=-1, initial=0.0),
                            PLACED[:3], "", SUMMED),
                   measured(stored - window, scale, PLACED, "queue"),
                   measured(np.abs(step), scale, PLACED, "queue carries over"),
                   measured(np.where(again > 0, fallen, 0.0), size, PLACED, "uncounted pause")),
    ]  # fmt: skip


def migration(case: Case) -> list[Check]:
    """A site that gains share is moved to; moving takes the energy of its data."""
    share, moved, block = case.found("placed_share"), case.found("migrated_share"), _blocks(case)
    energy = case.given("placed_kwh_per_gb")
    counted = _counted(case)[:, None]
    short = np.zeros(share.shape)
    for row, of_step in enumerate(block):
        count = of_step.max() + 1
        own = share[:, :, row, :count]
        short[:, :, row, :count] = own - np.roll(own, 1, axis=-1) - moved[:, :, row, :count]
    rate = 1e-3 * energy[:, None] * _moving_gb_per_h(case)
    found = case.found("migration_mw")
    return [
        case.check("任务迁移", "work that moves is moved to its site",
                   measured(np.where(counted, short, 0.0), 1.0, OPERATION_DIMS["migrated_share"]),
                   measured(np.abs(found - rate), np.abs(rate).max(initial=0.0),
                            RESULT_DIMS["migration_mw"], "energy")),
    ]  # fmt: skip


def links(case: Case) -> list[Check]:
    """Work stays within the bandwidth of its links, which are built, and takes its energy."""
    bandwidth = case.found("link_gbit")
    used = _through_links(case, "stream_gbit_per_mw") + _moved_through_links(case)
    sent = _through_links(case, "stream_gb_per_mw")
    energy = 1e-3 * case.given("link_energy_kwh_per_gb")[:, None] * sent
    most = case.given("link_max_gbit")
    excess = used - np.where(used > 0, bandwidth[:, None, :, None], np.inf)
    dims = RESULT_DIMS["transfer_mw"]
    built = bandwidth - most * case.found("is_linked")
    return [
        case.check("链路带宽", "work within the bandwidth of its link",
                   measured(np.where(used > 0, excess, 0.0), bandwidth[:, None, :, None], dims),
                   measured(built, most, SIZE_DIMS["link_gbit"], "not built"),
                   measured(np.abs(case.found("transfer_mw") - energy),
                            np.abs(energy).max(initial=0.0), dims, "energy of data")),
    ]  # fmt: skip


def link_gb(case: Case) -> np.ndarray:
    """Data through every link (period, weather, link, time) [GB/h]."""
    return _through_links(case, "stream_gb_per_mw")


def moved_gb(case: Case) -> np.ndarray:
    """Data that moved with placed work in a year (period, weather, placed) [GB]."""
    paid = _counted(case)
    weight = float(case.given("step_weight").mean())
    times = case.found("migrated_share").sum(axis=-1)
    return weight * np.where(paid, case.given("placed_gb_per_mw"), 0.0) * (
        _pair_mean(case)[:, None] * times
    )


def priority_penalty(case: Case) -> np.ndarray:
    """Penalty of work run elsewhere than at the sites named (period, site) [CNY per year]."""
    run = case.expected(case.yearly(case.found("routed_mw")))
    worth = case.belongs("pool_label", "label") @ case.given("label_reference_p_per_mw")
    total = np.zeros((case.size("period"), case.size("site")))
    for target in case.targets:
        if target["kind"] != "priority":
            continue
        mine = case.text("preference_target") == target["id"]
        pools = np.isin(case.labels["pool"], case.text("preference_pool")[mine])
        elsewhere = ~np.isin(case.labels["site"], target["sites"])
        price = float(target["penalty_cny_per_p_h"]) * worth * pools
        total += np.einsum("pqs,q->ps", run, price) * elsewhere
    return total


def priority_share(case: Case, target: dict) -> np.ndarray:
    """Least share (period) of a priority's work at the sites named; not a number without work."""
    mine = case.text("preference_target") == target["id"]
    pools = np.isin(case.labels["pool"], case.text("preference_pool")[mine])
    run = case.yearly(case.found("routed_mw"))[:, :, pools].sum(axis=2)
    first = run[..., np.isin(case.labels["site"], target["sites"])].sum(axis=-1)
    total = run.sum(axis=-1)
    share = np.divide(first, total, out=np.full(total.shape, np.inf), where=total > 0)
    worst = share.min(axis=1)
    return np.where(np.isfinite(worst), worst, np.nan)


def _pair_pools(case: Case) -> list[int]:
    return [case.labels["pool"].index(pool) for pool in case.text("placed_pool")]


def _pair_work(case: Case) -> np.ndarray:
    """What was routed (period, weather, placed, time) [MW-equivalent]."""
    sites = [case.labels["site"].index(site) for site in case.text("placed_site")]
    return case.found("routed_mw")[:, :, _pair_pools(case), sites]


def _pair_mean(case: Case) -> np.ndarray:
    """Mean demand of the pool of every pair (period, placed) [MW-equivalent]."""
    return case.given("pool_demand_mw").mean(axis=-1)[:, _pair_pools(case)]


def _pair_again(case: Case) -> np.ndarray:
    hours = dict(
        zip(case.labels.get("state_pool", []), case.given("state_checkpoint_h"), strict=True)
    )
    return np.array([float(hours.get(pool, 0.0)) for pool in case.text("placed_pool")])


def _blocks(case: Case) -> np.ndarray:
    """Block of every step for every pair (placed, time): whole blocks, the last with the rest."""
    steps = case.size("time")
    found = np.zeros((case.size("placed"), steps), dtype=int)
    for row, block_h in enumerate(case.given("placed_block_h")):
        length = max(1, round(block_h / float(case.given("step_h"))))
        count = max(1, steps // length)
        for k in range(count):
            found[row, k * length : (k + 1) * length if k < count - 1 else steps] = k
    return found


def _by_step(share: np.ndarray, block: np.ndarray) -> np.ndarray:
    """A quantity of blocks (.., placed, block) at every step (.., placed, time)."""
    parts = [share[:, :, row][..., of_step] for row, of_step in enumerate(block)]
    shape = (*share.shape[:2], 0, block.shape[-1])
    return np.stack(parts, axis=2) if parts else np.zeros(shape)


def _share_gaps(case: Case, share: np.ndarray, block: np.ndarray) -> np.ndarray:
    """How far the shares of each pool are from one, in every block that it has."""
    gaps = [0.0]
    pools = case.text("placed_pool")
    for pool in dict.fromkeys(pools):
        rows = np.flatnonzero(pools == pool)
        total = share[:, :, rows].sum(axis=2)[..., : block[rows[0]].max() + 1]
        gaps.append(float(np.abs(total - 1.0).max(initial=0.0)))
    return np.array(max(gaps))


def _windows(case: Case, share: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Arrivals of the last L hours at each site (period, weather, placed, time), hour by hour.

    The arrivals of every earlier step count with the share that held when they arrived.
    """
    step_h, steps = float(case.given("step_h")), case.size("time")
    pools = _pair_pools(case)
    arrived = case.given("pool_demand_mw")[:, pools][:, None] * _by_step(share, block)
    window = np.zeros(arrived.shape)
    for row, pool in enumerate(pools):
        wait = int(np.floor(case.given("pool_delay_h")[pool] / step_h + 1e-9))
        for back in range(min(wait, steps)):
            window[:, :, row] += step_h * np.roll(arrived[:, :, row], back, axis=-1)
    return window


def _through_links(case: Case, per_mw: str) -> np.ndarray:
    """What goes through every link (period, weather, link, time) at `per_mw` of its work."""
    routed, sites = case.found("routed_mw"), case.labels["site"]
    shape = (*routed.shape[:2], case.size("link"), routed.shape[-1])
    total = np.zeros(shape)
    names = case.labels.get("link", [])
    for link, pool, amount in zip(
        case.text("stream_link"), case.text("stream_pool"), case.given(per_mw), strict=True
    ):
        row = names.index(link)
        site = sites.index(case.text("link_site")[row])
        total[:, :, row] += amount * routed[:, :, case.labels["pool"].index(pool), site]
    return total


def _limited(case: Case) -> np.ndarray:
    """0/1 matrix [placed, link]: the limited link through which the data of a pair move."""
    found = np.zeros((case.size("placed"), case.size("link")))
    for link, pool, gbit in zip(
        case.text("stream_link"), case.text("stream_pool"), case.given("stream_gbit_per_mw"),
        strict=True,
    ):  # fmt: skip
        column = case.labels["link"].index(link)
        mine = (case.text("placed_pool") == pool) & (
            case.text("placed_site") == case.text("link_site")[column]
        )
        found[mine, column] = float(gbit > 0)
    return found


def _counted(case: Case) -> np.ndarray:
    """Pairs whose moves count: their data cost money, energy or the bandwidth of a link."""
    cost = case.given("placed_cny_per_gb") + case.given("placed_kwh_per_gb")
    return (case.given("placed_gb_per_mw") > 0) & ((cost > 0) | _limited(case).any(axis=1))


def _moving_gb_per_h(case: Case) -> np.ndarray:
    """Data that move with work, spread over the block (period, weather, placed, time) [GB/h]."""
    block = _blocks(case)
    length = np.zeros(block.shape)
    for row, of_step in enumerate(block):
        length[row] = np.bincount(of_step)[of_step] * float(case.given("step_h"))
    gb = (case.given("placed_gb_per_mw") * _pair_mean(case))[:, None, :, None]
    return gb * _by_step(case.found("migrated_share"), block) / np.maximum(length, 1e-9)


def _moved_through_links(case: Case) -> np.ndarray:
    """Bandwidth that moving work takes of every link (period, weather, link, time) [Gbit/s]."""
    rate = 8.0 / 3600.0 * _moving_gb_per_h(case)
    return np.asarray(np.einsum("pwvt,vl->pwlt", rate, _limited(case)))
