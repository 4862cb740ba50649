"""Quotes of entrepreneurs of the demo, in every state: drafts to invoices paid."""

import re

from odoo.fields import Datetime
from odoo.tools import remove_accents

from . import env as inside
from .acting import ACCOUNTANT, acting
from .demo_clock import Clock
from .demo_coaching import forget_mails
from .demo_interviews import drawn

#: The customer who is no company.
PERSON = "Camille et Sacha Morin"
#: Customers: address, postcode, town, who signs.
CUSTOMERS = {
    "Librairie des Carmes": ("8 rue des Carmes", "44000", "Nantes", "Paul Morvan"),
    "Brasserie du Quai": ("3 quai de la Fosse", "44000", "Nantes", "Anne Le Roux"),
    "Gîtes de l’Erdre": ("12 chemin du Port", "44240", "Sucé-sur-Erdre", "Luc Aubry"),
    "Festival Marées": ("1 place du Vieux-Port", "29900", "Concarneau", "Iris Kerdal"),
    "École de voile de Pornic": ("La Noëveillard", "44210", "Pornic", "Yves Gall"),
    "Ville de Rezé": ("Place Jean-Baptiste-Daviais", "44400", "Rezé", "Élise Roy"),
    "Épicerie Le Bocal": ("27 rue Joffre", "44000", "Nantes", "Sarah Petit"),
    "Cabinet Guillou": ("5 rue de Strasbourg", "44000", "Nantes", "Maître Guillou"),
    PERSON: ("14 rue des Lilas", "44300", "Nantes", "Camille Morin"),
    "Éditions du Large": ("40 rue de Siam", "29200", "Brest", "Denis Cozic"),
    "Mission locale": ("9 bd des Pas-Enchantés", "44230", "Saint-Sébastien", "Awa Ba"),
}
#: Code of the entrepreneur, customer, day, what becomes of it (see ``Quote``), lines:
#: what it is, quantity, price without VAT.
QUOTES = (
    (
        *("E0001", "Librairie des Carmes", "2026-11-24", "draft"),
        ("Refonte du site : maquettes", 3, 420),
        ("Refonte du site : développement, jours", 8, 420),
    ),
    (
        *("E0001", "Brasserie du Quai", "2026-11-18", "sent"),
        ("Boutique en ligne : catalogue, panier, paiement", 1, 3900),
        ("Formation à la gestion des commandes, demi-journée", 1, 280),
    ),
    (
        *("E0001", "Gîtes de l’Erdre", "2026-11-03", "deposit"),
        ("Application de réservation : conception et développement, jours", 12, 420),
        ("Reprise des données de l’ancien planning", 1, 560),
    ),
    (
        *("E0001", "Festival Marées", "2026-10-12", "Projet repoussé d’un an : budget"),
        ("Site de la programmation, jours", 6, 420),
    ),
    (
        *("E0001", "École de voile de Pornic", "2026-11-05", "paid"),
        ("Maintenance du site, un an", 1, 960),
    ),
    (
        *("E0001", "Ville de Rezé", "2026-09-14", "sent"),
        ("Audit d’accessibilité du site (RGAA)", 1, 2400),
    ),
    (
        *("E0027", "Épicerie Le Bocal", "2026-11-10", "accepted"),
        ("Identité visuelle : logo, charte, papeterie", 1, 1450),
    ),
    (
        *("E0027", "Cabinet Guillou", "2026-11-19", "sent"),
        ("Plaquette de présentation, huit pages", 1, 880),
    ),
    (
        *("E0012", "Camille et Sacha Morin", "2026-11-09", "waiting"),
        ("Bibliothèque en chêne sur mesure, fourniture et pose", 1, 3200),
        ("Peinture naturelle, deux couches", 1, 240),
    ),
    (
        *("E0018", "Éditions du Large", "2026-11-04", "final"),
        ("Traduction d’un guide nautique, feuillets", 64, 28),
        ("Relecture d’épreuves", 4, 45),
    ),
    (
        *("E0010", "Mission locale", "2026-11-16", "Un autre organisme a été retenu"),
        ("Atelier « Prendre la parole », journées", 2, 750),
    ),
)


class Quote:
    """What an entrepreneur, the customer and the accountant do with a quote.

    ``draft``; ``sent``; ``accepted`` on paper; ``waiting`` and ``deposit``: signed on
    line, its deposit waits for the cooperative or is validated; ``final``: the whole is
    invoiced after a deposit; ``paid``: without one, and paid. Any other text is the
    reason for which it was lost.
    """

    def __init__(self, env, clock, user, row):
        code, self.customer, self.day, self.fate, *self.lines = row
        self.env, self.clock = env, clock
        door = env["cae.invoicing"].with_user(user).with_company(env.company)
        self.door = door
        self.key = 0

    def play(self) -> None:
        """From the draft to where it stands today."""
        self.clock.at(f"{self.day} 09:00:00")
        self.key = self.door.save_quote(self._values())
        if self.fate == "draft":
            return
        self._leave()
        steps = {
            "sent": (),
            "accepted": (self._accept,),
            "waiting": (self._sign, self._deposit),
            "deposit": (self._sign, self._deposit, self._validate),
            "final": (self._sign, self._deposit, self._validate, self._invoice),
            "paid": (self._accept, self._invoice, self._validate, self._pay),
        }
        for step in steps.get(self.fate, (self._lose,)):
            self.clock.tick(3)
            step()

    def _values(self):
        street, code, city, _who = CUSTOMERS[self.customer]
        activity = self.door._activities()[:1].code
        customer = self.door.save_customer(
            {
                **{"activity": activity, "name": self.customer},
                **{"street": street, "zip": code, "city": city},
                "company": self.customer != PERSON,
                "email": f"contact@{_slug(self.customer)}.example",
            }
        )
        rates = self.door.choices(activity)["taxes"]
        tax = next(rate["id"] for rate in rates if rate["kind"] == "service")
        names = ("description", "quantity", "price")
        lines = [
            {**dict(zip(names, line, strict=True)), "tax": tax} for line in self.lines
        ]
        return {"activity": activity, "customer": customer, "lines": lines}

    def _order(self):
        # sudo: what the customer, or the server of mails, does.
        return self.env["sale.order"].sudo().browse(self.key)

    def _leave(self):
        """It is sent; the demo sends no mail, and needs no program for PDFs."""
        self._order().write({"state": "sent", "cae_mailed_on": Datetime.now()})

    def _accept(self):
        self.door.accept_quote(self.key)

    def _sign(self):
        """The customer signs on the page of the link."""
        name = CUSTOMERS[self.customer][-1]
        signed = {"signed_by": name, "signed_on": Datetime.now()}
        order = self._order().with_context(mail_notify_force_send=False)
        order.write({**signed, "signature": drawn(name)})
        order.action_confirm()

    def _lose(self):
        self.door.refuse_quote(self.key, self.fate)

    def _deposit(self):
        self.document = self.door.invoice_quote(self.key, "30", f"demo{self.key}")
        self.door.send(self.document)

    def _invoice(self):
        self.document = self.door.invoice_quote(self.key)
        self.door.send(self.document)

    def _validate(self):
        self._checked().action_cae_validate()

    def _pay(self):
        payments = acting(self.env, "account.payment.register", ACCOUNTANT)
        invoice = {"active_model": "account.move", "active_ids": [self.document]}
        payments.with_context(**invoice).create({})._create_payments()

    def _checked(self):
        return acting(self.env, "account.move", ACCOUNTANT).browse(self.document)


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", remove_accents(name.lower()))


def make_quotes(env) -> bool:
    """Quotes of those who have the portal; none without Odoo's Sales."""
    if "sale.order" not in env:
        return True
    people = env["cae.entrepreneur"].search([("user_id", "!=", False)])
    users = {person.code: person.user_id for person in people}
    rows = [row for row in QUOTES if row[0] in users]
    with Clock(env) as clock:
        for row in rows:
            Quote(env, clock, users[row[0]], row).play()
    forget_mails(env)
    inside.say(f". {len(rows)} quotes")
    return True
