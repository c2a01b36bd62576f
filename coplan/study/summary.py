"""What a study would solve, in a few lines; every variant is read, none is solved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from coplan.dataset.files import data_files_used
from coplan.dataset.sources import refuse_bad_inputs
from coplan.scenario.reader import Scenario, data_files
from coplan.study.reader import Study, look_at_variants, read_study
from coplan.study.waves import trial_variants

MOST_NAMES = 12


def study_summary(
    path: str | Path, overrides: Sequence[str] = (), allow: Sequence[Path] = ()
) -> list[tuple[str, str]]:
    """Lines of (subject, what is said about it); raises InputError with every problem."""
    study = read_study(path, overrides, allow)
    opened: set[tuple[Path, ...]] = set()

    def open_files(one: Scenario) -> None:  # once where variants read the same
        files = (*data_files_used(one), *data_files(one).values())
        if files not in opened:
            refuse_bad_inputs(one)
            opened.add(files)

    look_at_variants(study, [*study.variants, *trial_variants(study)], open_files)
    spec, names = study.spec, [one.name for one in study.variants]
    parts = Counter(one.part for one in study.variants)
    shown = "; ".join(names[:MOST_NAMES]) + ("; …" if len(names) > MOST_NAMES else "")
    return [
        ("study", f"{spec.id}: {spec.title.zh} / {spec.title.en}"),
        ("base", f"{study.base.spec.id}: {study.base.spec.title.zh} / {study.base.spec.title.en}"),
        ("parts", ", ".join(f"{count} {part}" for part, count in parts.items())),
        ("variants", f"{len(names)} ({shown})"),
        *_later(study),
    ]


def _later(study: Study) -> list[tuple[str, str]]:
    """What follows from the first results."""
    lines = []
    if study.spec.front is not None:
        front = study.spec.front
        lines.append(("then", f"{front.points - 1} points of cost against {front.against}, between "
                              "the two ends"))  # fmt: skip
    if study.spec.near_optimal is not None:
        near = study.spec.near_optimal
        lines.append(("then", f"every {', '.join(near.sizes)} least and most within "
                              f"{100 * near.within:g} % of the least cost, "
                              f"{near.alternatives} alternatives"))  # fmt: skip
    return lines
