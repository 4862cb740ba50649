"""Invoices that an entrepreneur makes on the portal: written, waiting, refused."""

from . import env as inside
from .acting import ACCOUNTANT, acting
from .demo_clock import Clock

PERSON, MOMENT = "ines", "2026-11-20 09:00:00"
#: What becomes of each: description, quantity, price without VAT.
INVOICES = (
    ("keep", ("Maquettes de la page d’accueil", "3", "420")),
    (
        "send",
        ("Intégration du site, jours", "4", "420"),
        ("Hébergement, un an", "1", "96"),
    ),
    ("refuse", ("Formation à la mise à jour du site", "1", "650")),
)
REFUSAL = "Le devis signé prévoit 600 €. Corrigez le prix, ou joignez l’avenant."


def make_invoices(env) -> bool:
    """Inès makes three invoices; the accountant gives one back."""
    door = acting(env, "cae.invoicing", PERSON).with_company(env.company)
    customers = door.customers()
    with Clock(env) as clock:
        clock.at(MOMENT)
        for place, (step, *lines) in enumerate(INVOICES):
            customer = customers[place % len(customers)]
            key = door.save(_values(door, customer, lines))
            if step != "keep":
                door.send(key)
            if step == "refuse":
                document = acting(env, "account.move", ACCOUNTANT).browse(key)
                document.action_cae_refuse(REFUSAL)
    inside.say(f". {len(INVOICES)} invoices")
    return True


def _values(door, customer, lines) -> dict:
    rates = door.choices(customer["activity"])["taxes"]
    tax = next(rate["id"] for rate in rates if rate["kind"] == "service")
    names = ("description", "quantity", "price")
    return {
        "activity": customer["activity"],
        "customer": customer["id"],
        "lines": [
            {**dict(zip(names, line, strict=True)), "tax": tax} for line in lines
        ],
    }
