from . import test_candidate
from . import test_journey_views
from . import test_path
from . import test_person_document
from . import test_social_file
