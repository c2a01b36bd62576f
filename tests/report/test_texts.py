"""The catalogue is complete, and numbers are written as planners write them."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from coplan.elements.targets import CLAUSES
from coplan.report import fonts, numbers, prose
from coplan.report.catalogue import LANGUAGES, PLACEHOLDER, CatalogueError, Locale, entries
from coplan.report.model import Listing, Name, say
from coplan.report.numbers import Amount, show


def test_every_text_stands_in_both_languages() -> None:
    for key, texts in entries().items():
        assert set(texts) == set(LANGUAGES), key
        assert all(text.strip() for text in texts.values()), key


def test_both_languages_have_the_same_placeholders() -> None:
    for key, texts in entries().items():
        zh, en = (sorted(set(PLACEHOLDER.findall(texts[lang]))) for lang in LANGUAGES)
        assert zh == en, key


def test_the_font_has_every_character_of_the_catalogue() -> None:
    for key, texts in entries().items():
        for text in texts.values():
            assert not fonts.missing(text), (key, fonts.missing(text))


def test_chinese_texts_use_chinese_punctuation() -> None:
    for key, texts in entries().items():
        outside_units = re.sub(r"(?:^|\s)\([^()]*\)", "", texts["zh"])
        assert not re.search(r"[,;:]", outside_units), key


def test_every_text_the_code_asks_for_exists() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("", "sections", "figures")
        for path in files("coplan.report").joinpath(folder).iterdir()
        if path.name.endswith(".py")
    )
    asked = set(re.findall(r'(?:say|text|axis)\(\s*"([a-z_]+\.[a-z_.]+[a-z_])"', source))
    assert len(asked) > 100
    assert asked <= set(entries()), asked - set(entries())


def test_every_text_is_used_somewhere() -> None:
    places = [files("coplan.report").joinpath(p) for p in ("", "sections", "figures")]
    places.append(files("coplan.explain"))
    source = "".join(path.read_text(encoding="utf-8") for place in places
                     for path in place.iterdir() if path.name.endswith(".py"))  # fmt: skip
    for key in entries():
        last = key.rsplit(".", 1)[1]
        stems = (last, last.rsplit("_", 1)[0], key.rsplit(".", 1)[0])
        assert any(stem in source for stem in stems), key


def test_a_missing_text_or_value_is_an_error() -> None:
    locale = Locale("zh")
    with pytest.raises(CatalogueError):
        locale.text("no.such.key")
    with pytest.raises(CatalogueError):
        locale.text("mix.wind")
    with pytest.raises(CatalogueError):
        Locale("fr")


def test_names_with_braces_are_never_filled() -> None:
    name = Name("{power} {0} {{x}}", "{power} {0} {{x}}")
    assert Locale("en").show(Listing((name, say("mix.wind", power=name)))) == (
        "{power} {0} {{x}}, {power} {0} {{x}} of wind"
    )


@pytest.mark.parametrize(
    ("value", "kind", "zh", "en"),
    [
        (2.69e9, "money", "26.9 亿元", "CNY 2.69 bn"),
        (4.1e6, "money", "410 万元", "CNY 4.10 M"),
        (-4.1e6, "money", "\u2212410 万元", "\u2212CNY 4.10 M"),
        (9500.0, "money", "9,500 元", "CNY 9,500"),
        (340.0, "power", "340 MW", "340 MW"),
        (1340.0, "power", "1.34 GW", "1.34 GW"),
        (989_000.0, "energy", "989 GWh", "989 GWh"),
        (0.897, "percent", "89.7%", "89.7%"),
        (0.8, "percent_limit", "80%", "80%"),
        (1.25, "limit", "1.25", "1.25"),
        (1.1216, "pue", "1.122", "1.122"),
        (398.2, "price", "398 元/MWh", "398 CNY/MWh"),
        (26800.0, "compute", "26.8 EFLOPS", "26.8 EFLOPS"),
        (float("nan"), "money", "–", "–"),
        (2027.0, "year", "2027", "2027"),
        (3.2e-7, "small", "3.2e\u22127", "3.2e\u22127"),
    ],
)
def test_amounts_read_as_planners_write_them(value: float, kind: str, zh: str, en: str) -> None:
    assert show(Amount(value, kind), "zh") == zh
    assert show(Amount(value, kind), "en") == en


def test_minus_is_the_mathematical_sign_and_zero_has_none() -> None:
    assert numbers.plain(-1234.5, 1) == "\u22121,234.5"
    assert numbers.plain(-0.0001, 1) == "0.0"
    assert numbers.plain(12.0, 0, signed=True) == "+12"


def test_days_become_dates() -> None:
    assert Locale("zh").date(16) == "1月16日"
    assert Locale("en").date(365) == "31 Dec"


def test_every_kind_of_clause_has_a_name_and_a_format() -> None:
    for kind in CLAUSES:
        assert f"compliance.{kind}" in entries(), kind
    for value, slack in prose.FORMAT.values():
        assert {value, slack} <= set(numbers.KINDS)
    assert set(prose.MISSED.values()) <= set(numbers.KINDS)


MISSED = {
    ("own_supply_share", "mwh", 1200.0): ("1.20 GWh", "1.20 GWh"),
    ("ramp_limit", "mw", 2.5): ("2.5 MW/h", "2.5 MW/h"),
    ("energy_budget", "tce", 900.0): ("900 吨标准煤", "900 tce"),
    ("water", "m3", 30.0): ("30 m³", "30 m³"),
}


@pytest.mark.parametrize(("row", "words"), MISSED.items(), ids=[row[0] for row in MISSED])
def test_a_soft_clause_says_what_it_is_missed_by_and_what_that_costs(row, words) -> None:
    kind, unit, missed = row
    status = prose.clause_status({"kind": kind, "status": "missed", "missed": missed,
                                  "missed_unit": unit, "penalty_cny": 36000.0})  # fmt: skip
    assert status.level == "warn"
    assert Locale("zh").show(status.word) == f"软约束：差 {words[0]}，年罚项 3.60 万元"
    assert Locale("en").show(status.word) == (
        f"soft: missed by {words[1]}, penalty CNY 36.0 k a year"
    )
