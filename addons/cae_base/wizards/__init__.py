from . import (
    cae_allocation_proposal,
    cae_bank_match,
    cae_collective_payment,
    cae_import,
    cae_import_bank,
    cae_opening,
    cae_reason,
    cae_reason_statement,
    cae_scheme_change,
    cae_settings,
    cae_transfer_wizard,
)
