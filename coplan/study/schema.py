"""The JSON schema of study files, for editors."""

from __future__ import annotations

from typing import Any

from coplan.scenario.schema import DRAFT, widen_entries
from coplan.study.spec import StudySpec


def json_schema() -> dict[str, Any]:
    """The schema of a file in scenarios/studies/."""
    schema = StudySpec.model_json_schema()
    for entry in (schema, *schema["$defs"].values()):
        widen_entries(entry, sourced=False)
    return {"$schema": DRAFT, **schema, "title": "coplan study"}
