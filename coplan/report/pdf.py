"""PDF by Typst: the template reads the report as JSON; nothing is formatted into it."""

from __future__ import annotations

import json
import shutil
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from coplan.report.style import font_file


def write(data: dict[str, Any], figures: dict[str, str], path: Path) -> None:
    """Write one PDF/A-2a + UA-1 file; `figures` holds figure id -> SVG text."""
    import matplotlib
    import typst

    with TemporaryDirectory() as name:
        root = Path(name)
        template = files("coplan.report").joinpath("templates/report.typ")
        with as_file(template) as source:
            shutil.copyfile(source, root / "report.typ")
        (root / "report.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        for figure, svg in figures.items():
            (root / f"{figure}.svg").write_text(svg, encoding="utf-8")
        fonts = [str(Path(font_file()).parent), str(Path(matplotlib.get_data_path(), "fonts/ttf"))]
        content = typst.compile(
            str(root / "report.typ"), root=str(root), font_paths=fonts, ignore_system_fonts=True,
            pdf_standards=["a-2a", "ua-1"], format="pdf",
        )  # fmt: skip
    path.write_bytes(content)
