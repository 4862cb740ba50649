from . import cae_coaching_alert_rest
from . import cae_settings_alert
