"""Compute: all work is run, in time, within reach, on servers that are there."""

from __future__ import annotations

import numpy as np

from coplan.verify.case import OPERATION_DIMS, Case
from coplan.verify.outcome import Check, measured
from coplan.verify.stock import out_of_service

SUMMED = 1e-5
"""Tolerance of rows that add up a whole year of steps, each with its own rounding."""


def work_is_run(case: Case) -> list[Check]:
    """Per label and step, what halls run equals what pools were served; fixed work at once."""
    load, served = case.found("load_mw"), case.found("served_mw")
    work = case.given("density_ratio")[:, None] * load
    by_label = np.einsum("pwut,ul->pwlt", work, case.belongs("hall_label", "label"))
    asked = np.einsum("pwqt,ql->pwlt", served, case.belongs("pool_label", "label"))
    scale = np.abs(asked).max(axis=-1, keepdims=True, initial=0.0)
    demand = case.given("pool_demand_mw")[:, None]
    fixed = (_delay_steps(case) == 0)[:, None]
    pool_scale = np.abs(demand).max(axis=-1, keepdims=True, initial=0.0)
    gap = np.where(fixed, np.abs(served - demand), 0.0)
    return [
        case.check("算力供需平衡", "all work of a label is run",
                   measured(np.abs(by_label - asked), scale,
                            ("period", "weather", "label", "time"))),
        case.check("不可延迟任务即时完成", "fixed work runs in its step",
                   measured(gap, pool_scale, OPERATION_DIMS["served_mw"])),
    ]  # fmt: skip


def work_goes_where_it_may(case: Case) -> list[Check]:
    """Pools run only at sites within reach, and a site runs exactly what was sent to it."""
    routed, served = case.found("routed_mw"), case.found("served_mw")
    closed = (case.given("pool_reach") <= 0)[:, :, None]
    scale = np.abs(served).max(axis=-1, keepdims=True, initial=0.0)
    label = case.belongs("pool_label", "label")
    sent = np.einsum("pwqst,ql->pwslt", routed, label)
    work = case.given("density_ratio")[:, None] * case.found("load_mw")
    run = np.einsum("pwut,us,ul->pwslt", work, case.belongs("hall_site", "site"),
                    case.belongs("hall_label", "label"), optimize=True)  # fmt: skip
    site_scale = np.abs(run).max(axis=-1, keepdims=True, initial=0.0)
    return [
        case.check("任务只去可达园区", "work runs within reach",
                   measured(np.where(closed, np.abs(routed), 0.0), scale[..., None],
                            OPERATION_DIMS["routed_mw"])),
        case.check("任务去向合计", "what is sent adds up to what is served",
                   measured(np.abs(routed.sum(axis=3) - served), scale,
                            OPERATION_DIMS["served_mw"])),
        case.check("园区运行其所受任务", "a site runs what was sent to it",
                   measured(np.abs(sent - run), site_scale,
                            ("period", "weather", "site", "label", "time"))),
    ]  # fmt: skip


def deadlines(case: Case) -> list[Check]:
    """Nothing runs before it arrives or after its delay; the stored backlog says the same.

    Judged by cumulated arrivals A and work W alone, without the backlog: on a cyclic year the
    work waiting at its start is some B, and A − W + B must stay between zero and the arrivals
    of the last L hours in every step. What pauses is partly done again and waits anew. There is
    such a B exactly when the largest lower limit does not exceed the smallest upper one.
    """
    demand = np.broadcast_to(case.given("pool_demand_mw")[:, None], case.found("served_mw").shape)
    served, backlog = case.found("served_mw"), case.found("backlog_mwh")
    step_h = float(case.given("step_h"))
    change = step_h * (demand - served) + redone(case)
    waiting = np.cumsum(change, axis=-1)
    window = _arrivals_within_delay(case, demand) * step_h
    needed = (-waiting).max(axis=-1, initial=0.0)
    allowed = np.min(window - waiting, axis=-1, initial=np.inf)
    arrived = step_h * demand.sum(axis=-1)
    peak = step_h * demand.max(axis=-1, initial=0.0)
    step = np.abs(backlog - np.roll(backlog, 1, axis=-1) - change)
    pool, each = ("period", "weather", "pool"), OPERATION_DIMS["backlog_mwh"]
    scale = np.maximum(window.max(axis=-1, initial=0.0), peak)
    return [
        case.check("期限内完成", "work is done within its delay",
                   measured(needed - allowed, scale, pool, "", SUMMED)),
        case.check("全部到达任务完成", "all that arrives is run",
                   measured(np.abs(waiting[..., -1:]).sum(axis=-1), arrived, pool)),
        case.check("积压递推", "backlog carries over",
                   measured(step, peak[..., None], each)),
        case.check("积压不超过期限内到达量", "backlog within the last arrivals",
                   measured(backlog - window, scale[..., None], each)),
    ]  # fmt: skip


def redone(case: Case) -> np.ndarray:
    """Work done again after pauses (period, weather, pool, time) [MW-equivalent h]."""
    again = case.given("state_checkpoint_h")
    mine = (np.array(case.labels.get("state_pool", []), dtype=str)[:, None]
            == np.array(case.labels["pool"], dtype=str)[None, :]).astype(float)  # fmt: skip
    queued = np.einsum("pwct,c,cq->pwqt", case.found("paused_mw"), again, mine)
    placed = case.belongs("placed_pool", "pool")
    hours = placed @ (again @ mine)
    return queued + np.einsum("pwct,c,cq->pwqt", case.found("placed_paused_mw"), hours, placed)


def servers_carry_load(case: Case) -> list[Check]:
    """Load stays between the running minimum and what is available of the servers."""
    load = case.found("load_mw")
    servers = case.found("servers_mw")[:, None, :, None]
    working = servers - out_of_service(case)[:, None, :, None]
    dims = OPERATION_DIMS["load_mw"]
    most = case.given("availability")[:, None] * working
    least = case.given("minimum_running_share")[:, None] * servers
    return [
        case.check("服务器负载", "load within available servers",
                   measured(load - most, servers, dims, "above"),
                   measured(least - load, servers, dims, "below the minimum"))
    ]  # fmt: skip


def _delay_steps(case: Case) -> np.ndarray:
    """Whole steps that each pool may wait."""
    steps = case.given("pool_delay_h") / float(case.given("step_h"))
    return np.floor(steps + 1e-9).astype(int)


def _arrivals_within_delay(case: Case, demand: np.ndarray) -> np.ndarray:
    """Sum of demand over the last L hours up to each step, cyclic, [MW-equivalent · steps].

    A delay longer than the horizon still lets only one year of arrivals wait.
    """
    window = np.zeros(demand.shape)
    count = demand.shape[-1]
    for pool, steps in enumerate(np.minimum(_delay_steps(case), count)):
        if steps == 0:
            continue
        one = demand[:, :, pool]
        run = np.cumsum(np.concatenate([one, one], axis=-1), axis=-1)
        window[:, :, pool] = run[..., count:] - run[..., count - steps : 2 * count - steps]
    return window
