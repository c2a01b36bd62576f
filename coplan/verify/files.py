"""The files beside plan.nc say what the plan says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import xarray as xr

from coplan.plan import tables
from coplan.plan.cashflow import cash_flow
from coplan.plan.kpis import TIMING_KEYS, kpis
from coplan.plan.store import read_plan
from coplan.verify.outcome import BROKEN, WORST, AuditReport, Check, Part, flat, measured, verdict

RELATIVE = 1e-6


def audit_files(folder: Path | str, plan: xr.Dataset | None = None) -> AuditReport:
    """Compare kpis.json and the CSV tables of a run folder with values recomputed from plan.nc.

    `plan` is what plan.nc holds, where it was read before.

    Raises InputError when there is no readable plan.nc; any other file that is missing fails.
    """
    base = Path(folder)
    plan = read_plan(base / "plan.nc") if plan is None else plan
    checks = []
    for look in (_kpi_checks, _all_tables):
        try:
            checks += look(base, plan)
        except BROKEN as error:
            titles = ("无法核对结果文件", "the files beside plan.nc cannot be compared with it")
            checks.append(flat(*titles, [repr(error)], 1))
    return AuditReport(checks)


def _all_tables(base: Path, plan: xr.Dataset) -> list[Check]:
    """Every table equals the one made again from the plan."""
    checks = []
    flow = cash_flow(plan)
    for name, table in (
        ("account.csv", tables.account_table(plan)),
        ("compliance.csv", tables.compliance_table(plan)),
        ("tables/monthly.csv", tables.monthly_table(plan)),
        *([] if flow is None else [("tables/cashflow.csv", flow)]),
        ("tables/settlement.csv", tables.settlement_table(plan)),
    ):
        checks += _table_checks(base / name, name, table)
    return checks


def _kpi_checks(base: Path, plan: xr.Dataset) -> list[Check]:
    """kpis.json holds the figures made again from the plan."""
    path = base / "kpis.json"
    titles = ("kpis.json 与方案一致", "kpis.json equals the plan")
    if not path.exists():
        return [flat(*titles, ["kpis.json is missing"], 1)]
    try:
        written = dict(json.loads(path.read_text(encoding="utf-8")))
    except (RecursionError, TypeError, ValueError):
        return [flat(*titles, ["kpis.json is not JSON"], 1)]
    expected = kpis(plan)
    keys = [key for key in expected if key not in TIMING_KEYS]
    parts = [_same_figure(key, written.get(key, "missing"), expected[key]) for key in keys]
    return [verdict(*titles, parts, {})]


def _same_figure(key: str, written: Any, expected: Any) -> Part:
    numbers = [isinstance(value, int | float) for value in (written, expected)]
    if all(numbers):
        size = max(abs(float(expected)), 1e-9)
        return measured(abs(float(written) - float(expected)) / size, 1.0, (), key, RELATIVE)
    return measured(0.0 if written == expected else WORST, 1.0, (), key, RELATIVE)


def _table_checks(path: Path, name: str, expected: pd.DataFrame) -> list[Check]:
    titles = (f"{name} 与方案一致", f"{name} equals the plan")
    if not path.exists():
        return [flat(*titles, [f"{name} is missing"], 1)]
    written = pd.read_csv(
        path, encoding=tables.ENCODING, dtype=str, keep_default_na=False, na_filter=False
    )
    expected = tables.safe_for_spreadsheets(expected)
    if list(written.columns) != list(expected.columns) or len(written) != len(expected):
        return [flat(*titles, [f"{name} has other rows or columns"], 1)]
    faults: list[str] = []
    parts = []
    for column in expected.columns:
        if pd.api.types.is_numeric_dtype(expected[column]):
            parts.append(_same_column(column, written[column], expected[column]))
        else:
            unequal = (written[column].to_numpy() != expected[column].astype(str).to_numpy())
            faults += [f"{column}, row {row}" for row in unequal.nonzero()[0]]
    return [verdict(*titles, parts, {}), flat(f"{name} 文字", f"text of {name}", faults,
                                              expected.size)]  # fmt: skip


def _same_column(column: str, written: pd.Series, expected: pd.Series) -> Part:
    found = pd.to_numeric(written, errors="coerce").to_numpy(dtype=float)
    wanted = expected.to_numpy(dtype=float)
    both_open = pd.isna(found) & pd.isna(wanted)
    size = pd.Series(abs(wanted)).clip(lower=1e-9).fillna(1.0).to_numpy()
    gap = abs(found - wanted) / size
    gap[both_open] = 0.0
    return measured(gap, 1.0, ("row",), column, RELATIVE)
