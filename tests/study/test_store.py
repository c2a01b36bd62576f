"""A result is whole or not there, is written once, and its key is what it depends on."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from coplan.errors import VerificationError
from coplan.folders import put_in_place
from coplan.scenario.reader import read_scenario
from coplan.study.reader import read_study, read_variants
from coplan.study.store import Store, content_key, sha256
from coplan.study.work import Task, solve_variant
from tests.study.world import ROOT, write_study

QUICKSTART = ROOT / "scenarios" / "quickstart.yaml"


def made(store: Store, key: str, text: str) -> bool:
    """Put a result of one file into the store."""
    with store.making(key) as place:
        (place / "result").mkdir()
        (place / "result" / "outcome.json").write_text(text, encoding="utf-8")
        return store.commit(place / "result", key)


def test_the_second_of_two_results_with_one_key_is_dropped(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert made(store, "k", '{"status": "first"}')
    assert not made(store, "k", '{"status": "second"}')
    assert store.outcome("k") == {"status": "first"}
    assert list((tmp_path / "making").iterdir()) == []


def test_nothing_is_in_place_when_the_disk_refuses_half_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)

    def refuse(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(OSError, match="No space left"):
            made(store, "k", "{}")
    assert not store.has("k")
    assert list((tmp_path / "making").iterdir()) == []
    assert made(store, "k", "{}")


def test_a_result_takes_the_note_of_an_earlier_failure_away(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.note_failure("k", {"cause": "no answer", "exit_code": 1})
    assert store.failure_told("k") == {"cause": "no answer", "exit_code": 1}
    assert not store.has("k")
    made(store, "k", "{}")
    assert store.failure_told("k") == {}


def test_what_dead_processes_of_this_machine_left_is_swept_up(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.making("k") as mine:
        host = mine.name.partition("~")[0]
        dead, elsewhere = mine.with_name(f"{host}~999999999-k-x"), mine.with_name("other~1-k-x")
        dead.mkdir()
        elsewhere.mkdir()
        store.sweep_up()
        assert sorted(mine.parent.iterdir()) == sorted([mine, elsewhere])


def test_a_json_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    store, path = Store(tmp_path), tmp_path / "told.json"
    store.write_whole(path, {"a": 1})
    with pytest.raises(TypeError):
        store.write_whole(path, {"a": object()})
    assert json.loads(path.read_text(encoding="utf-8")) == {"a": 1}
    assert list((tmp_path / "making").iterdir()) == []


def test_the_last_of_two_comparisons_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for text in ("older", "newer"):
        with store.making("comparison") as place:
            (place / "new").mkdir()
            (place / "new" / "comparison.csv").write_text(text, encoding="utf-8")
            put_in_place(place / "new", tmp_path / "comparison")
    assert (tmp_path / "comparison" / "comparison.csv").read_text(encoding="utf-8") == "newer"
    assert list((tmp_path / "making").iterdir()) == []


def test_a_key_is_of_what_is_asked_and_not_of_how_it_is_written() -> None:
    def key(*overrides: str) -> str:
        return content_key(read_scenario(QUICKSTART, overrides))

    plain = key()
    assert key("targets.green_share.value=0.80") == plain
    assert key("options.hours=8760") == plain
    others = [
        key("targets.green_share.value=0.81"), key("options.gap=0.02"),
        key("cards.generators/onshore-wind.capex_cny_per_kw=4600"),
    ]  # fmt: skip
    assert len({plain, *others}) == 4


def test_a_key_changes_with_the_bytes_of_the_data() -> None:
    scenario = read_scenario(QUICKSTART)
    assert content_key(scenario, lambda path: sha256(path)) == content_key(scenario)
    assert content_key(scenario, lambda path: "other bytes") != content_key(scenario)


def test_a_key_changes_with_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    from coplan.study import store

    scenario = read_scenario(QUICKSTART)
    before = content_key(scenario)
    monkeypatch.setattr(store, "versions", lambda: {"highspy": "0.0"})
    assert content_key(scenario) != before
    monkeypatch.undo()
    monkeypatch.setattr(store, "code_digest", lambda: "other code")
    assert content_key(scenario) != before


def test_a_limit_that_leaves_no_plan_is_a_failure_and_not_a_result(tmp_path: Path) -> None:
    text = "ladder: {shares: [0.2]}\n"
    study = read_study(write_study(tmp_path, text), ["options.time_limit_s=1e-9"])
    scenario = read_variants(study)[0]
    key = content_key(scenario)
    task = Task(key, study.base.path, study.overrides, tmp_path / "out", 1e-9)
    receipt = solve_variant(task)
    assert receipt.exit_code == 4
    assert "no plan was found before the limit" in receipt.cause
    assert not Store(tmp_path / "out").has(key)
    assert task.deadline_s == 30.0 + 1.5e-9  # 1.5 times the limit and half a minute


def test_a_plan_that_the_audit_rejects_is_kept_beside_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import coplan.run

    def rejected(path: Path, settings: object, out: Path, **_: object) -> None:
        kept = out.with_name(f"{out.name}-rejected")
        kept.mkdir()
        (kept / "plan.nc").write_text("wrong", encoding="utf-8")
        raise VerificationError("the balance of hour 7 is off")

    monkeypatch.setattr(coplan.run, "run_scenario", rejected)
    receipt = solve_variant(Task("k", QUICKSTART, (), tmp_path, 1.0))
    assert (receipt.cause, receipt.exit_code) == ("the balance of hour 7 is off", 5)
    assert not Store(tmp_path).has("k")
    kept = tmp_path / "failures" / "k" / "plan.nc"
    assert kept.read_text(encoding="utf-8") == "wrong"
    assert list((tmp_path / "making").iterdir()) == []
