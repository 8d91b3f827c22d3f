from . import test_scenario_gate
from . import test_gate_routes
from . import test_waiver
from . import test_process_versions
from . import test_history
from . import test_evidence
from . import test_tours
from . import test_history_machine
