import json

from odoo import Command
from odoo.tests import freeze_time
from odoo.tools import SQL

from .interview_common import InterviewCommon
from .journey_common import journey_tagged
from .workshop_common import NOW, PNG, WorkshopCommon

NAME = ("Zephyrine", "Quatrebarbes")
NEEDLES = ("zephyrine", "quatrebarbes", "zq@example.net")
#: Beside our own tables, what Odoo keeps of workshops, interviews and words on them.
OTHERS = {
    "event.registration": ("name", "email", "phone", "cae_need"),
    "calendar.event": ("name", "description"),
}


@journey_tagged
@freeze_time("2026-11-15 10:00:00")
class TestPersonalCoaching(WorkshopCommon):
    """Export and erasure of what coaching keeps: interviews to certificates."""

    _shared = classmethod(InterviewCommon._shared.__func__)
    _interview = classmethod(InterviewCommon._interview.__func__)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.legal = cls.env.ref("cae_coaching.interview_type_support")
        cls.zoe = cls.lea
        cls.zoe.write(
            {"first_name": NAME[0], "last_name": NAME[1], "email": NEEDLES[2]}
        )
        cls.yann.coach_id = cls.users["coach"]
        said = f"<p>{NAME[0]} {NAME[1]} wrote to {NEEDLES[2]}.</p>"
        cls.interview = cls._shared(cls.zoe, review=said)
        cls.joint = cls._shared(cls.zoe, cls.yann, review=said)
        cls._interview(cls.zoe, start="2026-12-10 09:00:00")
        cls.coming = cls._interview(cls.zoe, cls.yann, start="2026-12-11 09:00:00")
        for interview in (cls.interview, cls.joint):
            interview.private_note = f"{NAME[0]} doubts."
        cls._records()

    @classmethod
    def _records(cls):
        env, name = cls.env, " ".join(NAME)
        cls.action = env["cae.coaching.action"].create(
            {"name": f"{name} calls", "entrepreneur_id": cls.zoe.id}
        )
        cls.grid = env["cae.skill.grid"].create(
            {
                "name": "Grid",
                "level_ids": [Command.create({"value": 1, "name": "Begins"})],
                "skill_ids": [Command.create({"name": "Sells"})],
            }
        )
        me = cls.users["lea"]
        level = {cls.grid.skill_ids.id: cls.grid.level_ids.id}
        env["cae.skill.assessment"].with_user(me).action_assess_myself(
            cls.grid.id, level, f"{name} sells"
        )
        entry = {"headline": name, "published": True, "show_email": True}
        env["cae.directory.entry"].with_user(me).action_save_mine(entry)
        service = env["cae.service"].create({"name": "Accounting desk"})
        requests = env["cae.service.request"]
        asked = requests.with_user(me).action_ask_mine(service.id, name, name)
        cls.time = env["cae.service.time"].create(
            {"request_id": asked, "hours": 2, "name": f"For {name}"}
        )
        requests.browse(asked).answer = f"Dear {name}"
        cls.request = requests.browse(asked)
        cls.request.action_answer()
        env["cae.coaching.alert"].sudo().create(
            {
                "company_id": cls.company.id,
                "entrepreneur_id": cls.zoe.id,
                "cause": "no_invoice",
                "urgency": "0",
                "date_open": "2026-11-01",
                "facts": {"name": name},
            }
        )
        cls._workshops(name)

    @classmethod
    def _workshops(cls, name):
        cls.free = cls._workshop("2026-03-13", cae_training=False)
        with freeze_time(NOW):
            for event in (cls.event, cls.free):
                cls._attended(cls.zoe, event=event)
        seats = cls.env["event.registration"].search(
            [("cae_entrepreneur_id", "=", cls.zoe.id)]
        )
        for seat in seats:
            cls.env["cae.workshop.evaluation"].sudo()._give(
                seat,
                {
                    **dict.fromkeys(
                        ("content", "trainer", "organisation", "usefulness"), "4"
                    ),
                    "comment": name,
                    "complaint": name,
                },
            )
            for line in seat.cae_attendance_ids:
                line._cae_own().write(
                    {
                        "signed_on": "2026-03-12 09:00:00",
                        "signed_name": name,
                        "signature": PNG,
                        "signed_place": "portal",
                    }
                )
        cls.seats = seats
        cls.env["cae.workshop.certificate"].sudo()._issue(cls.event | cls.free)

    def _sign_interview(self):
        report = self.interview.report_id.with_user(self.users["lea"])
        report.action_sign(" ".join(NAME), PNG)

    def _found(self):
        """``{(model, field, id)}`` whose text names the person, in stored columns."""
        self.env.flush_all()
        found = set()
        for model in self.env.registry.values():
            ours = model._original_module == "cae_coaching" and model._auto
            if model._transient or not (ours or model._name in OTHERS):
                continue
            for name, field in model._fields.items():
                text = field.column_type and field.column_type[0] in (
                    *("varchar", "text", "jsonb"),
                )
                if field.store and text and (ours or name in OTHERS[model._name]):
                    found |= self._named(model, name)
        return found

    def _named(self, model, name):
        column, table = SQL.identifier(name), SQL.identifier(model._table)
        like = SQL(" OR ").join(
            SQL("%s::text ILIKE %s", column, f"%{needle}%") for needle in NEEDLES
        )
        rows = self.env.execute_query(SQL("SELECT id FROM %s WHERE %s", table, like))
        return {(model._name, name, key) for (key,) in rows}

    def _erase(self):
        head = self.zoe.with_user(self.users["head"])
        return head._erase("request", "Letter of 3 November")

    def _messages(self):
        return self.env["mail.message"].search(
            [
                ("model", "=like", "cae.%"),
                ("model", "not in", ("cae.entrepreneur", "cae.contract")),
                ("body", "ilike", NAME[1]),
            ]
        )

    def test_the_person_is_given_all_of_it(self):
        self._sign_interview()
        head = self.zoe.with_user(self.users["head"])
        data = json.loads(head._personal_file("json")[1])
        review = self.zoe.env["cae.interview"]._fields["review"].string
        self.assertIn(NAME[1], " ".join(row[review] for row in data["Interviews"]))
        for title in (
            *("Reports of interviews", "Signatures", "Actions", "Directory"),
            *("Competences assessed", "Requests", "Said on requests"),
            "Assessments of competences",
            *("Alerts", "Workshops", "Attendance", "Certificates"),
            "Evaluations of workshops",
            "Time spent on requests",
        ):
            self.assertTrue(data[title], title)
        self.assertEqual(data["Notes of coaches"][0]["Text"], f"{NAME[0]} doubts.")
        # A note on two persons may tell of the other: its day alone.
        self.assertEqual(list(data["Notes on joint interviews"][0]), ["Created on"])
        self.assertEqual(head._personal_file("xlsx")[1][:2], b"PK")

    def test_no_section_hides_another_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        head = self.zoe.with_user(self.users["head"])
        counts = {
            lang: len(head.with_context(lang=lang)._personal_data())
            for lang in ("en_US", "fr_FR")
        }
        self.assertEqual(counts["fr_FR"], counts["en_US"])

    def test_nothing_names_the_person_but_what_retention_keeps(self):
        self._sign_interview()
        before = {model for model, _field, _id in self._found()}
        self.assertLessEqual(
            {
                *("cae.interview", "cae.interview.report", "cae.interview.note"),
                *("cae.coaching.action", "cae.skill.assessment"),
                *("cae.directory.entry", "cae.service.request", "cae.service.time"),
                *("cae.coaching.alert", "cae.workshop.attendance"),
                *("cae.workshop.evaluation", "cae.workshop.certificate"),
                *("event.registration", "calendar.event", "cae.interview.signature"),
            },
            before,
        )
        log = self._erase()
        training = self.seats.filtered(lambda s: s.event_id == self.event)
        kept = {
            "cae.interview": self.interview.ids,
            "cae.interview.report": self.interview.report_ids.ids,
            "cae.interview.signature": self.interview.signature_ids.ids,
            "event.registration": training.ids,
            "cae.workshop.attendance": training.cae_attendance_ids.ids,
            "cae.workshop.certificate": self.env["cae.workshop.certificate"]
            .search([("registration_id", "=", training.id)])
            .ids,
        }
        others = {row for row in self._found() if row[2] not in kept.get(row[0], [])}
        self.assertFalse(others)
        self.assertFalse(self._messages().filtered(lambda m: m.model not in kept))
        self.assertIn("art. 2224", log.kept)
        self.assertIn("interviews: 3; kept: 1", log.erased)
        self.assertNotIn(NAME[1], f"{log.erased}{log.kept}")

    def test_other_people_lose_nothing(self):
        self._erase()
        self.assertEqual(self.joint.entrepreneur_ids, self.yann)
        event = self.coming.sudo().event_id
        self.assertIn(self.yann.partner_id, event.partner_ids)
        self.assertNotIn(self.zoe.partner_id, event.partner_ids)
        self.assertIn("wrote to", self.joint.review)
        note = self.env["cae.interview.note"].search(
            [("interview_id", "=", self.joint.id)]
        )
        self.assertEqual(note.text, "… doubts.")
        self.assertEqual(self.time.hours, 2)
        self.assertFalse(self.time.entrepreneur_id or self.request.exists())
        opinions = self.env["cae.workshop.evaluation"].search(
            [("event_id", "in", (self.event | self.free).ids)]
        )
        self.assertEqual(opinions.mapped("content"), [4, 4])
        present = self.free.cae_session_ids.attendance_ids.mapped("state")
        self.assertEqual(set(present), {"present"})

    def test_past_the_retention_all_of_it_goes(self):
        self._sign_interview()
        self.zoe.contract_ids.date_end = "2026-11-14"
        self.zoe.date_exit = "2026-11-14"
        purge = self.env["cae.erasure"]
        with freeze_time("2028-12-01"):
            self.assertEqual(purge._due_people(self.company), self.zoe)
            self._erase()
            # What stays is under retention: the list does not name the person again.
            self.assertFalse(purge._due_people(self.company))
            self.assertTrue(self.interview.exists())
        with freeze_time("2031-12-01"):
            self.assertEqual(purge._due_people(self.company), self.zoe)
            purge._purge(self.company, "Daily purge")
            self.assertFalse(self.interview.exists())
            self.assertFalse(purge._due_people(self.company))
        self.assertFalse(self._found())

    def test_anonymised_when_nobody_may_ask_for_evidence_any_more(self):
        self._sign_interview()
        self.zoe.contract_ids.date_end = self.zoe.date_exit = "2026-11-14"
        manager = self._user("personal_manager", "group_manager")
        with freeze_time("2031-11-01"):
            obstacles = " ".join(self.zoe._anonymity_obstacles())
            self.assertIn("Signed interviews", obstacles)
        with freeze_time("2033-01-01"):
            self.assertFalse(self.zoe._anonymity_obstacles())
            self.zoe.with_user(manager)._anonymise("Six years after the exit")
        self.assertFalse(self._found())
        self.assertFalse(self.interview.exists())
        self.assertEqual(self.joint.entrepreneur_ids, self.yann)

    def test_scans_of_paper_sheets_go_after_the_years_of_evidence(self):
        sessions = self.env["cae.workshop.session"].search(
            [("event_id", "in", (self.event | self.free).ids)]
        )
        sessions.sheet_file = PNG
        erasures = self.env["cae.erasure"]
        with freeze_time("2031-03-01"):
            self.assertFalse(erasures._due_scans(self.company) & sessions)
        with freeze_time("2031-03-20"):
            self.assertEqual(erasures._due_scans(self.company) & sessions, sessions)
            wizard = self.env["cae.personal.purge"].with_user(self.users["head"])
            wizard = wizard.with_company(self.company).create({})
            self.assertEqual(wizard.session_ids & sessions, sessions)
            wizard.action_purge()
        self.assertFalse(any(sessions.mapped("sheet_file")))
        said = erasures.search([("erased", "like", "scan")])
        self.assertEqual(len(said), len(sessions))

    def test_evidence_of_a_funder_stays_until_its_day(self):
        programme = self.env["cae.funder.programme"].create(
            {
                "name": "ESF",
                "funder_id": self.env["res.partner"].create({"name": "State"}).id,
                "company_id": self.company.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
            }
        )
        self.assertEqual(str(programme.date_kept), "2032-12-31")
        line = self.env["cae.funder.line"].create(
            {
                "name": "Line 1",
                "programme_id": programme.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
            }
        )
        place = self.env["cae.funder.participant"].create(
            {"line_id": line.id, "entrepreneur_id": self.zoe.id}
        )
        self.env["cae.funded.hour"]._refresh(self.company)
        hours = self.env["cae.funded.hour"].search([("line_id", "=", line.id)])
        self.assertTrue(hours)
        log = self._erase()
        self.assertIn("ESF", log.kept)
        self.assertTrue(place.exists() and self.interview.exists())
        self.assertEqual(hours.exists(), hours)
        self.assertFalse(self.interview.private_note)
        programme.date_kept = "2026-11-14"
        self._erase()
        self.assertFalse(place.exists() or hours.exists() or self.interview.exists())

    def test_nobody_else_erases(self):
        for user in ("coach", "other", "accountant", "lea"):
            with self._refused(Exception, "CAE-PERSONAL-RIGHT"):
                self.zoe.with_user(self.users[user])._erase("request", "x")
        # What a client sends opens nothing.
        evaluation = self.env["cae.workshop.evaluation"].search([], limit=1)
        with self._refused(Exception, "CAE-WORKSHOP-EVALUATED"):
            evaluation.with_context(cae_own=True).write({"comment": ""})
