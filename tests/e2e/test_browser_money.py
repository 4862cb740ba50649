"""The money of an entrepreneur on the portal: home, accounts, pay; phone and desk.

Everything is done by clicks. What Ninon reads on the home was reckoned by hand, the
months of Inès are those of the demo's own file of figures.
"""

import base64
import io
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import contract
import openpyxl
import people
import portal
import pytest
from dateutil.relativedelta import relativedelta
from portal import amount, file_of, pairs, pdf_of, press, refuse, text_of, texts_of
from reportlab.pdfgen import canvas
from screen import today

pytestmark = pytest.mark.browser

ACTIVITY, MONTH, MONTH_TEXT = "A0001", "2026-08", "août 2026"
#: A second person with two activities: what each brings.
BIKES, LESSONS = ("A0901", "Vélos Ninon"), ("A0902", "Ateliers Ninon")
LAST_YEAR = today() - relativedelta(years=1)
#: Number, activity, day, price without VAT, whether it is paid.
INVOICES = (
    ("N1", BIKES, today(), "1200.40", True),
    ("N2", LESSONS, today(), "600.00", False),
    ("N3", BIKES, LAST_YEAR, "1000.00", True),
    # Not the same time last year any more: the day after.
    ("N4", BIKES, LAST_YEAR + timedelta(days=1), "5000.00", False),
)
#: Of all and of each: today, after what is due, expected from customers, turnover of
#: the year, percent on the year before. 1 200.40 + 1 000.00 with 20 % of VAT are paid
#: in, the VAT of it is due; 5 000 and 600 without VAT are expected.
HOME = {
    "Toutes": (2640, 2200, 5600, 1800, "+80"),
    BIKES[1]: (2640, 2200, 5000, 1200, "+20"),
    LESSONS[1]: (0, 0, 600, 600, None),
}
FIGURE = ".o_cae_home_pay .o_cae_home_figure"
SWITCH = ".o_cae_home_switch"
RESULT = ".o_cae_pay_ahead_result"


@pytest.fixture(scope="module")
def office(months_run, fresh_database, serve):
    """The demo CAE with its ten months; these tests write in it."""
    server = serve(fresh_database(months_run), *contract.PATIENCE)
    client = contract.Client(server)
    parameter = {"key": "report.url", "value": server.url}
    client.call("ir.config_parameter", "set_param", **parameter)
    # Papers are in the language of the cooperative.
    client.call("res.partner", "write", ids=[1], vals={"lang": "fr_FR"})
    start_two_activities(client)
    sell_between_activities(client)
    hand_over_payslip(client)
    yield server
    server.stop()


def load(client, dataset, *rows):
    result = client.load(dataset, list(rows))
    assert not result["errors"], result


def start_two_activities(client):
    person = {
        **{"code": "E0901", "nom": "Kerdraon", "prenom": "Ninon", "sexe": "F"},
        **{"email": "ninon@example.com", "date_entree": "2020-01-01"},
        **dict.fromkeys(("date_naissance", "date_sortie", "motif_sortie"), ""),
        **{"statut": "CESA", "date_cesa": "2020-01-01", "part_fixe": "300"},
        **dict.fromkeys(("date_associe", "conseiller", "iban"), ""),
    }
    load(client, "entrepreneurs", person)
    for code, name in (BIKES, LESSONS):
        activity = {"code": code, "nom": name, "metier": "Vélo", "bareme": "STD10"}
        activity |= {"date_debut": "2020-01-01", "entrepreneurs": "E0901:100"}
        load(client, "activities", activity)
        customer = {"code": f"C{code}", "activite": code, "nom": "Ville de Rezé"}
        customer |= {"type": "entreprise", "cp": "44400", "ville": "Rezé"}
        load(client, "customers", {**customer, "siren": "", "pays": "FR"})
    for number, (code, _name), day, price, paid in INVOICES:
        invoice = {"numero": number, "type": "facture", "origine": "", "date": f"{day}"}
        invoice |= {"activite": code, "client": f"C{code}", "libelle": "Révision"}
        invoice |= {"quantite": 1, "prix_unitaire_ht": price, "taux_tva": 20}
        load(client, "invoices", {**invoice, "nature": "service"})
        if paid:
            payment = {"reference": f"P{number}", "date": f"{day}", "document": number}
            payment["montant_ttc"] = f"{Decimal(price) * Decimal('1.2'):.2f}"
            load(client, "payments", {**payment, "mode": "virement"})
    people.create_entrepreneur_user(client, "ninon", "E0901")


def sell_between_activities(client):
    names = ("numero", "date", "vendeur", "acheteur", "libelle", "quantite")
    sale = ("VI1", f"{today()}", "A0004", ACTIVITY, "Séances de coaching", 3)
    row = dict(zip(names, sale, strict=True))
    load(client, "internal_sales", {**row, "prix_unitaire": "41.15"})


def hand_over_payslip(client):
    (person,) = client.search("cae.entrepreneur", [("code", "=", "E0001")])
    client.call("cae.entrepreneur", "write", [person], vals={"matricule": "0001"})
    stream = io.BytesIO()
    sheet = canvas.Canvas(stream)
    sheet.drawString(50, 700, "Bulletin de paie, matricule 0001, net 475,33")
    sheet.save()
    content = base64.b64encode(stream.getvalue()).decode()
    given = {"month": MONTH, "name": "0001.pdf", "content_base64": content}
    result = client.call("cae.payroll.exchange", "load_payslip_pdfs", **given)
    assert result["created"] == 1, result


@pytest.fixture(scope="module")
def client(office):
    return contract.Client(office)


@pytest.fixture
def ines(portal_of):
    return portal_of("ines")


# Home ---------------------------------------------------------------------------------


def read_home(screen):
    """As a row of ``HOME``."""
    money = pairs(screen, ".o_cae_home_money")
    year = text_of(screen, ".card:has(.o_cae_home_bars) p >> nth=0")
    sales, _bracket, percent = year.partition("(")
    names = ("Aujourd’hui", "Après ce qui est à payer", "Attendu des clients")
    return (
        # Below a name is what it holds.
        *(next(v for k, v in money.items() if k.startswith(name)) for name in names),
        amount(sales),
        percent.split(" ")[0] or None,
    )


def test_home_of_two_activities(portal_of):
    screen = portal_of("ninon")
    screen.show("/my", SWITCH)
    assert read_home(screen) == HOME["Toutes"]
    for name in (LESSONS[1], BIKES[1], "Toutes"):
        press(screen, f"{SWITCH} a:has-text('{name}')", SWITCH)
        assert text_of(screen, f"{SWITCH} [aria-current=page]") == name
        assert read_home(screen) == HOME[name]
        bars = texts_of(screen, ".o_cae_home_bars li .visually-hidden")
        assert (len(bars), amount(bars[-1].partition(",")[2])) == (12, HOME[name][3])
        assert screen.fits()


def test_the_figure_and_why(ines, client):
    """The steps add up to it; the pay of the last ones is what the simulator says."""
    ines.show("/my", FIGURE)
    figure = amount(text_of(ines, FIGURE))
    press(ines, ".o_cae_home_pay a[href$='#steps']", "#steps")
    names = [name.partition(" (")[0] for name in texts_of(ines, "#steps th")]
    values = [amount(each) for each in texts_of(ines, "#steps td")]
    steps = dict(zip(names, values, strict=True))
    assert values[-1] == steps["Pour moi, avant impôt sur le revenu"]
    # The home rounds it to the euro, and says so.
    assert figure == values[-1].quantize(Decimal(1), ROUND_HALF_UP) > 0
    # Each total is what stands above it.
    left = 0
    for name, value in steps.items():
        if ines.count(f"#steps tr.fw-bold th:text-is('{name}')"):
            assert left == value, name
            left = value
        else:
            left += value
    gross = float(steps["Salaire brut"])
    pay = client.call("cae.salary.simulator", "simulate", values={"gross": gross})
    assert values[-1] == Decimal(str(pay["net_before_tax"]))


# Pay ----------------------------------------------------------------------------------


def asked(client):
    """What Inès asked for last."""
    domain = [("entrepreneur_id.code", "=", "E0001")]
    fields = ["kind", "amount", "note", "state"]
    found = client.read("cae.pay.request", domain, fields, order="id desc", limit=1)
    return [tuple(row[name] for name in fields) for row in found]


def test_pay_is_asked_for_changed_and_withdrawn(ines, client):
    page, before = ines.page, client.count("cae.pay.request")
    ines.show("/my", f"{FIGURE}")
    press(ines, ".o_cae_home_pay a[href$='#request']", "#request")
    submit = "#request button[type=submit]:not([name])"
    page.fill("#request [name=amount]", "douze cents")
    # Who writes an amount means it.
    assert page.is_checked("#kind_net")
    page.fill("#note", "Un mois calme")
    refuse(ines, submit, "montant", "1480,50")
    assert client.count("cae.pay.request") == before
    assert page.input_value("#request [name=amount]") == "douze cents"
    assert page.input_value("#note") == "Un mois calme"
    page.fill("#request [name=amount]", "1 480,50 €")
    press(ines, submit, portal.DONE)
    state = asked(client)[0][3]
    assert asked(client) == [("net", 1480.5, "Un mois calme", state)]
    assert page.input_value("#request [name=amount]") == "1480,50"
    ines.show("/my", FIGURE)
    assert "Vous avez demandé 1 480,50 €" in text_of(ines, ".o_cae_home_pay")
    press(ines, ".o_cae_home_pay a[href$='#request']", "#request")
    page.check("#kind_max")
    press(ines, submit, portal.DONE)
    assert asked(client) == [("max", 0, "Un mois calme", state)]
    press(ines, "#request button[value=withdraw]", portal.DONE)
    assert asked(client)[0][3] == "cancelled" != state
    ines.show("/my", FIGURE)
    assert "Vous avez demandé" not in text_of(ines, ".o_cae_home_pay")


def test_sliders_of_the_months_ahead(ines):
    page = ines.page
    ines.show("/my/pay", "a[href='/my/pay/ahead']")
    press(ines, "a[href='/my/pay/ahead']", ".o_cae_graph svg")
    assert ines.count(f"{RESULT} tbody tr") == 12
    usual = check_months(ines)
    # As a finger or the keyboard moves them.
    page.focus("#turnover")
    more = change(ines, lambda: page.keyboard.press("End"))
    assert more["Net"] > usual["Net"]
    assert amount(text_of(ines, "output[for=turnover]")) == int(
        page.get_attribute("#turnover", "max")
    )
    page.focus("#charges")
    less = change(ines, lambda: page.keyboard.press("ArrowRight"))
    assert less["Net"] < more["Net"]
    fixed = change(ines, lambda: page.select_option("#wish", "none"))
    assert fixed["Net"] < less["Net"] and fixed["Reste"] > less["Reste"]
    page.select_option("#wish", "net")
    wish = ".o_cae_wish_amount input"
    mine = change(ines, lambda: page.fill(wish, "1 234,56"))
    assert mine["Net"] != fixed["Net"]
    with page.expect_response(lambda answer: "/ahead/result" in answer.url):
        page.fill(wish, "beaucoup")
    page.wait_for_selector(f"{RESULT} .alert-warning")
    assert text_of(ines, f"{RESULT} .alert-warning").startswith("Écrivez un montant")
    assert page.input_value(wish) == "beaucoup"
    assert ines.fits()


def change(screen, move):
    """Do it, and wait for the graph that follows."""
    graph = f"{RESULT} .o_cae_graph"
    was = screen.page.inner_html(graph)
    move()
    screen.page.wait_for_function(
        "([graph, was]) => {const now = document.querySelector(graph);"
        " return now && now.innerHTML !== was}",
        arg=[graph, was],
    )
    return check_months(screen)


def check_months(screen):
    """``{"Net", "Reste"}`` of the twelve months: the table says what stands above."""
    net, left = (amount(each) for each in texts_of(screen, f"{RESULT} .fs-3"))
    months = list(portal.rows(screen, f"{RESULT} table").values())
    assert len(months) == 12
    # Each is rounded to the euro.
    assert abs(sum(row[3] for row in months) - net) <= 12
    assert months[-1][4] == left
    return {"Net": net, "Reste": left}


def test_payslip_and_papers_of_pay(ines):
    ines.show("/my", ".o_cae_home_links")
    press(ines, ".o_cae_home_links a[href='/my/payslips']", ".list-group-item")
    assert "475,33" in pdf_of(ines, f".list-group-item:has-text('{MONTH_TEXT}')")
    ines.show("/my/pay", ".list-group-item")
    month = f"a.list-group-item:has-text('{MONTH_TEXT}')"
    net = amount(text_of(ines, month).removeprefix("Août 2026"))
    assert net > 2000
    words = pdf_of(ines, month)
    assert f"{net:,}".replace(",", " ").replace(".", ",") in words, words
    assert "2026" in pdf_of(ines, ".list-group-item[href*='/year/2026/']")


# Accounts -----------------------------------------------------------------------------


def expected(figure):
    month = contract.ACTIVITIES[ACTIVITY]["mois"][MONTH]
    return Decimal(month[figure])


def open_statement(screen):
    screen.show("/my", ".o_cae_home_links")
    press(screen, ".o_cae_home_links a[href='/my/accounts']", ".o_cae_table")
    press(screen, f".o_cae_portal_list a:has-text('{MONTH_TEXT}')", ".o_cae_table")


def test_statement_to_the_cent(ines, client):
    open_statement(ines)
    shown = portal.rows(ines, ".o_cae_table")
    assert shown["Chiffre d’affaires"][0] == expected("facture_ht")
    assert shown["Achats et sous-traitance"][0] == expected("achats_ht")
    assert shown["Contribution coopérative"][0] == expected("contribution")
    given = {"codes": [ACTIVITY], "date": "2026-08-31"}
    (money,) = client.call("cae.activity", "treasury", **given)
    assert contract.cents(shown["Trésorerie"][0]) == contract.cents(money["treasury"])
    words = pdf_of(ines, ".card-header a:has-text('PDF')")
    for figure in ("facture_ht", "contribution"):
        text = f"{expected(figure):,}".replace(",", " ").replace(".", ",")
        assert text in words, text
    # How the contribution was computed, and where it is booked.
    line = f"details:has(summary:has-text('{MONTH_TEXT}'))"
    assert amount(text_of(ines, f"{line} summary .text-nowrap")) == expected(
        "contribution"
    )
    ines.page.click(f"{line} summary")
    told = text_of(ines, f"{line} p:visible")
    assert "11" in told and "€" in told
    press(ines, f"{line} a", ".list-group-item")
    assert "1 013,11 €" in text_of(ines, "main")


def test_from_the_statement_to_the_invoice(ines):
    open_statement(ines)
    press(ines, ".o_cae_table a:has-text('Chiffre d’affaires')", "a.list-group-item")
    values = texts_of(ines, ".list-group-item .text-nowrap")
    assert -sum(map(amount, values)) == expected("facture_ht")
    press(ines, "a.list-group-item:has-text('F2026-000433')", ".o_cae_home_money")
    money = pairs(ines, ".o_cae_home_money")
    assert money["HT"] == Decimal("890.64")
    assert money["TVA"] == Decimal("178.13")
    # Its letters are drawn: what it says is tested where it is made.
    assert file_of(ines, "a[href$='/pdf']")[1] == "application/pdf"
    press(ines, ".breadcrumb a[href*='/ledger']", "a.list-group-item")
    # And back to all lines of the month before.
    press(ines, "a:has-text('Mois précédent')", ".list-group-item")
    assert "juillet 2026" in text_of(ines, "h2 >> nth=0")


def download(screen, kind):
    with screen.page.expect_download() as waiting:
        screen.page.click(f"a[href*='ledger.{kind}']")
    assert waiting.value.suggested_filename == f"{ACTIVITY}-{MONTH}.{kind}"
    return waiting.value.path().read_bytes()


def test_files_of_a_month(ines):
    """The same in both, balanced, and the turnover is that of the statement."""
    ines.show(f"/my/accounts/ledger?month={MONTH}", ".list-group-item")
    sheet = openpyxl.load_workbook(io.BytesIO(download(ines, "xlsx"))).active
    (*header,), *lines = sheet.iter_rows(values_only=True)
    names = ["Date", "Compte", "Nom", "Libellé", "Document", "Débit", "Crédit"]
    assert header == names
    text = download(ines, "csv").decode("utf-8-sig")
    written = [row.split(";") for row in text.splitlines()]
    assert written[0] == names
    assert [(f"{row[0]:%d/%m/%Y}", row[1], amounts(row[5:])) for row in lines] == [
        (row[0], row[1], [amount(each) for each in row[5:]]) for row in written[1:]
    ]
    debit, credit = (sum(amounts(row[place] for row in lines)) for place in (5, 6))
    assert debit == credit > 0
    sold = [amounts(row[5:]) for row in lines if row[1].startswith("70")]
    assert sum(credit - debit for debit, credit in sold) == expected("facture_ht")


def amounts(cells):
    return [Decimal(f"{cell or 0:.2f}") for cell in cells]


def test_bought_from_another_activity(ines):
    ines.show("/my/accounts", "a[href*='/my/accounts/internal']")
    press(ines, "a[href*='/my/accounts/internal']", "details")
    assert "Acheté à" in text_of(ines, "details summary")
    assert amount(text_of(ines, "details summary > .text-nowrap")) == Decimal("-123.45")
    ines.page.click("details summary")
    assert "Séances de coaching" in text_of(ines, "details ul")
    assert "123,45" in pdf_of(ines, "details a:has-text('PDF')")
    press(ines, "details a[href*='/entry/']", ".list-group-item")
    assert "123,45 €" in text_of(ines, "main")
