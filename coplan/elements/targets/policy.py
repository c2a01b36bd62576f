"""Policy packs: the clauses of a document as data, each with what it asks of a plan.

A clause that the model knows is written as targets, in the words of a scenario. One that is only
told by a figure of the report says which; one that is not represented says why. A new clause of a
known kind needs no code.
"""

from __future__ import annotations

import datetime
from typing import Annotated

import pydantic

from coplan.elements.card import Card, Entry, Name, Slug, Text
from coplan.elements.targets.entries import Targets, listed

Year = Annotated[int, pydantic.Field(ge=2020, le=2060)]


class PolicyClause(Entry):
    """One clause of a document."""

    article: Text(400)
    """Where it stands in the document, such as 二(四)."""
    text: Name
    """What it asks, in both languages."""
    agency: Annotated[str, pydantic.Field(min_length=1, max_length=400)] | None = None
    """Who is responsible for it."""
    from_year: Year | None = None
    """First planning period it holds for; every one where nothing is said."""
    to_year: Year | None = None
    """Last planning period it holds for."""
    targets: Targets = Targets()
    """What it asks of a plan; the ids are the scenario's too, and an id of its own there wins."""
    reported: Name | None = None
    """Figure or table of the result that tells it, where it asks for nothing that binds."""
    not_represented: Name | None = None
    """Why no decision of the model is about it."""

    @pydantic.model_validator(mode="after")
    def _is_one_of_three(self) -> PolicyClause:
        ways = [bool(listed(self.targets)), self.reported is not None,
                self.not_represented is not None]  # fmt: skip
        if sum(ways) != 1:
            raise ValueError("give one of targets, reported and not_represented")
        if self.from_year and self.to_year and self.to_year < self.from_year:
            raise ValueError("to_year must not be before from_year")
        return self


class PolicyCard(Card):
    """The clauses of one document."""

    document: Text(400)
    """Title and number of the document."""
    valid_from: datetime.date | None = None
    """First day it is in force, where known."""
    valid_to: datetime.date | None = None
    """Last day, where it has one."""
    clauses: Annotated[dict[Slug, PolicyClause], pydantic.Field(min_length=1)]
    """Clauses by id."""
