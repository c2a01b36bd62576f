"""Security: what comes from strangers is shown and never obeyed (E1)."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import xarray as xr

from coplan.plan.tables import FORMULA_STARTS
from coplan.report.fonts import visible
from coplan.scenario.provenance import MAX_TEXT
from coplan.scenario.schema import json_schema
from coplan.study.gather import Drawing, draw, write_comparison_files
from coplan.study.loose import loose_runs
from tests.acceptance.command import Said, coplan, digests
from tests.report.test_pages import Elements, read
from tests.trust.scoreboard import Trials
from tests.trust.small import write_project

HOSTILE = (
    "<script>alert(1)</script>", '" onerror="alert(1)', "<img src=x onerror=alert(1)>", "]]> -->",
    "</style></script></svg>", '=HYPERLINK("http://e.org","x")', "+1+1", "@SUM(1,1)", "-2+3",
    "\t=1+1", "  =1+1", "＝1+1", "gnp.\u202eexe", "../../../etc/passwd", '#eval("1+1")',
    '#read("/etc/passwd")', "$x^2$ \\frac{1}{2}", "@ref <label>", "{{7*7}} {% raw %}",
    "%s %(x)s {0} {name}", "&lt;b&gt; &#60;", "javascript:alert(1)", "https://e.org/x",
    "`code` *b* _i_ = h", "${7} `id` $(id); id", "CON NUL aux.", "\\u003cscript\\u003e",
)  # fmt: skip
KEYS = frozenset({"zh", "en", "note", "source", "document", "article", "agency"})
"""Keys of free text."""
CHECKED = frozenset(
    {"file", "epw", "column", "unit", "extends", "routes", "valid_from", "valid_to", "value"}
)
"""Keys of text that must be of a form of their own: paths, units, dates, names of columns."""
CONTROLS = ("\0", "\x1b[31m", "\x07", "\x08", "\x9b31m", "\ud800")


class Run(NamedTuple):
    """A finished run with its project and what it said."""

    scenario: Path
    folder: Path
    said: Said


def hostile_text(turn: int) -> Callable[[str, str], str]:
    """Every free text, replaced: names by one hostile string each, long texts by all of them."""
    count = iter(range(turn, 1_000_000))

    def change(key: str, text: str) -> str:
        if key not in KEYS:
            return text
        if key == "source":  # equal sources would share a row
            return " ".join((HOSTILE[turn % len(HOSTILE)], text, *HOSTILE))[:MAX_TEXT]
        return "\n".join(HOSTILE) if key == "note" else HOSTILE[next(count) % len(HOSTILE)]

    return change


def finished(folder: Path, change: Callable[[str, str], str] | None = None) -> Run:
    """The small project run with its report in Chinese."""
    scenario = write_project(folder / "project", change)
    said = coplan("run", scenario, "--out", folder / "out", "--lang", "zh")
    assert said.code == 0, said.err
    return Run(scenario, folder / "out", said)


@pytest.fixture(scope="module")
def benign(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run as it is shipped."""
    return finished(tmp_path_factory.mktemp("benign"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run in which every free text is hostile."""
    return finished(tmp_path_factory.mktemp("hostile"), hostile_text(0))


def test_every_free_text_of_the_schema_is_made_hostile() -> None:
    """A text field that somebody adds must be one of KEYS, or be checked by something else."""
    free = set(free_texts(json_schema(), ""))
    assert free == KEYS | CHECKED


def free_texts(part: object, name: str) -> Iterator[str]:
    """Names of the properties that take any text."""
    if isinstance(part, list):
        for one in part:
            yield from free_texts(one, name)
    if not isinstance(part, dict):
        return
    if part.get("type") == "string" and not {"pattern", "enum", "const"} & set(part):
        yield name
    for key, value in part.items():
        if key in ("properties", "$defs"):
            for below, inner in value.items():
                yield from free_texts(inner, below)
        else:
            yield from free_texts(value, name)


def active_in_html(benign: Run, hostile: Run) -> list[str]:
    """What differs in the elements and attributes of the pages; nothing should."""
    one, other = (Elements(read(run.folder, "report.zh.html")) for run in (benign, hostile))
    tags = one.count | other.count
    wrong = [f"element {tag}" for tag in tags if one.count[tag] != other.count[tag]]
    names = [Counter((tag, name) for tag, name, _ in page.attributes) for page in (one, other)]
    wrong += [f"attribute {key}" for key in names[0] | names[1] if names[0][key] != names[1][key]]
    known = {(name, value) for _, name, value in one.attributes}
    wrong += [f"{tag} {name}={value}" for tag, name, value in other.attributes
              if name.startswith("on")
              or (name in ("src", "href", "action") and (name, value) not in known)]  # fmt: skip
    policies = [next(v for _, n, v in page.attributes if n == "content" and v and "script-src" in v)
                for page in (one, other)]  # fmt: skip
    if policies[0] != policies[1] or not policies[1].startswith("default-src 'none'"):
        wrong.append("policy")
    if len(other.scripts) != 4 or other.scripts != one.scripts:
        wrong.append("scripts")
    return wrong


def active_in_figures(run: Run) -> list[str]:
    """Elements and links of figures that a figure has no use for."""
    wrong = []
    for path in sorted(run.folder.rglob("*.svg")):
        for element in ET.parse(path).iter():
            tag = element.tag.rpartition("}")[2]
            links = [v for k, v in element.attrib.items() if k.rpartition("}")[2] == "href"]
            if tag in ("script", "foreignObject", "a", "iframe") or any(
                not link.startswith(("#", "data:image/png")) for link in links
            ):
                wrong.append(f"{path.name}: {tag} {links}")
    return wrong


def run_in_tables(folder: Path) -> list[str]:
    """Cells of tables, headers included, that a spreadsheet would take for a formula."""
    return [
        f"{path.name}: {cell}"
        for path in sorted(folder.rglob("*.csv")) if "inputs" not in path.parts
        for row in csv.reader(path.open(encoding="utf-8-sig", newline="")) for cell in row
        if cell.lstrip().startswith((*FORMULA_STARTS, "\t", "\r")) and not is_number(cell)
    ]  # fmt: skip


def is_number(text: str) -> bool:
    """Whether text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return text == text.strip()


def test_hostile_text_is_inert_on_the_page_and_in_figures(
    benign: Run, hostile: Run, trials: Trials
) -> None:
    wrong = active_in_html(benign, hostile) + active_in_figures(hostile)
    assert not wrong
    page = Elements(read(hostile.folder, "report.zh.html"))
    text = squeezed(" ".join(page.text))
    shown = [one for one in HOSTILE if squeezed(visible(one)) in text]
    trials.score("E1", "hostile strings shown as text in HTML", len(shown), len(HOSTILE))


def squeezed(text: str) -> str:
    """Text without spaces, and without marks of direction, which a PDF's text does not have."""
    return "".join(c for c in text if not c.isspace())


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext of poppler is not here")
def test_hostile_text_is_inert_in_the_pdf(hostile: Run, trials: Trials) -> None:
    path = hostile.folder / "report.zh.pdf"
    told = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True)
    text = squeezed(told.stdout.decode("utf-8"))
    shown = [one for one in HOSTILE if squeezed(visible(one)) in text]
    assert "root:" not in text
    attached = subprocess.run(["pdfdetach", "-list", path], capture_output=True, check=True)
    assert attached.stdout.startswith(b"0 embedded files")
    raw = path.read_bytes()
    assert not [word for word in (b"/JavaScript", b"/Launch", b"/URI", b"/EmbeddedFile")
                if word in raw]  # fmt: skip
    trials.score("E1", "hostile strings shown as text in PDF", len(shown), len(HOSTILE),
                 missed=[one for one in HOSTILE if one not in shown])  # fmt: skip


def test_hostile_text_is_inert_in_tables_files_and_on_the_terminal(
    benign: Run, hostile: Run, trials: Trials
) -> None:
    folder = hostile.folder
    wrong = run_in_tables(folder)
    with xr.open_dataset(folder / "plan.nc") as plan:
        kept = str(plan["text_title"].item()) + str(plan["text_assumptions"].item())
    names = [set(digests(run.folder)) for run in (benign, hostile)]
    wrong += [f"file {name}" for name in names[0] ^ names[1]]
    again = {"verify": coplan("verify", folder), "explain": coplan("explain", folder)}
    wrong += [f"{name}: {said.err}" for name, said in again.items() if said.code]
    if trials.full:
        before = digests(folder)
        again["report"] = coplan("report", folder, "--lang", "zh")
        wrong += [f"{name} is rendered to other bytes" for name, digest in digests(folder).items()
                  if before.get(name) != digest]  # fmt: skip
    again["check"] = coplan("check", hostile.scenario)
    for name, said in {"run": hostile.said, **again}.items():
        wrong += [f"{name} writes {line!r}" for line in (said.out + said.err).split("\n")
                  if not line.isprintable()]  # fmt: skip
    assert not wrong
    held = [one for one in HOSTILE if json.dumps(one)[1:-1] in kept
            or json.dumps(one, ensure_ascii=False)[1:-1] in kept]  # fmt: skip
    trials.score("E1", "hostile strings kept letter by letter in plan.nc", len(held), len(HOSTILE))


def test_a_folder_called_like_a_formula_is_no_formula_in_a_comparison(
    benign: Run, hostile: Run, tmp_path: Path, trials: Trials
) -> None:
    """The name of a plan in comparison.csv is that of its folder, and was written bare."""
    name = "=cmd() <img src=x onerror=alert(1)>"
    names = ["benign", name]
    data = loose_runs([benign.folder, hostile.folder]).assign_coords(variant=names)
    data["title_zh"] = ("variant", names, data["title_zh"].attrs)
    write_comparison_files(data, tmp_path)
    assert run_in_tables(tmp_path) == []
    assert f"'{name}" in (tmp_path / "comparison.csv").read_text(encoding="utf-8")
    if trials.full:
        draw(Drawing(tmp_path, ("zh",)))
        page = Elements(read(tmp_path, "compare.zh.html"))
        assert page.count["img"] == 0
        assert any(name in text for text in page.text)


def test_the_hostile_report_of_every_turn_is_inert(
    benign: Run, tmp_path: Path, trials: Trials
) -> None:
    """Every string once where every name stands; in a sample the one run of the fixture does."""
    turns = range(1, trials.size(len(HOSTILE), 1))
    missed = []
    for turn in turns:
        run = finished(tmp_path / f"{turn}", hostile_text(turn))
        wrong = active_in_html(benign, run) + active_in_figures(run) + run_in_tables(run.folder)
        missed += [f"{turn}: {wrong}"] if wrong else []
        shutil.rmtree(tmp_path / f"{turn}")
    count = 1 + len(turns)  # with the fixture's own, looked at above
    trials.score("E1", "runs with every name hostile", count - len(missed), count, missed=missed)


def test_no_control_character_gets_in_and_none_comes_out(tmp_path: Path, trials: Trials) -> None:
    """Bare in the file, escaped in quotes, in --set and in the name of a file: told in one line."""
    scenario = write_project(tmp_path)
    text = scenario.read_text(encoding="utf-8")
    cases: dict[str, tuple[bytes, tuple[str, ...]]] = {}
    for one in CONTROLS:
        bare = f"note: x{one}y\n".encode("utf-8", "surrogatepass")
        escaped = "".join(f"\\u{ord(c):04x}" for c in one)
        cases[f"{one!r} bare"] = bare, ()
        cases[f"{one!r} escaped"] = f'note: "x{escaped}y"\n'.encode(), ()
        cases[f"{one!r} as a key"] = f'"a{escaped}": 1\n'.encode(), ()
        cases[f"{one!r} typed"] = b"", ("--set", f"id=x{one}")
    rest = "\n".join(line for line in text.split("\n") if not line.startswith("note:"))
    cases["10 kB in a name"] = b"", ("--set", f"title.zh={'x' * 10_240}")
    cases["10 kB in a note"] = b"", ("--set", f"note={'x' * 10_240}")
    cases["10 kB in an id"] = b"", ("--set", f"id={'x' * 10_240}")
    cases["a path as an id"] = b"", ("--set", "id=../../x")
    cases["10 kB in a key"] = b"", ("--set", f"{'x' * 10_240}=1")
    missed = []
    for name, (line, words) in cases.items():
        body = "\n".join(part for part in rest.split("\n") if not part.startswith("  New data"))
        scenario.write_bytes(line + body.encode())
        said = coplan("check", scenario, *words)
        lines = (said.out + said.err).split("\n")
        good = said.code == 2 and all(one.isprintable() for one in lines)
        good = good and max(map(len, lines)) < 12_000
        missed += [] if good else [f"{name}: {said.code}: {said.err[:120]}"]
    trials.score("E1", "control characters and endless texts refused", len(cases) - len(missed),
                 len(cases), missed=missed)  # fmt: skip
