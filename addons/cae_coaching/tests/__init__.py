from . import test_coaching_alert
