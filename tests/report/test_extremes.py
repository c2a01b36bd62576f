"""Extreme plans: whatever the numbers are, the report says nothing false, broken or empty."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from coplan.report import style, write_report
from coplan.report.catalogue import LANGUAGES, Locale
from coplan.report.facts import Facts
from coplan.report.model import Figure, Paragraph, Report
from coplan.report.numbers import Amount
from coplan.report.resolve import resolve
from coplan.report.writer import build, figures_of
from tests.report.fake_plan import fake_audit, fake_kpis, fake_plan
from tests.sampling import one_in

Change = Callable[[xr.Dataset], xr.Dataset]


def repaired(plan: xr.Dataset) -> xr.Dataset:
    """The first promise became soft and is missed by 12.5 GWh."""
    status = plan["clause_status"].values.copy()
    status[0] = "missed"
    n = len(status)
    return plan.assign(
        clause_status=("clause", status),
        clause_missed=("clause", np.array([12500.0] + [0.0] * (n - 1))),
        clause_missed_unit=("clause", np.array(["mwh"] + [""] * (n - 1), dtype=object)),
        clause_penalty_cny=("clause", np.array([6.2e6] + [0.0] * (n - 1))),
    )


def without_pue_limit(plan: xr.Dataset) -> xr.Dataset:
    targets = [t for t in json.loads(plan.attrs["targets"]) if t["kind"] != "pue"]
    kept = plan.isel(clause=np.flatnonzero(plan["clause_kind"].values != "pue"))
    return kept.assign_attrs(targets=json.dumps(targets))


def never_pays(plan: xr.Dataset) -> xr.Dataset:
    return plan.assign(account_cny=10.0 * plan["account_cny"])


def nearly_all_green(plan: xr.Dataset) -> xr.Dataset:
    """Grid purchase shrunk to a few parts in ten thousand of the load."""
    kept = 4e-4 * float(plan["facility_mw"].sum() / plan["retail_mw"].sum())
    more = (1 - kept) * plan["retail_mw"].sum("site") * (plan["plant"] == plan["plant"][0])
    return plan.assign(retail_mw=kept * plan["retail_mw"], netted_mwh=0.0 * plan["netted_mwh"],
                       generation_mw=plan["generation_mw"] + more)  # fmt: skip


def all_curtailed(plan: xr.Dataset) -> xr.Dataset:
    """Plants stand and give nothing; the grid feeds the load."""
    nothing = {name: 0.0 * plan[name] for name in ("generation_mw", "charge_mw", "discharge_mw",
                                                   "soc_mwh", "export_mw")}  # fmt: skip
    return plan.assign(nothing).assign(
        retail_mw=plan["facility_mw"] - plan["delivered_mw"].sum("contract")
    )


def bound(plan: xr.Dataset) -> xr.Dataset:
    """Two limits bind, one of them at a value of zero."""
    site, period = str(plan["site"].values[0]), int(plan["period"].values[0])
    texts = {"name": ["grid_connection_mw", "export_mw"], "place": [site, site],
             "unit": ["MW", "MW"], "element": ["network", "network"], "period": [period] * 2}
    numbers = {"most": np.array([150.0, 0.0]), "saving_cny": np.array([2.1e5, 9e4])}
    plan = plan.assign_coords({f"limit_{k}": ("limit", v) for k, v in texts.items()})
    return plan.assign({f"limit_{k}": ("limit", v) for k, v in numbers.items()})


def as_it_is(plan: xr.Dataset) -> xr.Dataset:
    return plan


SHORT = {"hours": 336}
PLANS: dict[str, tuple[dict[str, Any], Change]] = {
    "ordinary": ({"hours": 1344}, as_it_is),
    "no_wind": (SHORT | {"wind": False}, as_it_is),
    "all_wind": (SHORT | {"pv": False, "battery": False, "contract": False}, as_it_is),
    "no_own_plants": (SHORT | {"wind": False, "pv": False}, as_it_is),
    "nothing_built": (SHORT | {"wind": False, "pv": False, "battery": False, "contract": False},
                      as_it_is),
    "no_storage": (SHORT | {"battery": False}, as_it_is),
    "no_contract": (SHORT | {"contract": False}, as_it_is),
    "repaired": (SHORT, repaired),
    "violated": (SHORT | {"violated": True, "contract": False}, as_it_is),
    "stopped": (SHORT | {"stopped": True}, as_it_is),
    "thirteen_sites": (SHORT | {"sites": 13}, as_it_is),
    "two_periods": (SHORT | {"sites": 2, "periods": (2027, 2030)}, as_it_is),
    "three_weathers": (SHORT | {"weathers": 3}, as_it_is),
    "no_load": (SHORT | {"work": 0.0}, as_it_is),
    "no_pue_limit": (SHORT, without_pue_limit),
    "no_targets": (SHORT | {"targets": False, "assumptions": 0}, as_it_is),
    "all_curtailed": (SHORT, all_curtailed),
    "never_pays": (SHORT, never_pays),
    "nearly_all_green": (SHORT | {"targets": False}, nearly_all_green),
    "limits_bind": (SHORT, bound),
    "one_day": ({"hours": 24}, as_it_is),
}
MINUS = "\u2212"
WRONG = {
    "no number": re.compile(r"\b(nan|NaN|inf|None)\b"),
    "minus zero": re.compile(rf"[{MINUS}-]0(\.0+)?(?![\d.,])(?!\d)"),
    "a placeholder": re.compile(r"\{[a-z_]+\}"),
    "an object": re.compile(r"\w+\(.*=.*\)|<[\w. ]+ at 0x"),
}


@cache
def made(name: str) -> tuple[xr.Dataset, Report, Facts]:
    options, change = PLANS[name]
    plan = change(fake_plan(**options))
    return plan, *build(plan, fake_kpis(plan), fake_audit())


def texts_of(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a resolved report with the key it stands under."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from texts_of(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item, key)


def amounts_of(value: Any, path: str = "") -> Iterator[tuple[str, Amount]]:
    """Every amount of a language-neutral report with the texts it fills."""
    if isinstance(value, Amount):
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from amounts_of(item, f"{path}.{name}")
    elif isinstance(value, tuple | list):
        for item in value:
            yield from amounts_of(item, path)
    elif is_dataclass(value) and not isinstance(value, type):
        here = getattr(value, "key", None) or getattr(value, "id", None) or ""
        for one in fields(value):
            if one.name not in ("data", "draw"):
                yield from amounts_of(getattr(value, one.name), f"{path} {here}".strip())


@pytest.fixture(scope="module", params=one_in(3, PLANS))
def case(request: pytest.FixtureRequest) -> tuple[str, xr.Dataset, Report, Facts]:
    return request.param, *made(request.param)


def test_nothing_broken_is_printed(case: tuple[str, xr.Dataset, Report, Facts]) -> None:
    for lang in LANGUAGES:
        for key, text in texts_of(resolve(case[2], Locale(lang))):
            for what, pattern in WRONG.items():
                assert not pattern.search(text), (what, lang, key, text)


def test_every_paragraph_and_title_has_words(case: tuple[str, xr.Dataset, Report, Facts]) -> None:
    for lang in LANGUAGES:
        locale = Locale(lang)
        for section in case[2].sections:
            assert section.blocks, section.id
            for block in section.blocks:
                if isinstance(block, Paragraph):
                    text = locale.show(block.text)
                    assert len(text) > 4, (section.id, block)
                    assert "–" not in re.sub(r"\d–\d", "", text), (section.id, text)
                if isinstance(block, Figure):
                    assert "–" not in re.sub(r"\d–\d", "", locale.show(block.title)), block.id
                    assert style.title_size(locale.show(block.title)) > 7.0, block.id


MAY_EXCEED = ("account_", "finance", "prices")
"""A cost line may be more than the whole where another one is income; rates have no upper end."""


def test_shares_lie_between_nothing_and_all(case: tuple[str, xr.Dataset, Report, Facts]) -> None:
    for path, amount in amounts_of(case[2]):
        if amount.kind in ("percent", "percent_limit") and np.isfinite(amount.value):
            if any(word in path for word in MAY_EXCEED):
                continue
            assert -1e-9 <= amount.value <= 1 + 1e-9, (path, amount)


def test_a_share_of_less_than_all_is_never_printed_as_all() -> None:
    for name in ("nearly_all_green", "ordinary"):
        _, report, facts = made(name)
        for path, amount in amounts_of(report):
            if amount.kind == "percent" and 0 < amount.value < 1 - 1e-5:
                assert Locale("zh").show(amount) != "100.0%", path
                assert Locale("zh").show(amount) != "100%", path
    grid = 1 - facts.yearly(0)["retail"] / facts.yearly(0)["facility"]
    assert grid < 1
    assert Locale("en").show(Amount(0.99962, "percent")) == "99.96%"
    assert Locale("en").show(Amount(0.9962, "percent", digits=0)) == "99.6%"
    assert Locale("en").show(Amount(1.0, "percent")) == "100.0%"
    assert Locale("en").show(Amount(1 - 1e-9, "percent")) == "100.0%"


def test_figures_have_data(case: tuple[str, xr.Dataset, Report, Facts]) -> None:
    for figure in figures_of(case[2]):
        numbers = [np.asarray(column, dtype=float) for column in figure.data.values()
                   if np.asarray(column).dtype.kind in "fiu"]  # fmt: skip
        assert numbers, figure.id
        assert all(np.isfinite(column).any() for column in numbers), figure.id


def test_titles_tell_what_their_data_say(case: tuple[str, xr.Dataset, Report, Facts]) -> None:
    facts = case[3]
    found = {figure.id: figure for figure in figures_of(case[2])}

    def told(figure: str, value: str) -> float:
        amount = found[figure].title.values[value]
        assert isinstance(amount, Amount)
        return amount.value

    if "carbon_free_hours" in found:
        data = found["carbon_free_hours"].data
        full = facts.hours[np.asarray(data["carbon_free_share"]) >= 0.995].sum()
        assert told("carbon_free_hours", "full") == pytest.approx(full, abs=0.02 * 8760)
    if "monthly_balance" in found:
        share = found["monthly_balance"].data["hourly_green_share"]
        assert told("monthly_balance", "low") == pytest.approx(min(share), abs=1e-4)
    if "binding" in found:
        money = found["binding"].data["cny_per_year_per_percent"]
        assert told("binding", "money") == pytest.approx(money[0], abs=0.1)
        assert list(money) == sorted(money, reverse=True)
    if "pue_wet_bulb" in found:
        data = found["pue_wet_bulb"].data
        mine = np.asarray(data["site"]) == data["site"][0]
        free = np.asarray(data["free_cooling_hours"])[mine].sum()
        assert told("pue_wet_bulb", "hours") == pytest.approx(free, abs=2)
        assert free <= np.asarray(data["hours"])[mine].sum() + 1
    if "energy_flow" in found:
        data = found["energy_flow"].data
        side, energy = np.asarray(data["side"]), np.asarray(data["energy_mwh"])
        supplied, used = energy[side == "source"].sum(), energy[side == "use"].sum()
        assert supplied == pytest.approx(used, rel=5e-3), case[0]
    if "value_of_timing" in found:
        data = found["value_of_timing"].data
        assert told("value_of_timing", "energy") == pytest.approx(max(data["moved_mwh"]), abs=1)


def test_what_is_not_there_is_not_told() -> None:
    """Words of wind, storage and contracts only where the plan has them."""
    absent = {"no_wind": r"\d MW of wind", "no_storage": "of storage",
              "no_contract": "contracts over"}  # fmt: skip
    for name, words in absent.items():
        data = resolve(made(name)[1], Locale("en"))
        lead = data["sections"][0]["blocks"][0]["text"]
        assert not re.search(words, lead), lead
    assert re.search(r"\d MW of wind", resolve(made("all_wind")[1], Locale("en"))["sections"][0][
        "blocks"][0]["text"])  # fmt: skip


def test_a_plan_that_was_repaired_is_not_called_complete() -> None:
    data = resolve(made("repaired")[1], Locale("zh"))
    assert any("软约束未达到" in notice["text"] for notice in data["notices"])
    assert "软约束" in data["sections"][0]["blocks"][0]["text"]
    assert "各项要求全部满足" not in json.dumps(data, ensure_ascii=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", PLANS)
def test_extreme_plans_make_accessible_archive_files(name: str, tmp_path: Path) -> None:
    options, change = PLANS[name]
    plan = change(fake_plan(**options))
    write_report(plan, fake_kpis(plan), fake_audit(), tmp_path)
    for lang in LANGUAGES:
        assert (tmp_path / f"report.{lang}.pdf").stat().st_size > 50_000
        for picture in (tmp_path / "figures").glob(f"*.{lang}.svg"):
            drawn = picture.read_text(encoding="utf-8")
            assert not re.search(r">[^<]*\b(nan|inf|None)\b[^<]*<", drawn), picture.name
            assert drawn.count("<path") + drawn.count("<image") > 4, picture.name
