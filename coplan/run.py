"""One run from scenario file to result folder, and what can be done with such folders later."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coplan.errors import InputError, Problem, VerificationError
from coplan.planning import Stopwatch, peak_memory_mb, solve_scenario
from coplan.progress import SilentProgress

if TYPE_CHECKING:
    from coplan.scenario.merge import Setting

RESULTS = ("plan.nc", "kpis.json", "audit.json")
"""Files whose digests run.json keeps: what a report, a comparison and an explanation tell from."""

NOT_WRITTEN = "this is not the file that the run wrote; run the scenario again"


@dataclass(frozen=True)
class RunOutcome:
    """Where a run left its results, its key figures and the exit code that goes with them."""

    folder: Path
    kpis: dict[str, Any]
    exit_code: int


def run_scenario(
    path: Path,
    overrides: Sequence[str | Setting] = (),
    out: Path | None = None,
    languages: Sequence[str] = ("zh", "en"),
    with_report: bool = True,
    progress: Any = None,
    timeless: bool = False,
) -> RunOutcome:
    """Run a scenario and write its result folder, all or nothing.

    `timeless` keeps seconds and memory out of every file but run.json, so that the same question
    gives the same bytes. The folder of an older run stays as it was until the new one is complete.

    Raises InputError, InfeasibleError, StoppedError or VerificationError.
    """
    from coplan.dataset.files import data_files_used
    from coplan.plan.kpis import kpis
    from coplan.plan.store import write_plan
    from coplan.plan.tables import write_tables
    from coplan.scenario.reader import data_files, read_scenario
    from coplan.scenario.writer import write_inputs
    from coplan.verify import audit, plan_digests

    progress = progress or SilentProgress()
    clock = Stopwatch()
    progress.stage("read")
    scenario = read_scenario(path, overrides)
    folder = Path(out) if out is not None else Path("reports") / scenario.spec.id
    refuse_strange_folder(folder)
    inputs, plan = solve_scenario(scenario, progress)
    progress.stage("verify")
    used = data_files_used(scenario)
    hashes = file_hashes([*scenario.files, *used, *data_files(scenario).values()], scenario.root)
    told = json.loads(plan.attrs["run"]) | {"hashes": hashes}
    plan.attrs["run"] = json.dumps(without_timing(told) if timeless else told)
    plan.attrs["digests"] = json.dumps(plan_digests(plan))
    report = audit(inputs, plan)
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

            write_report(plan, figures, report.as_dict(), made, languages)
        if not timeless:
            figures |= {"seconds_total": clock.total(), "peak_memory_mb": peak_memory_mb()}
        write_json(made / "kpis.json", figures)
        write_json(made / "run.json", provenance(told, scenario, hashes, clock, made))
        if not report.passed:
            kept = keep_rejected(made, folder)
            raise VerificationError(f"the audit rejected the plan, kept in {kept}: {worst(report)}")
    progress.done()
    stopped = figures["status"] != "optimal within gap"
    return RunOutcome(folder, figures, 4 if stopped else 0)


def verify_folder(folder: Path) -> Any:
    """Audit a finished run again from its raw inputs; returns the AuditReport and notices."""
    from coplan.dataset.build import build_dataset
    from coplan.plan.store import read_plan
    from coplan.scenario.reader import read_scenario
    from coplan.verify import audit, audit_files

    folder = result_folder(folder)
    inputs, changed = folder / "inputs", changed_since(folder)
    scenario = read_scenario(inputs / "scenario.yaml", root=inputs)
    plan = read_plan(folder / "plan.nc")
    report = audit(build_dataset(scenario), plan)
    return report.extended(audit_files(folder, plan)), changed


def report_folder(folder: Path, languages: Sequence[str] = ("zh", "en")) -> Path:
    """Render the report of a finished run again from its plan.nc."""
    from coplan.report import write_report

    plan, figures, checked = finished_run(folder)
    write_report(plan, figures, checked, Path(folder), languages)
    return Path(folder)


def compare_folders(
    folders: Sequence[Path], out: Path, languages: Sequence[str] = ("zh", "en")
) -> Path:
    """Put several finished runs side by side in one report in `out`."""
    from coplan.report import write_comparison

    plans = []
    for folder in folders:
        plan, figures, _ = finished_run(folder)
        plans.append((Path(folder).name, plan, figures))
    refuse_strange_folder(out, "comparison.csv")
    with Replacing(Path(out)) as made:
        write_comparison(plans, made, languages)
    return Path(out)


def finished_run(folder: Path) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Plan, key figures and audit of a finished run.

    Raises InputError where a file of them is not the one that the run wrote: what was changed
    or damaged since is for `coplan verify` to judge, not to be told as a result.
    """
    from coplan.plan.store import read_plan

    folder = result_folder(folder)
    written = run_record(folder)["results"]
    problems = []
    for name in RESULTS:
        path = folder / name
        if not path.is_file() or sha256_of(path) != written.get(name):
            problems.append(Problem(NOT_WRITTEN, str(path)))
    if problems:
        raise InputError(problems)
    plan = read_plan(folder / "plan.nc")
    return plan, read_json(folder / "kpis.json"), read_json(folder / "audit.json")


class Replacing:
    """A folder written beside its target and put in its place only when everything is there."""

    def __init__(self, target: Path):
        self.target = target.absolute()

    def __enter__(self) -> Path:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self.made = Path(
            tempfile.mkdtemp(prefix=f".{self.target.name}-", dir=self.target.parent)
        )
        return self.made

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is not None:
            shutil.rmtree(self.made, ignore_errors=True)
            return
        os.chmod(self.made, 0o755)
        if self.target.exists():
            old = self.made.with_name(f"{self.made.name}-old")
            self.target.rename(old)
            try:
                self.made.rename(self.target)
            except OSError:
                old.rename(self.target)
                shutil.rmtree(self.made, ignore_errors=True)
                raise
            shutil.rmtree(old, ignore_errors=True)
        else:
            self.made.rename(self.target)


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
    for path in files:
        absolute = Path(path).absolute()
        below = absolute.is_relative_to(root.absolute())
        name = absolute.relative_to(root.absolute()).as_posix() if below else str(absolute)
        found[name] = sha256_of(absolute)
    return found


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def changed_since(folder: Path) -> list[str]:
    """Input files of a run that were changed or removed since, by name."""
    run = run_record(folder)
    changed = []
    for name, digest in run["inputs"].items():
        path = os.path.join(run["root"], name)
        if not os.path.isfile(path) or sha256_of(Path(path)) != digest:
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


def provenance(
    told: dict, scenario: Any, hashes: dict[str, str], clock: Stopwatch, made: Path
) -> dict:
    """run.json: versions, hashes of inputs and of the results in `made`, options, solver log,
    seconds and memory."""
    return {
        "results": file_hashes([made / name for name in RESULTS], made),
        "scenario": scenario.spec.id, "root": str(scenario.root.absolute()), "inputs": hashes,
        "options": scenario.spec.options.model_dump(), "python": sys.version.split()[0],
        "platform": sys.platform, "run": told,
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
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        found = error
    if not isinstance(found, dict):
        raise InputError(Problem(NOT_WRITTEN, str(path)))
    return found
