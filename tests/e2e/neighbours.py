"""Three people of one cooperative, and all that is secret between them.

``python tests/e2e/neighbours.py DATABASE RESULT`` fills a copy of the template and
writes what the walk needs to know of it as JSON: who owns which records, the words and
the figures that nobody else may meet, the routes and the public methods of our addons.

Alba is alone; Bruno holds an activity alone and one with Cleo, who holds another alone.
Everything that is Alba's alone says ``Zalba7q``, and so on; ``Zmuto4k`` is what Bruno
and Cleo share, ``Zcand2p`` a candidate's, ``Zkund5r`` the customer's own.
"""

import base64
import functools
import inspect
import io
import json
import re
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import neighbours_quotes
from caetools.inside import env as inside
from further import FURTHER, Further
from reportlab.pdfgen import canvas

from odoo import fields
from odoo.fields import Command
from odoo.tools import SQL

WORDS = {
    "alba": "Zalba7q",
    "bruno": "Zbrio8w",
    "cleo": "Zcleo9x",
    "mutual": "Zmuto4k",
    "candidate": "Zcand2p",
    "customer": "Zkund5r",
    "dora": "Zdora2x",
    "emma": "Zemma4t",
    "staff": "Zstaf6t",
}
#: What people are called: known to whom they meet, and nowhere else.
NAMES = {
    "alba": "Alba Nalban3h",
    "bruno": "Bruno Nbrunn5j",
    "cleo": "Cleo Ncleon6k",
    "customer": "Customer Nkunde8m",
    "dora": "Dora Ndoran7v",
    "emma": "Emma Nemman9q",
}
#: Trade names: customers read them on their invoices.
TRADES = {key: f"T{word[1:]}" for key, word in WORDS.items()}
#: What each activity invoices, before tax.
AMOUNTS = {"alba": 48271.37, "bruno": 37162.59, "cleo": 26853.83, "mutual": 15949.61}
#: Who knows whose name and trade name: from what they share, from the directory.
KNOWN = {
    "alba": ["dora"],
    "bruno": ["cleo", "dora"],
    "cleo": ["bruno", "dora"],
    "customer": ["alba"],
}
#: What two of them sell to what they share: both sides read it.
SALES = {"bruno": 733.19, "cleo": 622.91}
#: Who reads which words beside their own.
SHARED = {
    "alba": ["customer"],
    "bruno": ["mutual"],
    "cleo": ["mutual"],
    "customer": [],
    "beyond": ["emma"],
}
PAPERS = "ir.attachment"
PEOPLE = ("alba", "bruno", "cleo")
BUILT = (
    *("opening", "customer", "coaching", "support", "money", "desk", "pay"),
    *("cooperative", *FURTHER),
)
#: The smallest PNG.
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
#: Free text that nothing computes with is filled where it is empty.
TOLD = re.compile(r"(note|reason|comment|refusal|message|text|description|objectives)$")
MONTH = "2026-01"
#: Opens an invoice of Alba's.
TOKEN = "b" * 36
#: Fields that lead to whose a record is, the surest first.
LINKS = (
    *("entrepreneur_id", "activity_id", "seller_id", "member_id", "giver_id"),
    *("elector_id", "partner_id", "user_id", "file_id", "candidate_id"),
    *("entrepreneur_ids", "interview_id", "report_id", "settlement_id", "sale_id"),
    *("statement_id", "registration_id", "line_id", "assessment_id", "pay_line_id"),
)


def pdf(*lines):
    """A PDF that says these lines."""
    stream = io.BytesIO()
    sheet = canvas.Canvas(stream, invariant=True)
    for number, line in enumerate(lines):
        sheet.drawString(50, 700 - 20 * number, line)
    sheet.save()
    return stream.getvalue()


def waiting(key):
    """What is invoiced and bought on the portal, before tax: nothing else's amount."""
    return f"{AMOUNTS[key] / 3:.2f}"


class Town(Further):
    """Builds it, step by step."""

    def __init__(self, env):
        quiet = {
            "tracking_disable": True,
            "mail_create_nosubscribe": True,
            "no_mail_to_attendees": True,
            "no_reset_password": True,
        }
        self.env = env(context={**env.context, **quiet})
        self.company = env.company
        self.chart = env["account.chart.template"].with_company(env.company)
        self.users, self.people, self.activities = {}, {}, {}
        self.documents, self.sales = {}, []
        #: What was made on the portal: ``{model: {owner: ids}}``.
        self.made = {}

    def build(self):
        for step in BUILT:
            getattr(self, f"add_{step}")()
            self.env.flush_all()
        self.env.invalidate_all()
        self.fill_texts()

    # People ------------------------------------------------------------------------

    def add_opening(self):
        """Users, people, contracts, activities."""
        year = {"fiscalyear_last_month": "6", "fiscalyear_last_day": 30}
        self.company.write({"cae_headcount": 60, "cae_at_rate": 2.08, **year})
        self.env.user.group_ids += self.env.ref("cae_base.group_manager")
        for login, group in (
            ("coach", "cae_base.group_coach"),
            ("payroll", "cae_base.group_payroll"),
            ("secretary", "cae_base.group_governance"),
            *((name, "cae_base.group_entrepreneur") for name in PEOPLE),
            ("customer", "base.group_portal"),
        ):
            self.user(login, group)
        for rank, name in enumerate(PEOPLE, 1):
            self.people[name] = self.person(name, rank)
        for key, holders in (
            ("alba", {"alba": 100}),
            ("bruno", {"bruno": 100}),
            ("cleo", {"cleo": 100}),
            ("mutual", {"bruno": 60, "cleo": 40}),
        ):
            self.activities[key] = self.activity(key, holders)

    @functools.cached_property
    def scheme(self):
        schemes = self.env["cae.contribution.scheme"]
        return schemes.search([("code", "=", "STD10")], limit=1)

    def word(self, name):
        return WORDS.get(name, "")

    def called(self, login):
        return NAMES.get(login, login.title())

    def person(self, name, rank):
        user = self.users[name]
        person = self.env["cae.entrepreneur"].create(
            {
                "first_name": name.title(),
                "last_name": NAMES[name].split()[1],
                "code": f"P{rank}",
                "email": user.email,
                "phone": f"02 {WORDS[name]}",
                "matricule": f"004{rank}",
                "date_entry": "2025-01-01",
                "partner_id": user.partner_id.id,
                "user_id": user.id,
                "coach_id": self.users["coach"].id,
            }
        )
        self.env["cae.contract"].create(
            {
                "entrepreneur_id": person.id,
                "kind": "cesa",
                "date_start": "2025-03-01",
                "fixed_part": 1000 + rank * 111.37,
            }
        )
        self.env["res.partner.bank"].create(
            {
                "partner_id": person.partner_id.id,
                "acc_number": f"FR7630001{WORDS[name]}",
                "allow_out_payment": True,
            }
        )
        return person

    def activity(self, key, holders):
        activity = self.env["cae.activity"].create(
            {
                "code": f"X-{key}",
                "name": f"Studio {TRADES[key]}",
                "trade": f"Trade {WORDS[key]}",
                "scheme_id": self.scheme.id,
                "date_start": "2025-01-01",
            }
        )
        activity.share_ids = [
            Command.create(
                {
                    "entrepreneur_id": self.people[name].id,
                    "share": share,
                    "date_start": "2025-01-01",
                    "convention_date": "2024-12-01",
                }
            )
            for name, share in holders.items()
        ]
        return activity

    def add_customer(self):
        """The portal user who is a customer of Alba's, with the invoice of theirs."""
        self.customers = {
            key: self.env["res.partner"].create(
                {
                    "name": f"Client {WORDS[key]}",
                    "email": f"client@{WORDS[key]}.example",
                    "street": f"1 rue {WORDS[key]}",
                    "cae_activity_id": self.activities[key].id,
                    "bank_ids": [Command.create({"acc_number": f"BE68{WORDS[key]}"})],
                }
            )
            for key in AMOUNTS
        }
        self.customers["customer"] = self.users["customer"].partner_id

    # Money -------------------------------------------------------------------------

    def account(self, prefix):
        return self.env["account.account"].search(
            [("code", "=like", f"{prefix}%")], limit=1, order="code"
        )

    def document(self, kind, key, partner, amount, post=True, word=""):
        sale, day = kind.startswith("out"), "2026-01-10"
        word = word or WORDS[key]
        move = self.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": partner.id,
                "invoice_date": day,
                "date": day,
                "ref": f"Ref {word}",
                "narration": f"<p>{word}</p>",
                "cae_activity_id": self.activities[key].id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": f"Work for {word}",
                            "price_unit": amount,
                            "account_id": self.account("706" if sale else "611").id,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        if post:
            move.action_post()
        return move

    def add_money(self):
        """Invoices, bills, a payment, expenses, internal sales, statements."""
        supplier = self.env["res.partner"].create({"name": "Supplier of all"})
        for key, amount in AMOUNTS.items():
            customer = self.customers[key]
            self.documents[key] = [
                self.document("out_invoice", key, customer, amount),
                self.document("out_invoice", key, customer, amount / 7, post=False),
                self.document("in_invoice", key, supplier, round(amount / 23, 2)),
            ]
            self.pay(self.documents[key][0])
        self.documents["alba"][0].access_token = TOKEN
        own = ("alba", self.customers["customer"], 812.43)
        self.documents["customer"] = [
            self.document("out_invoice", *own, word=WORDS["customer"])
        ]
        for seller, amount in SALES.items():
            self.sell(seller, "mutual", amount)
        self.project()
        self.spend()
        period = self.env["cae.period"]
        for month in (MONTH, "2026-02"):
            period.month_run(month, steps=["contributions"])
        for key in AMOUNTS:
            self.attach(self.documents[key][0], key)

    def pay(self, invoice):
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        journal = self.env["account.journal"].search([("type", "=", "bank")], limit=1)
        wizard.create(
            {"payment_date": "2026-01-20", "journal_id": journal.id}
        )._create_payments()

    def sell(self, seller, buyer, amount):
        sale = self.env["cae.internal.sale"].create(
            {
                "seller_id": self.activities[seller].id,
                "buyer_id": self.activities[buyer].id,
                "date": "2026-01-15",
                "line_ids": [
                    Command.create(
                        {"name": f"Help {WORDS['mutual']}", "price_unit": amount}
                    )
                ],
            }
        )
        sale.action_post()
        self.sales.append(sale)

    def project(self):
        self.env["cae.shared.project"].create(
            {
                "name": f"Fair {WORDS['mutual']}",
                "date_start": "2026-01-01",
                "part_ids": [
                    Command.create(
                        {"activity_id": self.activities[key].id, "share": 50}
                    )
                    for key in ("bruno", "mutual")
                ],
            }
        )

    def spend(self):
        people = self.env["cae.entrepreneur"].union(*self.people.values())
        people._ensure_employees()
        category = self.env.ref("hr_expense.product_product_no_cost")
        for name, person in self.people.items():
            expense = self.env["hr.expense"].create(
                {
                    "name": f"Train {WORDS[name]}",
                    "employee_id": person.employee_id.id,
                    "product_id": category.id,
                    "total_amount_currency": AMOUNTS[name] / 311,
                    "date": "2026-01-12",
                    "cae_activity_id": self.activities[name].id,
                }
            )
            self.attach(expense, name)

    def attach(self, record, key, content=None):
        """A file and a word on a record."""
        self.env["ir.attachment"].create(
            {
                "name": f"{WORDS[key]}.pdf",
                "res_model": record._name,
                "res_id": record.id,
                "raw": content or pdf(f"File of {WORDS[key]}"),
                "mimetype": "application/pdf",
            }
        )
        if hasattr(record, "message_post"):
            record.message_post(body=f"Said of {WORDS[key]}")

    # From the portal ---------------------------------------------------------------

    def add_desk(self):
        """Customers, invoices, bills and expenses that the holders declare."""
        for key in AMOUNTS:
            holder = key if key in self.people else "bruno"
            self.invoice(key, self.door("cae.invoicing", holder))
            self.purchase(key, self.door("cae.purchase", holder))

    def door(self, model, holder):
        user = self.users[holder]
        return self.env[model].with_user(user).with_company(self.company)

    def keep(self, model, key, ids):
        self.made.setdefault(model, {}).setdefault(key, []).extend(ids)

    def invoice(self, key, desk):
        """A customer, and invoices: being written, waiting, refused with a reason."""
        word, code = WORDS[key], f"X-{key}"
        customer = desk.save_customer(
            {
                **{"activity": code, "name": f"Prospect {word}", "zip": "44000"},
                **{"street": f"2 rue {word}", "city": f"Ville {word}"},
                "email": f"prospect@{word}.example",
            }
        )
        line = {"description": f"Draft of {word}", "price": waiting(key)}
        values = {
            **{"activity": code, "customer": customer, "reference": f"PO {word}"},
            "mentions": f"Thanks {word}",
            "lines": [{**line, "tax": desk.choices(code)["usual"]}],
        }
        drafts = [desk.save(values) for _turn in range(3)]
        for one in drafts[1:]:
            desk.send(one)
        refused = self.env["account.move"].browse(drafts[2])
        refused.action_cae_refuse(f"Because {word}")
        self.keep("res.partner", key, [customer])
        self.keep("account.move", key, drafts)

    def purchase(self, key, desk):
        """Bills with papers, of which one is sent back; expenses and a journey."""
        word = WORDS[key]
        given = {
            **{"date": "2026-03-02", "activity": f"X-{key}", "amount": waiting(key)},
            **{"name": f"Bought {word}", "supplier": f"Shop {word}", "ref": word},
            **{"from": f"Home {word}", "to": f"Fair {word}", "purpose": f"Sell {word}"},
            **{"distance": "12", "vehicle": "car", "power": "5"},
            "category": str(desk._categories(desk._buyer())[:1].id),
        }
        for number, kind in enumerate(("bill", "bill", "expense", "mileage")):
            name = f"{key} {number}".encode().hex().ljust(32, "0")[:32]
            paper = (f"{word}.pdf", pdf(f"Bill of {word}"))
            made = desk._declare(kind, given, [paper], name)
            self.keep(made._name, key, made.ids)
            self.keep("ir.attachment", key, made._cae_papers().ids)
            if number == 1:
                made.with_env(self.env).action_cae_send_back(f"Blurred {word}")

    # Pay ---------------------------------------------------------------------------

    def add_pay(self):
        """Pay posted and proposed, asked for, its true slip, a target, an element."""
        period = self.env["cae.period"]
        period.month_run(MONTH, steps=["pay"])
        lines = self.env["cae.pay.line"].search([])
        lines.filtered(lambda line: line.state == "draft").action_approve()
        lines.filtered(lambda line: line.state == "approved").action_post()
        period.month_run("2026-02", steps=["pay"])
        for rank, (name, person) in enumerate(self.people.items(), 1):
            word = WORDS[name]
            own = {"entrepreneur_id": person.id}
            self.env["cae.pay.request"].create(
                {
                    **own,
                    "month": "2026-03-01",
                    "kind": "net",
                    "amount": 1234.57 + rank * 100,
                    "note": word,
                }
            )
            self.env["cae.pay.element"].create(
                {
                    **own,
                    "month": "2026-03-01",
                    "kind": "garnishment",
                    "amount": 87.13 + rank,
                    "note": word,
                }
            )
            self.env["cae.pay.target"].create(
                {
                    **own,
                    "date_from": "2026-12-01",
                    "kind": "net",
                    "amount": 1456.78 + rank,
                    "note": word,
                }
            )
            content = pdf(f"Matricule 004{rank} M {NAMES[name]} {word}", f"Net {word}")
            exchange = self.env["cae.payroll.exchange"]
            loaded = exchange.load_payslip_pdfs(
                MONTH, f"004{rank}.pdf", base64.b64encode(content).decode()
            )
            if loaded["errors"]:
                raise SystemExit(f"payslip: {loaded['errors']}")
        year = self.env["cae.year"].create(
            {"date_to": "2026-06-30", "accounts_meeting_date": "2026-09-15"}
        )
        year.action_settle()
        for month in (MONTH, "2026-02"):
            period.month_run(month, steps=["statements"])
        statements = self.env["cae.statement"].search([])
        statements.filtered(lambda one: not one.published)._publish()

    # Coaching ----------------------------------------------------------------------

    def add_coaching(self):
        """Interviews with a private note, signed reports, social files, papers."""
        coach = self.users["coach"]
        paper = self.env["cae.document.type"].search([("portal", "=", True)], limit=1)
        for name, person in self.people.items():
            word, own = WORDS[name], {"entrepreneur_id": person.id}
            interview = self.interview(name, person, coach)
            report = interview.report_id.with_user(self.users[name])
            report.action_sign(person.name, PNG)
            self.env["cae.social.file"].create({**own, "objectives": word})
            self.env["cae.exit.interview"].create({**own, "helpful": word})
            self.env["cae.coach.time"].create(
                {**own, "name": word, "user_id": coach.id, "hours": 1.5}
            )
            self.env["cae.interruption"].create(
                {**own, "date_start": "2025-06-01", "date_end": "2025-06-30"}
            )
            self.env["cae.person.document"].create(
                {
                    **own,
                    "type_id": paper.id,
                    "file": base64.b64encode(pdf(f"Paper {word}")),
                    "file_name": f"{word}.pdf",
                }
            )
        self.candidate = self.env["cae.candidate"].create(
            {
                "first_name": "Cand",
                "last_name": WORDS["candidate"],
                "email": f"{WORDS['candidate']}@example.com",
            }
        )
        self.env["cae.diagnosis"].create(
            {"candidate_id": self.candidate.id, "project": WORDS["candidate"]}
        )
        self.train()

    def interview(self, name, person, coach):
        """One that was held, with its report, and one to come."""
        word, kind = WORDS[name], self.env.ref("cae_coaching.interview_type_support")
        parts = ("review", "prospects", "action_plan", "needs")
        values = {
            "entrepreneur_ids": [Command.set(person.ids)],
            "type_id": kind.id,
            "place": f"Room {word}",
        }
        interviews = self.env["cae.interview"].with_user(coach)
        interview = interviews.create(
            {
                **values,
                "date_start": "2026-02-10 09:00:00",
                **{part: f"<p>{word}</p>" for part in parts},
            }
        )
        interview.action_held()
        interview.private_note = f"Private {word}"
        self.env["cae.coaching.action"].create(
            {
                "entrepreneur_id": person.id,
                "name": f"Do {word}",
                "interview_id": interview.id,
            }
        )
        interview.action_share()
        interviews.create({**values, "date_start": "2099-02-10 09:00:00"})
        return interview

    def train(self):
        """Seats at a workshop to come, for all three."""
        event = self.env["event.event"].create(
            {
                "name": "Prices",
                "cae_workshop": True,
                "date_begin": "2099-03-12 07:00:00",
                "date_end": "2099-03-12 18:00:00",
                "date_tz": "Europe/Paris",
                "event_mail_ids": [Command.clear()],
            }
        )
        half = {"event_id": event.id, "date": "2099-03-12", "part": "morning"}
        self.env["cae.workshop.session"].create(half)
        for name, person in self.people.items():
            event.sudo()._cae_sign_up_person(person, f"Learn {WORDS[name]}")
        lines = self.env["cae.workshop.attendance"].search([])
        lines._cae_own().write({"state": "present"})

    def add_support(self):
        """Competences, unpublished entries of the directory, requests."""
        grid = self.env["cae.skill.grid"].create(
            {
                "name": "Grid",
                "level_ids": [
                    Command.create({"value": value, "name": f"Level {value}"})
                    for value in range(3)
                ],
                "skill_ids": [Command.create({"name": "Prices"})],
            }
        )
        service = self.env["cae.service"].create({"name": "Advice"})
        for name, user in self.users.items():
            if name not in self.people:
                continue
            word = WORDS[name]
            mine = self.env["cae.skill.assessment"].with_user(user)
            mine.action_assess_myself(
                grid.id, {grid.skill_ids.id: grid.level_ids[1].id}, f"Mine: {word}"
            )
            entry = self.env["cae.directory.entry"].with_user(user)
            entry.action_save_mine({"headline": word, "offers": word, "city": word})
            request = self.env["cae.service.request"].with_user(user)
            request.action_ask_mine(service.id, f"Help {word}", f"Text {word}")
        self.env["cae.coaching.alert"].sudo()._refresh(self.company)

    # Cooperative -------------------------------------------------------------------

    def add_cooperative(self):
        """Members with shares, a meeting in session, a proxy, votes open and secret."""
        kind = self.env["cae.share.kind"].create(
            {"code": "A", "name": "Share", "value": 16}
        )
        college = self.env["cae.college"].create(
            {"code": "ES", "name": "Staff", "weight": 100}
        )
        others = self.env["res.partner"].create(
            [{"name": f"Member {n}"} for n in range(4)]
        )
        rows = [
            {"entrepreneur_id": person.id, "partner_id": person.partner_id.id}
            for person in self.people.values()
        ]
        members = self.env["cae.member"].create(
            [
                {**row, "date_application": "2026-01-05"}
                for row in [*rows, *({"partner_id": other.id} for other in others)]
            ]
        )
        for rank, member in enumerate(members, 1):
            member._admit(fields.Date.to_date("2026-01-10"), "meeting", "AGO 1")
            parts = [(member, kind, 10 + rank)]
            member._subscribe(parts, fields.Date.to_date("2026-01-15"))
        members._cae_own().write({"state": "member", "date_member": "2026-01-20"})
        for member in members:
            values = {"member_id": member.id, "college_id": college.id}
            self.env["cae.member.college"].create(
                {**values, "date_start": "2026-01-20"}
            )
            values = {"member_id": member.id, "share_kind_id": kind.id, "quantity": 3}
            self.env["cae.share.redemption"].create(
                {**values, "date_request": "2026-02-01"}
            )
        self.hold_meeting(dict(zip(PEOPLE, members, strict=False)), members)

    def hold_meeting(self, mine, members):
        # Our addons can be imported once Odoo knows where they are.
        from odoo.addons.cae_governance.engine import sealing

        meeting = self.env["cae.meeting"].create(
            {
                "name": "General meeting",
                "date": datetime.now().replace(microsecond=0) + timedelta(minutes=5),
                "late_reason": "All members agree",
                "rule_set_id": self.env.ref("cae_governance.rule_set_sa_scop").id,
                "resolution_ids": [
                    Command.create({"title": "Accounts", "mode": "named"}),
                    Command.create({"title": "Trust", "mode": "secret"}),
                    Command.create({"title": "Roof", "mode": "secret"}),
                ],
            }
        )
        others = (members - members.browse().union(*mine.values())).partner_id
        keys = [sealing.new_key() for _teller in range(2)]
        tellers = self.env["cae.ballot.teller"].create(
            [{"meeting_id": meeting.id, "partner_id": p.id} for p in others[:2]]
        )
        for teller, (_private, public) in zip(tellers, keys, strict=True):
            teller.sudo()._set_key(public)
        meeting.action_convene()
        meeting.action_open()
        electors = {
            name: meeting.elector_ids.filtered(
                lambda e, p=member.partner_id: e.partner_id == p
            )
            for name, member in mine.items()
        }
        seats = meeting.elector_ids.filtered(lambda e: e.partner_id in others)
        (electors["alba"] | electors["bruno"] | seats).action_present()
        self.env["cae.proxy"].create(
            {
                "meeting_id": meeting.id,
                "giver_id": electors["cleo"].id,
                "holder_id": seats[0].id,
            }
        )
        named, secret, counted = meeting.resolution_ids.sorted("id")
        meeting.resolution_ids.action_open_vote()
        for name, choice in (("alba", "for"), ("bruno", "against")):
            voter = electors[name].sudo()
            named.sudo()._cast(voter, voter, choice, [])
            for resolution in (secret, counted):
                urn = resolution.ballot_ids[0]
                paper = sealing.seal([choice], urn.keys, urn.needed)[0]
                resolution.sudo()._cast_secret(voter, voter, paper)
        self.electors = electors
        counted.action_close_vote()
        for teller, (private, _public) in zip(tellers, keys, strict=True):
            urn = counted.sudo().ballot_ids
            parts = sealing.decrypt_parts(private, urn._parts_for(teller))
            urn._give_parts(teller, parts)

    # Words and figures -------------------------------------------------------------

    def fill_texts(self):
        """Give empty free texts of what belongs to somebody the word of the owner."""
        owned = self.owned()
        for model in self.kept():
            told = [field.name for field in model._fields.values() if is_told(field)]
            for key, ids in owned.get(model._name, {}).items():
                for column in told:
                    self.env.cr.execute(
                        SQL(
                            "UPDATE %s SET %s = %s WHERE id IN %s AND %s IS NULL",
                            SQL.identifier(model._table),
                            SQL.identifier(column),
                            WORDS[key],
                            tuple(ids),
                            SQL.identifier(column),
                        )
                    )
        self.env.invalidate_all()

    def owners(self):
        """``{(model, id): owner}`` of what leads to somebody, step by step."""
        found = {
            **{("cae.entrepreneur", p.id): key for key, p in self.people.items()},
            **{("cae.activity", a.id): key for key, a in self.activities.items()},
            **{("res.partner", p.id): key for key, p in self.customers.items()},
            **{("res.partner", u.partner_id.id): key for key, u in self.users.items()},
            **{("res.users", u.id): key for key, u in self.users.items()},
            ("cae.candidate", self.candidate.id): "candidate",
            # Both sides read it.
            **{("cae.internal.sale", sale.id): "mutual" for sale in self.sales},
        }
        found = {place: key for place, key in found.items() if key in WORDS}
        for _step in range(3):
            for model in self.kept():
                for key, ids in self.leading(model, found).items():
                    found.update({(model._name, id_): key for id_ in ids})
        return found

    def kept(self):
        """Models of ours whose records are in the database."""
        models = [self.env[name].sudo() for name in sorted(self.env.registry)]
        return [
            model.with_context(active_test=False)
            for model in models
            if model._name.startswith("cae.") and model._auto and not model._abstract
        ]

    def leading(self, model, known):
        """``{owner: ids}``: the first link to somebody says whose a record is."""
        links = [name for name in LINKS if self.is_link(model._fields.get(name))]
        found = {}
        for record in model.search([]) if links else ():
            if (model._name, record.id) in known:
                continue
            owners = (
                known.get((record[name]._name, one.id))
                for name in links
                for one in record[name]
            )
            if key := next(filter(None, owners), None):
                found.setdefault(key, []).append(record.id)
        return found

    def is_link(self, field):
        return field and field.store and field.type in ("many2one", "many2many")

    def owned(self):
        """``{model: {owner: ids}}``"""
        found = {}
        for (model, id_), key in self.owners().items():
            found.setdefault(model, {}).setdefault(key, []).append(id_)
        return found

    def records(self):
        """``{model: {owner: ids}}``: ours, and what the portal makes of Odoo's."""
        found = {model: rows for model, rows in self.made.items() if model != PAPERS}
        for key, moves in self.documents.items():
            found["account.move"].setdefault(key, []).extend(m.id for m in moves)
        for key, customer in self.customers.items():
            found["res.partner"].setdefault(key, []).append(customer.id)
        return {**self.owned(), **found}

    def figures(self):
        """``{owner: amounts}`` that no record of another has: euros and cents."""
        owned = self.owned()
        found = {
            key: {f"{amount:.2f}", waiting(key)} for key, amount in AMOUNTS.items()
        }
        for model in self.kept():
            money = [
                field.name
                for field in model._fields.values()
                if field.store and field.type == "monetary"
            ]
            for key, ids in owned.get(model._name, {}).items() if money else ():
                for row in model.browse(ids).read(money, load=None):
                    found.setdefault(key, set()).update(
                        f"{abs(row[column]):.2f}" for column in money
                    )
        both = {f"{amount:.2f}" for amount in SALES.values()}
        return {
            key: sorted(filter(telling, mine - both.union(*others(found, key))))
            for key, mine in found.items()
        }


def is_told(field):
    """Whether a field is a free text that nothing is computed with."""
    kept = field.store and field.column_type and not field.compute
    free = field.type in ("char", "text", "html") and not field.translate
    return kept and free and TOLD.search(field.name)


def others(found, key):
    return [amounts for other, amounts in found.items() if other != key]


def telling(amount):
    """Whether an amount is one that nothing else would have by chance."""
    return float(amount) >= 300 and not amount.endswith("0")


# What there is to walk ---------------------------------------------------------------


def routes(env):
    """Routes of our addons: ``{rule, methods, auth, type, csrf, name, arguments}``."""
    found = []
    threading.current_thread().dbname = env.cr.dbname
    for rule in env["ir.http"].routing_map().iter_rules():
        endpoint = rule.endpoint
        function = inspect.unwrap(getattr(endpoint, "func", endpoint))
        places = {
            cls.__module__
            for cls in type(getattr(endpoint.func, "__self__", None)).__mro__
            if endpoint.func.__name__ in vars(cls)
        } | {function.__module__}
        if not any(".addons.cae_" in place for place in places):
            continue
        routing = endpoint.routing
        found.append(
            {
                "rule": rule.rule,
                "methods": sorted(routing.get("methods") or []),
                "auth": routing["auth"],
                "type": routing["type"],
                "csrf": routing.get("csrf", True),
                "name": endpoint.func.__name__,
                "given": [
                    name
                    for name, one in inspect.signature(function).parameters.items()
                    if name != "self" and one.kind not in (2, 4)
                ],
                "converters": {
                    name: [type(one).__name__, getattr(one, "regex", "")]
                    for name, one in rule._converters.items()
                },
            }
        )
    return sorted(found, key=lambda route: route["rule"])


def methods(env):
    """Public methods of our addons: ``{model: {method: {given, of_model, of_odoo}}}``.

    Those that every model has are listed for the first one of ours.
    """
    found, everywhere = {}, set()
    for name in sorted(env.registry, key=lambda name: not name.startswith("cae.")):
        for method, function in inspect.getmembers(env.registry[name], callable):
            if method.startswith("_") or not inspect.isfunction(function):
                continue
            ours = (function.__module__ or "").startswith("odoo.addons.cae_")
            if not ours or function in everywhere:
                continue
            if function.__module__.endswith((".base", ".cae_owned")):
                everywhere.add(function)
            wanted = list(inspect.signature(function).parameters.values())[1:]
            found.setdefault(name, {})[method] = {
                "given": [one.name for one in wanted if one.kind not in (2, 4)],
                # What Odoo's dispatcher looks at: whether ids come first.
                "of_model": getattr(function, "_api_model", False),
                # Odoo has it too, for what its own clients send.
                "of_odoo": any(
                    method in vars(cls) and ".addons.cae_" not in cls.__module__
                    for cls in env.registry[name].__mro__
                ),
            }
    return found


def described(env):
    """``{model: {table, fields: {name: [type, comodel, searchable, plain]}}}``"""
    return {
        name: {
            "table": env[name]._table,
            "fields": {
                field.name: [
                    *(field.type, field.comodel_name or ""),
                    *(bool(field._description_searchable), is_plain(field)),
                ]
                for field in env[name]._fields.values()
            },
        }
        for name in sorted(env.registry)
    }


def is_plain(field):
    """Whether a link leads to its model with the rights of that model alone."""
    own = field.compute or field.related or field.search
    return field.relational and not (own or field.bypass_search_access)


def main(database, result):
    inside.configure(database)
    with inside.environment(database, login="admin") as env:
        town = Town(env)
        town.build()
        if neighbours_quotes.QUOTES in env:
            neighbours_quotes.add(town, WORDS, pdf, waiting)
        told = {
            "words": WORDS,
            "trades": TRADES,
            "documents": {
                key: [m.id for m in ms] for key, ms in town.documents.items()
            },
            "names": {key: name.split()[1] for key, name in NAMES.items()},
            "shared": SHARED,
            "known": KNOWN,
            "figures": town.figures(),
            "records": town.records(),
            "papers": town.made[PAPERS],
            "users": {key: user.id for key, user in town.users.items()},
            "routes": routes(env),
            "methods": methods(env),
            "models": described(env),
        }
    Path(result).write_text(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
