"""What a world holds about direct lines and limited zones: none, unless a test asks."""

from __future__ import annotations

from typing import Any

EMPTY_DIMS = ("direct_line", "import_zone", "export_zone")
"""Dims of length zero in a world where nothing of their kind is asked for."""

DEFAULTS: dict[str, tuple[tuple[str, ...], Any]] = {
    "plant_is_behind_meter": (("plant",), 1.0),
    "direct_line_plant": (("direct_line",), "s_wind"),
    "direct_line_site": (("direct_line",), "s"),
    "direct_line_length_km": (("direct_line",), 10.0),
    "direct_line_voltage_kv": (("direct_line",), 220.0),
    "line_circuits_max": (("direct_line",), 4.0),
    "line_max_mw": (("direct_line",), 10.0),
    "circuit_mw": (("direct_line",), 10.0),
    "line_loss_share": (("direct_line",), 0.0),
    "line_capex_cny_per_circuit": (("direct_line",), 0.0),
    "line_capex_cny_per_mw": (("direct_line",), 0.0),
    "line_annuity_cny_per_circuit_year": (("direct_line",), 0.0),
    "line_annuity_cny_per_mw_year": (("direct_line",), 0.0),
    "line_om_cny_per_circuit_year": (("direct_line",), 0.0),
    "line_life_years": (("direct_line",), 40.0),
    "line_fee_cny_per_mwh": (("direct_line", "time"), 0.0),
    "import_headroom_mw": (("import_zone",), 100.0),
    "export_corridor_mw": (("export_zone",), 100.0),
}
"""Variable → (dims, default)."""

EVERYTHING_DIMS = {
    "direct_line": ["park_near", "park_far"], "import_zone": ["z"], "export_zone": ["z"],
}  # fmt: skip
EVERYTHING = {
    "plant_is_behind_meter": [1.0, 1.0, 0.0], "direct_line_plant": "park",
    "direct_line_site": ["near", "far"], "line_circuits_max": 2.0, "line_max_mw": 4.0,
    "circuit_mw": 2.0, "line_loss_share": [0.05, 0.1], "line_annuity_cny_per_circuit_year": 1e-3,
    "line_annuity_cny_per_mw_year": 1.0, "line_om_cny_per_circuit_year": 1e-4,
    "line_fee_cny_per_mwh": 2.0, "import_headroom_mw": 18.0, "export_corridor_mw": 6.0,
}  # fmt: skip
"""Changes that switch on every rule of direct lines in `toys.everything`: a shared plant."""


def direct(lines: list[str], **more: Any) -> dict[str, Any]:
    """Changes: the one plant of a world reaches sites by direct lines, free unless said."""
    return {
        "plant_is_behind_meter": 0.0, "direct_line_site": lines,
        "coords": {"direct_line": [f"s_wind_{site}" for site in lines]}, **more,
    }  # fmt: skip
