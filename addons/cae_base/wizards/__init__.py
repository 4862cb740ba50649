from . import cae_import, cae_reason, cae_transfer_wizard
