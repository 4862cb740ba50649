from . import customers
from . import customer_page
from . import quotes
