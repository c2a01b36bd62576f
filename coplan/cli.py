"""The command line: reads what was asked, calls coplan, prints what came out."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coplan.arguments import (
    AllowPath,
    Engine,
    Lang,
    Language,
    Out,
    Overrides,
    RunFolder,
    ScenarioFile,
    Threads,
    TimeLimit,
)
from coplan.errors import CoplanError, InfeasibleError, InputError, VerificationError, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

app = typer.Typer(
    name="coplan",
    help="Plan green power and computing together.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

INTERRUPTED = 130

SUMMARY = (
    ("status", "status", ""),
    ("gap", "gap", "%"),
    ("cost", "cost_cny", "CNY/a"),
    ("energy cost", "energy_cost_cny", "CNY/a"),
    ("cost of IT energy", "cost_cny_per_mwh_it", "CNY/MWh"),
    ("green share", "green_share", "%"),
    ("green share by the hour", "green_share_hourly", "%"),
    ("PUE", "pue", ""),
    ("IT energy", "it_mwh", "MWh"),
    ("grid energy", "retail_mwh", "MWh"),
    ("contract energy", "contract_mwh", "MWh"),
    ("curtailment", "curtailment_share", "%"),
    ("wind", "wind_mw", "MW"),
    ("PV", "pv_mw", "MW"),
    ("storage", "storage_mw", "MW"),
    ("storage energy", "storage_mwh", "MWh"),
    ("grid connection", "grid_connection_mw", "MW"),
    ("halls", "halls", ""),
    ("servers", "servers_mw", "MW"),
    ("carbon, location", "carbon_t_location", "t"),
    ("time", "seconds_total", "s"),
)
"""Rows of the table after a run: text, key in kpis.json, unit."""


@app.command()
def check(
    scenario: ScenarioFile, overrides: Overrides = None, allow_path: AllowPath = None
) -> None:
    """Read a scenario or a study with every file it names, and say what would be solved; no solve.

    Example: coplan check scenarios/base.yaml --set targets.green_share.value=0.9
    """
    from coplan.dataset.sources import refuse_bad_inputs
    from coplan.scenario import read_scenario
    from coplan.scenario.summary import is_study, summary

    allowed = allow_path or ()
    if is_study(scenario):
        from coplan.study.summary import study_summary

        lines = study_summary(scenario, overrides or (), allowed)
    else:
        found = read_scenario(scenario, overrides or (), allow=allowed)
        refuse_bad_inputs(found)
        lines = summary(found)
    width = max(len(subject) for subject, _ in lines)
    _write(f"{subject:<{width}}  {text}" for subject, text in lines)


@app.command()
def run(
    scenario: ScenarioFile,
    out: Out = None,
    lang: Lang = Language.both,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write no report.")] = False,
    overrides: Overrides = None,
    gap: Annotated[
        float | None, typer.Option("--gap", min=0, max=1, help="Largest proven gap, 0 to 1.")
    ] = None,
    time_limit: TimeLimit = None,
    threads: Threads = None,
    allow_path: AllowPath = None,
) -> None:
    """Solve a scenario, audit the plan and write it with its report.

    Writes into reports/<scenario id>/ unless --out says otherwise.

    Example: coplan run scenarios/base.yaml --out reports/base --set periods=[2027,2030]
    """
    from coplan.progress import terminal_progress
    from coplan.run import run_scenario

    options = {"gap": gap, "time_limit_s": time_limit, "threads": threads}
    chosen = [f"options.{key}={value}" for key, value in options.items() if value is not None]
    progress = terminal_progress()
    try:
        outcome = run_scenario(
            scenario,
            overrides=(*(overrides or ()), *chosen),
            out=out,
            languages=_languages(lang),
            with_report=not no_report,
            progress=progress,
            allow=allow_path or (),
        )
    except InfeasibleError as error:
        raise _with_hint(error, scenario, overrides or ()) from None
    finally:
        progress.done()
    _print_kpis(outcome.kpis | {"seconds_total": outcome.seconds})
    _write([f"written to {outcome.folder}"])
    raise typer.Exit(outcome.exit_code)


@app.command()
def verify(folder: RunFolder) -> None:
    """Audit a finished run again from its raw inputs.

    Example: coplan verify reports/base
    """
    from coplan.run import verify_folder

    report, changed = verify_folder(folder)
    _write(f"{name} has changed since the run" for name in changed)
    if not report.passed:
        failed = (f"{check.name_en} (off by {check.largest:.3g})" for check in report.failures())
        raise VerificationError(f"{folder}: the audit failed: {', '.join(failed)}")
    _write([f"{folder}: {len(report.checks)} checks over {report.rows_checked} rows passed"])


@app.command()
def report(folder: RunFolder, lang: Lang = Language.both) -> None:
    """Render the report of a finished run again from plan.nc.

    Example: coplan report reports/base --lang zh
    """
    from coplan.run import report_folder

    report_folder(folder, _languages(lang))
    _write([f"written to {folder}"])


@app.command()
def compare(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR DIR ...", help="Folders of finished runs.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")],
    lang: Lang = Language.both,
) -> None:
    """Put several finished runs side by side in one report.

    Example: coplan compare reports/base reports/green --out reports/compared
    """
    from coplan.study.loose import compare_folders

    if len(folders) < 2:
        raise typer.BadParameter("needs at least two folders", param_hint="DIR DIR ...")
    compare_folders(folders, out, _languages(lang))
    _write([f"written to {out}"])


@app.command()
def study(
    file: Annotated[Path, typer.Argument(metavar="STUDY", help="The study file.")],
    out: Out = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", min=1, max=512, help="Variants solved at once."),
    ] = None,
    overrides: Overrides = None,
    lang: Lang = Language.both,
    allow_path: AllowPath = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="Processes of this machine, or a Dask cluster.")
    ] = Engine.local,
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="ADDRESS", help="Of the cluster: tcp://… or tls://…"),
    ] = None,
    insecure_cluster: Annotated[
        bool, typer.Option("--insecure-cluster", help="Allow tcp:// beyond this machine.")
    ] = False,
) -> None:
    """Solve every variant of a study and compare them.

    Writes into reports/<study id>/ unless --out says otherwise. Started again after any end, it
    goes on where it was; what is solved is never solved again.

    Example: coplan study scenarios/studies/price-risk.yaml --workers 2
    """
    from coplan.progress import terminal_progress
    from coplan.study.command import run_study

    if (engine is Engine.dask) != (scheduler is not None):
        raise typer.BadParameter("--engine dask and --scheduler go together", param_hint="--engine")
    progress = terminal_progress()
    with contextlib.ExitStack() as stack:
        stack.callback(progress.done)
        cluster = None
        if scheduler is not None:
            from coplan.study.cluster import connected

            cluster = stack.enter_context(connected(scheduler, insecure_cluster))
        outcome = run_study(
            file, out, workers, overrides or (), _languages(lang), progress, allow_path or (),
            cluster,
        )
    for name, cause in outcome.causes.items():
        _complain(f"{name}: {outcome.statuses[name]}: {cause}")
    counts = Counter(outcome.statuses.values())
    _write(f"{status}: {count}" for status, count in sorted(counts.items()))
    _write([f"written to {outcome.folder / 'comparison'}"])
    raise typer.Exit(outcome.exit_code)


@app.command()
def explain(
    subject: Annotated[
        Path, typer.Argument(metavar="SCENARIO|DIR", help="A scenario file, or a finished run.")
    ],
    lang: Lang = Language.both,
    overrides: Overrides = None,
    time_limit: TimeLimit = None,
    threads: Threads = None,
    allow_path: AllowPath = None,
) -> None:
    """Say why nothing fits and how to repair it, or what binds in a finished run and its price.

    Example: coplan explain scenarios/base.yaml --set targets.pue.value=1.05
    """
    from coplan.folders import mend

    mend(subject)
    if subject.is_dir():
        from coplan.explain.finished import explain_run

        if overrides:
            raise typer.BadParameter("a finished run is what it is", param_hint="--set")
        _write(explain_run(subject, _languages(lang)))
        return
    from coplan.explain.scenario import explain_scenario
    from coplan.progress import terminal_progress
    from coplan.scenario import read_scenario

    progress = terminal_progress()
    try:
        asked = read_scenario(subject, overrides or (), allow=allow_path or ())
        found = explain_scenario(asked, time_limit, threads, progress)
    finally:
        progress.done()
    _write(found.lines(_languages(lang)))
    raise typer.Exit(0 if found.is_feasible else InfeasibleError.exit_code)


@app.command()
def new(name: Annotated[str, typer.Argument(metavar="NAME", help="Id of the scenario.")]) -> None:
    """Write a commented scenario to start from; nothing is ever overwritten.

    Example: coplan new my-question
    """
    from coplan.scenario.template import new_scenario

    _write([f"written to {new_scenario(name, Path.cwd())}"])


@app.command()
def schema(
    of_study: Annotated[bool, typer.Option("--study", help="The schema of study files.")] = False,
) -> None:
    """Print the JSON schema of scenarios and cards, or of studies, for editors.

    Example: coplan schema > coplan.schema.json
    """
    import json

    if of_study:
        from coplan.study.schema import json_schema
    else:
        from coplan.scenario.schema import json_schema
    sys.stdout.write(json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code (see coplan.errors) and shows no traceback
    for anything a user did."""
    _use_utf8()
    try:
        app(args=arguments, prog_name="coplan")
    except SystemExit as stop:
        if stop.code == INTERRUPTED:  # typer turns Ctrl-C into a silent exit
            _complain("interrupted")
        return stop.code if isinstance(stop.code, int) else 1
    except CoplanError as error:
        _complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        _complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return 1
    except OSError as error:
        if error.errno is None:  # not what the system said: a fault of the program
            raise
        _complain(f"{error.filename2 or error.filename or 'coplan'}: {error.strerror}")
        return InputError.exit_code
    return 0


def _use_utf8() -> None:
    """Write UTF-8 whatever the console's code page is; what it cannot show is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _complain(message: str) -> None:
    sys.stderr.write("".join(printable(line) + "\n" for line in message.split("\n")))


def _with_hint(
    error: InfeasibleError, scenario: Path, overrides: Iterable[str]
) -> InfeasibleError:
    """The error with the command that says more, where one does."""
    if not error.has_more:
        return error
    words = ["coplan", "explain", str(scenario)]
    words += [word for setting in overrides for word in ("--set", setting)]
    return InfeasibleError(
        f"{error}\n缺口出现的时段与最省的补救办法 (when it fails, and the cheapest repairs):\n"
        f"  {shlex.join(words)}"
    )


def _write(lines: Iterable[str]) -> None:
    sys.stdout.write("".join(printable(line) + "\n" for line in lines))


def _languages(lang: Language) -> tuple[str, ...]:
    return ("zh", "en") if lang is Language.both else (lang.value,)


def _print_kpis(kpis: Mapping[str, Any]) -> None:
    """The figures that matter most, on one screen; what a run does not have is left out."""
    rows = [(text, _figure(kpis[key], unit)) for text, key, unit in SUMMARY if key in kpis]
    rows += [
        (f"compute {key.removeprefix('compute_p_')}", _figure(value, "P"))
        for key, value in kpis.items()
        if key.startswith("compute_p_") and "_20" not in key and value
    ]
    if not sys.stdout.isatty():
        _write(f"{text}: {figure}" for text, figure in rows)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None)
    table.add_column(style="dim")
    table.add_column(justify="right")
    for text, figure in rows:
        table.add_row(Text(text), Text(figure))
    Console(highlight=False).print(table)


def _figure(value: Any, unit: str) -> str:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return printable(str(value))
    if unit == "%":
        return f"{value:.2%}"
    figure = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{figure} {unit}".strip()


if __name__ == "__main__":
    sys.exit(main())
