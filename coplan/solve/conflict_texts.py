"""Violated rows in a planner's words, Chinese and English, with amounts in the units of the cards.

Each function returns a teller: called with the size of the violation of its row and the point
it was found at, it gives the Conflict.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from coplan.solve.program import Array


@dataclass(frozen=True)
class Conflict:
    """One promise, limit or rule that cannot be kept, and how far it would have to give way.

    `cause` is a target's id, a size such as grid_connection_mw, or a rule's name; `place` the
    site or unit, "" for the fleet. `severity` orders conflicts (share of what was asked).
    `is_instead` marks a second way out.
    """

    cause: str
    place: str
    severity: float
    amount: float
    unit: str
    zh: str
    en: str
    is_instead: bool = False


Teller = Callable[[float, Array], Conflict]

MATCHING = {"hourly": "逐小时匹配", "monthly": "按月匹配", "annual": "按年匹配"}

LIMITS = {
    "grid_connection_mw": ("接入容量", "grid connection", "connection.max_mw"),
    "plant_capacity_mw": ("自建电源", "own plant", "approved_mw"),
    "line_circuits": ("直连线路回路数", "circuits of the direct line", "max_circuits"),
    "storage_power_mw": ("储能功率", "battery power", "power_max_mw"),
    "storage_energy_mwh": ("储能容量", "battery energy", "energy_max_mwh"),
    "halls_built": ("机房数", "number of halls", "max_halls"),
    "servers_mw": ("服务器功率", "servers", "max_servers_mw"),
    "contract_volume_mw": ("合同容量", "contract volume", "max_mw of the contract"),
    "link_gbit": ("链路带宽", "bandwidth of the link", "max_gbit"),
    "land_limit": ("园区用地", "land of the site", "land_m2"),
    "backup_mw": ("备用电源", "backup power", "backup.max_mw"),
    "headroom_limit": ("电网分区受电裕度", "import headroom of the zone", "import_headroom_mw"),
    "corridor_limit": ("电网分区外送通道", "export corridor of the zone", "export_corridor_mw"),
    "site_it_limit": ("园区 IT 容量", "IT capacity of the site", "it_max_mw"),
}
"""Limits that a card sets: what they are called and the key that holds them."""

PROMISES_ZH = {
    "capacity": "算力规模", "intelligent_share": "智能算力占比",
    "domestic_share": "新增服务器国产化占比", "occupancy": "机柜上架率",
    "rack_power": "单机柜功率", "no_new": "不得新增的算力", "clusters": "算力集群数量",
    "energy_pool": "腾退用能统筹", "pue_limits": "PUE 限值",
    "conditional_pue": "PUE 限值（按用能规模）", "water": "年取水量", "cue": "碳利用效率 CUE",
    "self_use_share": "自发自用比例", "own_supply_share": "自发自用电量占总用电量比例",
    "export_share": "上网电量比例", "utilisation": "新能源利用率",
    "storage_share": "储能配比与时长",
    "grid_connection": "电网接入容量上限", "max_exchange": "最大交换功率",
    "no_reverse_flow_hours": "禁止反送电时段",
    "peak_valley_rate": "交换功率峰谷差率", "ramp_limit": "交换功率爬坡",
    "carbon_cap": "年碳排放总量", "energy_budget": "年综合能耗总量",
}  # fmt: skip
"""What kinds of promises are called in Chinese."""

UNITS = {"1": ("", ""), "cluster": ("个集群", "clusters")}
"""Units of rows that are words: Chinese, English; the others are written alike in both."""


@dataclass(frozen=True)
class Words:
    """What the ids of a dataset are called, and the period and weather year of a row."""

    names: dict[str, dict[str, str]]
    when: str = ""

    @classmethod
    def of(cls, data: Any, period: int | None = None, weather: str | None = None) -> Words:
        """Words of a dataset; the period and weather year where it has more than one."""
        parts = [str(period)] if period is not None and data.sizes["period"] > 1 else []
        parts += [str(weather)] if weather is not None and data.sizes["weather"] > 1 else []
        return cls(json.loads(data.attrs.get("names", "{}")), " ".join(parts))

    def at(self, place: str, language: str) -> str:
        """" (Zhangbei, 2027)", or nothing for the fleet in a plan of one period."""
        name = self.names.get(place, {}).get(language, place)
        parts = [part for part in (name, self.when) if part]
        return f" ({', '.join(parts)})" if parts else ""


def green_share(target: dict[str, Any], words: Words, load_mwh: Callable[[Array], float]) -> Teller:
    """A green share that is not reached, in percentage points of the yearly load."""
    asked, matching = float(target["value"]), str(target["matching"])

    def tell(violation: float, x: Array) -> Conflict:
        short = violation / max(load_mwh(x), 1e-9)
        return Conflict(
            str(target["id"]), "", short, 100 * short, "percentage points",
            f"绿电占比不低于 {100 * asked:g} % ({MATCHING[matching]}){words.at('', 'zh')}: "
            f"差 {100 * short:.3g} 个百分点, 可达 {100 * (asked - short):.4g} %",
            f"green share of at least {100 * asked:g} % ({matching} matching){words.at('', 'en')}: "
            f"{100 * short:.3g} percentage points short, "
            f"{100 * (asked - short):.4g} % can be reached",
        )  # fmt: skip

    return tell


def pue(
    target: dict[str, Any], words: Words, site: str, it_mwh: Callable[[Array], float]
) -> Teller:
    """A PUE above its limit, of the fleet or of one site."""
    limit = float(target["value"])

    def tell(violation: float, x: Array) -> Conflict:
        over = violation / max(it_mwh(x), 1e-9)
        return Conflict(
            str(target["id"]), site, over, over, "",
            f"PUE 不高于 {limit:g}{words.at(site, 'zh')}: 高出 {over:.3g}, "
            f"最低约 {limit + over:.4f} (机房数可为分数时)",
            f"PUE of at most {limit:g}{words.at(site, 'en')}: {over:.3g} above, "
            f"about {limit + over:.4f} can be reached (with fractions of halls)",
        )  # fmt: skip

    return tell


def compute(target: dict[str, Any], words: Words, p_per_mw: float) -> Teller:
    """Compute of a label that is not reached, P."""
    asked, label = float(target["value"]), str(target["label"])

    def tell(violation: float, x: Array) -> Conflict:
        short = violation * p_per_mw
        return Conflict(
            str(target["id"]), "", short / max(asked, 1e-9), short, "P",
            f"{label} 算力不低于 {asked:,.0f} P{words.at('', 'zh')}: 差 {short:,.0f} P, "
            f"可达 {asked - short:,.0f} P",
            f"{label} compute of at least {asked:,.0f} P{words.at('', 'en')}: {short:,.0f} P "
            f"short, {asked - short:,.0f} P can be reached",
        )  # fmt: skip

    return tell


def promise(
    target: dict[str, Any], doc: str, unit: str, scale: float, words: Words, place: str
) -> Teller:
    """Any other promise: the words of its row, and how far it is missed in the row's unit."""
    zh, units = PROMISES_ZH[target["kind"]], UNITS.get(unit, (unit, unit))

    def tell(violation: float, x: Array) -> Conflict:
        name = str(target["id"])
        short = [f"{violation:,.3g} {one}".strip() for one in units]
        return Conflict(
            name, place, violation / scale, violation, unit,
            f"目标 {name}{words.at(place, 'zh')} ({zh}): 差 {short[0]}",
            f"target {name}{words.at(place, 'en')} ({doc}): {short[1]} short",
        )  # fmt: skip

    return tell


def added(name: str, unit: str, scale: float) -> Teller:
    """A row that a user has added to the model by hand."""

    def tell(violation: float, x: Array) -> Conflict:
        short = f"{violation:,.3g} {unit}".strip()
        return Conflict(
            name, "", violation / scale, violation, unit,
            f"附加约束 {name}: 差 {short}", f"added constraint {name}: {short} short",
        )  # fmt: skip

    return tell


def priority(target: dict[str, Any], words: Words, work_mwh: float) -> Teller:
    """Work that cannot run at the sites that come first, in percentage points of it."""
    asked, sites = float(target["value"]), list(target["sites"])

    def tell(violation: float, x: Array) -> Conflict:
        short = violation / max(work_mwh, 1e-9)
        named = {
            language: ", ".join(words.names.get(site, {}).get(language, site) for site in sites)
            for language in ("zh", "en")
        }
        return Conflict(
            str(target["id"]), "", short, 100 * short, "percentage points",
            f"优先由 {named['zh']} 承接的任务占比不低于 {100 * asked:g} %{words.at('', 'zh')}: "
            f"差 {100 * short:.3g} 个百分点, 可达 {100 * (asked - short):.4g} %",
            f"at least {100 * asked:g} % of the work that comes first at {named['en']}"
            f"{words.at('', 'en')}: {100 * short:.3g} percentage points short, "
            f"{100 * (asked - short):.4g} % can be reached",
        )  # fmt: skip

    return tell


def limit(
    name: str, doc: str, unit: str, place: str, most: float, scale: float, words: Words
) -> Teller:
    """A limit of a card on a size that would have to be higher; `scale` is one unit of severity."""
    zh, en, key = LIMITS.get(name, (doc, doc, ""))
    unit = {"1": "", "": "MW"}.get(unit, unit)
    hint = f" ({key})" if key else ""

    def tell(violation: float, x: Array) -> Conflict:
        more, severity = f"{violation:,.3g} {unit}".strip(), violation / max(most, scale)
        allowed = f"{most:,.6g} {unit}".strip()
        return Conflict(
            name, place, severity, violation, unit,
            f"{zh}{words.at(place, 'zh')}: 上限 {allowed} 不够, 还差 {more}{hint}",
            f"{en}{words.at(place, 'en')}: {more} more than the {allowed} allowed{hint}",
        )  # fmt: skip

    return tell


def land(place: str, m2: float, words: Words) -> Teller:
    """Land of a site that its halls do not fit on; its row counts shares of the land."""
    of_share = limit("land_limit", "", "m2", place, m2, m2, words)
    return lambda violation, x: of_share(violation * m2, x)


def whole_halls(label: str, needed: float, words: Words) -> Teller:
    """Halls of a label that do not fit once only whole halls are built."""

    def tell(violation: float, x: Array) -> Conflict:
        fit = f"{needed - violation:.3g}"
        return Conflict(
            "whole_halls", label, violation / max(needed, 1.0), violation, "halls",
            f"{label} 需要整数机房 {needed:g} 个{words.at('', 'zh')}, 只放得下 {fit} 个 "
            f"(max_halls, it_max_mw)",
            f"{needed:g} whole halls for {label}{words.at('', 'en')} are needed, {fit} fit "
            f"(max_halls, it_max_mw)",
        )  # fmt: skip

    return tell


def whole_numbers() -> Conflict:
    """Nothing but whole numbers stands in the way, and no rule can be named."""
    return Conflict(
        "whole_numbers", "", 0.0, 0.0, "",
        "若机房数与合同容量可取任意值, 承诺均可满足; 整数机房与合同最小容量使其无解",
        "every promise could be kept with fractions of halls and contracts; whole halls and least "
        "contract volumes stand in the way (max_halls, it_max_mw, min_mw)",
    )  # fmt: skip


def rule(
    name: str, doc: str, place: str, month: int, amount: float, unit: str, count: int,
    scale: float, words: Words,
) -> Conflict:  # fmt: skip
    """Any rule of the model that cannot be kept at a place in a month."""
    zh = ", ".join(p for p in (words.at(place, "zh")[2:-1], f"{month} 月" if month else "") if p)
    en = ", ".join(p for p in (words.at(place, "en")[2:-1], f"month {month}" if month else "") if p)
    size = f"{amount:,.3g} {'' if unit == '1' else unit}".strip()
    return Conflict(
        name, place, amount / scale, amount, unit,
        f"{doc} ({zh}): 违反至多 {size}, {count} 处" if zh else f"{doc}: 违反 {size}",
        f"{doc} ({en}): broken by up to {size} in {count} rows" if en
        else f"{doc}: broken by {size}",
    )  # fmt: skip
