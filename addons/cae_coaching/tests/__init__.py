from . import test_funder
from . import test_workshop
