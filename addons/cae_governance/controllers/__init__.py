from . import quiet
from . import documents
from . import meeting
from . import ballot
from . import shares
