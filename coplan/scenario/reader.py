"""Reads a scenario with every card it names into one frozen Scenario, or tells every mistake."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pydantic

from coplan.elements.card import Card
from coplan.errors import InputError, Problem
from coplan.scenario import messages, provenance, shapes
from coplan.scenario.cross_checks import misfits
from coplan.scenario.merge import Setting, apply_overrides, merge
from coplan.scenario.policies import rival_clauses, with_policies
from coplan.scenario.project import Project
from coplan.scenario.provenance import Assumption
from coplan.scenario.shelf import ReadCard, Shelf
from coplan.scenario.spec import EpwWeather, ScenarioSpec, is_slug
from coplan.scenario.system import CARD_CLASSES, System
from coplan.scenario.yaml_reader import (
    Node,
    plain,
    shown_path,
)

MAX_CHAIN = 16
MAX_EPW_BYTES = 8 * 2**20
# A target is a decision, not an assumption; overrides of cards are recorded with their card.
NO_PROVENANCE = frozenset({"targets", "cards"})


@dataclass(frozen=True)
class Scenario:
    """One question with everything it names; where the files lie does not count in equality."""

    spec: ScenarioSpec
    """The scenario file, `extends` and `--set` applied."""
    system: System
    """The system card."""
    cards: Mapping[str, Mapping[str, Card]]
    """Every other card that is used: kind → id → card, overrides of the scenario applied."""
    assumptions: tuple[Assumption, ...]
    """Every value that came with a source or a confidence."""
    policy_clauses: tuple[dict[str, Any], ...]
    """Every clause of the policy packs: where it stands, what it asks, what became of it."""
    files: tuple[Path, ...] = field(compare=False)
    """Every YAML file that was read."""
    root: Path = field(compare=False)
    """The folder that holds models/ and data/."""
    project: Project = field(compare=False)
    """The folders whose files may be read."""
    path: Path = field(compare=False)
    """The scenario file."""
    documents: Mapping[str, Node] = field(compare=False, repr=False)
    """The text behind it by "kind/id", and "scenario"; overrides applied, sources kept."""

    def problem(self, card: str, path: shapes.Path, message: str) -> Problem:
        """A problem at `path` of a card ("systems/jjm") or of "scenario", with file and line."""
        node = provenance.strip(self.documents[card], card, NO_PROVENANCE)[0]
        return named(messages.problem_at(node, path, message), card, self.documents[card], path)


def read_scenario(
    path: str | Path, overrides: Sequence[str | Setting] = (), root: str | Path | None = None,
    allow: Sequence[Path] = (), shelf: Shelf | None = None,
) -> Scenario:  # fmt: skip
    """Read a scenario file and every card it names.

    `overrides` are settings or texts such as "targets.green_share.value=0.9"; `root` is the folder
    that holds models/ and data/, by default the nearest above the scenario that has models/. Files
    named there lie inside it, beside the scenario, or below a folder of `allow`. Of many scenarios
    of one project, a `shelf` spares reading the same cards again.
    Raises InputError with every problem of every file.
    """
    path = Path(path)
    home = Path(root) if root is not None else find_root(path)
    project = Project(home, path.absolute().parent, tuple(allow))
    return _Reader(path, project, shelf or Shelf()).read(overrides)


def named(problem: Problem, name: str, node: Node, path: shapes.Path) -> Problem:
    """Say which card a key belongs to where another file changed it."""
    if name == "scenario" or problem.file == node.place.file:
        return problem
    return replace(problem, key=".".join(["cards", name, *map(str, path)]))


def find_root(path: Path) -> Path:
    """The nearest folder at or above the scenario's that holds models/, else the current one."""
    folders = path.absolute().parents
    return next((folder for folder in folders if (folder / "models").is_dir()), Path.cwd())


def data_files(scenario: Scenario) -> dict[str, Path]:
    """The data files that the scenario itself names: the EPW file of each site."""
    weather = scenario.spec.weather
    if not isinstance(weather, dict):
        return {}
    folder = scenario.path.absolute().parent
    return {site: folder / entry.epw for site, entry in weather.items()}


class _Reader:
    """Collects problems while it reads; nothing is returned as long as there is one."""

    def __init__(self, path: Path, project: Project, shelf: Shelf) -> None:
        self.path, self.shelf = path, shelf
        self.root, self.project = project.root, project
        self.problems: list[Problem] = []
        self.files: list[Path] = []
        self.documents: dict[str, Node] = {}
        self.assumptions: list[Assumption] = []
        self.cards: dict[str, dict[str, Card]] = {}

    def read(self, overrides: Sequence[str | Setting]) -> Scenario:
        """Read everything, or raise InputError with all that is wrong."""
        node = apply_overrides(self._with_bases(self.path, ()), overrides)
        self.documents["scenario"] = node
        spec, stripped = self._validated(node, "scenario", ScenarioSpec, NO_PROVENANCE)
        changes = self._card_changes(node)
        self._read_cards(stripped, changes)
        for name, change in changes.items():
            if name not in self.documents:
                self._unused_change(name, change)
        if isinstance(spec, ScenarioSpec):
            self._check_epw_files(spec, stripped)
        if self.problems or not isinstance(spec, ScenarioSpec):
            raise InputError(list(dict.fromkeys(self.problems)))
        scenario = self._scenario(spec)
        found = [*rival_clauses(spec, scenario.system, scenario.cards),
                 *misfits(scenario.spec, scenario.system, scenario.cards)]  # fmt: skip
        self.problems += [scenario.problem(one.document, one.path, one.message) for one in found]
        if self.problems:
            raise InputError(self.problems)
        return scenario

    def _scenario(self, spec: ScenarioSpec) -> Scenario:
        cards = {kind: dict(sorted(some.items())) for kind, some in sorted(self.cards.items())}
        system = cards.pop("systems")[spec.system]
        assert isinstance(system, System)
        name = f"scenarios/{spec.id}"
        assumptions = sorted(
            (replace(a, card=name) if a.card == "scenario" else a for a in self.assumptions),
            key=lambda assumption: assumption.card,
        )
        files, documents = tuple(self.files), self.documents
        root, path = self.root, self.path
        spec, clauses = with_policies(spec, system, cards)
        return Scenario(
            spec, system, cards, tuple(assumptions), clauses, files, root, self.project, path,
            documents,
        )

    def _with_bases(self, path: Path, chain: tuple[Path, ...]) -> Node:
        """The file on top of the one it extends, and so on."""
        node = self.shelf.yaml(path)
        self.files.append(path)
        entry = node.get("extends")
        if entry is None:
            return node
        base = self._base(path, node, (*chain, path.resolve()))
        content = {key: value for key, value in node.content.items() if key != "extends"}
        if "id" not in content:
            message = "a scenario that extends another one needs an id of its own"
            raise InputError(messages.problem_at(node, ("id",), message))
        below = _epw_seen_from(self._with_bases(base, (*chain, path.resolve())), base, path)
        return replace(merge(below, node.with_content(content)), place=node.place)

    def _base(self, path: Path, node: Node, chain: tuple[Path, ...]) -> Path:
        def refuse(message: str) -> InputError:
            return InputError(messages.problem_at(node, ("extends",), message))

        text = node.content["extends"].content
        if not isinstance(text, str):
            raise refuse("must be the path of one scenario file, seen from this file")
        try:
            base = self.project.named(text, path.parent)
        except ValueError as error:
            known = (file.name for file in sorted(path.parent.glob("*.yaml")))
            raise refuse(f"{error}; {messages.near(text, known)}") from error
        if base.resolve() in chain:
            names = [shown_path(one) for one in (*chain, base)]
            raise refuse("scenarios extend each other in a circle: " + " → ".join(names))
        if len(chain) >= MAX_CHAIN:
            raise refuse(f"more than {MAX_CHAIN} scenarios extend each other")
        return base

    def _validated(
        self,
        node: Node,
        name: str,
        model: type[pydantic.BaseModel],
        skip: frozenset[str] = frozenset(),
    ) -> tuple[pydantic.BaseModel | None, Node]:
        stripped, assumptions, problems = provenance.strip(node, name, skip)
        self.problems += problems
        for one in assumptions:
            unit = shapes.unit_at(model, tuple(one.key.split(".")))
            self.assumptions.append(replace(one, unit=unit))
        try:
            return model.model_validate(plain(stripped)), stripped
        except pydantic.ValidationError as error:
            found = messages.validation_problems(error, stripped, model)
        except RecursionError:
            found = [((), messages.problem_at(stripped, (), "nested too deeply"))]
        for path, problem in found:
            self.problems.append(named(problem, name, node, path))
        return None, stripped

    def _card_changes(self, node: Node) -> dict[str, Node]:
        """What the scenario changes in cards, by "kind/id"."""
        entry = node.get("cards")
        changes: dict[str, Node] = {}
        if entry is None or not entry.is_mapping:
            return changes
        for name, change in entry.content.items():
            kind, slash, card = name.partition("/")
            if not slash or kind not in CARD_CLASSES or not is_slug(card):
                message = f'must be written as "kind/id"; {messages.near(kind, CARD_CLASSES)}'
                self.problems.append(messages.problem_at(node, ("cards", name), message))
            elif change.content is not None and not change.is_mapping:
                message = "must be a mapping of the keys that change"
                self.problems.append(messages.problem_at(node, ("cards", name), message))
            elif change.is_mapping:
                changes[name] = change
        return changes

    def _read_cards(self, node: Node, changes: Mapping[str, Node]) -> None:
        """Read every card named in the scenario, then those named in cards, and so on."""
        waiting = list(shapes.mentions(node, shapes.shapes(ScenarioSpec)))
        while waiting:
            mention = waiting.pop(0)
            name = f"{mention.folder}/{mention.id}"
            if not is_slug(mention.id) or name in self.documents:
                continue  # what is no id is refused where its file is validated
            known = self.shelf.cards.get(name) if name not in changes else None
            known = known or self._read_card(mention, name, changes.get(name))
            if known is not None:
                self.documents[name] = known.node
                self.files.append(known.path)
                self.assumptions += known.assumptions
                if known.card is not None:
                    self.cards.setdefault(mention.folder, {})[mention.id] = known.card
                waiting += known.mentions

    def _read_card(
        self, mention: shapes.Mention, name: str, change: Node | None
    ) -> ReadCard | None:
        """A card with what the scenario changes in it; None where its file cannot be read."""
        path = self.root / "models" / mention.folder / f"{mention.id}.yaml"
        node = self._card_node(mention, path)
        if node is None:
            return None
        node = node if change is None else merge(node, change)
        model = CARD_CLASSES[mention.folder]
        problems, before = len(self.problems), len(self.assumptions)
        card, stripped = self._validated(node, name, model)
        assumptions = tuple(self.assumptions[before:])
        del self.assumptions[before:]
        found = ReadCard(
            path, node, card if isinstance(card, Card) else None, assumptions,
            tuple(shapes.mentions(stripped, shapes.shapes(model))),
        )  # fmt: skip
        if change is None and len(self.problems) == problems:
            self.shelf.cards[name] = found
        return found

    def _card_node(self, mention: shapes.Mention, path: Path) -> Node | None:
        place = mention.node.key_place or mention.node.place
        key = ".".join(map(str, mention.path))
        if not path.exists():
            known = (file.stem for file in sorted(path.parent.glob("*.yaml")))
            hint = messages.near(mention.id, known)
            message = f"there is no card {shown_path(path)}" + (f"; {hint}" if hint else "")
        elif not self.project.holds(path, [self.root.resolve() / "models"]):
            message = (f"the card {path.relative_to(self.root)} is a link that leads out of models;"
                       " --allow-path allows a folder")  # fmt: skip
        else:
            try:
                return self.shelf.yaml(path)
            except InputError as error:
                self.problems += error.problems
                return None
        self.problems.append(Problem(message, place.file, place.line, key, mention.id))
        return None

    def _unused_change(self, name: str, change: Node) -> None:
        """A change of a card that nobody uses is a slip, unless the card could not be read."""
        known = [one for one in self.documents if one != "scenario"]
        kind, _, card = name.partition("/")
        if (self.root / "models" / kind / f"{card}.yaml").exists() and self.problems:
            return
        message = f"no card that this scenario uses is changed; {messages.near(name, known)}"
        place = change.key_place or change.place
        self.problems.append(Problem(message, place.file, place.line, f"cards.{name}"))

    def _check_epw_files(self, spec: ScenarioSpec, node: Node) -> None:
        if not isinstance(spec.weather, dict):
            return
        system = self.documents.get(f"systems/{spec.system}")
        sites = system.get("sites") if system is not None else None
        for site, message in self._epw_problems(spec.weather):
            self.problems.append(messages.problem_at(node, ("weather", site, "epw"), message))
        for site in spec.weather:
            if sites is not None and sites.is_mapping and site not in sites.content:
                message = f"the system has no such site; {messages.near(site, sites.content)}"
                self.problems.append(messages.problem_at(node, ("weather", site), message))

    def _epw_problems(self, weather: Mapping[str, EpwWeather]) -> Iterator[tuple[str, str]]:
        for site, entry in weather.items():
            try:
                path = self.project.named(entry.epw, self.path.parent)
                if path.stat().st_size > MAX_EPW_BYTES:
                    yield site, f"the file is larger than {MAX_EPW_BYTES / 2**20:g} MiB"
            except ValueError as error:
                yield site, f"{error}: an EPW file is named by its path seen from the scenario"


def _epw_seen_from(node: Node, written_in: Path, seen_from: Path) -> Node:
    """EPW paths of a base scenario, rewritten as seen from the scenario that extends it."""
    weather = node.get("weather")
    if written_in.parent == seen_from.parent or weather is None or not weather.is_mapping:
        return node
    sites = {}
    for site, entry in weather.content.items():
        epw = entry.get("epw")
        if epw is not None and isinstance(epw.content, str):
            path = _relative(written_in.parent / epw.content, seen_from.parent)
            entry = entry.with_content(entry.content | {"epw": epw.with_content(path)})
        sites[site] = entry
    return node.with_content(node.content | {"weather": weather.with_content(sites)})


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive on Windows
        return path.absolute().as_posix()
