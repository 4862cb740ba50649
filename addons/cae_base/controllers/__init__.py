from . import accounts
from . import home
from . import purchases
from . import statement
