"""Who pays whom: the operator's payments are its account; users, governments and years by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from coplan.plan.kpis import kpis
from coplan.plan.rewards import reward_table, voucher_claims
from coplan.plan.settlement import PARTIES, cost_covering_prices, settlement_table
from coplan.report.catalogue import entries
from tests.elements.test_subsidies import rewarded, settled
from tests.plan.toy_plan import toy_plan
from tests.sampling import one_in
from tests.toys import everything, solved, world


def net_paid(table: pd.DataFrame, book: str, period: int) -> float:
    """What the operator pays less what it receives under a book."""
    mine = table[(table.book == book) & (table.period == period)]
    paid = mine.loc[mine.payer == "operator", "cny_per_year"].sum()
    return float(paid - mine.loc[mine.payee == "operator", "cny_per_year"].sum())


def in_account(plan, book: str, period: int) -> float:
    mine = (plan["account_book"] == book) & (plan["account_period"].astype(int) == period)
    return float(plan["account_cny"].values[mine.values].sum())


@pytest.mark.parametrize("book", one_in(2, ["cost", "server"]))
def test_what_the_operator_pays_is_its_account(book: str) -> None:
    for plan in (toy_plan("monthly")[1], solved(everything(), gap=1e-6).plan):
        table = settlement_table(plan)
        assert (table["cny_per_year"] > 0).all()
        for period in plan["period"].values.astype(int):
            total = in_account(plan, book, period)
            assert net_paid(table, book, period) == pytest.approx(total, rel=1e-6, abs=0.1)


@pytest.mark.parametrize("seen", ["operator", "system", "government"])
def test_subsidies_are_told_from_every_perspective(seen: str) -> None:
    data = rewarded(annuity=10.0, reward_cny_per_rack=1.0, reward_county_share=0.25,
                    attrs={"perspective": seen})  # fmt: skip
    plan = settled(data).plan
    table = settlement_table(plan)
    mine = table[table.item == "subsidies"].set_index("payer")["cny_per_year"]
    assert mine["city government"] == pytest.approx(150.0)
    assert mine["county government"] == pytest.approx(50.0)
    assert net_paid(table, "cost", 2027) == pytest.approx(220.0 if seen == "operator" else 420.0)
    assert kpis(plan)["cost_cny"] == pytest.approx(220.0 if seen == "operator" else 420.0)
    row = reward_table(plan).iloc[0]
    assert (row.reward_cny, row.city_cny, row.county_cny) == pytest.approx((200.0, 150.0, 50.0))


def test_users_without_a_fee_pay_what_covers_the_cost() -> None:
    plan = solved(world()).plan.assign_coords(demand_region=("demand", ["beijing"]))
    row = settlement_table(plan).query("item == 'compute'").iloc[0]
    # 200 CNY for 2 MWh of 100 P/MW
    assert (row.payer, row.site, row.basis) == ("beijing", "s", "cost-covering price")
    assert row.cny_per_year == pytest.approx(200.0)
    assert row.price_cny_per_p_hour == pytest.approx(1.0)


def test_a_fee_that_is_given_is_paid() -> None:
    plan = solved(world(compute_fee_cny_per_p_hour=2.5)).plan
    plan = plan.assign_coords(demand_region=("demand", ["beijing"]))
    row = settlement_table(plan).query("item == 'compute'").iloc[0]
    assert (row.basis, row.cny_per_year) == ("fee", pytest.approx(500.0))


def test_classes_of_compute_share_the_cost_by_their_power() -> None:
    plan = toy_plan("monthly")[1]
    prices = cost_covering_prices(plan)
    per_mw = dict(zip(plan["label"].values, plan["label_reference_p_per_mw"].values, strict=True))
    assert prices[2025, "fp16"] * per_mw["fp16"] == pytest.approx(
        prices[2025, "fp32"] * per_mw["fp32"]
    )


def vouchers(**changes):
    """Users: "lead" of 1.2 M cost and 0.9 M fee, "new" of 0.4 M fee that settles in 2026."""
    plan = solved(world(
        coords={"period": [2027], "voucher_user": ["lead", "new"], "voucher_year": [2025, 2026]},
        voucher_cost_cny=[1.2e6, 0.0], voucher_fee_cny=[0.9e6, 0.4e6],
        voucher_is_lead=[1.0, 0.0], voucher_is_platform=1.0, voucher_settles_in=[0.0, 2026.0],
        voucher_county_share=[0.5, 1.0], **changes,
    )).plan  # fmt: skip
    return plan


def test_vouchers_are_paid_a_year_later_and_shared_by_city_and_county() -> None:
    rows = voucher_claims(vouchers()).set_index(["user", "earned_in"])
    assert list(rows.index) == [("lead", 2025), ("lead", 2026), ("new", 2026)]
    lead, new = rows.loc[("lead", 2025)], rows.loc[("new", 2026)]
    assert (lead.paid_in, lead.basis) == (2026, "lead unit")
    assert lead.voucher_cny == pytest.approx(0.72e6)
    assert (lead.city_cny, lead.county_cny) == pytest.approx((0.36e6, 0.36e6))
    assert (new.voucher_cny, new.basis) == (pytest.approx(0.7e6), "platform user + settling")
    assert (new.city_cny, new.county_cny) == pytest.approx((0.0, 0.7e6))


def test_the_settlement_holds_the_vouchers_paid_in_its_year() -> None:
    table = settlement_table(vouchers()).query("item == 'vouchers'")
    assert table["cny_per_year"].sum() == pytest.approx(0.72e6 + 0.7e6)  # earned in 2026
    assert set(table["book"]) == {""}


def test_a_short_budget_cuts_all_claims_of_its_year_alike() -> None:
    rows = voucher_claims(vouchers(voucher_budget_cny=1e6)).set_index(["user", "earned_in"])
    assert rows.loc[("lead", 2025), "voucher_cny"] == pytest.approx(0.72e6)
    assert rows.loc[("lead", 2026), "voucher_cny"] == pytest.approx(0.72e6 / 1.42)
    assert rows.loc[("new", 2026), "voucher_cny"] == pytest.approx(0.7e6 / 1.42)
    assert rows.loc[("new", 2026), "asked_cny"] == pytest.approx(0.7e6)


def test_every_party_and_item_has_a_name_in_the_report() -> None:
    known = entries()
    for party, item in PARTIES.values():
        assert f"settlement.party_{party.replace(' ', '_')}" in known, party
        assert f"settlement.item_{item.replace(' ', '_').replace('-', '_')}" in known, item
