from . import test_quotes
from . import test_quotes_portal
from . import test_quotes_customer
from . import test_quotes_figures
