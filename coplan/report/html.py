"""One self-contained HTML file: strict content policy, no request, light, dark, phone, print."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from coplan.report import svg

if TYPE_CHECKING:
    from coplan.report.house import HouseStyle


PLAIN_NUMBER = re.compile(r"[+\u2212-]?[\d,]+(\.\d+)?")
"""A number that the page's script can read from the text itself."""


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["rich"] = rich
    environment.tests["plain_number"] = lambda text: bool(PLAIN_NUMBER.fullmatch(text))
    return environment.from_string(_read("report.html.j2"))


def _read(name: str) -> str:
    return files("coplan.report").joinpath(f"templates/{name}").read_text(encoding="utf-8")


def rich(text: str) -> Markup:
    """Escaped text in which the subscript two, which the font lacks, is markup."""
    return Markup(str(escape(text)).replace("₂", "<sub>2</sub>"))


def page(data: dict[str, Any], figures: dict[str, str], tables: dict[str, str],
         year: dict[str, Any] | None, font: bytes,
         house: HouseStyle | None = None) -> str:  # fmt: skip
    """The whole page as text: `figures` and `tables` are SVG and CSV by figure id.

    `year` is the zoomable full-year chart (see `chart.document`), None for a page without one.
    """
    blocks = [block for section in data["sections"] for block in section["blocks"]]
    pictures = {block["id"]: Markup(svg.inline(figures[block["id"]], f"f-{block['id']}",
                                               block["alt"]))
                for block in blocks if block["kind"] == "figure"}  # fmt: skip
    content: dict[str, Any] = {"words": data["words"]["script"],
                               "figures": packed(json.dumps(tables, ensure_ascii=False).encode())}
    scripts = ["report.js", "tables.js"]
    if year is not None:
        values = year["values"]
        about = {key: value for key, value in year.items() if key != "values"}
        content["year"] = {"about": packed(json.dumps(about, ensure_ascii=False).encode()),
                           "values": packed(values)}  # fmt: skip
        scripts.append("year.js")
    for block in blocks:
        if block["kind"] == "explorer":
            content["explorer"] = block
            scripts.append("explorer.js")
    texts = [_read(name) for name in scripts]
    if year is not None:
        from coplan.report.chart import plotting_script

        texts.insert(0, plotting_script())
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data: blob:; "
        "font-src data:; style-src 'unsafe-inline'; script-src "
        + " ".join(f"'sha256-{_digest(text)}'" for text in texts)
    )
    return str(_template().render(
        r=data, figures=pictures, policy=policy, css=Markup(_read("report.css")), logo=_logo(house),
        font=base64.b64encode(font).decode("ascii"), year=year is not None,
        content=_data(json.dumps(content, ensure_ascii=False, separators=(",", ":"))),
        scripts=[Markup(text) for text in texts],
    ))  # fmt: skip


def packed(content: bytes) -> str:
    """Bytes as text that the page's script unpacks: zlib's form in base64."""
    return base64.b64encode(zlib.compress(content, 9)).decode("ascii")


def _logo(house: HouseStyle | None) -> str:
    """The logo as a data address; a picture in it cannot act."""
    if house is None or house.logo is None:
        return ""
    kind = {"svg": "image/svg+xml", "png": "image/png"}[house.logo.form]
    return f"data:{kind};base64,{base64.b64encode(house.logo.content).decode('ascii')}"


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _data(json_text: str) -> Markup:
    """JSON that cannot end its script element, whatever names stand in it."""
    return Markup(json_text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
