from . import interviews
