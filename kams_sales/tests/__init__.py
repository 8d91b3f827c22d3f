from . import test_scenario_gate
from . import test_history
