from . import test_scenario_gate
