"""One run from scenario file to result folder, and what can be done with such folders later."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coplan.errors import InputError, Problem, VerificationError
from coplan.folders import Replacing, adding_to, mend
from coplan.planning import Stopwatch, peak_memory_mb, solve_scenario
from coplan.progress import SilentProgress
from coplan.scenario.yaml_reader import read_regular_file

if TYPE_CHECKING:
    from coplan.report.house import HouseStyle
    from coplan.scenario.merge import Setting

RESULTS = ("plan.nc", "kpis.json", "audit.json")
"""What a report and an explanation tell from."""
COMPARED = ("kpis.json", "compliance.csv", "tables/capacities.csv")
"""What a comparison tells from."""

NOT_WRITTEN = "this is not the file that the run wrote; run the scenario again"


MOST_JSON_BYTES = 16 * 2**20


@dataclass(frozen=True)
class RunOutcome:
    """Where a run left its results, its key figures, its exit code, and how long it took."""

    folder: Path
    kpis: dict[str, Any]
    exit_code: int
    seconds: float


def run_scenario(
    path: Path, overrides: Sequence[str | Setting] = (), out: Path | None = None,
    languages: Sequence[str] = ("zh", "en"), with_report: bool = True, progress: Any = None,
    allow: Sequence[Path] = (), house: HouseStyle | None = None, with_workbook: bool = False,
) -> RunOutcome:  # fmt: skip
    """Run a scenario and write its result folder, all or nothing.

    The same question gives the same bytes in every file but run.json, which alone holds seconds
    and memory. The folder of an older run stays as it was until the new one is complete.

    Raises InputError, InfeasibleError, StoppedError or VerificationError.
    """
    from coplan.dataset.files import data_files_used
    from coplan.plan.kpis import kpis
    from coplan.plan.store import write_plan
    from coplan.plan.tables import write_tables
    from coplan.scenario.reader import data_files, read_scenario
    from coplan.scenario.writer import write_inputs
    from coplan.verify import audit, audit_sources, plan_digests

    progress = progress or SilentProgress()
    clock = Stopwatch()
    progress.stage("read")
    scenario = read_scenario(path, overrides, allow=allow)
    folder = Path(out) if out is not None else Path("reports") / scenario.spec.id
    mend(folder)
    refuse_strange_folder(folder)
    inputs, plan = solve_scenario(scenario, progress)
    progress.stage("verify")
    used = data_files_used(scenario)
    hashes = file_hashes([*scenario.files, *used, *data_files(scenario).values()], scenario.root)
    told = json.loads(plan.attrs["run"]) | {"hashes": hashes}
    plan.attrs["run"] = json.dumps(without_timing(told))
    plan.attrs["digests"] = json.dumps(plan_digests(plan))
    report = audit(inputs, plan).extended(audit_sources(scenario, inputs))
    figures = kpis(plan)
    with Replacing(folder) as made:
        write_inputs(scenario, made / "inputs")
        copy_data(used, scenario.root, made / "inputs")
        write_plan(plan, made / "plan.nc")
        write_tables(plan, made)
        write_json(made / "audit.json", report.as_dict())
        if with_report and report.passed:
            progress.stage("report")
            from coplan.report import write_report

            write_report(plan, figures, report.as_dict(), made, languages, house, with_workbook)
        write_json(made / "kpis.json", figures)
        record = provenance(told, scenario, made, clock)
        write_json(made / "run.json", record)
        if not report.passed:
            kept = keep_rejected(made, folder)
            raise VerificationError(f"the audit rejected the plan, kept in {kept}: {worst(report)}")
    progress.done()
    stopped = figures["status"] != "optimal within gap"
    return RunOutcome(folder, figures, 4 if stopped else 0, record["seconds_total"])


def verify_folder(folder: Path) -> Any:
    """Audit a finished run again from its raw inputs; returns the AuditReport and notices."""
    from coplan.dataset.build import build_dataset
    from coplan.plan.store import read_plan
    from coplan.scenario.reader import read_scenario
    from coplan.verify import audit, audit_files, audit_sources

    folder = result_folder(folder)
    inputs, changed = folder / "inputs", changed_since(folder)
    scenario = read_scenario(inputs / "scenario.yaml", root=inputs)
    plan = read_plan(folder / "plan.nc")
    data = build_dataset(scenario)
    report = audit(data, plan).extended(audit_sources(scenario, data))
    return report.extended(audit_files(folder, plan)), changed


def report_folder(
    folder: Path, languages: Sequence[str] = ("zh", "en"), *, house: HouseStyle | None = None,
    with_workbook: bool = False, packs: Sequence[str] = (),
) -> Path:  # fmt: skip
    """Render the report of a finished run again from its plan.nc, or the packs that are named.

    Raises InputError for a folder without a finished run and for an unknown pack.
    """
    from coplan.report import write_report
    from coplan.report.application import pack_named

    names = [pack_named(one) for one in packs]
    plan, figures, checked = finished_run(folder)
    with adding_to(Path(folder)) as made:
        write_report(plan, figures, checked, made, languages, house, with_workbook, names)
    return Path(folder)


def finished_run(folder: Path) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Plan, key figures and audit of a finished run; InputError where one was changed since."""
    from coplan.plan.store import read_plan

    folder = unchanged(folder)
    plan = read_plan(folder / "plan.nc")
    return plan, read_json(folder / "kpis.json"), read_json(folder / "audit.json")


def unchanged(folder: Path, names: Sequence[str] = RESULTS) -> Path:
    """The folder of a finished run; InputError where a file is not the one that the run wrote.

    What was changed or damaged is for `coplan verify` to judge, not to be told as a result.
    """
    folder = result_folder(folder)
    written = run_record(folder)["results"]
    wrong = [folder / name for name in names
             if not (folder / name).is_file() or sha256(folder / name) != written.get(name)]
    if wrong:
        raise InputError([Problem(NOT_WRITTEN, str(path)) for path in wrong])
    return folder


def keep_rejected(made: Path, folder: Path) -> Path:
    """Keep a rejected plan beside the place where it would have gone, for a look at it."""
    kept = folder.absolute().with_name(f"{folder.name}-rejected")
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(made, kept)
    return kept


def refuse_strange_folder(folder: Path, known: str = "plan.nc") -> None:
    """InputError, before anything is solved, when a result could not be put into `folder`.

    A folder that holds something must hold the file `known`, which says what wrote it.
    """
    if not folder.exists():
        above = next(one for one in folder.absolute().parents if one.exists())
        if not above.is_dir():
            raise InputError(Problem("a folder cannot be made below a file", str(above)))
        return
    if not folder.is_dir():
        raise InputError(Problem("the result goes into a folder, this is a file", str(folder)))
    if any(folder.iterdir()) and not (folder / known).exists():
        text = f"this folder holds other files; name an empty folder or one with a {known}"
        raise InputError(Problem(text, str(folder), None, "--out"))


def result_folder(folder: Path) -> Path:
    """The folder itself when it holds a finished run; InputError otherwise."""
    folder = Path(folder)
    mend(folder)
    missing = [
        name for name in ("plan.nc", "kpis.json", "run.json", "inputs/scenario.yaml")
        if not (folder / name).is_file()
    ]  # fmt: skip
    if missing:
        text = f"not the folder of a finished run: {', '.join(missing)} missing"
        raise InputError(Problem(text, str(folder)))
    return folder


def copy_data(files: Sequence[Path], root: Path, inputs: Path) -> None:
    """Copy the data files a run used to the same places under its inputs/."""
    for source in files:
        target = inputs / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def file_hashes(files: Sequence[Path], root: Path) -> dict[str, str]:
    """SHA-256 of each file by its path, seen from the root where it lies below it."""
    found = {}
    root = Path(os.path.abspath(root))
    for path in files:
        absolute = Path(os.path.abspath(path))  # without "..", which a study's base may have
        below = absolute.is_relative_to(root)
        name = absolute.relative_to(root).as_posix() if below else str(absolute)
        found[name] = sha256(absolute)
    return found


def sha256(path: Path) -> str:
    """Digest of a file, read piece by piece."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def changed_since(folder: Path) -> list[str]:
    """Input files of a run that were changed or removed since, by name."""
    run = run_record(folder)
    changed = []
    for name, digest in run["inputs"].items():
        path = os.path.join(run["root"], name)
        if not os.path.isfile(path) or sha256(Path(path)) != digest:
            changed.append(name)
    return changed


def run_record(folder: Path) -> dict[str, Any]:
    """run.json of a finished run; InputError where it does not say what a run says."""
    path = folder / "run.json"
    run = read_json(path)
    for key, kind in (("root", str), ("inputs", dict), ("results", dict)):
        if not isinstance(run.get(key), kind):
            raise InputError(Problem(NOT_WRITTEN, str(path), None, key))
    return run


def without_timing(told: dict[str, Any]) -> dict[str, Any]:
    """A run record without what differs from run to run: seconds and memory."""
    from coplan.plan.kpis import TIMING_KEYS

    kept = {key: value for key, value in told.items() if key not in ("seconds", *TIMING_KEYS)}
    nodes = [{key: value for key, value in node.items() if key != "seconds"}
             for node in told["nodes"]]  # fmt: skip
    return kept | {"nodes": nodes}


def provenance(told: dict, scenario: Any, made: Path, clock: Stopwatch) -> dict[str, Any]:
    """run.json: versions, digests of inputs and results, options, solver log, seconds, memory."""
    return {
        "scenario": scenario.spec.id, "root": str(scenario.root.absolute()),
        "inputs": told["hashes"],
        "results": file_hashes([made / name for name in (*RESULTS, *COMPARED)], made),
        "options": scenario.spec.options.model_dump(), "python": sys.version.split()[0],
        "platform": sys.platform, "run": told,
        "seconds_build": told["seconds_build"], "seconds_solve": told["seconds_solve"],
        "seconds_total": clock.total(), "peak_memory_mb": peak_memory_mb(),
    }  # fmt: skip


def worst(report: Any) -> str:
    """The failed checks in one sentence."""
    failed = [check for check in report.as_dict()["checks"] if not check["passed"]]
    return "; ".join(f"{check['name_en']} ({check.get('worst', '')})" for check in failed[:5])


def write_json(path: Path, content: Any) -> None:
    """Write JSON as UTF-8 with stable order."""
    text = json.dumps(content, ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Read JSON; empty when there is no such file. Raises InputError when it is torn."""
    if not path.is_file():
        return {}
    try:
        found = json.loads(read_regular_file(path, MOST_JSON_BYTES))
    except (ValueError, RecursionError) as error:
        found = error
    if not isinstance(found, dict):
        raise InputError(Problem(NOT_WRITTEN, str(path)))
    return found
