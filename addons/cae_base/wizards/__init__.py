from . import cae_import
