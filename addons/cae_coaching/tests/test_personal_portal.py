import json

from odoo.exceptions import UserError
from odoo.tests import HttpCase, new_test_user

from odoo.addons.cae_coaching import readable
from odoo.addons.cae_coaching.models.cae_personal_data import LOOKED_AT
from odoo.addons.cae_coaching.models.cae_personal_purpose import PURPOSE

from .journey_common import JourneyCommon, journey_tagged


class PersonalCase(JourneyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.cae_newcomer_user_id = cls.head
        cls.interview = cls.env["cae.interview"].create(
            {
                "company_id": cls.company.id,
                "entrepreneur_ids": cls.ines.ids,
                "coach_ids": cls.coach.ids,
                "type_id": cls.env.ref("cae_coaching.interview_type_support").id,
                "date_start": "2026-03-02 08:00:00",
                "date_stop": "2026-03-02 09:00:00",
            }
        )
        cls.env["cae.hand.over"].sudo().create(
            {
                "entrepreneur_id": cls.ines.id,
                "coach_from_id": cls.other.id,
                "coach_to_id": cls.coach.id,
                "date": "2026-02-01",
                "reason": "The other coach is ill",
                "user_id": cls.head.id,
                "state": "done",
            }
        )

    def _requests(self):
        return self.ines._personal_requests()


@journey_tagged
class TestPersonalRequest(PersonalCase):
    def test_values_as_people_write_them(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        here = self.interview.with_context(lang="fr_FR", tz="Europe/Paris")
        self.assertEqual(readable.words(here, "duration"), "1\xa0h")
        self.assertEqual(readable.words(here, "date_start"), "02/03/2026 09:00")
        self.assertEqual(readable.hours(7.5), "7\xa0h\xa030")
        contract = self._contract(self.ines)
        contract.fixed_part = 300
        contract = contract.with_context(lang="fr_FR")
        self.assertEqual(readable.words(contract, "fixed_part"), "300\xa0€")
        self.assertEqual(readable.words(contract, "date_start"), "01/01/2025")
        self.assertEqual(readable.typed(contract, "fixed_part"), 300.0)
        self.assertEqual(readable.typed(contract, "date_start"), "2025-01-01")

    def test_every_section_has_its_purpose(self):
        for record in (self.ines, self._candidate()):
            sections = record.with_user(self.head)._given_sections()
            models = {records._name for records, _names in sections.values()}
            self.assertLessEqual(models, set(PURPOSE))
            told = record._personal_purposes(sections)
            titles = [title for purpose in told for title in purpose["sections"]]
            self.assertEqual(sorted(titles), sorted(sections))
            for purpose in told:
                self.assertTrue(purpose["why"] and purpose["kept"], purpose["key"])

    def test_the_person_reads_the_own_file_without_what_is_looked_at_first(self):
        mine = self.ines.with_user(self.holder)
        given = mine._given_sections()
        self.assertFalse(
            LOOKED_AT & {records._name for records, _names in given.values()}
        )
        data = json.loads(mine._personal_file("json")[1])
        self.assertEqual(data["Interviews"][0]["Hours"], 1.0)
        self.assertEqual(data["Hand-overs"][0]["From Date"], "2026-02-01")
        self.assertNotIn("ill", json.dumps(data["Hand-overs"]))
        self.assertIn(
            "Notes of coaches", self.ines.with_user(self.head)._given_sections()
        )
        with self.assertRaises(UserError):
            self.yann.with_user(self.holder)._personal_file("json")
        with self.assertRaises(UserError):
            self.ines.with_user(self.coach)._personal_file("json")
        with self.assertRaises(UserError):
            mine._erase("request", "mine")

    def test_a_request_is_a_task_of_the_office_once(self):
        mine = self.ines.with_user(self.holder)
        mine._ask_personal("erasure", "Before\nsummer")
        task = self._requests()
        self.assertEqual((len(task), task.user_id), (1, self.head))
        self.assertIn("Before summer", task.note)
        self._coded("CAE-PERSONAL-ASKED", mine._ask_personal, "copy")
        self._coded(
            "CAE-PERSONAL-RIGHT", self.ines.with_user(self.coach)._ask_personal, "copy"
        )
        log = self.ines.with_user(self.head)._erase("request", "Asked on the portal")
        self.assertFalse(self._requests())
        self.assertIn("hand-overs: 1", log.erased)
        self.assertFalse(self.ines.hand_over_ids)

    def test_the_copy_of_a_person_who_left_a_head_is_there_for(self):
        self.company.cae_newcomer_user_id = self.accountant
        self.ines.with_user(self.holder)._ask_personal("copy")
        office = self._requests().user_id
        self.assertTrue(office.has_group("cae_coaching.group_coaching_manager"))


@journey_tagged
class TestPersonalPages(PersonalCase, HttpCase):
    def test_the_page_copies_and_requests(self):
        self.authenticate("jour_ines", "jour_ines")
        page = self.url_open("/my/personal-data").text
        self.assertIn("My personal data", page)
        self.assertIn("Interviews and support", page)
        link = f"/my/personal-data/{self.ines.id}"
        copy = self.url_open(f"{link}/json")
        self.assertEqual(copy.status_code, 200)
        self.assertTrue(copy.json()["Interviews"])
        self.assertTrue(self.url_open(f"{link}/pdf").content.startswith(b"%PDF"))
        other = f"/my/personal-data/{self.yann.id}/json"
        self.assertEqual(self.url_open(other).status_code, 404)
        self.assertEqual(self.url_open(f"{link}/xlsx").status_code, 404)

        token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]

        def ask(**values):
            form = {"csrf_token": token, "person": str(self.ines.id), **values}
            return self.url_open("/my/personal-data/ask", data=form)

        self.assertIn("Tick that", ask(kind="erasure").text)
        self.assertEqual(ask(kind="other").status_code, 404)
        self.assertEqual(ask(kind="copy", person=str(self.yann.id)).status_code, 404)
        self.assertFalse(self._requests())
        self.assertIn("within a month", ask(kind="erasure", sure="1").text)
        self.assertEqual(len(self._requests()), 1)
        self.assertIn("You asked on", self.url_open("/my/personal-data").text)

    def test_others_have_no_such_page(self):
        new_test_user(self.env, login="jour_nobody", groups="base.group_portal")
        self.authenticate("jour_nobody", "jour_nobody")
        self.assertEqual(self.url_open("/my/personal-data").status_code, 404)
