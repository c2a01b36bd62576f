"""Reads a study file, or tells every mistake in it with file, line and key."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pydantic

from coplan.errors import InputError
from coplan.scenario import messages
from coplan.scenario.merge import Setting
from coplan.scenario.project import Project
from coplan.scenario.reader import Scenario, find_root, read_scenario
from coplan.scenario.shelf import Shelf
from coplan.scenario.yaml_reader import Node, plain, read_yaml
from coplan.study import front, near_optimal
from coplan.study.expand import expand
from coplan.study.spec import StudySpec
from coplan.study.variant import Variant

Found = TypeVar("Found")
ONE_THREAD = "options.threads=1"
"""Of every solve of a study, whatever its file says: variants run side by side."""


@dataclass(frozen=True)
class Study:
    """A study file, its base scenario and its variants in order, the base first."""

    spec: StudySpec
    path: Path
    node: Node
    """The study's file as it was written."""
    base: Scenario
    """The base with what every variant changes."""
    variants: tuple[Variant, ...]
    overrides: tuple[str | Setting, ...]
    """What every variant changes in the base scenario; a variant's own settings come after."""
    shelf: Shelf = field(default_factory=Shelf, compare=False)
    """Cards that many variants share."""

    def settings(self, variant: Variant) -> tuple[str | Setting, ...]:
        """Everything that a variant changes in the base scenario, in order."""
        return (*self.overrides, *variant.settings, ONE_THREAD)

    def scenario(self, variant: Variant) -> Scenario:
        """The variant as a Scenario; raises InputError with the place in the study file."""
        allowed = self.base.project.allowed
        return read_scenario(
            self.base.path, self.settings(variant), allow=allowed, shelf=self.shelf
        )


def read_study(
    path: str | Path, overrides: Sequence[str] = (), allow: Sequence[Path] = ()
) -> Study:
    """Read a study and its base scenario; `overrides` are for every variant.

    The variants themselves are not read yet. Raises InputError with every problem.
    """
    path = Path(path)
    node = read_yaml(path)
    try:
        spec = StudySpec.model_validate(plain(node))
    except pydantic.ValidationError as error:
        found = messages.validation_problems(error, node, StudySpec)
        raise InputError([problem for _, problem in found]) from error
    common = _settings(node.get("set")) if spec.set else ()
    shared: tuple[str | Setting, ...] = (*common, *overrides)
    project = Project(find_root(path), path.absolute().parent, tuple(allow))
    at = _base_path(project, node, spec.base)
    base = read_scenario(at, (*shared, ONE_THREAD), allow=allow)
    if spec.front is not None:
        front.check_base(spec.front, node, base)
    if spec.near_optimal is not None:
        near_optimal.check_base(spec.near_optimal, node, base)
    return Study(spec, path, node, base, tuple(expand(spec, node, base.documents)), shared)


def read_variants(study: Study) -> list[Scenario]:
    """Every variant as a Scenario, in order; raises InputError with the problems of all."""
    return look_at_variants(study, study.variants, lambda scenario: scenario)


def look_at_variants(
    study: Study, variants: Sequence[Variant], look: Callable[[Scenario], Found]
) -> list[Found]:
    """What `look` finds in each of these variants, in order, one Scenario being held at a time.

    Raises InputError with the problems of all variants.
    """
    found, problems = [], []
    for variant in variants:
        try:
            found.append(look(study.scenario(variant)))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    return found


def _base_path(project: Project, node: Node, text: str) -> Path:
    try:
        return project.named(text, project.beside)
    except ValueError as error:
        folder, _, name = text.rpartition("/")
        known = (file.name for file in sorted((project.beside / folder).glob("*.yaml")))
        hint = messages.near(name, known) if "no such file" in str(error) else ""
        message = f"{error}; {hint}" if hint else str(error)
        raise InputError(messages.problem_at(node, ("base",), message)) from error


def _settings(node: Node | None) -> tuple[Setting, ...]:
    """The dotted keys of a mapping with their values."""
    return tuple(Setting(key, value) for key, value in node.content.items()) if node else ()
