from . import home
from . import statement
