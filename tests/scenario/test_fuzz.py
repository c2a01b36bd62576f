"""Hostile input: whatever stands in the files, a scenario is read or refused with its place."""

import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coplan.errors import InputError
from coplan.scenario import read_scenario
from coplan.scenario.summary import summary
from tests.scenario import toys

FILES = [
    "scenarios/base.yaml",
    "models/systems/toy.yaml",
    "models/generators/onshore.yaml",
    "models/zones/jibei.yaml",
]
HOSTILE = [
    "", "~", "null", "[]", "{}", "[[[", "]", "}", ":", "- ", "? ", "&a ", "*a", "!!int ", "<<: ",
    "no", ".nan", "1e999", "-1", "9" * 5000, "22:30", "2030-01-01", "\t", "\n", "\r", "\0",
    "\x1b[31m", "\u202e", "\ufeff", "'", '"', "|", ">", "%", "@", "`", "#", "---\n", "...\n",
    "../../etc/passwd",
    "/dev/zero", "<script>", "=HYPERLINK(1)", "{value: 1, source: x}", "{value: 1}", "a" * 10_000,
    "extends: base.yaml\n", "cards: 1\n", "weather: {a: {epw: /dev/zero}}\n", "1 MW**9", "١٢",
]  # fmt: skip
SETTINGS = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def problems_of(overrides):
    """What is wrong with the scenario as it stands; empty when it can be read and summed up."""
    try:
        summary(read_scenario("scenarios/base.yaml", overrides))
    except InputError as error:
        return error.problems
    return []


@SETTINGS
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_with_file_and_key(world, data):
    toys.write_world(world)
    path = world / data.draw(st.sampled_from(FILES))
    raw = path.read_bytes()
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(raw)))
        end = min(len(raw), start + data.draw(st.sampled_from([0, 0, 1, 3, 20])))
        word = data.draw(st.sampled_from(HOSTILE).map(str.encode) | st.binary(max_size=8))
        raw = raw[:start] + word + raw[end:]
    path.write_bytes(raw)
    start_s = time.perf_counter()
    problems = problems_of([])
    assert all(problem.file and problem.message for problem in problems)
    assert all(str(problem).isprintable() for problem in problems)
    assert time.perf_counter() - start_s < 30


@SETTINGS
@given(
    key=st.sampled_from(
        ["id", "title", "title.en", "periods", "weather", "targets", "targets.compute.fp16",
         "options.hours", "options.wacc", "cards", "cards.zones/jibei", "policies", "system", "",
         "."]
    ) | st.text(max_size=10),
    value=st.sampled_from(HOSTILE) | st.text(max_size=20),
)  # fmt: skip
def test_any_override_is_taken_or_refused(world, key, value):
    assert all(str(problem).isprintable() for problem in problems_of([f"{key}={value}"]))
