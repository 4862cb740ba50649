"""What else is between the people of ``neighbours.py``: steps of its ``Town``.

Dora is in the directory, where all entrepreneurs find her, and proposes a joint
project; Bruno took part in it and left the directory. Emma is of a second cooperative,
whose manager knows nothing of the first. ``Zstaf6t`` is what the team says of people,
which none of them reads, be it of oneself.
"""

import base64

from odoo.fields import Command

#: Steps, after those of ``neighbours.py``.
FURTHER = ("directory", "candidates", "surplus", "second", "notes")


class Further:
    """Steps of ``Town``."""

    def user(self, login, group):
        user = self.env["res.users"].create(
            {
                "name": self.called(login),
                "login": login,
                "password": login,
                "email": f"{self.word(login) or login}@example.com".lower(),
                "company_id": self.company.id,
                "company_ids": [Command.set(self.company.ids)],
                "group_ids": [Command.set(self.env.ref(group).ids)],
            }
        )
        self.users[login] = user
        return user

    def as_one(self, model, login):
        """A model as somebody calls it on the portal."""
        return self.env[model].with_user(self.users[login])

    # The directory -----------------------------------------------------------------

    def add_directory(self):
        """Dora is published, Bruno is no more, Alba and Cleo never were."""
        self.user("dora", "cae_base.group_entrepreneur")
        self.people["dora"] = self.person("dora", 4)
        tag = self.env["cae.directory.tag"].create({"name": "Wood"})
        listed = {"headline": "Woodwork", "tags": tag.ids, "published": True}
        for name in ("dora", "bruno"):
            self.as_one("cae.directory.entry", name).action_save_mine(listed)
        projects = self.as_one("cae.joint.project", "dora")
        project = projects.browse(
            projects.action_propose({"name": "Fair of wood", "tags": tag.ids})
        )
        project.with_user(self.users["bruno"]).action_join(f"From {self.word('bruno')}")
        project.action_say(f"To all of us {self.word('dora')}")
        hidden = dict.fromkeys(("headline", "offers", "city"), self.word("bruno"))
        self.as_one("cae.directory.entry", "bruno").action_save_mine(hidden)

    # Candidates --------------------------------------------------------------------

    def add_candidates(self):
        """One who signed up for a meeting, with a paper and what the coach thinks."""
        word = self.word("candidate")
        meeting = self.env["event.event"].create(
            {
                "name": "Information",
                "cae_information": True,
                "date_begin": "2099-04-12 07:00:00",
                "date_end": "2099-04-12 09:00:00",
                "date_tz": "Europe/Paris",
                "event_mail_ids": [Command.clear()],
            }
        )
        meeting._cae_sign_up(f"Ivo {word}2", f"ivo@{word}.example", f"06 {word}")
        asked = self.env["cae.candidate"].search([("email", "like", word)])
        for candidate in asked | self.candidate:
            self.attach(candidate, "candidate")

    # The cooperative ---------------------------------------------------------------

    def add_surplus(self):
        """A surplus that was decided and booked, with everybody's part."""
        partners = [self.people[name].partner_id for name in ("alba", "bruno", "cleo")]
        rows = [
            {"partner_id": partner.id, "kind": kind, source: number * 3719.37}
            for number, partner in enumerate(partners, 1)
            for kind, source in (("work", "pay"), ("interest", "capital"))
        ]
        surplus = self.env["cae.surplus"].create(
            {
                **{"date_end": "2025-06-30", "surplus": 33333.33},
                **{"work_rate": 45, "interest_rate": 10, "legal_reserve": 0},
                "highest_capital": 99999,
                "line_ids": [Command.create(row) for row in rows],
            }
        )
        surplus.action_compute()
        surplus.action_decide("2026-03-10", "AGO 1")
        surplus.action_post()

    # A second cooperative ----------------------------------------------------------

    def add_second(self):
        """Emma with what she has, and who manages her cooperative."""
        france = self.env.ref("base.fr")
        company = self.env["res.company"].create(
            {
                **{"name": "Second", "country_id": france.id},
                "currency_id": france.currency_id.id,
            }
        )
        self.env["account.chart.template"].try_loading(
            "fr", company, install_demo=False
        )
        self.env.user.company_ids += company
        there = type(self)(
            self.env(context={**self.env.context, "allowed_company_ids": company.ids})
        )
        there.build_second()
        for kept in ("users", "people", "activities", "customers", "documents"):
            getattr(self, kept).update(getattr(there, kept))
        self.env.invalidate_all()

    def build_second(self):
        """Emma's people, money, coaching and place in the register."""
        word = self.word("emma")
        self.user("coach2", "cae_base.group_coach")
        self.user("beyond", "cae_base.group_manager")
        self.user("emma", "cae_base.group_entrepreneur")
        self.users["coach"] = self.users["coach2"]
        person = self.people["emma"] = self.person("emma", 5)
        del self.users["coach"]
        self.activities["emma"] = self.activity("emma", {"emma": 100})
        client = self.env["res.partner"].create({"name": f"Client {word}"})
        self.customers = {"emma": client}
        invoice = self.document("out_invoice", "emma", client, 58193.77)
        self.documents["emma"] = [invoice]
        self.attach(invoice, "emma")
        own = {"entrepreneur_id": person.id}
        pay = {**own, "month": "2026-03-01", "note": word}
        self.env["cae.pay.request"].create({**pay, "kind": "net", "amount": 1834.57})
        self.env["cae.pay.element"].create(
            {**pay, "kind": "garnishment", "amount": 491.83}
        )
        entry = {"headline": word, "offers": word, "published": True}
        self.as_one("cae.directory.entry", "emma").action_save_mine(entry)
        projects = self.as_one("cae.joint.project", "emma")
        projects.action_propose({"name": f"Fair {word}", "description": word})
        self.interview("emma", person, self.users["coach2"])
        self.env["cae.candidate"].create({"first_name": "Uma", "last_name": word})
        self.env["cae.member"].create(
            {
                **own,
                "partner_id": person.partner_id.id,
                "date_application": "2026-01-05",
            }
        )

    # What the team says ------------------------------------------------------------

    def add_notes(self):
        """Notes of the team, with files, on whatever is anybody's and has a thread."""
        word, note = self.word("staff"), self.env.ref("mail.mt_note")
        owned = self.owned()
        places = [
            (model._name, ids[0])
            for model in self.kept()
            if "message_ids" in model._fields
            for key, ids in owned.get(model._name, {}).items()
            if key != "emma"
        ] + self.places_of_odoo()
        # As Odoo posts them, whoever writes.
        messages = self.env["mail.message"].sudo()
        messages = messages.create(
            [
                {
                    **{"model": model, "res_id": id_, "message_type": "comment"},
                    **{"subtype_id": note.id, "is_internal": True},
                    "body": f"Between us: {word}",
                }
                for model, id_ in places
            ]
        )
        content = base64.b64encode(b"%PDF-1.4\n%" + word.encode())
        for message in messages:
            message.attachment_ids = [
                Command.create(
                    {
                        **{"name": f"{word}.pdf", "datas": content},
                        **{"res_model": message.model, "res_id": message.res_id},
                    }
                )
            ]
        notes = self.env["cae.interview.note"].sudo()
        notes.search([("company_id", "=", self.company.id)]).text = word

    def places_of_odoo(self):
        """Odoo's own records that the people of the portal read."""
        partners = [user.partner_id.id for user in self.users.values() if user.share]
        return [
            *(("res.partner", id_) for id_ in partners),
            *(("account.move", move.id) for move in self.documents["customer"]),
        ]
