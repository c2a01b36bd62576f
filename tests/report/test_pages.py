"""The rendered files: complete, self-contained, inert, and the same bytes every time."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from coplan.report import write_report
from tests.report.fake_plan import fake_audit, fake_kpis, fake_plan

HOSTILE = (
    "<script>alert(1)</script> $a_b$ #let x=1 *b* \\ {{7*7}} ${7} ]] @r `c` "
    "& \"q\" 'p' </style> <!--"
)
LANGUAGES = ("zh", "en")


class Elements(HTMLParser):
    """Counts elements and keeps attributes, scripts and what stands outside them."""

    def __init__(self, text: str):
        super().__init__()
        self.count: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.scripts: list[str] = []
        self.text: list[str] = []
        self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] += 1
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag in ("script", "style"):
            self.inside = "json" if dict(attrs).get("type") == "application/json" else tag
            self.scripts += [""] if self.inside == "script" else []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "script":
            self.scripts[-1] += data
        elif not self.inside:
            self.text.append(data)


def read(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def test_every_document_is_there(rendered: Path) -> None:
    for lang in LANGUAGES:
        pdf = (rendered / f"report.{lang}.pdf").read_bytes()
        assert pdf.startswith(b"%PDF-")
        assert 100_000 < len(pdf) < 2_000_000
        assert 500_000 < (rendered / f"report.{lang}.html").stat().st_size < 3_000_000


def test_every_figure_has_its_data_and_a_name_for_those_who_cannot_see_it(rendered: Path) -> None:
    for lang in LANGUAGES:
        svgs = sorted((rendered / "figures").glob(f"*.{lang}.svg"))
        assert len(svgs) == 14
        for svg in svgs:
            rows = read(rendered, f"figures/{svg.name.split('.')[0]}.csv").splitlines()
            assert len(rows) >= 2
            assert len({row.count(",") for row in rows}) == 1
        page = read(rendered, f"report.{lang}.html")
        names = re.findall(r'<svg [^>]*role="img" aria-label="([^"]{20,})"', page)
        assert len(names) == len(svgs)


def test_chapters_come_in_the_order_of_a_feasibility_study(rendered: Path) -> None:
    order = re.findall(r'<section id="s-([a-z]+)"', read(rendered, "report.zh.html"))
    assert order == ["summary", "alternatives", "compute", "power", "cooling", "operation",
                     "money", "finance", "compliance", "prices", "assumptions", "proof",
                     "appendix"]  # fmt: skip


def test_the_page_asks_for_nothing_outside_itself(rendered: Path) -> None:
    for lang in LANGUAGES:
        page = Elements(read(rendered, f"report.{lang}.html"))
        for tag, name, value in page.attributes:
            if name in ("src", "href", "xlink:href", "action", "srcset"):
                assert not re.match(r"\s*(https?:|//|javascript:)", value or ""), (tag, value)
        assert not page.count["link"] + page.count["iframe"] + page.count["object"]


def test_only_scripts_named_in_the_policy_may_run(rendered: Path) -> None:
    page = Elements(read(rendered, "report.zh.html"))
    policy = next(v for _, n, v in page.attributes if n == "content" and v and "script-src" in v)
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1]
    assert len(page.scripts) == 4  # Bokeh, the page, its tables, the year
    for script in page.scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]


def test_ids_are_unique_within_a_page(rendered: Path) -> None:
    page = Elements(read(rendered, "report.zh.html"))
    ids = Counter(value for _, name, value in page.attributes if name == "id")
    assert not [name for name, count in ids.items() if count > 1]


def test_rendering_again_gives_the_same_bytes(rendered: Path, tmp_path: Path) -> None:
    plan = fake_plan()
    write_report(plan, fake_kpis(plan), fake_audit(), tmp_path)
    files = sorted(p.relative_to(rendered) for p in rendered.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    for name in files:
        assert (rendered / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_hostile_text_prints_literally(rendered: Path, tmp_path: Path,
                                       caplog: pytest.LogCaptureFixture) -> None:  # fmt: skip
    plan = fake_plan(title={"zh": HOSTILE, "en": HOSTILE}, site_name=HOSTILE)
    write_report(plan, fake_kpis(plan), fake_audit(), tmp_path, ("en",))
    clean = Elements(read(rendered, "report.en.html"))
    page = Elements(read(tmp_path, "report.en.html"))
    assert page.count == clean.count
    assert sum(HOSTILE in text for text in page.text) >= 3
    assert not caplog.records
    assert (tmp_path / "report.en.pdf").read_bytes().startswith(b"%PDF-")


def test_hostile_site_names_print_literally_in_figures(tmp_path: Path) -> None:
    plan = fake_plan(sites=2, site_name="</text><script>x</script> $\\frac{1}{2}$", hours=336)
    write_report(plan, fake_kpis(plan), fake_audit(), tmp_path, ("zh",))
    picture = read(tmp_path, "figures/sites.zh.svg")
    assert "&lt;/text&gt;&lt;script&gt;x&lt;/script&gt; $\\frac{1}{2}$" in picture
    assert "<script" not in picture


def test_a_character_the_font_lacks_is_marked_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plan = fake_plan(title={"zh": "张北\U0001f980", "en": "Zhangbei\U0001f980"}, hours=336)
    write_report(plan, fake_kpis(plan), fake_audit(), tmp_path, ("en",))
    assert "Zhangbei□" in read(tmp_path, "report.en.html")
    assert "U+1F980" in caplog.text


def test_nothing_that_varies_from_run_to_run_is_printed(rendered: Path) -> None:
    text = " ".join(Elements(read(rendered, "report.en.html")).text)
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b", text)
    assert "second" not in text.lower()


@pytest.mark.slow
def test_no_missing_glyph_is_logged(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    plan = fake_plan(hours=336, violated=True)
    write_report(plan, fake_kpis(plan), fake_audit(passed=False), tmp_path)
    assert not caplog.records
