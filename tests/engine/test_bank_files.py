from datetime import date
from decimal import Decimal

import pytest
from cae_base_engine.bank_files import LARGEST_FILE, read
from hypothesis import given
from hypothesis import strategies as st

OFX = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>
<DTSERVER>20260131<LANGUAGE>FRA</SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS>
<CURDEF>EUR<BANKACCTFROM><BANKID>12345<ACCTID>00012345678<ACCTTYPE>CHECKING
</BANKACCTFROM><BANKTRANLIST><DTSTART>20260101<DTEND>20260131
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260131000000[+1:CET]<TRNAMT>+1234,56<FITID>A1
<NAME>Hélène<MEMO>FAC 12 &amp; 13</STMTTRN>
<STMTTRN><TRNTYPE>OTHER<DTPOSTED>20260131<TRNAMT>0.00<FITID>A0<NAME>TAUX</STMTTRN>
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260130<TRNAMT>-4.50<FITID>A2<NAME>FRAIS
</STMTTRN></BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
CAMT = """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">
<BkToCstmrStmt><Stmt><Id>S1</Id>
<Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">10.00</Amt>
<CdtDbtInd>DBIT</CdtDbtInd></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{end}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd></Bal>{entries}</Stmt></BkToCstmrStmt></Document>"""
ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>
<Sts>{status}</Sts><BookgDt><Dt>2026-01-31</Dt></BookgDt>
<AcctSvcrRef>{key}</AcctSvcrRef><NtryDtls>{details}</NtryDtls>
<AddtlNtryInf>VIREMENT</AddtlNtryInf></Ntry>"""
DETAIL = """<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>
<AmtDtls><TxAmt><Amt Ccy="{currency}">{amount}</Amt></TxAmt></AmtDtls>
<RltdPties><Dbtr>{name}</Dbtr><DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id>
</DbtrAcct><Cdtr><Nm>Us</Nm></Cdtr></RltdPties>
<RmtInf><Ustrd>FAC 1</Ustrd><Ustrd>merci</Ustrd></RmtInf></TxDtls>"""


def entry(amount="50.00", side="CRDT", status="BOOK", key="R1", details=""):
    return ENTRY.format(**locals())


def detail(amount, reference="NOTPROVIDED", name="<Nm>Élan</Nm>", currency="EUR"):
    return DETAIL.format(**locals())


def camt(*entries, end="40.00", version="02"):
    text = HEAD + CAMT.format(entries="".join(entries), end=end, version=version)
    return text.encode()


def rows(reading):
    assert reading.problems == []
    return [row for statement in reading.statements for row in statement.rows]


def codes(reading):
    return [(p.code, p.row, p.column) for p in reading.problems]


# ----------------------------------------------------------------------------------
# CSV
# ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Date;Libellé;Montant\n31/01/2026;VIR  É;-1 234,56\n", "utf-8"),
        ("Date\tLibellé\tMontant\n31/01/26\tVIR É\t-1234.56\n", "utf-8-sig"),
        ('Date,Libellé,Montant\n2026-01-31,"VIR É","-1234,56"\n', "cp1252"),
        ("Compte;FR76\n\nDate opération;Libellé opération;Montant(EUR);Devise\n"
         "31.01.2026;VIR É;−1\u202f234,56;EUR\n\n", "utf-8"),
        ("DATE;LIBELLE;DEBIT EUROS;CREDIT EUROS\n31/01/2026;VIR É;1234,56;\n", "utf-8"),
        ("Date;Libellé;Débit;Crédit\n31/01/2026;VIR É;-1234,56;\n", "utf-8"),
    ],
)  # fmt: skip
def test_csv_of_french_banks(content, encoding):
    declared = "windows-1252" if encoding == "cp1252" else ""
    (row,) = rows(read(content.encode(encoding), "x.csv", declared))
    assert (row.day, row.amount) == (date(2026, 1, 31), Decimal("-1234.56"))
    assert row.label == "VIR É"


def test_csv_with_all_columns():
    content = (
        "Date;Libellé;Informations complémentaires;Montant;Référence;Tiers;"
        "Identifiant\n"
        "31/01/2026;VIR;FAC 12;10;R7;Dupont;K1\n"
    )
    (row,) = rows(read(content.encode()))
    assert (row.label, row.reference, row.partner) == ("VIR FAC 12", "R7", "Dupont")
    assert row.key == "K1"


def test_same_lines_have_keys_of_their_own_that_stay():
    head, line = "Date;Libellé;Montant\n", "31/01/2026;CB;-5,00\n"
    one = rows(read((head + line).encode()))
    three = rows(read((head + line * 2 + "30/01/2026;CB;-5,00\n").encode()))
    assert three[0].key == one[0].key
    assert len({row.key for row in three}) == 3


def test_balances_tell_lines_that_are_the_same_apart():
    head = "Date;Libellé;Montant;Solde\n"
    lines = [f"31/01/2026;CB;-5,00;{balance}\n" for balance in (95, 90, 85)]
    first, second, both = (
        {row.key for row in rows(read((head + "".join(part)).encode()))}
        for part in (lines[:2], lines[1:], lines[::-1])
    )
    assert (len(first), len(second)) == (2, 2)
    assert len(first & second) == 1
    assert first | second == both


def test_balances_of_some_lines_change_no_key():
    head, line = "Date;Libellé;Montant;Solde\n", "31/01/2026;CB;-5,00;\n"
    one = rows(read((head + line.replace(";\n", ";95\n") + line).encode()))
    two = rows(read((head + line + line).encode()))
    assert [row.key for row in one] == [row.key for row in two]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", ("CAE-FILE-COLUMN", 0, "")),
        ("Date;Montant\n31/01/2026;1\n", ("CAE-FILE-COLUMN", 0, "")),
        ("Date;Libellé;Montant\n", ("CAE-FILE-EMPTY", 0, "")),
        ("Date;Libellé;Montant\n31/02/2026;a;1\n", ("CAE-LOAD-DATE", 1, "date")),
        ("Date;Libellé;Montant\n\n31/01/2026;a;x\n",
         ("CAE-LOAD-AMOUNT", 2, "montant")),
        ("Date;Libellé;Montant\n31/01/2026;a;0\n", ("CAE-LOAD-AMOUNT", 1, "montant")),
        ("Date;Libellé;Montant\n31/01/2026;a\n", ("CAE-LOAD-REQUIRED", 1, "montant")),
        ("Date;Libellé;Montant\n31/01/2026;;1\n", ("CAE-LOAD-REQUIRED", 1, "libelle")),
        ("Date;Libellé;Débit;Crédit\n31/01/2026;a;1;2\n",
         ("CAE-LOAD-AMOUNT", 1, "credit")),
        ("Date;Libellé;Débit;Crédit\n31/01/2026;a;;\n",
         ("CAE-LOAD-REQUIRED", 1, "debit")),
        ("Date;Libellé;Montant\n31/01/2026;a\x00;1\n", ("CAE-FILE-ENCODING", 0, "")),
    ],
)  # fmt: skip
def test_csv_that_is_refused(content, problem):
    assert problem in codes(read(content.encode()))


def test_csv_in_another_encoding_is_refused():
    content = "Date;Libellé;Montant\n31/01/2026;É;1\n".encode("cp1252")
    assert codes(read(content))[0][0] == "CAE-FILE-ENCODING"


@pytest.mark.parametrize("order", [1, -1])
def test_running_balance(order):
    lines = ["01/01/2026;a;10;110", "02/01/2026;b;-30;80", "03/01/2026;c;5;85"]
    head = "Date;Libellé;Montant;Solde\n"
    assert len(rows(read((head + "\n".join(lines[::order])).encode()))) == 3
    del lines[1]
    lines += ["04/01/2026;d;1;86"]
    found = codes(read((head + "\n".join(lines[::order])).encode()))
    assert [code for code, _row, _column in found] == ["CAE-BANK-BALANCE"]


# ----------------------------------------------------------------------------------
# CAMT.053
# ----------------------------------------------------------------------------------


def test_camt():
    (row,) = rows(read(camt(entry(details=detail("50.00", "E2E-1")))))
    assert (row.day, row.amount) == (date(2026, 1, 31), Decimal("50.00"))
    assert row.label == "Élan FAC 1 merci"
    assert (row.reference, row.partner, row.key) == ("E2E-1", "Élan", "R1")
    assert row.iban == "DE89370400440532013000"


def test_camt_says_whose_it_is():
    (statement,) = read(camt(entry())).statements
    assert statement.account == "FR7630006000011234567890189"
    assert (statement.currency, statement.name) == ("EUR", "S1")
    assert (statement.start, statement.end) == (Decimal(-10), Decimal(40))
    assert statement.rows[0].label == "VIREMENT"


def test_camt_of_a_later_version():
    party = "<Pty><Nm>Élan</Nm></Pty>"
    content = camt(
        entry(status="<Cd>BOOK</Cd>", details=detail("50.00", name=party)),
        version="08",
    )
    (row,) = rows(read(content))
    assert (row.partner, row.reference) == ("Élan", "")


def test_camt_batch_is_told_apart_when_it_adds_up():
    two = detail("20.00") + detail("30.00")
    assert [r.amount for r in rows(read(camt(entry(details=two))))] == [20, 30]
    wrong = detail("20.00") + detail("20.00")
    assert [r.amount for r in rows(read(camt(entry(details=wrong))))] == [50]


def test_camt_batch_in_another_currency_stays_one_line():
    dollars = "".join(detail(amount, currency="USD") for amount in ("20.00", "30.00"))
    (row,) = rows(read(camt(entry(details=dollars))))
    assert (row.amount, row.label) == (50, "VIREMENT")


def test_camt_reversal_keeps_its_payer():
    """A transfer that is taken back: the customer paid, and is given it again."""
    reversed_ = entry(side="DBIT", details=detail("50.00")).replace(
        "</CdtDbtInd>", "</CdtDbtInd><RvslInd>true</RvslInd>", 1
    )
    content = camt(reversed_, end="60.00").replace(
        b"CRDT</CdtDbtInd></Bal>", b"DBIT</CdtDbtInd></Bal>"
    )
    (row,) = rows(read(content))
    assert (row.amount, row.partner) == (-50, "Élan")
    assert row.iban == "DE89370400440532013000"
    (row,) = rows(read(content.replace(b"<RvslInd>true</RvslInd>", b"")))
    assert row.partner == "Us"


@pytest.mark.parametrize("key", ["", "NONREF", "NOTPROVIDED"])
def test_same_payments_of_two_statements_are_two(key):
    """No reference of the bank: the balance after each tells them apart."""
    fee = entry(amount="5.00", side="DBIT", key=key)
    month = camt(fee, fee, fee, end="-25.00")
    morning = camt(fee, fee, end="-20.00")
    evening = camt(fee, end="-25.00").replace(b">10.00<", b">20.00<")
    start, end, whole = (
        {
            row.key
            for row in rows(
                read(
                    content.replace(b'">-', b'">').replace(
                        b"CRDT</CdtDbtInd></Bal>", b"DBIT</CdtDbtInd></Bal>"
                    )
                )
            )
        }
        for content in (morning, evening, month)
    )
    assert (len(start), len(end), len(whole)) == (2, 1, 3)
    assert start | end == whole


def test_camt_leaves_out_what_is_not_booked():
    assert len(rows(read(camt(entry(), entry(status="PDNG", key="R2"))))) == 1


def test_camt_whose_balances_disagree_is_refused():
    assert codes(read(camt(entry(), end="41.00"))) == [("CAE-BANK-BALANCE", 0, "")]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"<Document>", ("CAE-BANK-XML", 0, "")),
        (b"<a/>", ("CAE-BANK-XML", 0, "")),
        (camt(entry(amount="x")), ("CAE-LOAD-AMOUNT", 1, "Amt")),
        (camt(entry(side="?")), ("CAE-LOAD-VALUE", 1, "Amt")),
        (camt(entry()).replace(b"2026-01-31", b"2026-13-31"),
         ("CAE-LOAD-DATE", 1, "BookgDt")),
    ],
)  # fmt: skip
def test_camt_that_is_refused(content, problem):
    assert problem in codes(read(content))


def test_entities_are_refused(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    body = camt(entry()).decode().removeprefix(HEAD).replace("VIREMENT", "&e;")
    for entity in (f'SYSTEM "{secret.as_uri()}"', '"SECRET"'):
        content = f"{HEAD}<!DOCTYPE x [<!ENTITY e {entity}>]>{body}".encode()
        assert codes(read(content)) == [("CAE-BANK-XML", 0, "")]


def test_large_files_are_refused():
    assert codes(read(b"<" * (LARGEST_FILE + 1))) == [("CAE-BANK-SIZE", 0, "")]


# ----------------------------------------------------------------------------------
# OFX
# ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        OFX.encode("cp1252"),
        OFX.replace("USASCII", "UTF-8").encode(),
        OFX.replace("\n", "\r\n").encode("cp1252"),
        ('<?xml version="1.0" encoding="UTF-8"?><?OFX OFXHEADER="200"?>'
         + OFX[OFX.index("<OFX>") :]).encode(),
    ],
)  # fmt: skip
def test_ofx(content):
    credit, debit = rows(read(content))
    # The bank's day, whatever the time zone.
    assert (credit.day, credit.amount) == (date(2026, 1, 31), Decimal("1234.56"))
    assert (credit.label, credit.partner) == ("Hélène FAC 12 & 13", "Hélène")
    assert (debit.amount, debit.key) == (Decimal("-4.50"), "A2")


def test_ofx_says_whose_it_is():
    (statement,) = read(OFX.encode("cp1252")).statements
    assert (statement.account, statement.currency) == ("00012345678", "EUR")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("</OFX>", ""),
        ("<TRNAMT>-4.50", "<TRNAMT>x"),
        ("<FITID>A2", ""),
        ("<DTPOSTED>20260130", "<DTPOSTED>2026"),
    ],
)
def test_ofx_that_is_refused(old, new):
    assert codes(read(OFX.replace(old, new).encode("cp1252")))[0][0] == "CAE-BANK-OFX"


@given(st.binary(max_size=300), st.sampled_from([b"", b"OFXHEADER:100\n<OFX>", b"<D>"]))
def test_no_bytes_make_reading_crash(content, head):
    read(head + content)


@given(st.text(max_size=300))
def test_no_text_makes_reading_crash(content):
    read(("Date;Libellé;Montant;Solde\n" + content).encode())
    read((OFX[:-8] + content + "</OFX>").encode("cp1252", "ignore"))
