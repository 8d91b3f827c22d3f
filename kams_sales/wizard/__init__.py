from . import kams_pipeline_as_of
from . import kams_point_trial
from . import kams_waiver
from . import kams_tier_change
from . import kams_portfolio
from . import kams_survey_reopen
from . import kams_review_vote
from . import kams_review_note
