"""Many variants of one scenario: expanded, solved side by side, kept and compared.

`coplan.study("scenarios/studies/price-risk.yaml")` does what the command of that name does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from coplan.callable_package import make_callable


def _study(
    path: str | Path, out: str | Path | None = None, workers: int | None = None,
    overrides: Sequence[str] = (),
) -> Any:  # fmt: skip
    """Solve every variant of a study that its folder does not hold yet, and compare them all.

    Returns the comparison, an xarray Dataset over the variants. Workers are new processes: a
    program that calls this needs `if __name__ == "__main__":`. Raises coplan.errors.InputError.
    """
    import xarray as xr

    from coplan.study.command import run_study

    outcome = run_study(path, out, workers, overrides)
    with xr.open_dataset(outcome.folder / "comparison" / "comparison.nc") as data:
        return data.load()


make_callable(__name__, _study)
