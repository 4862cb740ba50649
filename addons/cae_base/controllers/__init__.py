from . import accounts
from . import cooperative
from . import home
from . import internal_sales
from . import own_entry
from . import purchases
from . import statement
from . import thread
