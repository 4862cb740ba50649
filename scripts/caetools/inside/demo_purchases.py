"""Purchases of the demo, declared on the portal: by photo, paid or still to check."""

import io
from uuid import uuid4

from PIL import Image, ImageDraw

from . import env as inside
from .acting import ACCOUNTANT, acting
from .demo_clock import Clock

#: Person's login; day; supplier, what it is, total with VAT, number on the bill.
BILLS = (
    ("ines", "2026-11-04", ("OVH", "Hébergement de novembre", "43,18", "FR72841190")),
    ("ines", "2026-11-17", ("Imprimerie du Quai", "Cartes de visite", "96,00", "1187")),
    ("nadia", "2026-11-12", ("Mercerie Graslin", "Fil et boutons", "58,40", "")),
)
#: The same, category's code: amount, what it is.
EXPENSES = (
    ("ines", "2026-11-06", "TRANS & ACC", ("62,00", "Train Nantes – Paris")),
    ("ines", "2026-11-18", "FOOD", ("31,50", "Déjeuner avec un client")),
    ("nadia", "2026-11-19", "COMM", ("12,90", "Envoi d’échantillons")),
)
#: Login, day, from, to, purpose, kilometres.
JOURNEYS = (
    ("ines", "2026-11-05", "Nantes", "Angers", "Réunion de lancement", "90"),
    ("ines", "2026-11-13", "Nantes", "Saint-Nazaire", "Formation du client", "64"),
    ("ines", "2026-11-20", "Nantes", "Rezé", "Recette du site", "7"),
)
CAR = {"vehicle": "car", "power": "5", "back": "1"}
#: What is dealt with already: how many bills, expenses and journeys, in their order.
BOOKED, APPROVED = 1, 1
SENT_BACK = "Le numéro de TVA est illisible : reprenez la photo, s’il vous plaît."


def declare(env) -> bool:
    """Bills, expenses and journeys of November; accountants have begun with them."""
    with Clock(env) as clock:
        bills = [declare_bill(env, clock, *row) for row in BILLS]
        expenses = [declare_expense(env, clock, *row) for row in EXPENSES]
        journeys = [declare_journey(env, clock, *row) for row in JOURNEYS]
        clock.at("2026-11-20 15:00:00")
        check(env, bills, [*expenses[:APPROVED], *journeys[:APPROVED]])
    count = len(bills) + len(expenses) + len(journeys)
    inside.say(f". {count} purchases declared")
    return True


def declare_bill(env, clock, login, day, texts):
    """A bill, as the person sends it from a phone."""
    given = dict(zip(("supplier", "name", "amount", "ref"), texts, strict=True))
    return _declare(env, clock, "bill", login, day, given, photo(day, *texts))


def declare_expense(env, clock, login, day, code, texts):
    """An expense that the person paid."""
    category = env["product.product"].search([("default_code", "=", code)])
    given = dict(zip(("amount", "name"), texts, strict=True))
    given["category"] = str(category.id)
    return _declare(env, clock, "expense", login, day, given, photo(day, *texts))


def declare_journey(env, clock, login, day, *texts):
    """A journey with one's own car, there and back."""
    names = ("from", "to", "purpose", "distance")
    given = {**CAR, **dict(zip(names, texts, strict=True))}
    return _declare(env, clock, "mileage", login, day, given, None)


def _declare(env, clock, kind, login, day, given, image):
    clock.at(f"{day} 17:30:00")
    desk = acting(env, "cae.purchase", login)
    activity = desk._buyer().held[:1].code
    files = [("IMG_4021.jpg", image)] if image else []
    given |= {"date": day, "activity": activity}
    return desk._declare(kind, given, files, uuid4().hex)


def check(env, bills, claims) -> None:
    """An accountant books the first bill, sends one back, approves what is clear."""
    moves = acting(env, "account.move", ACCOUNTANT)
    for bill in moves.browse([bill.id for bill in bills[:BOOKED]]):
        name = bill.cae_declared_supplier
        found = bill.partner_id.search([("name", "=", name)], limit=1)
        bill.partner_id = found or found.create({"name": name})
        bill.action_post()
    moves.browse(bills[-1].id).action_cae_send_back(SENT_BACK)
    expenses = acting(env, "hr.expense", ACCOUNTANT)
    expenses.browse([claim.id for claim in claims]).action_approve()


def photo(*lines):
    """A paper with these words, photographed."""
    image = Image.new("RGB", (720, 960), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((30, 30, 690, 930), outline="gray", width=2)
    for place, line in enumerate(line for line in lines if line):
        draw.text((70, 90 + 70 * place), line, fill="black", font_size=34)
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=80)
    return stream.getvalue()
