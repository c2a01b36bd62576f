"""YAML files → one frozen Scenario with every card it names."""

from coplan.scenario.provenance import Assumption
from coplan.scenario.reader import Scenario, data_files, read_scenario
from coplan.scenario.spec import ScenarioSpec
from coplan.scenario.writer import write_inputs

__all__ = [
    "Assumption",
    "Scenario",
    "ScenarioSpec",
    "data_files",
    "read_scenario",
    "write_inputs",
]
