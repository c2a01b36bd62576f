"""A commented scenario to start from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from coplan.errors import InputError, Problem
from coplan.scenario.spec import Options, is_slug
from coplan.scenario.yaml_reader import shown_path

TEXT = """\
# {name}: what is asked of which system. Check it with:  coplan check {path}
# Any number may be text with a unit (120 MW) and may carry its source:
#   {{value: 0.06, source: "bank quote 2026-03", confidence: measured}}
#   confidence: measured | published | derived | assumed

id: {name}
title: {{zh: "{name}", en: "{name}"}}
# note: What this scenario is for.

# Start from another scenario and write only what differs; lists replace, mappings merge.
# extends: base.yaml

# A card in models/systems/: sites, regions, demands.{known}
system: {system}

# Years of investment, ascending.
periods: [2027]

# typical, or weather years such as [typical, "2022"], or an EPW file for each site:
#   weather: {{zhangbei: {{epw: ../data/zhangbei.epw, wind: typical}}}}
weather: typical

# Promises the plan must keep; leave out what is not asked for.
targets:
  green_share: {{value: 0.8, matching: annual}}   # hourly | monthly | annual
  # pue: {{value: 1.25, scope: fleet}}            # fleet | site
  # compute: {{fp16: 20000 P}}                    # fp16 | fp32 | fp64 | as_reported

# How the project is financed and taxed, a card in models/finance/; without it: no loan, no tax.
# finance: campus-2027

# Defaults; remove the # to change one.
options:
{options}
# What differs from the cards, by kind/id.
# cards:
#   generators/onshore-wind: {{capex_cny_per_kw: 4000}}
"""


def new_scenario(name: str, folder: Path) -> Path:
    """Write a commented scenario `name`.yaml into scenarios/ of `folder`, or into `folder`.

    Raises InputError when the name is no id or the file exists already.
    """
    if not is_slug(name):
        message = "must be an id of small letters, digits, - and _, at most 80 characters"
        raise InputError(Problem(message, key="NAME", value=name))
    scenarios = folder / "scenarios"
    path = (scenarios if scenarios.is_dir() else folder) / f"{name}.yaml"
    text = scenario_text(name, shown_path(path), known_systems(folder))
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError as error:
        message = "there is such a file already; it is left as it is"
        raise InputError(Problem(message, shown_path(path))) from error
    except OSError as error:
        raise InputError(
            Problem(f"cannot be written: {error.strerror}", shown_path(path))
        ) from error
    return path


def scenario_text(name: str, path: str, systems: Sequence[str]) -> str:
    """The text of a new scenario; the first of `systems` is the one it asks about."""
    known = f" Known here: {', '.join(systems)}." if systems else ""
    return TEXT.format(
        name=name,
        path=path,
        known=known,
        system=systems[0] if systems else "my-system",
        options="".join(_option_lines()),
    )


def known_systems(folder: Path) -> list[str]:
    """Ids of the system cards below `folder`."""
    return sorted(file.stem for file in (folder / "models" / "systems").glob("*.yaml"))


def _option_lines() -> list[str]:
    lines = []
    for name, field in Options.model_fields.items():
        if field.default is None:  # a study sets it
            continue
        default = str(field.default).lower() if isinstance(field.default, bool) else field.default
        setting = f"{name}: {default}"
        written = setting if name == "gap" else f"# {setting}"
        lines.append(f"  {written:<40} # {(field.description or '').strip()}\n")
    return lines
