from . import test_interview
from . import test_interview_calendar
from . import test_interview_duty
from . import test_interview_rights
from . import test_interview_views
