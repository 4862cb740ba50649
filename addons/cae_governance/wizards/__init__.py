from . import cae_settings
from . import cae_governance_reason
from . import cae_member_decision
from . import cae_member_application
from . import cae_share_operation
from . import cae_share_payment
from . import cae_share_register
from . import cae_import
