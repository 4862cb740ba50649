from . import cae_import, cae_reason, cae_reason_statement, cae_scheme_change
