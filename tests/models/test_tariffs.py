"""The tariff cards reproduce the published price of every band from their parts."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from coplan.elements.charges.table import single_price_cny_per_kw_month
from coplan.elements.tariff import (
    MonthPrices,
    TariffCard,
    energy_price_cny_per_mwh,
    spot_price_cny_per_mwh,
)
from coplan.elements.trading import adder_cny_per_mwh
from coplan.scenario.provenance import strip
from coplan.scenario.yaml_reader import plain, read_yaml

TARIFFS = Path(__file__).resolve().parents[2] / "models" / "tariffs"

# State Grid Jibei, notice of agency purchase prices for August 2026, two-part users, CNY/kWh:
# voltage, sharp, peak, flat, valley, deep, demand CNY/kW/month, capacity CNY/kVA/month
JIBEI_AUGUST_2026 = [
    ("below1kv", 1.00768967, 0.87216635, 0.59314775, 0.31412915, 0.29021327, 39.4, 24.6),
    ("10kv", 0.98568967, 0.85016635, 0.57114775, 0.29212915, 0.26821327, 37.8, 23.6),
    ("35kv", 0.96368967, 0.82816635, 0.54914775, 0.27012915, 0.24621327, 36.2, 22.6),
    ("110kv", 0.94168967, 0.80616635, 0.52714775, 0.24812915, 0.22421327, 34.6, 21.6),
    ("220kv", 0.91968967, 0.78416635, 0.50514775, 0.22612915, 0.20221327, 33.0, 20.6),
]
# State Grid Beijing, the same notice and month; there is no deep valley
BEIJING_AUGUST_2026 = [
    ("10kv", 0.98049175, 0.85578675, 0.62196575, 0.38814475, None, 52.0, 33.0),
    ("35-110kv", 0.94049175, 0.81578675, 0.58196575, 0.34814475, None, 48.0, 30.0),
    ("220kv", 0.92549175, 0.80078675, 0.56696575, 0.33314475, None, 45.0, 28.0),
]
# Band totals at 1-10 kV, two-part, March 2026 (third-period T&D; secondary source): differences
# between bands do not depend on the T&D price in Hebei south and Mengxi.
HEBEI_SOUTH_MARCH_2026 = {
    "sharp": 1.0492, "peak": 0.9163, "flat": 0.6425, "valley": 0.3687, "deep": 0.3452,
}  # fmt: skip
MENGXI_MARCH_2026 = {"peak": 0.6651, "flat": 0.4524, "valley": 0.2900}
TIANJIN_MARCH_2026 = {"peak": 1.0309, "flat": 0.6934, "valley": 0.3559}


def tariff(name: str) -> TariffCard:
    """A tariff card by id."""
    return TariffCard.model_validate(plain(strip(read_yaml(TARIFFS / f"{name}.yaml"), name)[0]))


def price(card: TariffCard, voltage: str, band: str) -> float:
    """Price of a band [CNY/kWh]: flat + (k - 1) B."""
    level = card.voltages[voltage]
    flat = (
        card.purchase_cny_per_kwh
        + card.line_loss_cny_per_kwh
        + card.system_operation_cny_per_kwh
        + level.transmission_cny_per_kwh
        + card.funds_cny_per_kwh
    )
    base = card.floating_base_cny_per_kwh
    base += level.transmission_cny_per_kwh * card.transmission_floats
    factors = card.factors | (level.factors or {})
    return flat + (factors[band] - 1) * base


# one-part users, the same notices
JIBEI_ONE_PART = [
    ("below1kv", 1.02948967, 0.89396635, 0.61494775, 0.33592915, 0.31201327, None, None),
    ("10kv", 1.00748967, 0.87196635, 0.59294775, 0.31392915, 0.29001327, None, None),
    ("35kv", 0.98548967, 0.84996635, 0.57094775, 0.29192915, 0.26801327, None, None),
    ("110kv", 0.96348967, 0.82796635, 0.54894775, 0.26992915, 0.24601327, None, None),
    ("220kv", 0.95148967, 0.81596635, 0.53694775, 0.25792915, 0.23401327, None, None),
]
BEIJING_ONE_PART = [
    ("below1kv", 1.07365375, 1.07365375, 0.79696575, 0.54755675, None, None, None),
    ("10kv", 1.17902075, 1.03872775, 0.72696575, 0.45417475, None, None, None),
    ("35-110kv", 1.11902075, 0.97872775, 0.66696575, 0.39417475, None, None, None),
    ("220kv", 1.06902075, 0.92872775, 0.61696575, 0.34417475, None, None, None),
]
ROWS = [("jibei-2026", row) for row in JIBEI_AUGUST_2026]
ROWS += [("beijing-2026", row) for row in BEIJING_AUGUST_2026]
ROWS += [("jibei-one-part-2026", row) for row in JIBEI_ONE_PART]
ROWS += [("beijing-one-part-2026", row) for row in BEIJING_ONE_PART]


@pytest.mark.parametrize(("name", "row"), ROWS, ids=lambda value: str(value)[:12])
def test_parts_add_up_to_the_published_price_of_every_band(name, row):
    voltage, *bands, demand, capacity = row
    card = tariff(name)
    for band, published in zip(("sharp", "peak", "flat", "valley", "deep"), bands, strict=True):
        if published is not None:
            assert price(card, voltage, band) == pytest.approx(published, abs=1e-6)
    assert card.voltages[voltage].demand_cny_per_kw_month == demand
    assert card.voltages[voltage].capacity_cny_per_kva_month == capacity


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("hebei-south-2026", HEBEI_SOUTH_MARCH_2026),
        ("mengxi-2026", MENGXI_MARCH_2026),
        ("tianjin-2026", TIANJIN_MARCH_2026),
    ],
)
def test_the_spread_between_bands_is_that_of_the_published_totals(name, published):
    card = tariff(name)
    for band, total in published.items():
        voltage = "10kv" if "10kv" in card.voltages else next(iter(card.voltages))
        spread = price(card, voltage, band) - price(card, voltage, "flat")
        assert spread == pytest.approx(total - published["flat"], abs=5e-4)


def test_the_tianjin_flat_price_at_10_kv_is_the_published_total():
    assert price(tariff("tianjin-2026"), "10kv", "flat") == pytest.approx(0.6934, abs=1e-6)


def test_the_engine_prices_every_hour_by_band_month_and_season():
    card = tariff("mengxi-2026")
    month, hour = np.array([1, 7, 7, 7, 7]), np.array([18, 18, 20, 13, 12])
    flat = price(card, "220kv", "flat")
    found = energy_price_cny_per_mwh(card, "220kv", month, hour)
    factors = np.array([1.68, 1.54, 1.848, 0.352, 0.44])
    assert found == pytest.approx(1e3 * (flat + (factors - 1) * 0.3125))


def test_a_month_with_a_notice_of_its_own_has_its_own_price():
    card = tariff("jibei-2026")
    june = MonthPrices(purchase_cny_per_kwh=0.4, floating_base_cny_per_kwh=0.5)
    card = card.model_copy(update={"months": {6: june}})
    found = energy_price_cny_per_mwh(card, "220kv", np.array([5, 6]), np.array([16, 16]))
    may = price(card, "220kv", "flat") + 0.7 * 0.398598
    assert found == pytest.approx([1e3 * may, 1e3 * (0.50514775 - 0.385713 + 0.4 + 0.7 * 0.5)])


def test_the_spot_price_takes_the_place_of_the_purchase_price_within_floor_and_cap():
    card = tariff("mengxi-2026")
    found = spot_price_cny_per_mwh(card, "220kv", np.full(3, 4), np.array([-200.0, 100.0, 9000.0]))
    others = 9.0 + 29.8 + 42.9 + 22.425
    assert found == pytest.approx([others - 50.0, others + 100.0, others + 1500.0])


def test_the_single_capacity_price_of_jibei_is_that_of_the_notice():
    # 33.0 + 0.0705 x 0.75 x 730 = 71.6 CNY/kW a month
    found = single_price_cny_per_kw_month(tariff("jibei-2026"), "220kv")
    assert found == pytest.approx(71.6, abs=0.01)


def test_jibei_has_a_midday_valley_outside_summer_only():
    seasons = tariff("jibei-2026").seasons
    assert (12, 14) in seasons["winter"].bands["valley"]
    assert (12, 14) in seasons["other"].bands["valley"]
    assert (12, 14) not in seasons["summer"].bands["valley"]


def test_the_mean_price_of_a_jibei_day_lies_near_its_flat_price():
    card = tariff("jibei-2026")
    means = []
    for season in card.seasons.values():
        hours = {band: sum(b - a for a, b in ranges) for band, ranges in season.bands.items()}
        mean = sum(n * price(card, "220kv", band) for band, n in hours.items()) / 24
        means += [mean] * len(season.months)
    assert sum(means) / 12 == pytest.approx(0.51, abs=0.005)


def test_under_a_direct_connection_no_band_adds_to_the_price_of_the_network():
    """Where transmission and distribution float with the bands (Tianjin), a direct connection used
    to lose the flat network price of an hour and keep what the band adds to it: 63 CNY/MWh too much
    in a peak hour at 110 kV. The audit's own reading of the card found it."""
    card = tariff("tianjin-2026")
    level = card.voltages["110kv"]
    flat = (card.purchase_cny_per_kwh + card.line_loss_cny_per_kwh
            + card.system_operation_cny_per_kwh + card.funds_cny_per_kwh)  # fmt: skip
    peak, noon = energy_price_cny_per_mwh(
        card, "110kv", np.array([7, 7]), np.array([9, 12]), network=False
    )
    assert peak == pytest.approx(1e3 * (flat + 0.5 * card.floating_base_cny_per_kwh))
    assert noon == pytest.approx(1e3 * flat)
    with_network = energy_price_cny_per_mwh(card, "110kv", np.array([7]), np.array([9]))
    assert with_network[0] - peak == pytest.approx(1e3 * 1.5 * level.transmission_cny_per_kwh)


def test_energy_of_a_contract_pays_the_months_notice_and_a_floating_network_price():
    """Contract fees were those of the card all year, so that a dearer July notice and Tianjin's
    floating network price never reached a contract."""
    plain_card = tariff("tianjin-2026")
    voltage = next(iter(plain_card.voltages))
    notice = MonthPrices(line_loss_cny_per_kwh=0.05)
    card = plain_card.model_copy(update={"months": {7: notice}})
    contract = SimpleNamespace(adders=("transmission", "line_loss"))
    season = next(one for one in card.seasons.values() if 7 in one.months)
    peak, flat = (season.bands[band][0][0] for band in ("peak", "flat"))
    month, hour = np.array([7, 7, 1]), np.array([peak, flat, 12])
    in_july, _, in_january = adder_cny_per_mwh(contract, card, voltage, month, hour)
    network = card.voltages[voltage].transmission_cny_per_kwh
    factor = (card.factors | (season.factors or {}))["peak"]
    assert in_july == pytest.approx(1e3 * (factor * network + 0.05))
    without = adder_cny_per_mwh(contract, plain_card, voltage, month, hour)
    assert without[2] == in_january
    level_price = adder_cny_per_mwh(contract, card, voltage, month, hour)[1]
    assert level_price == pytest.approx(1e3 * (network + 0.05))
