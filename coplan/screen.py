"""What a command shows on a terminal: lines, complaints and the key figures of a run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from coplan.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SUMMARY = (
    ("status", "status", ""),
    ("gap", "gap", "%"),
    ("cost", "cost_cny", "CNY/a"),
    ("energy cost", "energy_cost_cny", "CNY/a"),
    ("cost of IT energy", "cost_cny_per_mwh_it", "CNY/MWh"),
    ("green share", "green_share", "%"),
    ("green share by the hour", "green_share_hourly", "%"),
    ("PUE", "pue", ""),
    ("IT energy", "it_mwh", "MWh"),
    ("grid energy", "retail_mwh", "MWh"),
    ("contract energy", "contract_mwh", "MWh"),
    ("curtailment", "curtailment_share", "%"),
    ("wind", "wind_mw", "MW"),
    ("PV", "pv_mw", "MW"),
    ("storage", "storage_mw", "MW"),
    ("storage energy", "storage_mwh", "MWh"),
    ("grid connection", "grid_connection_mw", "MW"),
    ("halls", "halls", ""),
    ("servers", "servers_mw", "MW"),
    ("carbon, location", "carbon_t_location", "t"),
    ("time", "seconds_total", "s"),
)
"""Rows of the table after a run: text, key in kpis.json, unit."""


def use_utf8() -> None:
    """Write UTF-8 whatever the console's code page is; what it cannot show is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def complain(message: str) -> None:
    """Write a message to the error stream, line by line."""
    sys.stderr.write("".join(printable(line) + "\n" for line in message.split("\n")))


def write(lines: Iterable[str]) -> None:
    """Write lines; nothing in them can steer the terminal."""
    sys.stdout.write("".join(printable(line) + "\n" for line in lines))


def print_kpis(kpis: Mapping[str, Any]) -> None:
    """The figures that matter most, on one screen; what a run does not have is left out."""
    rows = [(text, _figure(kpis[key], unit)) for text, key, unit in SUMMARY if key in kpis]
    rows += [
        (f"compute {key.removeprefix('compute_p_')}", _figure(value, "P"))
        for key, value in kpis.items()
        if key.startswith("compute_p_") and "_20" not in key and value
    ]
    if not sys.stdout.isatty():
        write(f"{text}: {figure}" for text, figure in rows)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, box=None)
    table.add_column(style="dim")
    table.add_column(justify="right")
    for text, figure in rows:
        table.add_row(Text(text), Text(figure))
    Console(highlight=False).print(table)


def _figure(value: Any, unit: str) -> str:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return printable(str(value))
    if unit == "%":
        return f"{value:.2%}"
    figure = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{figure} {unit}".strip()
