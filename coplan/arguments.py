"""Arguments and options that several commands share, with their help."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer


class Language(enum.StrEnum):
    """Languages of the report."""

    zh = "zh"
    en = "en"
    both = "both"


class Engine(enum.StrEnum):
    """Where the variants of a study are solved."""

    local = "local"
    dask = "dask"


ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario file.")]
RunFolder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a finished run.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key of the scenario; repeatable."),
]
AllowPath = Annotated[
    list[Path] | None,
    typer.Option("--allow-path", metavar="DIR", help="Read files of this folder too; repeatable."),
]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where to write.")]
Lang = Annotated[Language, typer.Option("--lang", help="Language of the report.")]
TimeLimit = Annotated[
    float | None, typer.Option("--time-limit", metavar="S", min=0, help="Seconds to solve.")
]
Threads = Annotated[
    int | None, typer.Option("--threads", metavar="N", min=1, max=64, help="Solver threads.")
]
House = Annotated[
    Path | None,
    typer.Option("--template", metavar="FILE", help="Name, logo and colours of an organisation."),
]
Workbook = Annotated[
    bool, typer.Option("--xlsx", help="Write report.<lang>.xlsx, a workbook of the plan, too.")
]
"""A workbook takes seconds and megabytes, and many readers never open it: only when asked for."""
Packs = Annotated[
    list[str] | None,
    typer.Option(
        "--as", metavar="PACK",
        help="In the chapters of an application: 绿电直连 (direct-connection), 可研 (feasibility).",
    ),
]
