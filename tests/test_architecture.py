"""The folder tree keeps its promises: imports go one way, files stay short, start-up is quick."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import coplan

PACKAGE = Path(coplan.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
BENCHMARKS = sorted((PACKAGE.parent / "benchmarks").rglob("*.py"))

LAYERS = [
    {"callable_package"}, {"units", "errors", "folders", "progress", "algebra"}, {"physics"},
    {"elements"}, {"scenario"}, {"dataset"}, {"model"}, {"solve"}, {"plan"}, {"report"},
    {"planning"}, {"run"}, {"explain"}, {"study"}, {"arguments"}, {"screen"}, {"cli"},
]  # fmt: skip
"""Lowest first; a part imports from below, and from its own folder."""

AUDIT_MAY_IMPORT = {
    "callable_package", "units", "errors", "physics", "scenario", "dataset", "plan", "verify",
}  # fmt: skip
FRONT_DOORS = {("plan", "planning"), ("plan", "verify"), ("verify", "run")}
"""`coplan.plan(...)` and `coplan.verify(...)` reach up, in their __init__ and when called."""

HEAVY = ("pyomo", "highspy", "xarray", "matplotlib", "pandas", "scipy", "pvlib", "bokeh", "typst")
MOST_LINES, MOST_FUNCTION_LINES, WIDEST = 400, 60, 100


def module_of(path: Path) -> str:
    """Dotted name below `coplan`, "" for the package itself; the full name of a benchmark's."""
    home = PACKAGE if path.is_relative_to(PACKAGE) else PACKAGE.parent
    parts = path.relative_to(home).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path) for path in FILES}


def named(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Full names that an import statement may bring in."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    else:
        assert node.level == 0, f"line {node.lineno}: imports are absolute"
        yield str(node.module)
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def runs_later(node: ast.AST) -> bool:
    """Whether what stands inside is not run when the module is imported."""
    for_types_only = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    return for_types_only or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))


def imports(path: Path, at_start_only: bool = False) -> set[str]:
    """Modules of coplan that a file imports, as names below `coplan`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    if at_start_only:
        inner = {id(part) for node in nodes if runs_later(node) for part in ast.walk(node)}
        nodes = [node for node in nodes if id(node) not in inner]
    found = {
        name.removeprefix("coplan.")
        for node in nodes
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in named(node)
        if name.startswith("coplan.")
    }
    return found & MODULES - {""}


def part_of(module: str) -> str:
    """The part of the package a module belongs to."""
    return module.split(".")[0]


def rank_of(part: str) -> int:
    """Place of a part in the order of layers."""
    return next(rank for rank, layer in enumerate(LAYERS) if part in layer)


def test_every_part_of_the_package_has_its_layer() -> None:
    parts = {part_of(module) for module in MODULES} - {""}
    assert parts - set().union(*LAYERS) == {"verify"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_of(path) or "coplan")
def test_imports_go_one_way(path: Path) -> None:
    module = module_of(path)
    if not module:
        return
    part = part_of(module)
    wanted = {part_of(name) for name in imports(path)} - {part}
    if module == part:
        at_start = {part_of(name) for name in imports(path, at_start_only=True)}
        doors = {above for below, above in FRONT_DOORS if below == part} - at_start
        wanted -= doors
    if part == "verify":
        assert wanted <= AUDIT_MAY_IMPORT
        return
    if "verify" in wanted:
        assert rank_of(part) > rank_of("planning"), "only runs and what is above them audit"
    upward = {name for name in wanted - {"verify"} if rank_of(name) > rank_of(part)}
    assert upward == set(), f"{module} imports from above"


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {module_of(path): imports(path, at_start_only=True) for path in FILES}
    for module, wanted in graph.items():  # a folder's __init__ may gather its own files
        graph[module] = {name for name in wanted if not module.startswith(f"{name}.")}
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " imports ".join((*path[path.index(module) :], module))
        if module not in done:
            for wanted in sorted(graph[module]):
                walk(wanted, (*path, module))
            done.add(module)

    for module in sorted(graph):
        walk(module, ())


@pytest.mark.parametrize("part", ["elements", "scenario", "dataset", "physics", "verify", "report"])
def test_only_algebra_and_what_reads_the_model_knows_pyomo(part: str) -> None:
    for path in (PACKAGE / part).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                packages = {name.split(".")[0] for name in named(node)}
                assert "pyomo" not in packages, f"{module_of(path)}, line {node.lineno}"


@pytest.mark.parametrize(
    "path", [*FILES, *BENCHMARKS], ids=lambda path: module_of(path) or "coplan"
)
def test_files_and_functions_stay_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert len(lines) <= MOST_LINES
    wide = [number for number, line in enumerate(lines, 1) if len(line) > WIDEST]
    assert wide == [], "lines wider than 100"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MOST_FUNCTION_LINES, f"{node.name}: {length} lines"


@pytest.mark.parametrize(
    "path", [*FILES, *BENCHMARKS], ids=lambda path: module_of(path) or "coplan"
)
def test_what_is_public_says_what_it_does(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not path.read_text(encoding="utf-8").strip() or ast.get_docstring(tree), "module"
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name


def test_every_file_is_named_after_what_it_is_about() -> None:
    empty_names = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}
    modules = MODULES | {module_of(path) for path in BENCHMARKS}
    assert empty_names.isdisjoint(part for module in modules for part in module.split("."))


@pytest.mark.parametrize("path", FILES, ids=lambda path: module_of(path) or "coplan")
def test_coplan_knows_nothing_of_its_benchmarks(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            assert all(name.split(".")[0] != "benchmarks" for name in named(node))


def test_the_command_line_starts_without_heavy_packages() -> None:
    program = (
        "import sys, coplan.cli; "
        f"print(','.join(sorted(set({HEAVY!r}) & set(sys.modules))))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == ""


def test_the_package_itself_starts_without_anything() -> None:
    program = "import sys, coplan; print(','.join(m for m in sys.modules if 'coplan.' in m))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == ""
