from . import (
    test_access,
    test_contribution,
    test_exchange,
    test_guards,
    test_ledger,
    test_people,
    test_period_checks,
    test_screens,
    test_transfer,
    test_translations,
    test_views,
)
