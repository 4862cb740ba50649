from . import test_quotes
from . import test_quotes_portal
