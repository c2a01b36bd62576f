"""PDF by Typst: the template reads the report as JSON; nothing is formatted into it."""

from __future__ import annotations

import json
import shutil
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from coplan.report.style import font_file

if TYPE_CHECKING:
    from coplan.report.house import HouseStyle

LOGO = "house-logo"
"""Name of the logo's file beside the template."""


def write(data: dict[str, Any], figures: dict[str, str], path: Path,
          house: HouseStyle | None = None) -> None:  # fmt: skip
    """Write one PDF/A-2a + UA-1 file; `figures` holds figure id -> SVG text."""
    with TemporaryDirectory() as name:
        root = Path(name)
        template = files("coplan.report").joinpath("templates/report.typ")
        with as_file(template) as source:
            shutil.copyfile(source, root / "report.typ")
        (root / "report.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        for figure, svg in figures.items():
            (root / f"{figure}.svg").write_text(svg, encoding="utf-8")
        if house is not None and house.logo is not None:
            (root / f"{LOGO}.{house.logo.form}").write_bytes(house.logo.content)
        content = _compiled(root)
    path.write_bytes(content)


def try_picture(form: str, content: bytes) -> None:
    """Raise ValueError (a sentence) for a picture, svg or png, that a PDF cannot hold."""
    source = (f'#set document(title: "logo", date: datetime(year: 2000, month: 1, day: 1))\n'
              f'#image("{LOGO}.{form}", alt: "logo")')  # fmt: skip
    with TemporaryDirectory() as name:
        root = Path(name)
        (root / "report.typ").write_text(source, encoding="utf-8")
        (root / f"{LOGO}.{form}").write_bytes(content)
        try:
            _compiled(root)
        except RuntimeError as error:
            raise ValueError(f"the picture cannot be drawn: {error}") from error


def _compiled(root: Path) -> bytes:
    import matplotlib
    import typst

    fonts = [str(Path(font_file()).parent), str(Path(matplotlib.get_data_path(), "fonts/ttf"))]
    content: bytes = typst.compile(
        str(root / "report.typ"), root=str(root), font_paths=fonts, ignore_system_fonts=True,
        pdf_standards=["a-2a", "ua-1"], format="pdf",
    )  # fmt: skip
    return content
