from . import support
