"""Rules of public money as cards, and the users of compute that ask for vouchers."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

import pydantic

from coplan.elements.card import Card, Entry, Name, Reference, Share, Slug
from coplan.units import quantity

County = Literal["direct", "district"]
"""A county managed directly, or a district of the city: they share what is paid differently."""

NO_CAP_CNY = 1e12
Money = quantity("CNY", ge=0, le=NO_CAP_CNY)


class VoucherRule(Entry):
    """Compute vouchers (算力券): the higher of two rates, capped by unit, in a yearly budget."""

    lead_cost_share: Share
    """Share of the compute cost of a lead unit of an awarded project."""
    platform_fee_share: Share
    """Share of the compute fee of a user of the local platform."""
    most_cny_per_unit_year: Money
    """Most a unit gets by the two rates in a year."""
    settling_cny: Money = 0.0
    """One-off for a unit in the year it settles; beside its most, within the budget."""
    budget_cny_per_year: Money
    """Most for all units in a year; where more is asked for, all get the same share of it."""
    lag_years: Annotated[int, pydantic.Field(ge=0, le=5)] = 1
    """Years between payment of the fee and payment of the voucher: paid first, claimed later."""


class RewardRule(Entry):
    """A one-off reward for a project: the least of its terms, where every gate is passed.

    A project is one hall entry of a site: the stock converted to it, or the servers bought for it.
    """

    act: Literal["retrofit", "domestic_servers"]
    """What is rewarded: halls converted, or servers of domestic make bought."""
    cny_per_rack: quantity("CNY", ge=0, le=1e9) | None = None
    """For each rack of the project."""
    cny_per_tce: quantity("CNY/tce", ge=0, le=1e9) | None = None
    """For each t of coal equivalent saved in a year: metered energy before less facility energy."""
    coal_factor_kg_per_kwh: quantity("kg/kWh", gt=0, le=1) | None = None
    """Coal equivalent of electricity, needed with cny_per_tce."""
    investment_share: Share | None = None
    """Share of what is invested."""
    most_cny: Money = NO_CAP_CNY
    """Most for a project."""
    min_racks: quantity("dimensionless", ge=0, le=1e7) = 0.0
    """Gate: at least so many racks."""
    pue_below: quantity("dimensionless", gt=1, le=10) | None = None
    """Gate: yearly PUE of the project's halls strictly below, in every weather year."""
    computing_share_above: Share | None = None
    """Gate: share of servers in power of servers and storage strictly above."""

    @pydantic.model_validator(mode="after")
    def _has_a_term(self) -> RewardRule:
        if self.cny_per_rack is None and self.cny_per_tce is None and self.investment_share is None:
            raise ValueError("give one of cny_per_rack, cny_per_tce and investment_share")
        if (self.cny_per_tce is None) != (self.coal_factor_kg_per_kwh is None):
            raise ValueError("cny_per_tce and coal_factor_kg_per_kwh belong together")
        if self.cny_per_tce is not None and self.act != "retrofit":
            raise ValueError("cny_per_tce is about a retrofit: servers bought save nothing")
        return self


class CountyShare(Entry):
    """What the county or district pays of a subsidy; the city pays the rest."""

    direct: Share
    """County managed directly."""
    district: Share
    """District of the city."""


class SubsidyCard(Card):
    """The rules of one document about public money."""

    document: Annotated[str, pydantic.Field(min_length=1, max_length=400)]
    """Title and number of the document."""
    valid_from: datetime.date
    """First day it is in force. A year counts where it is in force on 1 July."""
    valid_to: datetime.date
    """Last day."""
    county_share: CountyShare | None = None
    """How city and county share what is paid; the city pays all where nothing is said."""
    vouchers: VoucherRule | None = None
    """Compute vouchers for users."""
    rewards: dict[Slug, RewardRule] = {}
    """One-off rewards for projects; a project gets the best one, never two."""

    @pydantic.model_validator(mode="after")
    def _says_something(self) -> SubsidyCard:
        if self.vouchers is None and not self.rewards:
            raise ValueError("give vouchers or rewards")
        if self.valid_to < self.valid_from:
            raise ValueError("valid_to must not be before valid_from")
        return self

    def paid_by_county(self, county: County | None) -> float:
        """Share that the county or district pays."""
        if self.county_share is None or county is None:
            return 0.0
        return float(getattr(self.county_share, county))


class VoucherUser(Entry):
    """A unit that buys compute and may ask for vouchers."""

    name: Name
    """What it is called in the report."""
    rule: Reference("subsidies")
    """Rule card whose vouchers it asks for."""
    compute_cost_cny_per_year: Money = 0.0
    """Its cost of compute, for the rate of lead units."""
    fee_cny_per_year: Money = 0.0
    """Fees it pays to the local platform, for the rate of platform users."""
    lead_unit: bool = False
    """Lead unit of an awarded national or provincial project."""
    platform_user: bool = False
    """User of the local compute platform."""
    settles_in: Annotated[int, pydantic.Field(ge=2020, le=2060)] | None = None
    """Year in which it settles: the one-off is of that year, and it has no fees before."""
    county: County | None = None
    """Where it is; needed where city and county share what is paid."""
