"""Numbers as people type them, and the keys of SIREN and SIRET."""

from decimal import Decimal

import pytest
from cae_base_engine.invoicing import EntryError, number, registered


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("1 480,50", "1480.50"),
        ("1\N{NARROW NO-BREAK SPACE}480,50 €", "1480.50"),
        ("12.5 %", "12.50"),
        ("", "0"),
        (False, "0"),
        (3, "3"),
        (0.1, "0.10"),
        ("-2", "-2"),
    ],
)
def test_number(typed, found):
    assert number(typed) == Decimal(found)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("abc", "number"),
        ("nan", "number"),
        ("Infinity", "number"),
        (float("nan"), "number"),
        ("1,2,3", "number"),
        ([1], "number"),
        ("0,125", "digits"),
        ("1e-9", "digits"),
        ("1e300", "large"),
        ("10000000,01", "large"),
    ],
)
def test_number_refused(typed, reason):
    with pytest.raises(EntryError) as refusal:
        number(typed)
    assert refusal.value.reason == reason


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("732 829 320", "732829320"),
        ("732 829 320 00074", "73282932000074"),
        ("356 000 000 48261", "35600000048261"),
        ("732 829 321", ""),
        ("732 829 320 00075", ""),
        ("1234", ""),
        ("", ""),
        (None, ""),
        ("٧٣٢٨٢٩٣٢٠", ""),
    ],
)
def test_registered(typed, found):
    assert registered(typed) == found
