"""The ordered list of variants that a study file means: a pure function of file and base."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from coplan.elements.card import Name
from coplan.errors import InputError
from coplan.scenario.merge import Setting, moved
from coplan.scenario.messages import problem_at
from coplan.scenario.provenance import flow_text, is_provenance
from coplan.scenario.yaml_reader import Node, Place
from coplan.study import front
from coplan.study.spec import MAX_VARIANTS, Ladder, StudySpec, Sweep
from coplan.study.variant import BASE, Variant

MATCHING_ZH = {"annual": "按年匹配", "monthly": "按月匹配", "hourly": "按小时匹配"}
SHARE_KEY, MATCHING_KEY = "targets.green_share.value", "targets.green_share.matching"


@dataclass(frozen=True)
class _Point:
    """One value on an axis: how it is shown, and what it sets."""

    axis: str
    text: str
    setting: Setting
    name: Name


def expand(spec: StudySpec, node: Node, documents: Mapping[str, Node]) -> list[Variant]:
    """The base, named variants, sweep, ladder and the end of a front, each in the file's order.

    `node` is the study's file, `documents` are those of the base, whose numbers a scale multiplies.
    Raises InputError for more than 10 000 variants, for a name twice, and for a scale of nothing.
    """
    found = [Variant(BASE, "基准", "Base", BASE)]
    for name, one in (spec.variants or {}).items():
        given = node.content["variants"].content[name].content["set"].content
        settings = tuple(Setting(key, value) for key, value in given.items())
        found.append(Variant(name, one.title.zh, one.title.en, "variants", settings))
    if spec.sweep is not None:
        found += _sweep(spec.sweep, node, documents)
    if spec.ladder is not None:
        found += _ladder(spec.ladder, node.content["ladder"])
    if spec.front is not None:
        found += front.first_variants(spec.front, node)
    seen: set[str] = set()
    for variant in found:
        if variant.name in seen:
            message = f"two variants are called {variant.name}; every variant needs its own name"
            raise InputError(problem_at(node, (variant.part,), message))
        seen.add(variant.name)
    return found


def _sweep(sweep: Sweep, node: Node, documents: Mapping[str, Node]) -> Iterator[Variant]:
    """The variants of a sweep; those of a grid with the last axis fastest."""
    names = axis_names(sweep)
    sizes = [_size(axis) for axis in sweep.axes.values()]
    count = {"grid": math.prod(sizes), "one_at_a_time": sum(sizes)}.get(sweep.method, 0)
    if count > MAX_VARIANTS:
        message = f"these are {count} variants, at most {MAX_VARIANTS} are allowed"
        raise InputError(problem_at(node, ("sweep", "axes"), message))
    if sweep.method == "latin_hypercube":
        yield from _sample(sweep, node, documents, names)
        return
    axes = [
        list(_points(sweep, node, key, names[key], documents)) for key in sweep.axes
    ]
    if sweep.method == "grid":
        chosen: Sequence[tuple[_Point, ...]] = list(itertools.product(*axes))
    else:
        chosen = [(point,) for points in axes for point in points]
    for points in chosen:
        yield _of_points(", ".join(f"{point.axis} {point.text}" for point in points), points)


def _of_points(name: str, points: Sequence[_Point]) -> Variant:
    at = {point.axis: point.text.removeprefix("= ") for point in points}
    zh = "，".join(f"{point.name.zh} {point.text}" for point in points)
    en = ", ".join(f"{point.name.en} {point.text}" for point in points)
    return Variant(name, zh, en, "sweep", tuple(point.setting for point in points), at)


def _points(
    sweep: Sweep, node: Node, key: str, axis: str, documents: Mapping[str, Node]
) -> Iterator[_Point]:
    """Every value of an axis of the file."""
    name = sweep.names.get(key, Name(zh=axis, en=axis))
    entry = node.content["sweep"].content["axes"].content[key]
    if not entry.is_mapping:
        for value in entry.content:
            yield _Point(axis, f"= {flow_text(value)}", Setting(key, value), name)
        return
    for factor in entry.content["scale"].content:
        setting = _scaled(key, float(factor.content), factor.place, node, documents)
        yield _Point(axis, f"× {float(factor.content):g}", setting, name)


def _sample(
    sweep: Sweep, node: Node, documents: Mapping[str, Node], names: Mapping[str, str]
) -> Iterator[Variant]:
    """A Latin hypercube: each axis in as many equal strata as samples, each stratum met once."""
    assert sweep.samples is not None
    draw = random.Random(sweep.seed)
    columns = []
    for key in sweep.axes:
        low, high, is_scale = _ends(node, key)
        strata = list(range(sweep.samples))
        draw.shuffle(strata)
        values = [low + (high - low) * (one + draw.random()) / sweep.samples for one in strata]
        place = node.content["sweep"].content["axes"].content[key].place
        name = sweep.names.get(key, Name(zh=names[key], en=names[key]))
        columns.append([
            _Point(names[key], *_drawn(key, value, place, node, documents, is_scale), name)
            for value in values
        ])  # fmt: skip
    digits = len(str(sweep.samples))
    for number, points in enumerate(zip(*columns, strict=True), start=1):
        of_axes = _of_points(f"sample {number:0{digits}d}", points)
        yield replace(of_axes, title_zh=f"样本 {number}", title_en=of_axes.name)


def _drawn(
    key: str, value: float, place: Place, node: Node, documents: Mapping[str, Node], is_scale: bool
) -> tuple[str, Setting]:
    """A sampled value as text and as what it sets."""
    text = f"{value:.6g}"
    if is_scale:
        return f"× {text}", _scaled(key, float(text), place, node, documents)
    return f"= {text}", Setting(key, Node(text, place, place))


def _ends(node: Node, key: str) -> tuple[float, float, bool]:
    """Least and most of an axis that is sampled, and whether they are factors."""
    entry = node.content["sweep"].content["axes"].content[key]
    values = entry.content["scale"].content if entry.is_mapping else entry.content
    try:
        low, high = (float(one.content) for one in values)
        if math.isfinite(high - low) and low < high:
            return low, high, entry.is_mapping
    except (TypeError, ValueError):
        pass
    message = "an axis of a latin_hypercube has two numbers, its least and its most"
    raise InputError(problem_at(node, ("sweep", "axes", key), message))


def _scaled(
    key: str, factor: float, place: Place, node: Node, documents: Mapping[str, Node]
) -> Setting:
    """What the base says under `key`, every number times `factor`."""
    value = said(key, documents)
    content = _times(value, factor) if value is not None else None
    if content is None:
        message = "the base scenario says no number here that could be scaled; list the values"
        raise InputError(problem_at(node, ("sweep", "axes", key), message))
    return Setting(key, moved(content, place))


def said(key: str, documents: Mapping[str, Node]) -> Node | None:
    """The value at a dotted key of the base, in the card itself for a key below `cards`."""
    parts = [part.strip() for part in key.split(".")]
    in_card = parts[0] == "cards" and len(parts) > 2
    name, rest = (parts[1], parts[2:]) if in_card else ("scenario", parts)
    found = documents.get(name)
    for part in rest:
        if found is not None and is_provenance(found):
            found = found.content["value"]
        found = found.get(part) if found is not None else None
    return found


def _times(node: Node, factor: float) -> Node | None:
    """Every number times `factor`, sources dropped; None where there is a text or nothing."""
    if is_provenance(node):
        return _times(node.content["value"], factor)
    if isinstance(node.content, dict):
        pairs = {key: _times(value, factor) for key, value in node.content.items()}
        return None if None in pairs.values() or not pairs else node.with_content(pairs)
    if isinstance(node.content, list):
        items = [_times(value, factor) for value in node.content]
        return None if None in items or not items else node.with_content(items)
    try:
        return node.with_content(f"{float(node.content) * factor:.12g}")
    except (TypeError, ValueError):
        return None


def _ladder(ladder: Ladder, node: Node) -> Iterator[Variant]:
    """Every share under every matching, the shares in the order of the file."""
    shares = node.content["shares"].content
    for matching in ladder.matchings:
        for share, value in zip(ladder.shares, shares, strict=True):
            place = value.place
            settings = (Setting(SHARE_KEY, value), Setting(MATCHING_KEY, Node(matching, place)))
            percent = f"{100 * share:.6g} %"
            at = {"share": f"{share:.6g}", "matching": matching}
            yield Variant(f"{matching} {percent}", f"{MATCHING_ZH[matching]} {percent}",
                          f"{matching} matching, {percent}", "ladder", settings, at)  # fmt: skip


def _size(axis: object) -> int:
    values = getattr(axis, "scale", axis)
    return len(values) if isinstance(values, (list, tuple)) else 0


def axis_names(sweep: Sweep) -> dict[str, str]:
    """Each key by its last parts, two or as many more as tell it from the others."""
    keys, names = list(sweep.axes), {}
    for key in keys:
        parts = key.split(".")
        for length in range(2, len(parts) + 1):
            short = ".".join(parts[-length:])
            if sum(one == short or one.endswith(f".{short}") for one in keys) == 1:
                break
        else:
            short = key
        names[key] = short
    return names
