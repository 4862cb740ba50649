"""One activity checked by hand: A0006 in April 2026 (issue 2, §4.5).

*Les Mains de Hervé 6*, scheme TRANCHES, held by Théo Hervé (E0009) alone, under a
CESA with a fixed part of 150.00 gross. Every figure below was worked out on paper from
the lines of tests/data/cae-demo; the program is only compared with it. The demo's pay
policy is "all that is available", above a reserve of 500.00.
"""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import contract
import pytest

CODE, PERSON, MONTH, DAY = "A0006", "E0009", "2026-04", "2026-04-30"


def euros(text):
    return Decimal(text)


def rounded(amount):
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


# Invoices, excluding VAT, and their VAT per rate -------------------------------------
#
# F2026-000002  03/01  services   464.86 at 20 %     VAT  464.86 × 0.20  =  92.97
#                               1 416.75 at 5.5 %  (3 × 472.25)          =  77.92
#                               1 881.61                        total  2 052.50
# F2026-000061  08/02  goods      564.99 at 5.5 %                        =  31.07
#                      services 1 072.96 at 20 %   (2 × 536.48)          = 214.59
#                               1 637.95                        total  1 883.61
# F2026-000147  15/03  goods      280.93 exempt                 total    280.93
# F2026-000216  25/04  services 2 875.86 at 20 %   (3 × 958.62)          = 575.17
#                                                               total  3 451.03
TURNOVER = [euros("1881.61"), euros("1637.95"), euros("280.93"), euros("2875.86")]
TO_DATE = sum(TURNOVER)

# Purchases: AC000039, 26/02, 60.30 without VAT, paid on 28/03.
PURCHASES = euros("60.30")

# Collected in April: F2026-000061 in full on 09/04 (1 637.95 excluding VAT) and half of
# F2026-000147, exempt, on 14/04.
COLLECTED = euros("1637.95") + euros("140.47")

# Contribution ------------------------------------------------------------------------
#
# 11 % of the turnover to date (the first bracket), at least 180.00 for each month:
# January  0.11 × 1 881.61 = 206.98 ≥ 180.00                        charged  206.98
# February 0.11 × 3 519.56 = 387.15 ≥ 360.00   387.15 − 206.98    =          180.17
# March    0.11 × 3 800.49 = 418.05 < 540.00   540.00 − 387.15    =          152.85
# April    0.11 × 6 676.35 = 734.40 ≥ 720.00   734.40 − 540.00    =          194.40
CONTRIBUTIONS = [euros("206.98"), euros("180.17"), euros("152.85"), euros("194.40")]

# Money at the end of April ------------------------------------------------------------
#
# Opening 01/01                                   1 838.00
# F2026-000002 received 04/03                   + 2 052.50
# AC000039 paid 28/03                           −    60.30
# F2026-000061 received 09/04                   + 1 883.61
# F2026-000147, first half, received 14/04      +   140.47
# Contributions, on the internal bank (181)     −   734.40
TREASURY = euros("5119.88")
# VAT due: of goods when invoiced (31.07), of services when paid (92.97 + 77.92 +
# 214.59). That of F2026-000216, 575.17, waits for its payment.
VAT_DUE = euros("416.55")
# Pay of January to March, which is owed and not yet paid.
PAID_BEFORE = euros("1131.02") + euros("154.63") + euros("1302.59")
AVAILABLE_BEFORE_PAY = euros("2115.09")

# Pay ----------------------------------------------------------------------------------
#
# Employer, below the ceiling, under 11 staff, in percent of the gross: illness 13.00,
# accidents 2.08, pension 8.55 + 2.11, complementary pension 4.72 + 1.29, family 5.25,
# unemployment 4.00, AGS 0.25, FNAL 0.10, solidarity 0.30, training 0.55,
# apprenticeship 0.68, dialogue 0.016.
EMPLOYER = sum(
    map(
        euros,
        (
            "13.00 2.08 8.55 2.11 4.72 1.29 5.25 4.00 0.25 0.10 0.30 0.55 0.68 0.016"
        ).split(),
    )
)
# A salaried entrepreneur paid below the SMIC is at the SMIC for the hours rebuilt from
# the pay: the general reduction has its full coefficient, 0.0200 + 0.3781.
REDUCTION = euros("0.3981")
# Cost of 1.00 gross: 1 + 0.42896 − 0.3981.
COST_OF_ONE = euros("1.03086")
# Employee: pension 6.90 + 0.40, complementary 3.15 + 0.86; CSG and CRDS 6.80 + 2.40 +
# 0.50 on 98.25 % of the gross: 11.31 + 9.70 × 0.9825 = 20.84025 %.
EMPLOYEE = euros("0.2084025")
# Budget above the reserve: 2 115.09 − 500.00 = 1 615.09.
# 1 566.74 × 1.03086 = 1 615.09 (1 615.0896); 1 566.75 × 1.03086 = 1 615.10: too much.
GROSS = euros("1566.74")
COST = euros("1615.09")
# 1 566.74 × 0.2084025 = 326.51; 1 566.74 − 326.51.
NET = euros("1240.23")
# CSG and CRDS that are not deducted from the taxed pay: 2.90 % × 98.25 % × 1 566.74
# = 44.64; 1 240.23 + 44.64 = 1 284.87 (net to be taxed).
NET_TAXABLE = euros("1284.87")
# 1 566.74 / 12.02 = 130.34 hours.
HOURS = euros("130.34")


def test_the_arithmetic_itself():
    """The sums above, once more."""
    assert TO_DATE == euros("6676.35")
    assert sum(CONTRIBUTIONS) == rounded(TO_DATE * euros("0.11")) == euros("734.40")
    received = euros("2052.50") + euros("1883.61") + euros("140.47")
    assert TREASURY == euros("1838") + received - PURCHASES - sum(CONTRIBUTIONS)
    assert VAT_DUE == sum(map(euros, ("92.97", "77.92", "31.07", "214.59")))
    assert AVAILABLE_BEFORE_PAY == TREASURY - VAT_DUE - PAID_BEFORE
    assert EMPLOYER == euros("42.896")
    assert COST_OF_ONE == 1 + EMPLOYER / 100 - REDUCTION
    budget = AVAILABLE_BEFORE_PAY - 500
    assert GROSS == (budget / COST_OF_ONE).quantize(Decimal("0.01"), ROUND_DOWN)
    assert COST == rounded(GROSS * COST_OF_ONE) == budget
    assert rounded((GROSS + Decimal("0.01")) * COST_OF_ONE) > budget
    assert NET == GROSS - rounded(GROSS * EMPLOYEE)
    assert NET_TAXABLE == NET + rounded(GROSS * euros("0.029") * euros("0.9825"))
    assert HOURS == rounded(GROSS / euros("12.02"))


@pytest.fixture(scope="module")
def client(cooperative):
    return contract.Client(cooperative)


def equal(found, expected):
    """Compare JSON amounts with decimals, to the cent."""
    assert {key: contract.cents(found[key]) for key in expected} == {
        key: contract.cents(value) for key, value in expected.items()
    }


def test_figures(client):
    months = contract.MONTHS[:4]
    rows = client.figures([CODE], months)
    for month, turnover, charge in zip(months, TURNOVER, CONTRIBUTIONS, strict=True):
        row = rows[CODE, month]
        equal(row, {"invoiced": turnover, "contribution": charge})
    equal(rows[CODE, MONTH], {"collected": COLLECTED, "purchases": euros("0")})


def test_treasury(client):
    """After the pay of April what is available is the reserve: 2 115.09 − 1 615.09.

    Customers still owe 140.46 + 3 451.03 = 3 591.49, of which 575.17 of VAT:
    500.00 + 3 591.49 − 575.17 = 3 516.32.
    """
    (row,) = client.call("cae.activity", "treasury", codes=[CODE], date=DAY)
    available = AVAILABLE_BEFORE_PAY - COST
    future = available + euros("3591.49") - euros("575.17")
    assert (available, future) == (euros("500.00"), euros("3516.32"))
    equal(row, {"treasury": TREASURY, "available": available, "future": future})


def test_statement(client):
    """Of the month: 2 875.86 − 194.40 − 1 615.09 = 1 066.37.

    To date: 6 676.35 − 60.30 − 734.40 − (2 588.24 + 1 615.09) = 1 678.32.
    """
    (statement,) = client.call("cae.activity", "statement", codes=[CODE], month=MONTH)
    rows = {row["key"]: row for row in statement["rows"]}
    pay = PAID_BEFORE + COST
    expected = {
        "turnover": (TURNOVER[3], TO_DATE),
        "purchases": (euros("0"), PURCHASES),
        "gross_margin": (TURNOVER[3], TO_DATE - PURCHASES),
        "contribution": (CONTRIBUTIONS[3], sum(CONTRIBUTIONS)),
        "payroll": (COST, pay),
        "result": (euros("1066.37"), euros("1678.32")),
    }
    for key, (month, to_date) in expected.items():
        equal(rows[key], {"month": month, "to_date": to_date})
    assert expected["result"][1] == TO_DATE - PURCHASES - sum(CONTRIBUTIONS) - pay


def test_pay(client):
    (line,) = client.read(
        "cae.pay.line",
        [("entrepreneur_id.code", "=", PERSON), ("month", "=", f"{MONTH}-01")],
        ["state", "available", "gross", "cost", "net", "net_taxable", "fixed_part"]
        + ["coefficient", "equivalent_hours"],
    )
    assert line["state"] == "posted"
    equal(
        line,
        {
            "available": AVAILABLE_BEFORE_PAY,
            "fixed_part": euros("150.00"),
            "gross": GROSS,
            "cost": COST,
            "net": NET,
            "net_taxable": NET_TAXABLE,
            "equivalent_hours": HOURS,
        },
    )
    assert round(line["coefficient"], 4) == float(REDUCTION)


def test_entries_of_the_pay(client):
    """The ledger of April: 641, 645 debited; 421, 43 credited."""
    (ledger,) = client.ledger([CODE], "2026-04-01", DAY)
    moved = {"641": 0, "645": 0, "421": 0, "43": 0}
    for row in ledger["rows"]:
        for prefix in moved:
            if row["account"].startswith(prefix):
                moved[prefix] += contract.cents(row["debit"])
                moved[prefix] -= contract.cents(row["credit"])
    expected = {"641": GROSS, "645": COST - GROSS, "421": -NET, "43": NET - COST}
    assert moved == {key: contract.cents(value) for key, value in expected.items()}
