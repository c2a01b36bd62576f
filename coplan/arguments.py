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
