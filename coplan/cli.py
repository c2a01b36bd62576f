"""The command line: reads what was asked, calls coplan, prints what came out."""

from __future__ import annotations

import contextlib
import gc
import shlex
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coplan.arguments import (
    AllowPath,
    Engine,
    House,
    Lang,
    Language,
    Out,
    Overrides,
    Packs,
    RunFolder,
    ScenarioFile,
    Threads,
    TimeLimit,
    Workbook,
)
from coplan.errors import CoplanError, InfeasibleError, InputError, VerificationError
from coplan.screen import complain, print_kpis, use_utf8, write

if TYPE_CHECKING:
    from collections.abc import Iterable

    from coplan.report.house import HouseStyle

app = typer.Typer(
    name="coplan",
    help="Plan green power and computing together.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

INTERRUPTED = 130

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
    write(f"{subject:<{width}}  {text}" for subject, text in lines)


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
    xlsx: Workbook = False,
    template: House = None,
) -> None:
    """Solve a scenario, audit the plan and write it with its report.

    Writes into reports/<scenario id>/ unless --out says otherwise.

    Example: coplan run scenarios/base.yaml --out reports/base --set periods=[2027,2030]
    """
    from coplan.progress import terminal_progress
    from coplan.run import run_scenario

    house = _house(template)  # told before anything is solved
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
            house=house,
            with_workbook=xlsx,
        )
    except InfeasibleError as error:
        raise _with_hint(error, scenario, overrides or ()) from None
    finally:
        progress.done()
    print_kpis(outcome.kpis | {"seconds_total": outcome.seconds})
    write([f"written to {outcome.folder}"])
    raise typer.Exit(outcome.exit_code)


@app.command()
def verify(folder: RunFolder) -> None:
    """Audit a finished run again from its raw inputs.

    Example: coplan verify reports/base
    """
    from coplan.run import verify_folder

    report, changed = verify_folder(folder)
    write(f"{name} has changed since the run" for name in changed)
    if not report.passed:
        failed = (f"{check.name_en} (off by {check.largest:.3g})" for check in report.failures())
        raise VerificationError(f"{folder}: the audit failed: {', '.join(failed)}")
    write([f"{folder}: {len(report.checks)} checks over {report.rows_checked} rows passed"])


@app.command()
def report(
    folder: RunFolder,
    lang: Lang = Language.both,
    packs: Packs = None,
    xlsx: Workbook = False,
    template: House = None,
) -> None:
    """Render the report of a finished run again from plan.nc, or the packs that --as names.

    A pack holds the same results in the chapters of an application: --as 绿电直连 (or
    direct-connection), --as 可研 (or feasibility). It stands beside the ordinary report.

    Example: coplan report reports/base --lang zh
    """
    from coplan.run import report_folder

    gc.set_threshold(100_000, 50)  # little of a report is garbage; looking for it takes a tenth
    report_folder(
        folder, _languages(lang), house=_house(template), with_workbook=xlsx, packs=packs or ()
    )
    write([f"written to {folder}"])


@app.command()
def compare(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR DIR ...", help="Folders of finished runs.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to write.")],
    lang: Lang = Language.both,
    template: House = None,
) -> None:
    """Put several finished runs side by side in one report.

    Example: coplan compare reports/base reports/green --out reports/compared
    """
    from coplan.study.loose import compare_folders

    if len(folders) < 2:
        raise typer.BadParameter("needs at least two folders", param_hint="DIR DIR ...")
    compare_folders(folders, out, _languages(lang), house=_house(template))
    write([f"written to {out}"])


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
    template: House = None,
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
    house = _house(template)
    progress = terminal_progress()
    with contextlib.ExitStack() as stack:
        stack.callback(progress.done)
        cluster = None
        if scheduler is not None:
            from coplan.study.cluster import connected

            cluster = stack.enter_context(connected(scheduler, insecure_cluster))
        outcome = run_study(
            file, out, workers, overrides or (), _languages(lang), progress, allow_path or (),
            cluster, house,
        )
    for name, cause in outcome.causes.items():
        complain(f"{name}: {outcome.statuses[name]}: {cause}")
    counts = Counter(outcome.statuses.values())
    write(f"{status}: {count}" for status, count in sorted(counts.items()))
    write([f"written to {outcome.folder / 'comparison'}"])
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
        write(explain_run(subject, _languages(lang)))
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
    write(found.lines(_languages(lang)))
    raise typer.Exit(0 if found.is_feasible else InfeasibleError.exit_code)


@app.command()
def new(name: Annotated[str, typer.Argument(metavar="NAME", help="Id of the scenario.")]) -> None:
    """Write a commented scenario to start from; nothing is ever overwritten.

    Example: coplan new my-question
    """
    from coplan.scenario.template import new_scenario

    write([f"written to {new_scenario(name, Path.cwd())}"])


@app.command()
def schema(
    of_study: Annotated[bool, typer.Option("--study", help="The schema of study files.")] = False,
    of_template: Annotated[
        bool, typer.Option("--template", help="The schema of house templates.")
    ] = False,
) -> None:
    """Print the JSON schema of scenarios and cards, of studies or of templates, for editors.

    Example: coplan schema > coplan.schema.json
    """
    import json

    if of_study and of_template:
        raise typer.BadParameter("one schema at a time", param_hint="--study, --template")
    if of_template:
        from coplan.report.house import json_schema
    elif of_study:
        from coplan.study.schema import json_schema
    else:
        from coplan.scenario.schema import json_schema
    sys.stdout.write(json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code (see coplan.errors) and shows no traceback
    for anything a user did."""
    use_utf8()
    try:
        app(args=arguments, prog_name="coplan")
    except SystemExit as stop:
        if stop.code == INTERRUPTED:  # typer turns Ctrl-C into a silent exit
            complain("interrupted")
        return stop.code if isinstance(stop.code, int) else 1
    except CoplanError as error:
        complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return 1
    except OSError as error:
        if error.errno is None:  # not what the system said: a fault of the program
            raise
        complain(f"{error.filename2 or error.filename or 'coplan'}: {error.strerror}")
        return InputError.exit_code
    return 0


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


def _house(template: Path | None) -> HouseStyle | None:
    """The house style of a template file."""
    if template is None:
        return None
    from coplan.report.house import read_house

    return read_house(template)


def _languages(lang: Language) -> tuple[str, ...]:
    return ("zh", "en") if lang is Language.both else (lang.value,)


if __name__ == "__main__":
    sys.exit(main())
