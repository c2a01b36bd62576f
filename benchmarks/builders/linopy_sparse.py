"""The campuses in linopy held as sparse rows: linopy's quickest way, newer than its default."""

from __future__ import annotations

from typing import Any

from benchmarks.builders import linopy_arrays
from benchmarks.instance import Instance

PACKAGES = linopy_arrays.PACKAGES


def build(instance: Instance) -> tuple[Any, Any]:
    """(what must stay in memory, a Highs that holds the model)."""
    import linopy
    from linopy.io import to_highspy

    with linopy.options as options:  # what is set here is forgotten afterwards
        options["semantics"] = "v1"  # which the sparse rows ask for
        model = linopy_arrays.define(instance, sparse=True)
        return model, to_highspy(model)
