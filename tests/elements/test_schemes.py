"""Supply schemes exclude each other: agency purchase, market with contracts, direct connection."""

from __future__ import annotations

import pytest

from tests.toys import green, solved, work, world


def choice(first: str, other: str, price, **changes):
    """A site supplied as `first` at 100 CNY/MWh that may be supplied as `other` at `price`."""
    coords = {"alternative": [f"s_{other}"]} | changes.pop("coords", {})
    return world(coords=coords, site_supply=first, alternative_scheme=other,
                 alternative_price_cny_per_mwh=price, **changes)  # fmt: skip


def test_a_site_has_one_scheme_for_the_whole_year() -> None:
    # 40 and 200 against 100: switching by the hour would pay 140
    answer = solved(choice("agency", "market", [[40.0, 200.0]]))
    assert answer.of("is_supplied") == pytest.approx(0.0)
    assert answer.cost_cny == pytest.approx(200.0)
    answer = solved(choice("agency", "market", [[40.0, 150.0]]))
    assert answer.of("is_supplied") == pytest.approx(1.0)
    assert answer.of("alternative_mw") == pytest.approx([1.0, 1.0])
    assert answer.line_cny("grid energy") == pytest.approx(190.0)


def test_of_two_alternatives_one_is_taken() -> None:
    answer = solved(
        choice("agency", "market", [[40.0, 150.0], [150.0, 45.0]],
               coords={"alternative": ["s_market", "s_direct"]})
    )  # fmt: skip
    assert answer.of("is_supplied") == pytest.approx([1.0, 0.0])
    assert answer.cost_cny == pytest.approx(190.0)


GREEN = {"contract_volume_max_mw": 4.0, "contract_price_cny_per_mwh": 20.0}


def test_an_agency_user_signs_no_contract() -> None:
    # the contract is cheap, the market dear: both together only
    answer = solved(choice("agency", "market", 500.0, **GREEN))
    assert answer.of("is_supplied") == pytest.approx(1.0)
    assert answer.cost_cny == pytest.approx(4.0 / 2 * 20.0)
    stays = solved(choice("agency", "market", 500.0, **GREEN, **work(3.0)))
    assert stays.of("contract_volume_mw") == pytest.approx(0.0, abs=1e-7)
    assert stays.cost_cny == pytest.approx(600.0)


def test_who_leaves_the_market_for_the_agency_leaves_his_contracts() -> None:
    answer = solved(choice("market", "agency", 1.0, targets=green(0.5), **GREEN))
    assert answer.of("is_supplied") == pytest.approx(0.0)
    alone = solved(choice("market", "agency", 1.0, **GREEN))
    assert alone.of("is_supplied") == pytest.approx(1.0)
    assert alone.of("contract_volume_mw") == pytest.approx(0.0, abs=1e-7)


def test_a_direct_connection_takes_its_single_price_with_it() -> None:
    offers = {"coords": {"offer": ["s_demand", "s_single"], "alternative": ["s_direct"]},
              "offer_kind": ["demand", "single"]}  # fmt: skip
    prices = {"demand_price_cny_per_mw_month": 10.0, "single_price_cny_per_mw_month": 14.0}
    cheap = solved(choice("market", "direct", 70.0, **offers, **prices))
    assert cheap.of("takes") == pytest.approx([0.0, 1.0])
    assert cheap.cost_cny == pytest.approx(2 * 70.0 + 12 * 14.0)
    dear = solved(choice("market", "direct", 80.0, **offers, **prices))
    assert dear.of("takes") == pytest.approx([1.0, 0.0])
    assert dear.cost_cny == pytest.approx(2 * 100.0 + 12 * 10.0)
