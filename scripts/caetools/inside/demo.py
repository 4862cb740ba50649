"""Fill the demo database, in steps that are kept as they are done.

Prints ``> label`` when a step begins and ``. text`` for what it is at. Each step is
written together with its mark: what is interrupted goes on where it was.
"""

import base64
import json
import shutil
import sys

from odoo.fields import Command

from caetools import demo_data

from . import demo_coaching as coaching
from . import demo_governance as governance
from . import demo_purchases as purchases
from . import env as inside
from .demo_close import Closing, open_month
from .demo_invoicing import make_invoices
from .demo_logo import logo
from .demo_pay import PAID_IN, prepare_pay, settle, transfer_pay
from .demo_quotes import make_quotes

STATE = "cae_demo.state"
COMPANY = {
    "name": "Les Brisants",
    "street": "12 quai de la Fosse",
    "zip": "44000",
    "city": "Nantes",
    "phone": "+33 2 61 91 12 34",
    "email": "contact@les-brisants.example",
    "website": "https://les-brisants.example",
    "company_registry": "99999999800019",
    "vat": "FR11999999998",
}
# Advances on the variable part of the pay: to all, above a reserve of 500 €.
PAY_POLICY = {
    "cae_pay_policy": "all",
    "cae_pay_reserve": 500.0,
    "cae_headcount": 38,
}
# Login (and password), name, group, first screen.
CLOSE = "cae_base.cae_period_action_current"
TEAM = (
    ("manager", "Claire Le Gall", "cae_base.group_manager", CLOSE),
    ("comptable", "Marc Tréhet", "cae_base.group_accountant", CLOSE),
    (
        *("conseil", "Solène Rault", "cae_base.group_coach"),
        "cae_base.cae_entrepreneur_action_mine",
    ),
    (
        *("paie", "Aïcha Benali", "cae_base.group_payroll"),
        "cae_payroll.cae_pay_line_action_to_approve",
    ),
    (
        *("secretaire", "Maud Prigent", "cae_base.group_governance"),
        "cae_governance.cae_meeting_action",
    ),
)
# Login (and password), code of the entrepreneur.
ENTREPRENEURS = (("ines", "E0001"), ("nadia", "E0027"))
# Of November: the figures of the months before are those of the data alone.
# Number, date, seller, buyer, description, quantity, unit price.
INTERNAL_SALES = (
    *(
        ("VI-DEMO-1", "2026-11-03", "A0005", "A0018", label, quantity, price)
        for label, quantity, price in (
            ("Logo du maraîcher et étiquettes des paniers", 1, 480),
            ("Impression de 500 étiquettes", 500, 0.12),
        )
    ),
    ("VI-DEMO-2", "2026-11-10", "A0010", "A0024", "Site vitrine, jours", 2.5, 350),
    ("VI-DEMO-3", "2026-11-12", "A0012", "A0003", "Traduction d’un livret", 24, 18.5),
)
PROJECT = {"name": "Festival des Quais", "date_start": "2026-11-01"}
PARTICIPANTS = {"A0005": 50, "A0010": 30, "A0024": 20}
COACH, COACHED_TEAM = "conseil", "Conseil Sud"
# A demo neither calls home nor sends mail.
STOPPED_CRONS = (
    "mail.ir_cron_module_update_notification",
    "mail.ir_cron_mail_scheduler_action",
)


class Demo:
    """The demo database and what has been done in it."""

    def __init__(self, database: str):
        self.database = database

    def environment(self):
        """An environment of the administrator, in French."""
        return inside.environment(
            self.database, login="admin", lang="fr_FR", tz="Europe/Paris"
        )

    def build(self) -> None:
        """Do the steps that have not been done."""
        for key, label, action in self._steps():
            with self.environment() as env:
                if key in read_state(env)["done"]:
                    continue
            inside.say(f"> {label}")
            self._do(key, action)
        with self.environment() as env:
            env.cr.execute("ANALYZE")

    def _do(self, key: str, action) -> None:
        finished = False
        while not finished:
            with self.environment() as env:
                finished = action(env)
                if finished:
                    mark_done(env, key)

    def _steps(self):
        yield "company", "Company", set_company
        for dataset, path in demo_data.files():
            yield dataset, f"Load {path.name}", Loading(dataset, path)
        yield "users", "Users", create_users
        yield "pay", "Requests of pay, and the year before", prepare_pay
        for month in demo_data.MONTHS:
            yield from governance.steps(month)
            if month == f"{PAID_IN:%Y-%m}":
                yield "settlement", "Settlement of the year before", settle
            yield month, f"Month {month}", Month(month)
            yield f"close {month}", f"Close {month}", Closing(month)
        yield "pdf", f"PDFs of {demo_data.MONTHS[-1]}", prepare_pdfs
        yield "transfers", "Transfers of pay", transfer_pay
        yield "open", "Month under way", open_month
        yield "internal", "Internal sales and a shared project", share_work
        yield "purchases", "Purchases declared on the portal", purchases.declare
        yield "invoicing", "Invoices of the portal", make_invoices
        yield from governance.steps("")
        yield from coaching.steps()
        yield "quotes", "Quotes of the portal", make_quotes
        yield "finish", "Finish", finish


def read_state(env) -> dict:
    """What has been done: ``{"done": [keys], …}``."""
    # sudo: parameters of the system are readable by administrators only.
    value = env["ir.config_parameter"].sudo().get_param(STATE)
    return {"done": [], **json.loads(value or "{}")}


def mark_done(env, key: str) -> None:
    """Note that a step is done."""
    state = read_state(env)
    state["done"].append(key)
    # sudo: as above.
    env["ir.config_parameter"].sudo().set_param(STATE, json.dumps(state))


def set_company(env) -> bool:
    """A cooperative of Nantes."""
    policy = {
        name: value
        for name, value in PAY_POLICY.items()
        if name in env["res.company"]._fields
    }
    env.company.write({**COMPANY, **policy, "logo": logo(COMPANY["name"])})
    env.company.country_id = env.ref("base.fr")
    # Customers get their invoices in French.
    env["ir.default"].set("res.partner", "lang", "fr_FR")
    env["res.partner"].with_context(active_test=False).search([]).lang = "fr_FR"
    sell_services(env)
    speak_french(env)
    if "iap_enrich_auto_done" in env.company._fields:
        # Odoo would ask its online service about the company at the first login.
        env.company.iap_enrich_auto_done = True
    for xmlid in STOPPED_CRONS:
        cron = env.ref(xmlid, raise_if_not_found=False)
        if cron:
            cron.sudo().active = False
    return True


def speak_french(env) -> None:
    """The chart names some things once for all languages, in English."""
    ways = env["account.payment.method.line"].search([])
    for way in ways:
        way.name = way.payment_method_id.name
    terms = env["account.payment.term"].search([])
    for term in terms:
        term.note = f"Conditions de paiement\u00a0: {term.name}"
    # A discount for who pays early is nothing that a CAE offers.
    terms.filtered("early_discount").active = False


def sell_services(env) -> None:
    """What is typed without a product is a service, with its VAT."""
    chart = env["account.chart.template"].with_company(env.company)
    services = chart.ref("pcg_706")
    services.tax_ids = chart.ref("tva_normale_encaissement")
    journals = env["account.journal"].search([("type", "=", "sale")])
    journals.default_account_id = services


class Loading:
    """Load one file."""

    def __init__(self, dataset: str, path):
        self.dataset = dataset
        self.path = path

    def __call__(self, env) -> bool:
        content = base64.b64encode(self.path.read_bytes()).decode()
        result = env["cae.exchange"].load_file(
            dataset=self.dataset, name=self.path.name, content_base64=content
        )
        if result["errors"]:
            sys.exit(f"{self.path.name} was refused: {result['errors'][:5]}")
        inside.say(f". {result['created']} created, {result['updated']} updated")
        return True


class Month:
    """Run one month; a call stops at its time budget and is made again."""

    def __init__(self, month: str):
        self.month = month

    def __call__(self, env) -> bool:
        result = env["cae.period"].month_run(month=self.month)
        charged = result["contributions"]
        inside.say(f". {charged['lines']} contributions, {charged['total']:.2f} €")
        return result["done"]


def share_work(env) -> bool:
    """Sales between activities, and an invoice that three of them share."""
    names = (
        *("numero", "date", "vendeur", "acheteur"),
        *("libelle", "quantite", "prix_unitaire"),
    )
    rows = [dict(zip(names, row, strict=True)) for row in INTERNAL_SALES]
    result = env["cae.exchange"].load(dataset="internal_sales", rows=rows)
    if result["errors"]:
        sys.exit(f"internal sales were refused: {result['errors'][:5]}")
    activities = env["cae.activity"].search([("code", "in", list(PARTICIPANTS))])
    parts = [
        Command.create({"activity_id": a.id, "share": PARTICIPANTS[a.code]})
        for a in activities
    ]
    project = env["cae.shared.project"].create({**PROJECT, "part_ids": parts})
    tax = env["account.chart.template"].ref("tva_normale_encaissement")
    line = {"name": "Identité visuelle, site et conseil", "price_unit": 4200}
    customers = env["res.partner"].search(
        [("cae_activity_id", "=", activities[0].id)], order="ref", limit=1
    )
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": customers.id,
            "invoice_date": "2026-11-16",
            "cae_project_id": project.id,
            "invoice_line_ids": [
                Command.create({**line, "tax_ids": [Command.set(tax.ids)]})
            ],
        }
    )
    invoice.action_post()
    inside.say(f". {result['created']} internal sales, invoice {invoice.name}")
    return True


def prepare_pdfs(env) -> bool:
    """The PDFs of the last month; the others are rendered when first opened."""
    if not shutil.which("wkhtmltopdf"):
        inside.say(". left out: wkhtmltopdf is not installed")
        return True
    result = env["cae.period"].statement_batch(month=demo_data.MONTHS[-1])
    inside.say(f". {result['pdf']} PDFs")
    return result["done"]


def create_users(env) -> bool:
    """The team, and two entrepreneurs with the portal."""
    Users = env["res.users"].with_context(no_reset_password=True)
    common = {"lang": "fr_FR", "tz": "Europe/Paris"}
    for login, name, group, home in TEAM:
        action = env.ref(home, raise_if_not_found=False)
        Users.create(
            {
                **common,
                "name": name,
                "login": login,
                "password": login,
                "email": f"{login}@les-brisants.example",
                "action_id": action and action.id,
                "group_ids": [Command.set([env.ref(group).id])],
            }
        )
    for login, code in ENTREPRENEURS:
        entrepreneur = env["cae.entrepreneur"].search([("code", "=", code)])
        group = env.ref("cae_base.group_entrepreneur")
        entrepreneur.user_id = Users.create(
            {
                **common,
                "partner_id": entrepreneur.partner_id.id,
                "login": login,
                "password": login,
                "group_ids": [Command.set([group.id])],
            }
        )
    assign_coach(env)
    return True


def assign_coach(env) -> None:
    """Give the coach a team and its entrepreneurs."""
    coach = env["res.users"].search([("login", "=", COACH)])
    team = env["cae.team"].search([("name", "=", COACHED_TEAM)])
    team.user_ids += coach
    team.entrepreneur_ids.filtered(lambda person: not person.coach_id).coach_id = coach


def finish(env) -> bool:
    """Give the database an identity of its own."""
    env["ir.config_parameter"].sudo().init(force=True)
    return True


def update(database: str, modules: list[str]) -> None:
    """Bring a demo that was built with other addons up to date, and add new ones."""
    from odoo.modules.registry import Registry

    inside.say("> Update the addons")
    Registry.new(
        database,
        update_module=True,
        install_modules=modules,
        upgrade_modules=modules,
    )


def main(action: str, database: str, *modules: str) -> None:
    """Build the demo, or update its addons first."""
    inside.configure(database)
    if action == "update":
        update(database, list(modules))
    Demo(database).build()


if __name__ == "__main__":
    main(*sys.argv[1:])
