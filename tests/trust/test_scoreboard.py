"""The scoreboard itself: a row that tried nothing or too little of which held is no success."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tests.trust.scoreboard import Score, Trials, lines_of, scores_of


@pytest.mark.parametrize(
    ("held", "tried", "bar", "reached"),
    [(0, 0, 0.0, False), (198, 200, 0.99, True), (197, 200, 0.99, False), (3, 3, 1.0, True)],
)
def test_a_row_is_reached_when_enough_cases_held(held, tried, bar, reached):
    assert Score("A2", "mutations", held, tried, bar).reached is reached


def test_a_row_below_its_bar_fails_and_still_stands_on_the_scoreboard():
    written = []
    trials = Trials(False, lambda name, value: written.append((name, value)))
    with pytest.raises(AssertionError, match="soc_mwh: not found"):
        trials.score("A2", "mutations", 1, 2, missed=["soc_mwh: not found"])
    reports = [SimpleNamespace(when="call", user_properties=written)]
    assert lines_of(scores_of(reports))[0].startswith("A2  NO ")
    assert json.loads(written[0][1])["held"] == 1
