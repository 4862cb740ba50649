from . import workshops
