from . import cae_bank_match, cae_import, cae_import_bank, cae_reason
