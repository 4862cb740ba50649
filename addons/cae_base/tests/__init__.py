from . import (
    test_access,
    test_contribution,
    test_exchange,
    test_ledger,
    test_people,
    test_screens,
    test_period_checks,
    test_views,
)
