"""The tariff cards reproduce the published price of every band from their parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from coplan.elements.network import TariffCard
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
    flat = (
        card.purchase_cny_per_kwh
        + card.line_loss_cny_per_kwh
        + card.system_operation_cny_per_kwh
        + card.voltages[voltage].transmission_cny_per_kwh
        + card.funds_cny_per_kwh
    )
    return flat + (card.factors[band] - 1) * card.floating_base_cny_per_kwh


ROWS = [("jibei-2026", row) for row in JIBEI_AUGUST_2026]
ROWS += [("beijing-2026", row) for row in BEIJING_AUGUST_2026]


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
        spread = (card.factors[band] - 1) * card.floating_base_cny_per_kwh
        assert spread == pytest.approx(total - published["flat"], abs=5e-4)


def test_the_tianjin_flat_price_at_10_kv_is_the_published_total():
    assert price(tariff("tianjin-2026"), "10kv", "flat") == pytest.approx(0.6934, abs=1e-6)


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
