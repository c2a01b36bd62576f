"""What a study file says: a base scenario and the variants made of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic

from coplan.elements.card import Entry, Name, Share, Slug, Text

MAX_VARIANTS = 10_000

Settings = Annotated[dict[str, Any], pydantic.Field(min_length=1, max_length=1000)]
"""Dotted keys of the scenario and their values, as `--set` takes them."""


def _form_of_axis(value: Any) -> str:
    return "<mapping>" if isinstance(value, dict) else "<list>"


class Scale(Entry):
    """Values that are multiples of what the base scenario says."""

    scale: Annotated[
        tuple[Annotated[float, pydantic.Field(ge=0, le=1000, allow_inf_nan=False)], ...],
        pydantic.Field(min_length=1, max_length=MAX_VARIANTS),
    ]
    """Factors of the base's value, or of every number below the key."""


Axis = Annotated[
    Annotated[
        Annotated[list[Any], pydantic.Field(min_length=1, max_length=MAX_VARIANTS)],
        pydantic.Tag("<list>"),
    ]
    | Annotated[Scale, pydantic.Tag("<mapping>")],
    pydantic.Discriminator(_form_of_axis),
]
"""A list of values, or `{scale: [...]}`."""


class NamedVariant(Entry):
    """One variant with a name of its own."""

    title: Name
    """Name in the report."""
    set: Settings
    """What differs from the base: dotted key → value."""


class Sweep(Entry):
    """Variants over axes."""

    method: Literal["grid", "one_at_a_time", "latin_hypercube"]
    """Every combination; one axis after the other with the rest as in the base; or a sample."""
    axes: Annotated[dict[str, Axis], pydantic.Field(min_length=1, max_length=50)]
    """Dotted key of the scenario → its values; of a sample: the least and the most."""
    names: dict[str, Name] = pydantic.Field(default_factory=dict)
    """What axes are called in the report: dotted key → name."""
    samples: Annotated[int, pydantic.Field(ge=2, le=MAX_VARIANTS)] | None = None
    """Variants of a latin_hypercube."""
    seed: Annotated[int, pydantic.Field(ge=0, le=2**31 - 1)] | None = None
    """Where the random numbers of a latin_hypercube start; the same seed, the same sample."""

    @pydantic.model_validator(mode="after")
    def _names_its_axes(self) -> Sweep:
        if not set(self.names) <= set(self.axes):
            raise ValueError("names holds a key that is no axis")
        return self

    @pydantic.model_validator(mode="after")
    def _says_how_to_sample(self) -> Sweep:
        given = self.samples is not None and self.seed is not None
        if self.method == "latin_hypercube" and not given:
            raise ValueError("latin_hypercube needs samples and seed")
        if self.method != "latin_hypercube" and (self.samples, self.seed) != (None, None):
            raise ValueError("samples and seed belong to latin_hypercube")
        return self


def _all_different(values: tuple) -> tuple:
    if len(set(values)) != len(values):
        raise ValueError("must not name a value twice")
    return values


class Ladder(Entry):
    """The green-share ladder: every share under every matching."""

    shares: Annotated[
        tuple[Share, ...],
        pydantic.Field(min_length=1, max_length=1000),
        pydantic.AfterValidator(_all_different),
    ]
    """Least green shares."""
    matchings: Annotated[
        tuple[Literal["annual", "monthly", "hourly"], ...],
        pydantic.Field(min_length=1),
        pydantic.AfterValidator(_all_different),
    ] = ("annual", "monthly", "hourly")
    """Intervals within which green and used energy must match."""


class Front(Entry):
    """The least cost at every value of one other promise, from the cheapest plan to the best."""

    against: Literal["emissions", "green_share", "pue", "water", "grid_connection"]
    """What cost is set against: carbon with that of making plants and batteries, the green share
    as the base matches it, PUE, water, or grid connections together."""
    points: Annotated[int, pydantic.Field(ge=3, le=1000)]
    """Points of the front with both ends; evenly spread over what cost is set against."""


class NearOptimal(Entry):
    """What can vary when a plan may cost a little more than the cheapest."""

    within: Annotated[Share, pydantic.Field(gt=0)]
    """How much dearer a plan may be, relative."""
    sizes: Annotated[
        tuple[
            Literal["plant_capacity_mw", "storage_power_mw", "storage_energy_mwh",
                    "grid_connection_mw", "contract_volume_mw", "halls_built", "servers_mw"], ...
        ],
        pydantic.Field(min_length=1),
        pydantic.AfterValidator(_all_different),
    ] = ("plant_capacity_mw", "storage_energy_mwh", "grid_connection_mw", "contract_volume_mw")
    """Which sizes are made least and most, for every unit of the system that has them."""
    alternatives: Annotated[int, pydantic.Field(ge=0, le=1000)] = 0
    """Further plans that want several sizes at once; the report shows those that differ most."""
    seed: Annotated[int, pydantic.Field(ge=0, le=2**31 - 1)] = 1
    """Where their random directions start; the same seed, the same plans."""


class StudySpec(Entry):
    """Many variants of one scenario, solved and compared."""

    id: Slug
    """Id of the study: small letters, digits, dash, underscore."""
    title: Name
    """Title in the report."""
    note: Text(5000) | None = None
    """What this study is for."""
    base: Annotated[str, pydantic.Field(min_length=1, max_length=1000)]
    """Path of the base scenario, seen from the study's file."""
    set: Settings | None = None
    """What every variant, the base included, changes in that scenario."""
    variants: Annotated[dict[Slug, NamedVariant], pydantic.Field(min_length=1)] | None = None
    """Variants by name."""
    sweep: Sweep | None = None
    """Variants over axes."""
    ladder: Ladder | None = None
    """Variants of the green-share target."""
    front: Front | None = None
    """Cost against one other promise."""
    near_optimal: NearOptimal | None = None
    """What can vary at hardly more than the least cost."""

    @pydantic.model_validator(mode="after")
    def _has_something_to_compare(self) -> StudySpec:
        parts = (self.variants, self.sweep, self.ladder, self.front, self.near_optimal)
        if all(part is None for part in parts):
            raise ValueError("a study needs variants, sweep, ladder, front or near_optimal")
        return self
