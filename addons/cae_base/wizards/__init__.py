from . import cae_import, cae_opening, cae_reason
