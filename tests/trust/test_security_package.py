"""Security: nothing in the package runs what it reads (E4), calls out (E5) or listens (E6)."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import coplan
from tests.acceptance.command import ROOT, digests
from tests.report.test_pages import Elements, read
from tests.trust.scoreboard import Trials
from tests.trust.small import write_project

PACKAGE = Path(coplan.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
MODULES = frozenset({
    "pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "joblib", "code",
    "codeop", "subprocess", "pty", "requests", "urllib", "httpx", "aiohttp", "ftplib", "smtplib",
    "http", "xmlrpc", "socketserver", "telnetlib", "asyncio", "webbrowser",
})  # fmt: skip
"""Modules that run what they read, start programs, or talk to other computers."""
HARMLESS = frozenset({"urllib.parse"})
CALLS = frozenset({
    "eval", "exec", "compile", "__import__", "breakpoint", "input",
    "os.system", "os.popen", "os.execv", "os.execve", "os.spawnv", "tempfile.mktemp",
    "pd.read_pickle", "pandas.read_pickle", "yaml.load", "yaml.full_load", "yaml.unsafe_load",
    "yaml.load_all", "np.fromfile", "np.memmap",
})  # fmt: skip
FORMATS = frozenset({".json", ".csv", ".nc", ".svg", ".html", ".pdf", ".yaml"})

WATCHED = """
import json, sys, threading, time
import psutil
asked, listening = [], []
def hook(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
                 "urllib.Request", "os.system"):
        asked.append(f"{event} {arguments!r:.200}")
sys.addaudithook(hook)
def watch():
    me = psutil.Process()
    while True:
        for one in [me, *me.children(recursive=True)]:
            try:
                listening.extend(f"{one.pid} {c.laddr}" for c in one.net_connections("inet"))
            except psutil.Error:
                pass
        time.sleep(0.05)
threading.Thread(target=watch, daemon=True).start()
from coplan import cli
if __name__ == "__main__":
    code = cli.main(sys.argv[2:])
    told = {"code": code, "asked": asked, "listening": listening}
    open(sys.argv[1], "w", encoding="utf-8").write(json.dumps(told))
"""


def called(node: ast.Call) -> str:
    """The name a call is written by, "" where it is no name."""
    return ast.unparse(node.func) if isinstance(node.func, (ast.Name, ast.Attribute)) else ""


def dangers(path: Path) -> list[str]:
    """What a file may not do, by line."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            names = [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        found += [f"{path.name}:{node.lineno} imports {name}"
                  for name in names
                  if name.split(".")[0] in MODULES and name not in HARMLESS]  # fmt: skip
        if isinstance(node, ast.Call):
            named = {word.arg for word in node.keywords if ast.unparse(word.value) == "True"}
            if called(node) in CALLS or named & {"shell", "allow_pickle"}:
                found.append(f"{path.name}:{node.lineno} calls {called(node)}")
    return found


def test_no_module_runs_what_it_reads(trials: Trials) -> None:
    found = [dangers(path) for path in FILES]
    trials.score("E4", "modules without pickle, eval, shell or net",
                 sum(not one for one in found), len(FILES),
                 missed=[one for some in found for one in some])  # fmt: skip


def test_the_scan_sees_what_it_should(tmp_path: Path) -> None:
    for number, text in enumerate((
        "import pickle", "from urllib import request", "eval('1')", "import os\nos.system('x')",
        "import yaml\nyaml.load(x, Loader=y)", "f(x, shell=True)", "np.load(x, allow_pickle=True)",
    )):  # fmt: skip
        path = tmp_path / f"{number}.py"
        path.write_text(text, encoding="utf-8")
        assert len(dangers(path)) == 1, text
    path.write_text("result = evaluate(x)\nre.compile('a')\n", encoding="utf-8")
    assert dangers(path) == []


def watched(folder: Path, *words: object) -> dict:
    """What a command asked of the net and where it listened, in a namespace without routes."""
    told = folder / "told.json"
    script = folder / "watched.py"
    script.write_text(WATCHED, encoding="utf-8")
    alone = ["unshare", "-rn"] if can_be_alone() else []
    command = [*alone, sys.executable, script, told, *words]
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert told.is_file(), done.stderr
    found = json.loads(told.read_text(encoding="utf-8"))
    assert found["code"] == 0, done.stderr
    return dict(found)


def can_be_alone() -> bool:
    """Whether a process can be started that has no net at all."""
    try:
        return subprocess.run(["unshare", "-rn", "true"], check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.slow
def test_a_run_asks_nothing_of_the_net_and_listens_nowhere(
    tmp_path: Path, trials: Trials
) -> None:
    """The report in both languages included; with `--full` every command and a study, too."""
    scenario, out = write_project(tmp_path), tmp_path / "out"
    study = tmp_path / "scenarios" / "study.yaml"
    study.write_text("id: s\ntitle: {zh: s, en: s}\nbase: small.yaml\nvariants:\n"
                     "  a: {title: {zh: a, en: a}, set: {options.gap: 0.02}}\n",
                     encoding="utf-8")  # fmt: skip
    commands: list[tuple[object, ...]] = [
        ("run", scenario, "--out", out, "--lang", "en"), ("verify", out), ("explain", out),
        ("check", scenario), ("report", out), ("compare", out, out, "--out", tmp_path / "both"),
        ("study", study, "--out", tmp_path / "s", "--workers", "2"), ("schema",),
    ]  # fmt: skip
    tried = commands[: trials.size(len(commands), 1)]
    found = [watched(tmp_path, *words) for words in tried]
    told = [f"{words[0]}: {one}" for words, one in zip(tried, found, strict=True)]
    where = "without routes" if can_be_alone() else "with routes"
    trials.score("E5", f"commands that ask nothing of the net, {where}",
                 sum(not one["asked"] for one in found), len(tried), missed=told)  # fmt: skip
    trials.score("E6", "commands that listen nowhere",
                 sum(not one["listening"] for one in found), len(tried), missed=told)  # fmt: skip
    assert {Path(name).suffix for name in digests(out) if not name.startswith("inputs/")} <= FORMATS
    fetched = fetches(read(out, "report.en.html"))
    trials.score("E5", "fetches in a page", 1 if not fetched else 0, 1, seen=str(fetched))


def fetches(text: str) -> list[str]:
    """What a page would fetch or send when it is opened, or could."""
    page = Elements(text)
    outward = re.compile(r"\s*([a-z+.-]+:)?//|\s*(https?|ftp|javascript):", re.IGNORECASE)
    wrong = [f"{tag} {name}={value}" for tag, name, value in page.attributes
             if name in ("src", "href", "xlink:href", "srcset", "action", "poster", "data")
             and outward.match(value or "")]  # fmt: skip
    wrong += [tag for tag in ("iframe", "object", "embed", "link", "base", "form")
              if page.count[tag]]  # fmt: skip
    for style in re.findall(r"<style>(.*?)</style>", text, re.S):
        wrong += re.findall(r"@import|url\((?!\s*[\"']?(?:data:|#))[^)]*\)", style)
    own = min(page.scripts, key=len)  # the other one is the plotting library, under the same policy
    wrong += re.findall(r"fetch\(|XMLHttpRequest|WebSocket|import\(|sendBeacon|EventSource", own)
    return wrong
