"""A house template: what is refused, and where its name, logo and colour show."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import pytest

from coplan import cli
from coplan.errors import InputError
from coplan.report import write_report
from coplan.report.house import (
    DARK_SHADE,
    LEAST_CONTRAST,
    SHADE,
    HouseTemplate,
    contrast,
    lightened,
    read_house,
)  # fmt: skip
from tests.report.fake_plan import fake_audit, fake_kpis, fake_plan

SVG = ('<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
       'viewBox="0 0 20 10">{}</svg>')  # fmt: skip
PLAIN = ('<defs><linearGradient id="g"><stop offset="1" stop-color="#1f4e9e"/></linearGradient>'
         '<path id="p" d="M0 0H9V9Z"/></defs><rect width="20" height="10" fill="url(#g)"/>'
         '<use xlink:href="#p" fill="#fff"/>')  # fmt: skip
FULL = """\
organisation: {zh: 张家口市能源规划院, en: Zhangjiakou <b>Energy</b> "Institute"}
logo: mark.svg
accent: "#1f4e9e"
department: {zh: 算电协同室, en: Compute and power group}
authors: [张三, "{x} & co"]
document_number: ZJK-2026-017
confidentiality: {zh: 内部资料, en: Internal}
"""


def png(width: int = 2, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x1f\x4e\x9e" * 2) * 2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def template(folder: Path, text: str = FULL, logo: str | bytes = SVG.format(PLAIN)) -> Path:
    content = logo.encode("utf-8") if isinstance(logo, str) else logo
    (folder / "mark.svg").write_bytes(content)
    (folder / "mark.png").write_bytes(content)
    path = folder / "house.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_house(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("organization: x", ":1: organization: unknown key; did you mean organisation?"),
        ("organisation: {zh: 院}", ":1: organisation.en: this key is required"),
        ("accent: green", ":1: accent: "),
        ("accent: '#9fd3c7'", "the contrast is 1.5, at least 4.5 is needed"),
        ("logo: ../mark.svg", "must lie in the folder of the template"),
        ("logo: /etc/hostname", "must lie in the folder of the template"),
        ("logo: mark.gif", "must name an .svg or a .png file"),
        ("logo: none.svg", "there is no such file"),
        ("authors: []\nauthors: [a]", ":2: "),
        ("document_number: ''", "must not be empty"),
    ],
)
def test_a_wrong_key_is_one_message_with_its_line(tmp_path: Path, line: str, words: str) -> None:
    found = refused(template(tmp_path, line + "\n"))
    assert words in found
    assert "house.yaml" in found


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ("<foreignObject/>", "<foreignObject>"),
        ('<image href="http://x.example/a.png"/>', "<image>"),
        ('<animate attributeName="x"/>', "<animate>"),
        ('<rect onload="alert(1)"/>', "onload"),
        ('<use href="http://x.example/a.svg#b"/>', "outside itself"),
        ('<use xlink:href="file:///etc/passwd#b"/>', "outside itself"),
        ('<rect fill="url(http://x.example/a)"/>', "outside itself"),
        ('<rect style="fill:url( \'//x.example\' )"/>', "outside itself"),
        ("<style>@import 'http://x.example/a.css';</style>", "@-rule"),
        ("<style>rect{fill:u\\72l(//x.example)}</style>", "backslash"),
        ('<g xml:base="http://x.example/"/>', "xml:base"),
        ("<text>x</text>", "turn it into paths"),
        ('<p xmlns="http://www.w3.org/1999/xhtml"/>', "another language"),
        ('<use id="a" href="#b"/><use id="b" href="#a"/>', "in a circle"),
        ("".join(f'<g id="n{i}">' + f'<use href="#n{i + 1}"/>' * 10 + "</g>" for i in range(9))
         + '<path id="n9" d="M0 0"/>', "more than 20000 shapes"),
        ("".join(f'<use id="n{i}" href="#n{i + 1}"/>' for i in range(3000)), "more than 20000"),
        ("<g>" * 80 + "</g>" * 80, "nested deeper"),
        ("<rect>", "no well-formed SVG"),
    ],
)  # fmt: skip
def test_an_svg_that_could_act_or_reach_out_is_refused(
    tmp_path: Path, inside: str, words: str
) -> None:
    assert words in refused(template(tmp_path, "logo: mark.svg\n", SVG.format(inside)))


@pytest.mark.parametrize(
    ("logo", "words"),
    [
        ("<!DOCTYPE svg [<!ENTITY a 'b'>]>" + SVG.format("&a;"), "DOCTYPE"),
        ('<?xml-stylesheet href="http://x.example/a.css"?>' + SVG.format(""), "instruction"),
        ("<svg/>", "another language"),
        ("x" * 300_000, "larger than 0.25 MiB"),
    ],
)
def test_a_file_that_is_no_plain_svg_is_refused(tmp_path: Path, logo: str, words: str) -> None:
    assert words in refused(template(tmp_path, "logo: mark.svg\n", logo))


@pytest.mark.parametrize(
    ("logo", "words"),
    [
        (b"GIF89a" + b"x" * 40, "no PNG"), (png(90_000), "at most 4000"),
        (png()[:50], "damaged"), (SVG.format(PLAIN).encode(), "no PNG"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_sensible_png_is_refused(
    tmp_path: Path, logo: bytes, words: str
) -> None:
    assert words in refused(template(tmp_path, "logo: mark.png\n", logo))


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "secret.svg").write_text(SVG.format(PLAIN), encoding="utf-8")
    path = template(tmp_path / "a", "logo: link.svg\n")
    try:
        (tmp_path / "a" / "link.svg").symlink_to(tmp_path / "secret.svg")
    except OSError:
        pytest.skip("this system lets nobody make links")
    assert "must lie in the folder" in refused(path)


def test_colours_keep_their_contrast_in_both_themes() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    for colour in ("#0b6e4f", "#1f4e9e", "#000000", "#7a0019"):
        assert contrast(colour, SHADE) >= LEAST_CONTRAST
        assert contrast(lightened(colour), DARK_SHADE) >= LEAST_CONTRAST


@pytest.mark.slow
def test_the_template_shows_in_page_and_pdf_and_its_text_is_literal(
    tmp_path: Path, rendered: Path
) -> None:
    plan = fake_plan(hours=24)
    house = read_house(template(tmp_path))
    write_report(plan, fake_kpis(plan), fake_audit(), tmp_path / "one", ("en",), house)
    page = (tmp_path / "one" / "report.en.html").read_text(encoding="utf-8")
    assert "Zhangjiakou &lt;b&gt;Energy&lt;/b&gt; &#34;Institute&#34;" in page
    assert "<b>Energy" not in page
    assert "Prepared by 张三, {x} &amp; co" in page
    assert 'src="data:image/svg+xml;base64,' in page
    assert ":root { --accent: #1f4e9e; }" in page
    assert f'[data-theme="dark"] {{ --accent: {house.accent_dark}; }}' in page
    plain = (rendered / "report.en.html").read_text(encoding="utf-8")
    assert "1f4e9e" not in plain
    assert 'class="house"' not in plain


def test_every_key_but_one_may_be_left_out(tmp_path: Path) -> None:
    house = read_house(template(tmp_path, "logo: mark.png\n", png()))
    plan = fake_plan(hours=24)
    write_report(plan, fake_kpis(plan), fake_audit(), tmp_path / "r", ("zh",), house)
    assert (tmp_path / "r" / "report.zh.pdf").stat().st_size > 50_000


def test_the_schema_of_templates_names_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["schema", "--template"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["properties"]) == set(HouseTemplate.model_fields)
    assert all(entry["description"] for entry in found["properties"].values())
    assert cli.main(["schema", "--template", "--study"]) == 2


def test_a_wrong_template_ends_a_run_before_it_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = template(tmp_path, "accent: '#ffff00'\n")
    code = cli.main(["run", str(tmp_path / "none.yaml"), "--template", str(path)])
    assert code == 2
    assert "accent" in capsys.readouterr().err
