from . import cae_candidate_conversion
from . import cae_candidate_decision
from . import cae_candidate_sign_up
from . import cae_path_move
from . import cae_path_report
from . import cae_personal_data
from . import cae_settings_journey
