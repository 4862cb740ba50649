from . import accounts
from . import customers
from . import home
from . import invoicing
from . import statement
