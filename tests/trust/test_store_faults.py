"""A store whose writing ends at any step holds a result as a whole or not at all (C3)."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from mmap import mmap
from pathlib import Path

import pytest

from coplan.run import write_json
from coplan.study.store import OUTCOME, Store
from tests.trust.scoreboard import Trials
from tests.trust.test_nothing_lost import FAULTS, at_step, die, fail, nothing

pytestmark = pytest.mark.skipif(
    not hasattr(os, "fork"), reason="a worker that shall die is a copy of this process"
)
KEY = "k" * 32
TOLD = {"key": KEY, "status": "infeasible", "message": "m" * 10_000}
REFUSED = 3


def settle(folder: Path, text: str) -> None:
    """What a worker does with a result of two files, and with the note of a failure."""
    store = Store(folder)
    with store.making(KEY) as place:
        made = place / "result"
        (made / "tables").mkdir(parents=True)
        write_json(made / OUTCOME, TOLD)
        (made / "tables" / "sizes.csv").write_text(text, encoding="utf-8")
        store.commit(made, KEY)
    store.note_failure("other", {"cause": text, "exit_code": 1})


def ended(folder: Path, text: str, prepare: Callable[[], None]) -> int:
    """Exit code of a copy of this process that settles a result."""
    number = os.fork()
    if number:
        return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
    code = 99
    try:
        prepare()
        settle(folder, text)
        code = 0
    except OSError:
        code = REFUSED
    finally:
        os._exit(code)


def whole(store: Store, text: str) -> bool:
    """Whether what is in place is all there is of a result and of a note."""
    notes = [store.failure(KEY), store.failure("other")]
    told = [json.loads(path.read_text(encoding="utf-8")) for path in notes if path.exists()]
    if not store.has(KEY):
        return told == []
    found = (store.result(KEY) / "tables" / "sizes.csv").read_text(encoding="utf-8")
    return (store.outcome(KEY), found) == (TOLD, text) and told in (
        [], [{"cause": text, "exit_code": 1}])  # fmt: skip


@pytest.mark.parametrize("kind", ["killed", "refused"])
def test_a_result_is_whole_or_not_there_whatever_step_of_writing_fails(
    kind: str, tmp_path: Path, trials: Trials
) -> None:
    asked, text = mmap(-1, 4), "size,unit\n" * 5_000
    assert ended(tmp_path / "calm", text, at_step(0, nothing, asked)) == 0
    steps = int.from_bytes(asked[:4], "big")
    assert steps > 10
    missed = []
    for step in range(1, steps + 1):
        asked[:4] = bytes(4)
        folder = tmp_path / str(step)
        code = ended(folder, text,
                     at_step(step, die if kind == "killed" else fail(FAULTS[step % 4]), asked))
        held = whole(Store(folder), text)
        again = ended(folder, text, nothing)
        store = Store(folder)
        store.sweep_up()
        right = code in ((9,) if kind == "killed" else (0, REFUSED)) and again == 0
        left = list((folder / "making").iterdir())
        if not (held and right and store.has(KEY) and whole(store, text) and not left):
            missed.append(f"step {step}: {code}, then {again}; whole: {held}; left: {left}")
    trials.score("C3", f"steps of writing a result into a store, {kind}", steps - len(missed),
                 steps, missed=missed)  # fmt: skip
