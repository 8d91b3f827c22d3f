from . import kams_account_sales
from . import ir_actions_report
from . import kams_paper
from . import kams_account_profile_report
from . import kams_account_value_report
from . import kams_supply_report
from . import kams_plan_report
