"""The command line: clear messages, exit codes, quick help."""

import json
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

from coplan import cli
from coplan.dataset import sources
from coplan.errors import InfeasibleError, StoppedError, VerificationError
from coplan.progress import RichProgress, SilentProgress, progress_text, terminal_progress
from coplan.scenario import reader
from tests.scenario import toys

BASE = "scenarios/base.yaml"
COMMANDS = [
    "check", "run", "verify", "report", "compare", "study", "explain", "new", "schema"
]  # fmt: skip
HEAVY = ["pyomo", "highspy", "xarray", "pandas", "scipy", "matplotlib", "bokeh", "typst", "pvlib"]


@pytest.fixture
def world(tmp_path, monkeypatch):
    """The toy world as current folder."""
    monkeypatch.setattr(reader, "CARD_CLASSES", toys.CLASSES)
    monkeypatch.setattr(reader, "System", toys.System)
    monkeypatch.setattr(reader, "misfits", lambda *_: ())
    monkeypatch.setattr(sources, "refuse_bad_inputs", lambda _: None)  # toys name no data files
    monkeypatch.chdir(tmp_path)
    toys.write_world(tmp_path)
    return tmp_path


@pytest.fixture
def fake_run(monkeypatch):
    """A stand-in for coplan.run that records its calls."""
    module = types.ModuleType("coplan.run")
    module.calls = []
    module.outcome = types.SimpleNamespace(
        folder=Path("reports/base"),
        kpis={"status": "optimal within gap", "gap": 0.004, "cost_cny": 1.5e9, "pue": 1.19,
              "green_share": 0.8, "compute_p_fp16": 20000.0, "compute_p_fp32": 0},
        exit_code=0, seconds=12.5,
    )  # fmt: skip

    def record(name):
        def call(*args, **kwargs):
            module.calls.append((name, args, kwargs))
            return module.outcome

        return call

    for name in ("run_scenario", "verify_folder", "report_folder"):
        setattr(module, name, record(name))
    monkeypatch.setitem(sys.modules, "coplan.run", module)
    loose = types.ModuleType("coplan.study.loose")
    loose.compare_folders = record("compare_folders")
    monkeypatch.setitem(sys.modules, "coplan.study.loose", loose)
    return module


def everything(folder):
    """Every file below a folder with its bytes."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command, capsys):
    assert cli.main([command, "--help"]) == 0
    assert f"Example: coplan {command}" in capsys.readouterr().out


@pytest.mark.parametrize("code", ["coplan.cli", "coplan.scenario", "coplan.scenario.summary"])
def test_no_heavy_library_is_loaded_before_it_is_needed(code):
    script = f"import {code}, sys; print([m for m in {HEAVY} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--help"], {"cli", "arguments", "errors", "screen"}),
        (["check", "scenarios/quickstart.yaml"],
         {"cli", "arguments", "errors", "screen", "units", "physics", "algebra", "elements",
          "scenario", "dataset"}),
    ],
)  # fmt: skip
def test_a_command_loads_only_what_it_needs(words, parts):
    script = (
        f"import sys; from coplan import cli; sys.stdout = sys.stderr; code = cli.main({words!r});"
        "print(code, *sys.modules, file=sys.__stdout__)"
    )
    root = Path(cli.__file__).parents[1]
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        encoding="utf-8",
    )  # fmt: skip
    code, *modules = found.stdout.split()
    assert code == "0", found.stderr
    loaded = {name.split(".")[1] for name in modules if name.startswith("coplan.")}
    assert loaded <= parts
    packages = {name.split(".")[0] for name in modules}
    assert packages & {*HEAVY, "pint", "rich", "jinja2", "psychrolib", "netCDF4", "PIL"} == set()
    if words == ["--help"]:
        assert packages & {"numpy", "pydantic", "yaml"} == set()


def test_check_says_what_would_be_solved_and_writes_nothing(world, capsys):
    before = everything(world)
    assert cli.main(["check", BASE, "--set", "options.hours=48"]) == 0
    out = capsys.readouterr().out
    for words in ("base: 基准 / Base", "2027", "48", "zhangbei, huailai", "1 plants",
                  "1 generators", "green share ≥ 0.8 (annual matching)", "fp16 ≥ 20000 P",
                  "3 (1 measured, 1 published, 1 without confidence)"):  # fmt: skip
        assert words in out
    assert everything(world) == before


def test_a_mistake_is_one_line_on_stderr_with_exit_code_2_and_nothing_is_written(world, capsys):
    toys.change(world, BASE, "gap: 0.01", "gap: 1.5")
    before = everything(world)
    assert cli.main(["check", BASE]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    line = captured.err.replace("\\", "/")
    assert line == (
        f"{BASE}:9: options.gap: must be a number, at least 0 and at most 1 (found 1.5)\n"
    )
    assert everything(world) == before


def test_every_mistake_has_its_own_line(world, capsys):
    toys.change(world, BASE, "gap: 0.01", "gap: 1.5")
    toys.change(world, "models/zones/jibei.yaml", "0.6", "high")
    assert cli.main(["check", BASE]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "jibei.yaml:2: emission_factor_kg_per_kwh: " in lines[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "gone.yaml"], "gone.yaml: there is no such file"),
        (["check", "."], "folder"),
        (["check", "x\0y"], "null byte"),
        (["check", BASE, "--set", "periods"], "key=value"),
        (["check", BASE, "--set", "optoins.gap=1"], "did you mean options?"),
        (["check"], "Missing argument"),
        (["chekc"], "No such command"),
        (["check", BASE, "--fast"], "No such option"),
        (["run", BASE, "--gap", "2"], "--gap"),
        (["run", BASE, "--threads", "many"], "--threads"),
        (["run", BASE, "--lang", "fr"], "--lang"),
        (["compare", "reports/a", "--out", "b"], "at least two"),
        (["compare", "reports/a", "reports/b"], "--out"),
        (["new", "../escape"], "id of small letters"),
        (["new", "base"], "such a file already"),
    ],
)
def test_a_mistake_on_the_command_line_is_told_with_exit_code_2(
    world, fake_run, capsys, arguments, words
):
    before = everything(world)
    assert cli.main(arguments) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert "Traceback" not in captured.err
    assert everything(world) == before
    assert fake_run.calls == []


def test_new_writes_a_scenario_that_check_accepts(world, capsys):
    assert cli.main(["new", "mine"]) == 0
    assert "mine.yaml" in capsys.readouterr().out
    assert cli.main(["check", "scenarios/mine.yaml"]) == 0


def test_schema_prints_json(capsys):
    assert cli.main(["schema"]) == 0
    assert "$defs" in json.loads(capsys.readouterr().out)


def test_run_hands_over_what_was_asked_and_shows_the_figures(fake_run, capsys):
    arguments = ["run", BASE, "--out", "o", "--lang", "zh", "--no-report", "--set", "a=1",
                 "--set", "b=2", "--gap", "0.02", "--time-limit", "60",
                 "--threads", "2"]  # fmt: skip
    assert cli.main(arguments) == 0
    ((name, args, options),) = fake_run.calls
    assert (name, args) == ("run_scenario", (Path(BASE),))
    assert isinstance(options.pop("progress"), SilentProgress)
    assert options == {
        "overrides": ("a=1", "b=2", "options.gap=0.02", "options.time_limit_s=60.0",
                      "options.threads=2"),
        "out": Path("o"), "languages": ("zh",), "with_report": False,
        "allow": (), "house": None, "with_workbook": False,
    }  # fmt: skip
    out = capsys.readouterr().out
    for words in ("status: optimal within gap", "gap: 0.40%", "cost: 1,500,000,000 CNY/a",
                  "PUE: 1.19", "compute fp16: 20,000 P", "written to reports"):  # fmt: skip
        assert words in out
    assert "fp32" not in out


def test_run_returns_the_exit_code_of_its_outcome(fake_run):
    fake_run.outcome.exit_code = 4
    assert cli.main(["run", BASE]) == 4
    assert fake_run.calls[0][2]["languages"] == ("zh", "en")


def test_verify_tells_what_failed_and_what_has_changed_since(fake_run, capsys):
    check = types.SimpleNamespace(name_en="power balance", largest=0.5, passed=False)
    report = types.SimpleNamespace(passed=True, checks=[check], rows_checked=8760, failures=list)
    fake_run.verify_folder = lambda folder: (report, ["models/zones/jibei.yaml"])
    assert cli.main(["verify", "d"]) == 0
    out = capsys.readouterr().out
    assert "8760 rows" in out
    assert "models/zones/jibei.yaml has changed since" in out
    report.passed, report.failures = False, lambda: [check]
    assert cli.main(["verify", "d"]) == 5
    assert "power balance" in capsys.readouterr().err


def test_the_other_commands_hand_over_their_folders(fake_run):
    assert cli.main(["report", "d", "--lang", "en"]) == 0
    assert cli.main(["compare", "d", "e", "--out", "f"]) == 0
    assert [(name, args) for name, args, _ in fake_run.calls] == [
        ("report_folder", (Path("d"), ("en",))),
        ("compare_folders", ([Path("d"), Path("e")], Path("f"), ("zh", "en"))),
    ]


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (InfeasibleError("green share and PUE cannot both be kept"), 3, "cannot both be kept\n"),
        (InfeasibleError("a connection too small", has_more=True), 3,
         f"too small\n缺口出现的时段与最省的补救办法 (when it fails, and the cheapest repairs):\n"
         f"  coplan explain {BASE}\n"),
        (StoppedError("no plan within 60 s"), 4, "no plan within 60 s"),
        (VerificationError("the balance of hour 7 is off"), 5, "hour 7"),
        (PermissionError(13, "Permission denied", "reports"), 2, "reports: Permission denied"),
        (OSError(28, "No space left on device", "reports"), 2, "reports: No space left on device"),
        (OSError(30, "Read-only file system"), 2, "coplan: Read-only file system"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_what_goes_wrong_in_a_run_is_one_message_and_its_exit_code(
    fake_run, capsys, error, code, words
):
    def fail(*args, **kwargs):
        raise error

    fake_run.run_scenario = fail
    assert cli.main(["run", BASE]) == code
    captured = capsys.readouterr()
    assert words in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.parametrize("fault", [ZeroDivisionError("a bug"), OSError("no number of the system")])
def test_a_fault_of_the_program_is_not_hidden(fake_run, fault):
    def fail(*args, **kwargs):
        raise fault

    fake_run.run_scenario = fail
    with pytest.raises(type(fault)):
        cli.main(["run", BASE])


def test_progress_is_silent_unless_stderr_is_a_terminal(monkeypatch):
    assert isinstance(terminal_progress(), SilentProgress)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert isinstance(terminal_progress(), RichProgress)


def test_progress_on_a_terminal_keeps_finished_stages_with_their_seconds():
    import io

    from rich.console import Console

    screen = io.StringIO()
    progress = RichProgress(Console(file=screen, force_terminal=True, width=100, highlight=False))
    progress.update(iterations=1)
    progress.stage("building [bold]x[/bold]")
    progress.stage("solving")
    progress.update(iterations=1200, objective=102.0, bound=100.0, elapsed=3.2)
    progress.done()
    progress.done()
    assert re.search(r"building \[bold\]x\[/bold\]  \d\.\d s", screen.getvalue())
    assert re.search(r"solving  \d\.\d s", screen.getvalue())


def test_a_progress_line_tells_only_what_is_known():
    assert progress_text(1200, 102.0, 100.0, 3.2) == (
        "1 200 iterations · best 102 · bound 100 · gap 1.96% · 3 s"
    )
    assert progress_text(None, float("inf"), 100.0, None) == "bound 100"
    assert progress_text(None, None, None, None) == ""


def test_output_is_utf8_even_on_a_console_of_another_code_page():
    script = "from coplan import screen; screen.use_utf8(); print('基准 \\ud800')"
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True,
        env={"PYTHONIOENCODING": "ascii", "SYSTEMROOT": "C:\\Windows"},
    )  # fmt: skip
    assert found.stdout.decode("utf-8").strip() == "基准 \\ud800"
