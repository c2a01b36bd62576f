"""One self-contained HTML file: strict content policy, no request, light, dark, phone, print."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from coplan.report import svg
from coplan.report.catalogue import Locale
from coplan.report.facts import Facts

if TYPE_CHECKING:
    from coplan.report.house import HouseStyle


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["rich"] = rich
    return environment.from_string(_read("report.html.j2"))


def _read(name: str) -> str:
    return files("coplan.report").joinpath(f"templates/{name}").read_text(encoding="utf-8")


def rich(text: str) -> Markup:
    """Escaped text in which the subscript two, which the font lacks, is markup."""
    return Markup(str(escape(text)).replace("₂", "<sub>2</sub>"))


def page(data: dict[str, Any], figures: dict[str, str], font: bytes, facts: Facts | None,
         locale: Locale, house: HouseStyle | None = None) -> str:  # fmt: skip
    """The whole page as text; `facts` bring the zoomable full-year chart."""
    pictures = {block["id"]: Markup(svg.inline(figures[block["id"]], f"f-{block['id']}",
                                               block["alt"]))
                for section in data["sections"] for block in section["blocks"]
                if block["kind"] == "figure"}  # fmt: skip
    plotting, year = "", None
    if facts is not None:
        from coplan.report import chart

        plotting, year = chart.plotting_script(), _data(chart.document(facts, locale))
    scripts = [s for s in (plotting, _read("report.js")) if s]
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data: blob:; "
        "font-src data:; style-src 'unsafe-inline'; script-src "
        + " ".join(f"'sha256-{_digest(s)}'" for s in scripts)
    )
    return str(_template().render(
        r=data, figures=pictures, policy=policy, css=Markup(_read("report.css")), logo=_logo(house),
        font=base64.b64encode(font).decode("ascii"), year=year,
        scripts=[Markup(s) for s in scripts],
    ))  # fmt: skip


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
