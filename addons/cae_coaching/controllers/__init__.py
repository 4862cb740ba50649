from . import interviews
from . import information
from . import journey_portal
from . import support
from . import workshops
from . import joint_projects
from . import personal_data
