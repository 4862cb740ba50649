from . import test_coaching_alert
from . import test_coaching_skill
from . import test_coaching_service
from . import test_support_screens
