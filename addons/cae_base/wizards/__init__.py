from . import cae_import, cae_reason, cae_settings
