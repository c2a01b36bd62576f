"""What binds in a finished run and what one unit more of it would be worth, in words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from coplan.errors import InputError, Problem
from coplan.run import finished_run


def explain_run(folder: Path, languages: Sequence[str] = ("zh", "en")) -> list[str]:
    """Lines that list what binds in a finished run, by element, in every language asked for.

    Raises InputError where the folder holds no finished run, or one without prices of limits.
    """
    from coplan.report.binding import grouped
    from coplan.report.catalogue import Locale
    from coplan.report.facts import Facts

    plan, figures, _ = finished_run(folder)
    if "limit_name" not in plan.coords:
        text = "this run was written before limits had prices; run the scenario again"
        raise InputError(Problem(text, str(Path(folder) / "plan.nc")))
    facts = Facts(plan, figures, {})
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
