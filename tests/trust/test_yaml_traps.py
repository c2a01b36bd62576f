"""What other YAML readers turn into something else keeps its meaning here, or is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from coplan.errors import InputError
from coplan.scenario import read_scenario
from tests.acceptance.command import ROOT

BASE = (ROOT / "scenarios" / "quickstart.yaml").read_text(encoding="utf-8")
TAIL = "options: {gap: 0.01}\n"


class Trap(NamedTuple):
    """Text in place of the last line of a scenario; the key whose value is read, and what it is.

    `told` are words of the message where the trap is refused instead.
    """

    text: str
    key: str = ""
    value: Any = None
    told: str = ""


def note(text: str) -> Trap:
    """Text that stays text."""
    return Trap(f"# {TAIL}note: {text}\n", "note", text)


def option(key: str, text: str, value: Any) -> Trap:
    """An option that is read as what it says."""
    return Trap(f"options: {{{key}: {text}}}\n", f"options.{key}", value)


def refused(text: str, told: str) -> Trap:
    """An option that is refused with words that name the key and what is allowed."""
    return Trap(f"options: {text}\n", "", None, told)


TRAPS = {
    "no": note("no"),
    "on": note("on"),
    "yes": note("yes"),
    "NO, the country": note("NO"),
    "no as a truth": option("server_capex", "no", False),
    "on as a truth": option("server_capex", "on", True),
    "NO as a key": refused("{NO: 1}", "options.NO: unknown key"),
    "1e3": option("time_limit_s", "1e3", 1000.0),
    "22:30, not 1350": note("22:30"),
    "22:30 for a number": refused(
        "{time_limit_s: 22:30}", "options.time_limit_s: must be a number"
    ),
    "08:00": note("08:00"),
    "12:30:45, not 45045": note("12:30:45"),
    "010, not 8": option("threads", "010", 10),
    "0o17": refused("{threads: 0o17}", "options.threads: must be a whole number"),
    "0x1F": refused("{time_limit_s: 0x1F}", "options.time_limit_s: must be a number"),
    "2030-01-01, no date": note("2030-01-01"),
    ".nan": refused("{wacc: .nan}", "options.wacc: must be a number"),
    ".inf": refused("{time_limit_s: .inf}", "options.time_limit_s: must be a number"),
    "1e999": refused("{time_limit_s: 1e999}", "options.time_limit_s: must be"),
    "a key twice": refused("{gap: 0.01, gap: 0.5}", "options.gap: this key stands twice"),
    "an alias": refused("{gap: *g}", "aliases (*) are not allowed"),
    "an anchor": refused("{gap: &g 0.01}", "anchors (&) are not allowed"),
    "a merge key": refused("{<<: {gap: 0.5}}", "merge keys (<<) are not allowed"),
    "a tag": refused("{gap: !!float 1}", "tags (!) are not allowed"),
    "1_000, not a thousand": refused("{time_limit_s: 1_000}", "options.time_limit_s: must be"),
    "1_0, a whole number": option("threads", "1_0", 10),
    "+5": option("time_limit_s", "+5", 5.0),
    "~": Trap(TAIL + "note: ~\n", "note", None),
    "~ for a number": refused("{gap: ~}", "options.gap: has no value"),
    "a quoted null is text": Trap(TAIL + 'note: "null"\n', "note", "null"),
    "1,5": refused('{wacc: "1,5"}', "options.wacc: must be"),
    "1,5 without quotes": refused("{gap: 0,5}", "options.5: unknown key"),
    "full-width digits": refused("{threads: １２}", "options.threads: must be a whole number"),
    "a per cent sign": option("wacc", "6 %", 0.06),
    "two documents": Trap(TAIL + "---\nid: second\n", "", None, "one file holds one document"),
    "a tab": Trap("options:\n\tgap: 0.01\n", "", None, "a tab stands where spaces belong"),
    "a byte order mark": Trap("\ufeff" + TAIL, "options.gap", 0.01),
    "=": note("="),
    "1.10 stays 1.10": note("1.10"),
}


def seen(trap: Trap, folder: Path) -> str:
    """What became of a trap, where that is not what it must be; empty when it is."""
    text = BASE.replace(TAIL, trap.text.removeprefix("\ufeff"))
    if trap.key == "note":
        text = text[: text.index("note:")] + text[text.index("system:") :]
    start = "\ufeff" if trap.text.startswith("\ufeff") else ""
    (folder / "trap.yaml").write_text(start + text, encoding="utf-8")
    try:
        found: Any = read_scenario(folder / "trap.yaml", root=ROOT).spec
    except InputError as error:
        line = text.count("\n", 0, text.index(trap.text.removeprefix("\ufeff"))) + 1
        near = any((one.line or 0) >= line for one in error.problems)
        return "" if trap.told and trap.told in str(error) and near else str(error)
    for part in trap.key.split(".") if trap.key else ():
        found = getattr(found, part)
    kept = not trap.told and found == trap.value and type(found) is type(trap.value)
    return "" if kept else f"read as {found!r}"


def test_what_other_readers_change_keeps_its_meaning_or_is_refused(
    tmp_path: Path, trials: Any
) -> None:
    names = list(TRAPS)
    wrong = {name: why for name in names if (why := seen(TRAPS[name], tmp_path))}
    assert len(TRAPS) >= 24
    trials.score(
        "B3",
        "YAML traps",
        len(names) - len(wrong),
        len(names),
        1.0,
        "; ".join(wrong) or "kept as written, or refused with line and key",
        [f"{name}: {why}" for name, why in wrong.items()],
    )
