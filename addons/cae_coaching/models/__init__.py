from . import cae_coaching_alert
from . import cae_entrepreneur_alert
from . import cae_activity_alert
from . import res_company_alert
