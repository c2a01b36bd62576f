"""What binds in a finished run and what one unit more of it would be worth, in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from coplan.errors import InputError, Problem
from coplan.run import read_json, result_folder


def explain_run(folder: Path, languages: Sequence[str] = ("zh", "en")) -> list[str]:
    """Lines that list what binds in a finished run, by element, in every language asked for.

    Raises InputError where the folder holds no finished run, or one without prices of limits.
    """
    from coplan.plan.store import read_plan
    from coplan.report.binding import grouped
    from coplan.report.catalogue import Locale
    from coplan.report.facts import Facts

    folder = result_folder(folder)
    plan = read_plan(folder / "plan.nc")
    if "limit_name" not in plan.coords:
        text = "this run was written before limits had prices; run the scenario again"
        raise InputError(Problem(text, str(folder / "plan.nc")))
    facts = Facts(plan, read_json(folder / "kpis.json"), {})
    groups = grouped(facts)
    lines: list[str] = []
    for language in languages:
        locale = Locale(language)
        if not facts.in_money or not groups:
            lines.append(locale.text("limits.nothing" if facts.in_money else "limits.no_prices"))
            continue
        lines.append(locale.text("limits.head"))
        for head, sentences in groups:
            lines.append(f"  {locale.show(head)}")
            lines += [f"    - {locale.show(sentence)}" for sentence in sentences]
    return lines
