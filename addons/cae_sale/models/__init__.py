from . import account_move
from . import cae_activity
from . import cae_activity_exit
from . import sale_order
from . import sale_order_line
from . import cae_home
from . import cae_invoicing_quote
from . import cae_invoicing_quote_step
