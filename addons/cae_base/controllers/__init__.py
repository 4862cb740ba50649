from . import accounts
from . import home
from . import statement
