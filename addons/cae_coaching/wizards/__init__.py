from . import cae_interview_reason
from . import cae_interview_sign
from . import cae_settings_coaching
