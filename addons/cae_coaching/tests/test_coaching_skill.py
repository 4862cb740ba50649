from xml.etree import ElementTree

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time
from odoo.tools import mute_logger

from .support_common import SupportCommon, support_tagged

NOW = "2026-06-15 09:00:00"


@support_tagged
@freeze_time(NOW)
class TestCoachingSkill(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.grid = cls.env["cae.skill.grid"].create(
            {
                "name": "Run a business",
                "company_id": cls.company.id,
                "level_ids": [
                    Command.create({"value": n, "name": f"Level {n}"}) for n in range(5)
                ],
                "skill_ids": [
                    Command.create({"name": name, "sequence": n})
                    for n, name in enumerate(("Sell", "Count", "Plan", "Tell"))
                ],
                "deadline_ids": [
                    Command.create({"name": f"{n} months", "months": n})
                    for n in (6, 24)
                ],
            }
        )
        cls.skills, cls.levels = cls.grid.skill_ids, cls.grid.level_ids
        cls.soon, cls.then = cls.grid.deadline_ids.sorted("months")
        cls.env["cae.skill.expectation"].create(
            [
                {
                    "skill_id": skill.id,
                    "deadline_id": cls.then.id,
                    "level_id": cls.levels[3].id,
                }
                for skill in cls.skills
            ]
        )

    def _assess(self, *values, user="coach", day="2026-06-01"):
        assessment = (
            self.env["cae.skill.assessment"]
            .with_user(self.users[user])
            .create(
                {
                    "entrepreneur_id": self.ines.id,
                    "grid_id": self.grid.id,
                    "date": day,
                }
            )
        )
        for line, value in zip(assessment.line_ids, values, strict=False):
            line.level_id = self.levels[value]
        return assessment

    def _mine(self, levels=None, grid=None, user="ines", **options):
        model = self._as(user, self.env["cae.skill.assessment"])
        levels = levels or {str(self.skills[0].id): str(self.levels[2].id)}
        return model.browse(
            model.action_assess_myself(grid or self.grid.id, levels, **options)
        )

    # ------------------------------------------------------------------

    def test_an_assessment_has_the_competences_of_its_grid(self):
        assessment = self._assess(4, 3, 1)
        self.assertEqual(assessment.line_ids.skill_id, self.skills)
        # Entered in January 2025: seventeen months, the next deadline is of 24.
        self.assertEqual(assessment.deadline_id, self.then)
        self.assertEqual(assessment.line_ids.mapped("gap"), [1, 0, -2, 0])
        self.assertEqual(assessment.lacking, 1)
        self.assertEqual((assessment.kind, assessment.state), ("coach", "draft"))

    def test_on_the_form(self):
        form = Form(
            self._as("coach", self.env["cae.skill.assessment"]),
            "cae_coaching.cae_skill_assessment_view_form",
        )
        form.entrepreneur_id = self.ines
        form.grid_id = self.grid
        with form.line_ids.edit(0) as line:
            line.level_id = self.levels[2]
        assessment = form.save()
        self.assertEqual(assessment.line_ids.mapped("value"), [2, 0, 0, 0])
        assessment.action_done()
        self.assertEqual(assessment.state, "done")

    def test_what_is_done_is_not_changed(self):
        assessment = self._assess(1, 2, 3, 4)
        assessment.action_done()
        self.env.flush_all()
        for change in (
            lambda: assessment.write({"comment": "Later"}),
            lambda: assessment.line_ids[0].write({"level_id": self.levels[4].id}),
            lambda: assessment.line_ids[0].unlink(),
            lambda: assessment.action_done(),
            lambda: assessment.unlink(),
        ):
            with self.assertRaisesRegex(UserError, "CAE-SKILL-DONE"):
                change()
        expected = self.skills[0].expectation_ids
        expected.level_id = self.levels[4]
        self.env.flush_all()
        self.assertEqual(assessment.line_ids[0].expected_id, self.levels[3])

    def test_bad_input(self):
        with self.assertRaisesRegex(UserError, "CAE-SKILL-EMPTY"):
            self._assess().action_done()
        with self.assertRaisesRegex(ValidationError, "CAE-SKILL-DATE"):
            self._assess(day="2026-06-16")
        other = self.grid.copy({"name": "Other"})
        with self.assertRaisesRegex(ValidationError, "CAE-SKILL-GRID"):
            self._assess().line_ids[0].level_id = other.level_ids[0]
        with self.assertRaisesRegex(ValidationError, "CAE-SKILL-GRID"):
            self.skills[0].expectation_ids.level_id = other.level_ids[0]
        for kind in ({"kind": "self"}, {"state": "done"}):
            with self.assertRaisesRegex(UserError, "CAE-FIELD-OWNED"):
                self._assess().write(kind)
        for code, vals in (
            ("cae.skill.level", {"value": 4, "name": "Twice"}),
            ("cae.skill.level", {"value": 11, "name": "High"}),
            ("cae.skill.deadline", {"months": 6, "name": "Twice"}),
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.env[code].create({"grid_id": self.grid.id, **vals})
                self.env.flush_all()

    def test_a_person_assesses_themselves(self):
        assessment = self._mine(comment="Less sure than it looks")
        self.assertEqual((assessment.kind, assessment.state), ("self", "done"))
        self.assertEqual(assessment.sudo().create_uid, self.users["ines"])
        self.assertEqual(assessment.line_ids.mapped("value"), [2, 0, 0, 0])
        self.assertEqual(len(assessment.line_ids.filtered("level_id")), 1)
        self.assertEqual(self._count("coach", "cae.skill.assessment"), 1)

    def test_misuse_of_the_self_assessment(self):
        other = self.grid.copy({"name": "Other"})
        for levels in (
            {str(other.skill_ids[0].id): str(self.levels[0].id)},
            {str(self.skills[0].id): str(other.level_ids[0].id)},
            {"-1": "x", str(self.skills[0].id): "9" * 30},
        ):
            with self.assertRaisesRegex(UserError, "CAE-SKILL-(GRID|EMPTY)"):
                self._mine(levels)
        with self.assertRaisesRegex(UserError, "CAE-SKILL-GRID"):
            self._mine(grid=10**8)
        with self.assertRaises(AccessError):
            self._mine(user="accountant")
        self.assertFalse(self.env["cae.skill.assessment"].search([]))

    def test_the_radar_shows_this_one_the_one_before_and_what_is_expected(self):
        before = self._assess(1, 1, 1, 1, day="2026-01-10")
        before.action_done()
        self._mine()
        now = self._assess(4, 3, 2, 1)
        self.assertEqual(now._previous()[now.id], before)
        root = ElementTree.fromstring(now.radar)
        circles = [e for e in root if e.tag.endswith("circle")]
        self.assertEqual(len(circles), 12)
        texts = [" ".join(e.itertext()) for e in root if e.tag.endswith("text")]
        self.assertEqual(texts[:4], self.skills.mapped("name"))
        page = now.sudo()._pages()[now.id]
        self.assertIn("<svg", page)
        self.assertIn("Level 4", page)
        action = now.action_progress()
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(len(lines), 8)

    def test_rights(self):
        draft = self._assess(1)
        mine = self._mine()
        self.assertEqual(self._count("coach", "cae.skill.assessment"), 2)
        self.assertEqual(self._count("head", "cae.skill.assessment"), 2)
        self.assertEqual(self._count("other", "cae.skill.assessment"), 0)
        self.assertEqual(self._count("ines", "cae.skill.assessment"), 1)
        self.assertEqual(self._count("yann", "cae.skill.assessment"), 0)
        self.assertEqual(self._count("yann", "cae.skill.assessment.line"), 0)
        for user in ("accountant", "payroll", "secretary"):
            with self.subTest(user=user), self.assertRaises(AccessError):
                self._count(user, "cae.skill.assessment")
        self.env.invalidate_all()
        for user, record in (("ines", draft), ("yann", mine), ("other", mine)):
            with self.assertRaises(AccessError):
                self._as(user, record).read(["comment"])
        with self.assertRaises(AccessError):
            self._assess(1, user="other")
        with self.assertRaises(AccessError):
            self._as("ines", mine.line_ids[0]).write({"comment": "Forged"})
        with self.assertRaises(AccessError):
            self._as("coach", self.grid).write({"name": "Mine"})

    def test_other_companies_are_apart(self):
        company, person = self._other_company("Zoé")
        grid = self.grid.copy({"company_id": company.id})
        self.env["cae.skill.assessment"].create(
            {"entrepreneur_id": person.id, "grid_id": grid.id}
        )
        for user in ("coach", "head"):
            self.assertEqual(self._count(user, "cae.skill.assessment"), 0)
            self.assertEqual(self._count(user, "cae.skill.grid"), 1)
        with self.assertRaisesRegex(UserError, "CAE-SKILL-GRID"):
            self._mine(grid=grid.id)

    def test_counts(self):
        self._assess(1)
        ines = self._as("coach", self.ines)
        self.assertEqual(ines.skill_assessment_count, 1)
        domain = ines.action_open_skill_assessments()["domain"]
        self.assertEqual(self.env["cae.skill.assessment"].search_count(domain), 1)
        self.assertEqual(self._as("coach", self.grid).assessment_count, 1)


@support_tagged
class TestCoachingDirectory(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env["cae.directory.tag"].create(
            {"name": "Carpentry", "company_id": cls.company.id}
        )
        cls.ines.phone = "0102030405"

    def _save(self, user="ines", **values):
        values = {
            "headline": "Furniture to measure",
            "offers": "A workshop to share",
            "published": "1",
            "tags": [str(self.tag.id), "x"],
            **values,
        }
        self._as(user, self.env["cae.directory.entry"]).action_save_mine(values)
        self.env.flush_all()
        # sudo: no user but the person reads an entry that is not published.
        return (
            self.env["cae.directory.entry"]
            .sudo()
            .search([("user_id", "=", self.users[user].id)])
        )

    def _found(self, user, words):
        entries = self._as(user, self.env["cae.directory.entry"])
        return entries.search(entries._matching(words)).mapped("name")

    def test_nobody_is_found_who_did_not_agree(self):
        entry = self._save(published="")
        self.assertFalse(entry.listed)
        self.assertEqual(self._count("yann", "cae.directory.entry"), 0)
        self.assertEqual(self._count("coach", "cae.directory.entry"), 0)
        self.assertEqual(self._count("ines", "cae.directory.entry"), 1)
        self._save()
        self.assertTrue(entry.published_date)
        self.assertEqual(self._found("yann", "carpentry share"), ["Inès Test"])
        self.assertEqual(self._found("yann", "carpentry plumber"), [])
        self._save(published="")
        self.assertEqual(self._found("yann", ""), [])

    def test_contacts_are_shown_one_by_one(self):
        entry = self._save()
        self.assertFalse(entry.email or entry.phone)
        self._save(show_phone="1")
        self.assertEqual((entry.email, entry.phone), (False, self.ines.phone))
        with self.assertRaises(AccessError):
            self._as("yann", entry).entrepreneur_id.read(["birth_date"])

    def test_who_has_left_is_not_found(self):
        entry = self._save()
        self.ines.date_exit = "2025-06-01"
        self.env["cae.entrepreneur"]._refresh_stages()
        self.env.flush_all()
        self.assertFalse(entry.listed)

    def test_misuse(self):
        with self.assertRaisesRegex(UserError, "CAE-SKILL-EMPTY"):
            self._save(headline=" ")
        with self.assertRaisesRegex(UserError, "CAE-SKILL-LINK"):
            self._save(website="javascript:alert(1)")
        with self.assertRaises(AccessError):
            self._save(user="secretary")
        entry = self._save()
        for user in ("yann", "coach", "head", "ines"):
            with self.subTest(user=user), self.assertRaises(AccessError):
                self._as(user, entry).write({"headline": "Forged"})
        with self.assertRaises(AccessError):
            self._as("coach", entry).action_withdraw()
        self._as("head", entry).action_withdraw()
        self.assertFalse(entry.listed)

    def test_other_companies_are_apart(self):
        company, person = self._other_company("Zoé")
        self.env["cae.directory.entry"].sudo().create(
            {"entrepreneur_id": person.id, "headline": "Far", "published": True}
        )
        self.env.flush_all()
        self.assertEqual(person.company_id, company)
        self.assertEqual(self._found("yann", "far"), [])
        self.assertEqual(self._found("head", "far"), [])
