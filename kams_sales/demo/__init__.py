from .. import models  # what the demo data is made of comes first
from . import kams_demo, kams_demo_account, kams_demo_deal, kams_demo_proposal
from . import kams_demo_bid, kams_demo_contract, kams_demo_delivery
from . import kams_demo_steer, kams_demo_today, kams_demo_years
