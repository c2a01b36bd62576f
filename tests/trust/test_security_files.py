"""Security: which files are opened (E2), and what is far too large to open (E3)."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import netCDF4
import numpy as np
import pytest

from coplan.dataset.build import build_dataset
from coplan.errors import InputError
from coplan.scenario.reader import read_scenario
from tests.acceptance.command import ROOT, coplan, digests
from tests.trust.scoreboard import Trials
from tests.trust.small import SMALL, SYSTEM, write_project

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pipes and devices, and links need rights there"
)
SECRET = "TOPSECRET"
STATION = "data/weather/typical/zhangbei.csv"
PRICE = "cards.systems/zhangbei-campus.sites.zhangbei.connection.energy_price"
MOST_SECONDS, MOST_MB = 2.0, 300.0


class World(NamedTuple):
    """A project in a folder, and a folder beside it that is not the project's."""

    project: Path
    outside: Path

    def run(self, *words: str) -> list[object]:
        """The words of a run of its scenario."""
        return ["run", self.project / SMALL, "--out", self.project / "out", "--no-report", *words]

    def epw(self, text: str) -> list[object]:
        """A run with the weather of such an EPW file."""
        return self.run("--set", f"weather={{zhangbei: {{epw: {json.dumps(text)}}}}}")

    def series(self, text: str) -> list[object]:
        """A run with prices of energy from such a file."""
        entry = f"{{file: {json.dumps(text)}, column: price, unit: CNY/MWh}}"
        return self.run("--set", f"{PRICE}={entry}")

    def extends(self, text: str) -> list[object]:
        """A run of a scenario that extends such a file."""
        (self.project / SMALL).write_text(f"extends: {json.dumps(text)}\nid: a\n", encoding="utf-8")
        return self.run()

    def study(self, text: str) -> list[object]:
        """A study of such a scenario."""
        file = self.project / "scenarios" / "study.yaml"
        head = f"id: s\ntitle: {{zh: s, en: s}}\nbase: {json.dumps(text)}\n"
        file.write_text(head + "variants:\n  - {name: a, title: {zh: a, en: a}}\n",
                        encoding="utf-8")  # fmt: skip
        return ["study", file, "--out", self.project / "out", "--workers", "1"]

    def link(self, name: str, to: Path | str) -> Path:
        """A file of the project replaced by a link."""
        path = self.project / name
        if path.is_dir():
            path.rename(self.outside / path.name)
        path.unlink(missing_ok=True)
        path.symlink_to(to)
        return path

    def pipe(self, name: str) -> str:
        """A file of the project replaced by a pipe that nobody writes into."""
        path = self.project / name
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        return str(path)


def made(folder: Path) -> World:
    """A project, and beside it an EPW file, a series, a scenario and a card that are not its."""
    world = World(folder / "project", folder / "outside")
    write_project(world.project)
    world.outside.mkdir()
    rows = "".join(f"{hour},{300 + hour % 24}\n" for hour in range(8760))
    for place in (world.outside, world.project / "data"):
        (place / "s.csv").write_text(f"# {SECRET}\nhour,price\n{rows}", encoding="utf-8")
    (world.outside / "w.epw").write_text(f"LOCATION,{SECRET}\n", encoding="utf-8")
    shutil.copy(world.project / SMALL, world.outside / "base.yaml")
    shutil.copy(world.project / SYSTEM, world.outside / "card.yaml")
    shutil.copy(world.project / STATION, world.outside / "station.csv")
    return world


REMOTE = ("http://localhost:9/x", "file:///etc/passwd", "ftp://localhost/x", "//server/share/x",
          "\\\\server\\share\\x")  # fmt: skip
OUT = Path("../../outside")
"""The folder that is not the project's, as seen from scenarios/."""

STRANGE: dict[str, Callable[[World], list[object]]] = {
    "epw by ..": lambda w: w.epw(f"{OUT}/w.epw"),
    "epw by a detour": lambda w: w.epw(f"deep/../{OUT}/w.epw"),
    "epw absolute": lambda w: w.epw(str(w.outside / "w.epw")),
    "epw by a link": lambda w: w.epw(w.link("scenarios/l.epw", w.outside / "w.epw").name),
    "epw by a link to a folder": lambda w: w.epw(f"{w.link('l', w.outside)}/w.epw"),
    "epw links in a circle": lambda w: w.epw(w.link("scenarios/l.epw", "l.epw").name),
    "epw device": lambda w: w.epw("/dev/zero"),
    "epw link to a device": lambda w: w.epw(w.link("scenarios/l.epw", "/dev/zero").name),
    "epw pipe": lambda w: w.epw(w.pipe("scenarios/p.epw")),
    "epw home": lambda w: w.epw("~/w.epw"),
    **{f"epw {one}": lambda w, one=one: w.epw(one) for one in REMOTE},
    "series by ..": lambda w: w.series("../outside/s.csv"),
    "series by a detour": lambda w: w.series("data/../../outside/s.csv"),
    "series absolute": lambda w: w.series(str(w.outside / "s.csv")),
    "series by a link": lambda w: w.series(str(w.link("data/l.csv", w.outside / "s.csv"))),
    "series device": lambda w: w.series("/dev/zero"),
    "series link to a device": lambda w: w.series(f"data/{w.link('data/l', '/dev/zero').name}"),
    "series pipe": lambda w: w.series(f"data/{Path(w.pipe('data/p.csv')).name}"),
    "series inside by a detour": lambda w: w.series(f"../{w.project.name}/data/s.csv"),
    "series inside, absolute": lambda w: w.series(str(w.project / "data" / "s.csv")),
    **{f"series {one}": lambda w, one=one: w.series(one) for one in REMOTE},
    "card by a link": lambda w: w.run() if w.link(SYSTEM, w.outside / "card.yaml") else [],
    "card link to a device": lambda w: w.run() if w.link(SYSTEM, "/dev/zero") else [],
    "card pipe": lambda w: w.run() if w.pipe(SYSTEM) else [],
    "all cards by a link": lambda w: w.run() if w.link("models", w.outside / "models") else [],
    "weather by a link": lambda w: w.run() if w.link(STATION, w.outside / "station.csv") else [],
    "weather link to a device": lambda w: w.run() if w.link(STATION, "/dev/zero") else [],
    "weather pipe": lambda w: w.run() if w.pipe(STATION) else [],
    "all data by a link": lambda w: w.run() if w.link("data", w.outside / "data") else [],
    "extends by ..": lambda w: w.extends(f"{OUT}/base.yaml"),
    "extends absolute": lambda w: w.extends(str(w.outside / "base.yaml")),
    "extends by a link": lambda w: w.extends(
        w.link("scenarios/l.yaml", w.outside / "base.yaml").name),
    "extends device": lambda w: w.extends("/dev/zero"),
    "extends pipe": lambda w: w.extends(w.pipe("scenarios/p.yaml")),
    **{f"extends {one}": lambda w, one=one: w.extends(one) for one in REMOTE},
    "base by ..": lambda w: w.study(f"{OUT}/base.yaml"),
    "base absolute": lambda w: w.study(str(w.outside / "base.yaml")),
    "base by a link": lambda w: w.study(w.link("scenarios/l.yaml", w.outside / "base.yaml").name),
    "base device": lambda w: w.study("/dev/zero"),
    "base pipe": lambda w: w.study(w.pipe("scenarios/p.yaml")),
    "weather of a study, a pipe": lambda w: w.study("small.yaml") if w.pipe(STATION) else [],
    **{f"base {one}": lambda w, one=one: w.study(one) for one in REMOTE},
}  # fmt: skip


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """TimeoutError in what takes longer, as whoever waits for a pipe would for ever."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("part", ["epw", "series", "card", "weather", "extends", "base", "all"])
def test_no_file_of_somebody_else_is_opened(part: str, tmp_path: Path, trials: Trials) -> None:
    """Also those: a series named by a detour through the folders above was read, and copied to
    the same detour as seen from the result, so out of it; a study read a pipe to name its key."""
    every = [name for name in STRANGE if name.split()[0] == part]
    cases = random.Random(part).sample(every, min(len(every), trials.size(99, 3)))
    missed = []
    for number, name in enumerate(cases):
        world = made(tmp_path / f"{number}")
        words = STRANGE[name](world)
        before = digests(world.outside)
        with at_most(20):
            said = coplan(*words)
        good = said.code == 2 and SECRET not in said.out + said.err
        good = good and digests(world.outside) == before and not (world.project / "out").exists()
        if not good:
            missed.append(f"{name}: {said}")
    trials.score("E2", f"files that are not the project's: {part}", len(cases) - len(missed),
                 len(cases), missed=missed)  # fmt: skip


def epw(text: object) -> str:
    """An override: the weather of the campus from an EPW file."""
    return f"weather={{zhangbei: {{epw: {json.dumps(str(text))}}}}}"


def test_what_lies_inside_or_is_allowed_is_opened(tmp_path: Path, trials: Trials) -> None:
    """Beside the scenario, in the project, and below --allow-path; without it each is refused."""
    world = made(tmp_path)
    for place in ("scenarios/w.epw", "data/w.epw"):
        shutil.copy(world.outside / "w.epw", world.project / place)
    world.link("data/l.csv", world.outside / "s.csv")
    world.link("scenarios/l.epw", world.outside / "w.epw")
    (world.project / "scenarios" / "a.yaml").write_text(f"extends: {OUT}/base.yaml\nid: a\n",
                                                        encoding="utf-8")  # fmt: skip
    series = PRICE + "={{file: data/{}.csv, column: price, unit: CNY/MWh}}"
    inside = [(SMALL, epw("w.epw")), (SMALL, epw("../data/w.epw")), (SMALL, series.format("s"))]
    allowed = [(SMALL, epw(f"{OUT}/w.epw")), (SMALL, epw(world.outside / "w.epw")),
               (SMALL, epw("l.epw")), (SMALL, series.format("l")),
               ("scenarios/a.yaml", "id=a")]  # fmt: skip
    held = 0
    for name, override in [*inside, *allowed]:
        refused_first = (name, override) in inside or is_refused(world, name, override, ())
        held += refused_first and not is_refused(world, name, override, [world.outside])
    words = ["check", world.project / SMALL, "--set", epw(f"{OUT}/w.epw")]
    assert "--allow-path" in coplan(*words).err
    assert "--allow-path" not in coplan(*words, "--allow-path", world.outside).err
    trials.score("E2", "files that may be read are", held, len(inside) + len(allowed))


def is_refused(world: World, name: str, override: str, allow: Sequence[Path]) -> bool:
    """Whether a scenario, or where it names a series its dataset, is refused."""
    try:
        scenario = read_scenario(world.project / name, [override], allow=allow)
        if "price" in override:
            build_dataset(scenario)
    except InputError:
        return True
    return False


def yaml_bomb(project: Path, text: str) -> list[str]:
    """A scenario of such a text."""
    (project / SMALL).write_text(text, encoding="utf-8")
    return ["check", str(project / SMALL)]


def csv_bomb(project: Path, content: bytes) -> list[str]:
    """A weather file of such bytes."""
    (project / STATION).write_bytes(content)
    return ["run", str(project / SMALL), "--no-report", "--out", str(project / "out")]


def epw_bomb(project: Path, content: bytes) -> list[str]:
    """An EPW file of such bytes."""
    (project / "scenarios" / "w.epw").write_bytes(content)
    return ["run", str(project / SMALL), "--out", str(project / "out"), "--no-report",
            "--set", epw("w.epw")]  # fmt: skip


def sparse(project: Path, size: int) -> list[str]:
    """A weather file of many bytes, all zero."""
    with (project / STATION).open("wb") as file:
        file.truncate(size)
    return ["run", str(project / SMALL), "--no-report", "--out", str(project / "out")]


def result(project: Path, command: str, name: str, content: str) -> list[str]:
    """A folder like that of a run in which one file holds such a text."""
    folder = project / "result"
    (folder / "inputs").mkdir(parents=True)
    shutil.copy(project / SMALL, folder / "inputs" / "scenario.yaml")
    shutil.copytree(project / "models", folder / "inputs" / "models")
    shutil.copytree(project / "data", folder / "inputs" / "data")
    with netCDF4.Dataset(folder / "plan.nc", "w") as plan:
        plan.createDimension("time", 24)
    for each in ("kpis.json", "audit.json", "run.json"):
        (folder / each).write_text("{}", encoding="utf-8")
    if name:
        (folder / name).write_text(content, encoding="utf-8")
    return [command, str(folder)]


def netcdf(project: Path, command: str, size: int, kind: str) -> list[str]:
    """A folder like that of a run whose plan says that it holds `size` values, and holds none."""
    words = result(project, command, "", "")
    with netCDF4.Dataset(project / "result" / "plan.nc", "w") as plan:
        plan.createDimension("time", size)
        plan.createVariable("time" if kind == "index" else "load_mw", "f8", ("time",),
                            zlib=True, chunksizes=(1_000_000,))  # fmt: skip
        if kind == "written":
            plan["load_mw"][:] = np.zeros(size)
    return words


BOMBS: dict[str, Callable[[Path], list[str]]] = {
    "aliases": lambda p: yaml_bomb(p, "a: &a [x, x]\n" + "".join(
        f"b{i}: &b{i} [*a, *a]\n" for i in range(200))),
    "lists": lambda p: yaml_bomb(p, "id: " + "[" * 100_000),
    "mappings": lambda p: yaml_bomb(p, "id: " + "{a: " * 100_000),
    "values": lambda p: yaml_bomb(p, "id: [" + "1," * 400_000 + "]"),
    "keys": lambda p: yaml_bomb(p, "".join(f"k{i}: 1\n" for i in range(90_000))),
    "a huge whole number": lambda p: yaml_bomb(
        p, (p / SMALL).read_text(encoding="utf-8").replace("2027", "9" * 10_000)),
    "a huge exponent": lambda p: yaml_bomb(
        p, (p / SMALL).read_text(encoding="utf-8").replace("0.01", "1e999999999")),
    "a power of a unit": lambda p: yaml_bomb(
        p, (p / SMALL).read_text(encoding="utf-8").replace("0.01", "1 MW**999999999")),
    "lines without end": lambda p: csv_bomb(p, b"\n" * (30 * 2**20)),
    "one line": lambda p: csv_bomb(p, b"hour," * (6 * 2**20)),
    "rows without end": lambda p: csv_bomb(p, b"hour,x\n" + b"0,1\n" * (7 * 2**20)),
    "10 GB": lambda p: sparse(p, 10 * 2**30),
    "a packed table": lambda p: csv_bomb(p, gzip.compress(b"0," * 10**7)),
    "EPW, 500 MB packed": lambda p: epw_bomb(p, PACKED * 5),
    "EPW, commas": lambda p: epw_bomb(p, b"LOCATION," + b"," * (7 * 2**20)),
    "EPW, lines": lambda p: epw_bomb(p, b"LOCATION,\n" + b"a\r" * (3 * 2**20)),
    **{f"NetCDF of 1e12 values, {command}": lambda p, c=command: netcdf(p, c, 10**12, "values")
       for command in ("report", "verify", "explain")},
    "NetCDF, an index of 1e12": lambda p: netcdf(p, "explain", 10**12, "index"),
    "NetCDF, 1 GB of nothing": lambda p: netcdf(p, "explain", 2**27, "values"),
    "NetCDF, 300 MB written": lambda p: netcdf(p, "explain", 300 * 10**6 // 8, "written"),
    "JSON nested": lambda p: result(p, "report", "kpis.json", "[" * 10**6),
    "JSON of a huge number": lambda p: result(p, "report", "kpis.json", "9" * 10**6),
}  # fmt: skip
PACKED = gzip.compress(b"0," * (50 * 10**6), 1)
MEASURED = """
import sys, time
from pathlib import Path
import coplan.dataset.build, coplan.explain.finished, coplan.report, coplan.verify
from coplan import cli
start = time.process_time()
code = cli.main(sys.argv[1:])
seconds = time.process_time() - start
held = [line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line]
print(code, seconds, float(held[0].split()[1]) / 1e3)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what a process held at most")
@pytest.mark.parametrize("part", range(2))
def test_what_is_far_too_large_is_refused_at_once(
    part: int, tmp_path: Path, trials: Trials
) -> None:
    """Seconds of the processor once its libraries are loaded, and all the memory of a process."""
    every = list(BOMBS)[part::2]
    cases = every[: trials.size(len(every), 1)]
    missed, slowest, largest = [], 0.0, 0.0
    for number, name in enumerate(cases):
        project = tmp_path / f"{number}"
        write_project(project)
        words = BOMBS[name](project)
        done = subprocess.run([sys.executable, "-c", MEASURED, *words], cwd=ROOT, check=False,
                              capture_output=True, text=True, timeout=60)  # fmt: skip
        told = done.stdout.splitlines()[-1].split() if done.stdout else ["-1", "nan", "nan"]
        code, seconds, memory = int(told[0]), float(told[1]), float(told[2])
        slowest, largest = max(slowest, seconds), max(largest, memory)
        good = code == 2 and seconds < MOST_SECONDS and memory < MOST_MB
        if not good or "Traceback" in done.stderr:
            missed.append(f"{name}: {told}: {done.stderr[-2000:]}")
        shutil.rmtree(project)
    seen = f"at most {slowest:.1f} s of CPU and {largest:.0f} MB"
    trials.score("E3", "bombs refused", len(cases) - len(missed), len(cases), seen=seen,
                 missed=missed)  # fmt: skip
