"""Reading a scenario: what is right is read with its sources, what is wrong is told at once."""

import sys

import pytest

from coplan.errors import InputError
from coplan.scenario import Assumption, data_files, read_scenario, write_inputs
from coplan.scenario.reader import find_root
from tests.scenario import toys

BASE = "scenarios/base.yaml"
WIND = "models/generators/onshore.yaml"
ZONE = "models/zones/jibei.yaml"
SYSTEM = "models/systems/toy.yaml"


def problems(overrides=(), path=BASE):
    """The problems of a scenario that must be refused."""
    with pytest.raises(InputError) as caught:
        read_scenario(path, overrides)
    return caught.value.problems


def test_a_scenario_is_read_with_every_card_it_names(world):
    scenario = read_scenario(BASE)
    assert scenario.spec.id == "base"
    assert scenario.spec.periods == (2027,)
    assert scenario.spec.targets.compute == {"fp16": 20000.0}
    assert scenario.system.mean_p == {2027: 1000.0}
    assert scenario.system.sites["zhangbei"].plants["wind"].approved_mw == 200.0
    assert scenario.cards["generators"]["onshore"].capex_cny_per_kw == 4500.0
    assert scenario.cards["zones"]["jibei"].export_allowed is False
    assert [file.name for file in scenario.files] == [
        "base.yaml", "toy.yaml", "jibei.yaml", "onshore.yaml",
    ]  # fmt: skip


def test_a_card_named_by_a_card_is_read_too(world):
    toys.change(world, WIND, "kind: wind", "kind: wind\nzone: far")
    (world / "models/zones/far.yaml").write_text(toys.ZONE, encoding="utf-8")
    assert sorted(read_scenario(BASE).cards["zones"]) == ["far", "jibei"]


def test_the_source_of_a_value_is_recorded_and_a_target_is_left_alone(world):
    assert read_scenario(BASE).assumptions == (
        Assumption("generators/onshore", "capex_cny_per_kw", "4500", "CNY/kW", "W36",
                   "published", "median"),
        Assumption("generators/onshore", "shape", "[1, 2, 3]", "dimensionless", "S1"),
        Assumption("scenarios/base", "options.wacc", "0.06", "dimensionless", "bank quote",
                   "measured"),
    )  # fmt: skip


def test_the_root_is_the_nearest_folder_with_models(world, monkeypatch):
    deep = world / "scenarios" / "north" / "old.yaml"
    assert find_root(deep) == world
    other = world.parent
    monkeypatch.chdir(other)
    assert read_scenario(world / BASE).spec.id == "base"
    assert read_scenario(world / BASE, root=world).root == world


def test_all_mistakes_of_all_files_are_told_at_once(world):
    toys.change(world, BASE, "gap: 0.01", "gap: 1.5")
    toys.change(world, SYSTEM, "approved_mw: 200 MW", "approved_mw: 2 GW")
    toys.change(world, WIND, "kind: wind", "kind: win")
    toys.change(world, ZONE, "0.6", "-0.6")
    assert {(p.file.replace("\\", "/"), p.line, p.key) for p in problems()} == {
        (BASE, 9, "options.gap"),
        (SYSTEM, 6, "sites.zhangbei.plants.wind.approved_mw"),
        (WIND, 3, "kind"),
        (ZONE, 2, "emission_factor_kg_per_kwh"),
    }


MISTAKES = [
    # file, old text, new text, line, key, words of the message, value shown
    (BASE, "id: base", "id: Base 1", 1, "id", "id of small letters", "Base 1"),
    (BASE, "id: base", "id: ../../etc/passwd", 1, "id", "id of small letters", "../../etc/passwd"),
    (BASE, "id: base\n", "", 1, "id", "is required", ""),
    (BASE, ", en: Base", "", 2, "title.en", "is required (English name)", ""),
    (BASE, "en: Base", "en: ''", 2, "title.en", "must not be empty", ""),
    (BASE, "system: toy", "system: tyo", 3, "system", "did you mean toy?", "tyo"),
    (BASE, "system: toy", "system: ../toy", 3, "system", "id of small letters", "../toy"),
    (BASE, "system: toy", "system: [toy]", 3, "system", "must be an id", "[toy]"),
    (BASE, "[2027]", "2027", 4, "periods", "must be a list", "2027"),
    (BASE, "[2027]", "[]", 4, "periods", "must not be empty", "[]"),
    (BASE, "[2027]", "[2030, 2027]", 4, "periods", "ascending", "[2030, 2027]"),
    (BASE, "[2027]", "[2027, 2061]", 4, "periods.1", "at most 2060", "2061"),
    (BASE, "[2027]", "[2027.5]", 4, "periods.0", "a whole number", "2027.5"),
    (BASE, "[2027]", "[2027]\nweather: typcal", 5, "weather", "must be typical", "typcal"),
    (BASE, "[2027]", "[2027]\nweather: [a, a]", 5, "weather", "twice", "[a, a]"),
    (BASE, "[2027]", "[2027]\npolicies: [hebei]", 5, "policies.0",
     "there is no card", "hebei"),
    (BASE, "value: 0.8", "value: 80", 6, "targets.green_share.value", "at most 1", "80"),
    (BASE, "annual", "yearly", 6, "targets.green_share.matching",
     "one of hourly, monthly, annual", "yearly"),
    (BASE, "fp16", "fp17", 7, "targets.compute.fp17", "one of fp16, fp32", "20000 P"),
    (BASE, "20000 P", "20000 MW", 7, "targets.compute.fp16", "in P", "20000 MW"),
    (BASE, "20000 P", "nan", 7, "targets.compute.fp16", "must be a number in P", "nan"),
    (BASE, "20000 P", "", 7, "targets.compute.fp16", "has no value", "nothing"),
    (BASE, "gap: 0.01", "gpa: 0.01", 9, "options.gpa", "did you mean gap?", "0.01"),
    (BASE, "gap: 0.01", "gap: 1e999", 9, "options.gap", "at most 1", "1e999"),
    (BASE, "gap: 0.01", "hours: 25", 9, "options.hours", "multiple of 24", "25"),
    (BASE, "gap: 0.01", "threads: 65", 9, "options.threads", "at most 64", "65"),
    (BASE, "gap: 0.01", "server_capex: 2", 9, "options.server_capex", "true or false", "2"),
    (BASE, "gap: 0.01", "time_limit_s: 5 MW", 9, "options.time_limit_s", "in s", "5 MW"),
    (BASE, "measured", "certain", 10, "options.wacc.confidence", "one of measured", "certain"),
    (BASE, "options:", "optoins:", 8, "optoins", "did you mean options?", "{gap"),
    (SYSTEM, "zone: jibei", "zone: jibie", 4, "sites.zhangbei.zone", "did you mean jibei?",
     "jibie"),
    (SYSTEM, "card: onshore", "card: offshore", 6, "sites.zhangbei.plants.wind.card",
     "did you mean onshore?", "offshore"),
    (SYSTEM, "200 MW", "200 MWh", 6, "sites.zhangbei.plants.wind.approved_mw",
     "not convertible to MW", "200 MWh"),
    (SYSTEM, "2027: 1", "next: 1", 9, "mean_p.next", "a whole number", "1 EFLOPS"),
    (SYSTEM, "  huailai:\n    zone: jibei\n", "  huailai:\n", 7, "sites.huailai",
     "has no value", "nothing"),
    (WIND, "kind: wind", "kind: hydro", 3, "kind", "one of wind, pv", "hydro"),
    (WIND, "4500", "4500 CNY/kWh", 4, "capex_cny_per_kw", "not convertible", "4500 CNY/kWh"),
    (WIND, "[1, 2, 3]", "[1, 2, 300]", 5, "shape.2", "at most 10", "300"),
    (WIND, "kind: wind", "kind: wind\nkind: pv", 4, "kind", "stands twice", ""),
    (ZONE, "no", "maybe", 3, "export_allowed", "true or false", "maybe"),
    (ZONE, "0.6", '{value: 0.6, source: ""}', 2, "emission_factor_kg_per_kwh.source",
     "where the value comes from", ""),
    (ZONE, "0.6", '{value: 0.6, source: {zh: 甲}}', 2, "emission_factor_kg_per_kwh.source",
     "the two keys zh and en", "{zh: 甲}"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "key", "words", "value"), MISTAKES, ids=[m[2] for m in MISTAKES]
)
def test_a_mistake_is_told_with_file_line_key_value_and_what_is_allowed(
    world, file, old, new, line, key, words, value
):
    toys.change(world, file, old, new)
    found = [
        p for p in problems() if (p.file.replace("\\", "/"), p.line, p.key) == (file, line, key)
    ]
    assert len(found) == 1
    assert words in found[0].message
    assert found[0].value.startswith(value)


def test_a_class_that_is_wrong_itself_does_not_hide_the_mistakes_in_its_cards(world):
    toys.change(world, BASE, "system: toy", "system: toy\nnonsense: 1")
    toys.change(world, SYSTEM, "name:", "nmae:")
    toys.change(world, WIND, "4500", "much")
    assert {p.key for p in problems()} == {"nonsense", "nmae", "name", "capex_cny_per_kw"}


class TestSet:
    """`--set key=value`."""

    def test_a_key_is_changed_on_top_of_the_file(self, world):
        spec = read_scenario(
            BASE,
            ["targets.green_share.value=0.9", "periods=[2027, 2030]", "options.hours=48",
             "title.en=Dear wind", "targets.pue={value: 1.25, scope: site}", "options.wacc=7 %",
             "note=", 'system="toy"'],
        ).spec  # fmt: skip
        assert spec.targets.green_share.value == 0.9
        assert spec.targets.green_share.matching == "annual"
        assert spec.periods == (2027, 2030)
        assert spec.options.hours == 48
        assert spec.title.en == "Dear wind"
        assert (spec.targets.pue.value, spec.targets.pue.scope) == (1.25, "site")
        assert spec.options.wacc == pytest.approx(0.07)
        assert spec.note is None

    def test_the_last_one_wins(self, world):
        assert read_scenario(BASE, ["options.gap=0.1", "options.gap=0.2"]).spec.options.gap == 0.2

    def test_a_new_value_does_not_keep_the_old_source(self, world):
        for text in ("options.wacc=0.05", "options.wacc.value=0.05"):
            scenario = read_scenario(BASE, [text])
            assert scenario.spec.options.wacc == 0.05
            assert {one.card for one in scenario.assumptions} == {"generators/onshore"}

    def test_a_card_is_changed_through_the_scenario(self, world):
        scenario = read_scenario(BASE, ["cards.generators/onshore.capex_cny_per_kw=4000"])
        assert scenario.cards["generators"]["onshore"].capex_cny_per_kw == 4000.0
        assert "capex_cny_per_kw" not in {one.key for one in scenario.assumptions}

    @pytest.mark.parametrize(
        ("text", "key", "words"),
        [
            ("periods", "", "key=value"),
            ("=1", "", "key=value"),
            ("a..b=1", "", "key=value"),
            ("periods.0=2030", "periods.0", "list is set as a whole"),
            ("note=a: b", "note", "quotes"),
            ("note=*x", "note", "aliases"),
            ("note=[1", "note", "not valid YAML"),
            ("note=!!int 1", "note", "tags"),
            ("options.gap=2", "options.gap", "at most 1"),
            ("options.gap.value=0.5", "options.gap.value", "unknown key"),
            ("optins.gap=0.5", "optins", "did you mean options?"),
            ("extends=base.yaml", "extends", "unknown key"),
        ],
    )
    def test_a_mistake_names_the_text_that_was_given(self, world, text, key, words):
        if text == "options.gap.value=0.5":
            key, words = "options.gap", "must be a number"
        found = problems([text])
        assert [(p.file, p.line, p.key) for p in found] == [(f"--set {text}", None, key)]
        assert words in found[0].message


class TestExtends:
    """A scenario on top of another one."""

    def write(self, world, name, text):
        path = world / "scenarios" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def test_mappings_merge_and_lists_replace(self, world):
        self.write(world, "green.yaml", "extends: base.yaml\nid: green\nperiods: [2030, 2035]\n"
                                        "targets: {green_share: {value: 0.95}}\n")  # fmt: skip
        spec = read_scenario("scenarios/green.yaml").spec
        assert (spec.id, spec.periods) == ("green", (2030, 2035))
        assert spec.targets.green_share.value == 0.95
        assert spec.targets.compute == {"fp16": 20000.0}
        assert spec.options.wacc == 0.06

    def test_chains_are_followed_and_every_file_is_listed(self, world):
        self.write(world, "a.yaml", "extends: base.yaml\nid: a\noptions: {gap: 0.02}\n")
        self.write(world, "deep/b.yaml", "extends: ../a.yaml\nid: b\noptions: {hours: 48}\n")
        scenario = read_scenario("scenarios/deep/b.yaml")
        assert (scenario.spec.options.gap, scenario.spec.options.hours) == (0.02, 48)
        assert [file.name for file in scenario.files[:3]] == ["b.yaml", "a.yaml", "base.yaml"]

    def test_a_mistake_is_told_in_the_file_where_it_stands(self, world):
        self.write(world, "a.yaml", "extends: base.yaml\nid: a\n\noptions: {hours: 25}\n")
        toys.change(world, BASE, "gap: 0.01", "gap: 7")
        found = {(p.file.replace("\\", "/"), p.line) for p in problems(path="scenarios/a.yaml")}
        assert found == {("scenarios/a.yaml", 4), (BASE, 9)}

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("extends: a.yaml\nid: a\n", "circle"),
            ("extends: b.yaml\nid: a\n", "circle"),
            ("extends: bsae.yaml\nid: a\n", "did you mean base.yaml"),
            ("extends: base.yaml\n", "id of its own"),
            ("extends: [base.yaml]\nid: a\n", "path of one scenario"),
            ("extends: .\nid: a\n", "folder"),
            ("extends: /dev/zero\nid: a\n", "must lie inside"),
            ("extends: https://example.org/a.yaml\nid: a\n", "nothing is fetched"),
            ("extends: ../../outside.yaml\nid: a\n", "must lie inside"),
        ],
    )
    def test_what_cannot_be_extended_is_refused(self, world, tmp_path, text, words):
        (tmp_path.parent / "outside.yaml").write_text(toys.SCENARIO, encoding="utf-8")
        self.write(world, "a.yaml", text)
        self.write(world, "b.yaml", "extends: a.yaml\nid: b\n")
        assert words in problems(path="scenarios/a.yaml")[0].message


class TestCards:
    """`cards:` of a scenario."""

    def test_a_change_merges_into_the_card_and_keeps_other_sources(self, world):
        toys.change(world, BASE, "options:", "cards:\n  generators/onshore:\n    shape: {value: "
                    "[4], source: quote, confidence: assumed}\noptions:")  # fmt: skip
        scenario = read_scenario(BASE)
        assert scenario.cards["generators"]["onshore"].shape == (4.0,)
        found = {one.key: one.source for one in scenario.assumptions}
        assert found == {"capex_cny_per_kw": "W36", "shape": "quote", "options.wacc": "bank quote"}

    @pytest.mark.parametrize(
        ("name", "value", "key", "words"),
        [
            ("generators/onshore", "{kind: hydro}", ".kind", "one of wind, pv"),
            ("generators/onshore", "{capx: 1}", ".capx", "unknown key"),
            ("generators/onshore", "4", "", "must be a mapping"),
            ("generators/onshroe", "{kind: pv}", "", "did you mean generators/onshore?"),
            ("onshore", "{kind: pv}", "", 'written as "kind/id"'),
            ("generator/onshore", "{kind: pv}", "", "did you mean generators?"),
            ("generators/../../x", "{kind: pv}", "", 'written as "kind/id"'),
        ],
    )
    def test_a_mistake_is_told_in_the_scenario(self, world, name, value, key, words):
        toys.change(world, BASE, "options:", f"cards:\n  {name}: {value}\noptions:")
        (problem,) = problems()
        assert (problem.file.replace("\\", "/"), problem.line) == (BASE, 9)
        assert problem.key == f"cards.{name}{key}"
        assert words in problem.message

    def test_nothing_means_no_change(self, world):
        toys.change(world, BASE, "options:", "cards: {generators/gone: null}\noptions:")
        assert read_scenario(BASE).spec.cards == {"generators/gone": None}

    @pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
    def test_a_card_that_is_a_link_out_of_models_is_refused(self, world):
        (world / "secret.yaml").write_text(toys.ZONE, encoding="utf-8")
        (world / ZONE).unlink()
        (world / ZONE).symlink_to(world / "secret.yaml")
        assert "leads out of models" in problems()[0].message


class TestEpw:
    """EPW files named by the scenario."""

    def test_paths_are_seen_from_the_file_that_names_them(self, world):
        (world / "z.epw").write_text("epw")
        (world / "scenarios/deep").mkdir()
        toys.change(world, BASE, "options:", "weather: {zhangbei: {epw: ../z.epw}}\noptions:")
        deep = world / "scenarios/deep/a.yaml"
        deep.write_text("extends: ../base.yaml\nid: a\n", encoding="utf-8")
        for path in (BASE, deep):
            (file,) = data_files(read_scenario(path)).values()
            assert file.resolve() == (world / "z.epw").resolve()

    @pytest.mark.parametrize(
        ("weather", "key", "words"),
        [
            ("{zhangbei: {epw: gone.epw}}", "zhangbei.epw", "no such file"),
            ("{zhangbei: {epw: .}}", "zhangbei.epw", "folder"),
            ("{zhangbei: {epw: /dev/zero}}", "zhangbei.epw", "must lie inside"),
            ('{zhangbei: {epw: "http://e.org/a.epw"}}', "zhangbei.epw", "nothing is fetched"),
            ('{zhangbei: {epw: "file:///etc/passwd"}}', "zhangbei.epw", "nothing is fetched"),
            ("{zhangbie: {epw: base.yaml}}", "zhangbie", "did you mean zhangbei?"),
            ("{zhangbei: {epw: base.yaml, wnd: epw}}", "zhangbei.wnd", "did you mean wind?"),
            ("{zhangbei: base.yaml}", "zhangbei", "a mapping with the keys epw, wind"),
            ("{}", "", "must not be empty"),
        ],
    )
    def test_what_is_no_epw_file_is_refused(self, world, weather, key, words):
        toys.change(world, BASE, "options:", f"weather: {weather}\noptions:")
        (problem,) = problems()
        assert problem.key == ".".join(filter(None, ["weather", key]))
        assert words in problem.message


class TestWriteInputs:
    """A run keeps what it read."""

    def test_what_is_written_reads_back_as_the_same_scenario(self, world, tmp_path):
        toys.change(world, BASE, "options:", "cards: {zones/jibei: {export_allowed: {value: yes, "
                    "source: rule, confidence: published}}}\nnote: 'no'\noptions:")  # fmt: skip
        toys.change(world, SYSTEM, "玩具", '"=HYPERLINK(1) <script>\\u202e 玩具: #"')
        (world / "scenarios/a.yaml").write_text("extends: base.yaml\nid: a\n", encoding="utf-8")
        scenario = read_scenario("scenarios/a.yaml", ["options.hours=48", "periods=[2030]"])
        written = write_inputs(scenario, tmp_path / "inputs")
        assert all(path.is_file() for path in written)
        again = read_scenario(tmp_path / "inputs/scenario.yaml", root=tmp_path / "inputs")
        assert again == scenario
        assert again.cards["zones"]["jibei"].export_allowed is True
        assert "extends" not in (tmp_path / "inputs/scenario.yaml").read_text(encoding="utf-8")

    def test_epw_files_are_copied_and_named_by_their_copies(self, world, tmp_path):
        (world / "z.epw").write_bytes(b"\xff epw")
        toys.change(world, BASE, "options:", "weather: {zhangbei: {epw: ../z.epw}}\noptions:")
        write_inputs(read_scenario(BASE), tmp_path / "inputs")
        (world / "z.epw").unlink()
        again = read_scenario(tmp_path / "inputs/scenario.yaml", root=tmp_path / "inputs")
        assert again.spec.weather["zhangbei"].epw == "data/epw/zhangbei.epw"
        assert data_files(again)["zhangbei"].read_bytes() == b"\xff epw"

    def test_nothing_is_overwritten(self, world, tmp_path):
        scenario = read_scenario(BASE)
        write_inputs(scenario, tmp_path / "inputs")
        with pytest.raises(FileExistsError):
            write_inputs(scenario, tmp_path / "inputs")


def test_later_checks_can_name_file_and_line_of_a_value(world):
    problem = read_scenario(BASE).problem("generators/onshore", ("capex_cny_per_kw",), "too dear")
    text = str(problem).replace("\\", "/")
    assert text == f"{WIND}:4: capex_cny_per_kw: too dear (found 4500)"
