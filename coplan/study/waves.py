"""What a study asks for once its first results are known: a pure function of file and results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from coplan.run import read_json
from coplan.study import front, near_optimal
from coplan.study.reader import Study
from coplan.study.variant import BASE, Variant


def later_variants(study: Study, result: Callable[[str], Path]) -> list[Variant]:
    """The variants that depend on others; `result(name)` is the folder of a variant's result."""
    found: list[Variant] = []
    if study.spec.front is not None:
        ends = [front.value_of(study.spec.front.against, read_json(result(name) / "kpis.json"))
                for name in (BASE, "front best")]  # fmt: skip
        found += front.later_variants(study.spec.front, study.node, *ends)
    if study.spec.near_optimal is not None:
        found += near_optimal.later_variants(study.spec.near_optimal, study.node, result(BASE))
    return found


def trial_variants(study: Study) -> list[Variant]:
    """Variants of that kind at invented values, to be read before anything is solved."""
    found = front.trial_variants(study.spec.front, study.node) if study.spec.front else []
    if study.spec.near_optimal is not None:
        found += near_optimal.trial_variants(study.spec.near_optimal, study.node)
    return found
