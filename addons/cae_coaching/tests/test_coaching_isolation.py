from odoo import Command

from odoo.addons.cae_base.tests.isolation import IsolationWalk

from .interview_common import PARTS, InterviewCommon, interview_tagged

#: What Odoo tells everybody in a company of an employee.
EMPLOYEE = {"display_name", "name", "work_contact_id"}


@interview_tagged
class TestCoachingIsolation(IsolationWalk, InterviewCommon):
    """All that coaching knows of Yann says *Zorglub*."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        word, yann = cls.WORD, cls.yann
        yann.last_name = word
        text = {name: f"<p>{word}</p>" for name in PARTS}
        interview = cls._interview(yann, coach="other", **text)
        interview.action_held()
        interview.private_note = f"<p>{word}</p>"
        interview.action_share()
        planned = cls._interview(yann, coach="other", start="2099-02-10 09:00:00")
        planned.place = word
        service = cls.env["cae.service"].create(
            {"name": "Advice", "company_id": cls.company.id}
        )
        make = {
            "cae.coaching.action": {"name": word, "interview_id": interview.id},
            "cae.social.file": {"objectives": word},
            "cae.interruption": {
                "date_start": "2025-06-01",
                "date_end": "2025-06-30",
                "note": word,
            },
            "cae.person.document": {
                "type_id": cls.env["cae.document.type"].search([], limit=1).id,
                "note": word,
            },
            "cae.service.request": {
                "service_id": service.id,
                "name": word,
            },
        }
        for model, values in make.items():
            known = cls.env[model]._fields
            cls.env[model].create(
                {
                    "entrepreneur_id": yann.id,
                    **{key: value for key, value in values.items() if key in known},
                }
            )
        cls.env["cae.candidate"].create(
            {"name": word, "email": "z@example.com", "company_id": cls.company.id}
        )
        cls.env["cae.coaching.alert"].sudo()._refresh(cls.company)
        cls.env.flush_all()

    def test_nothing_of_another_is_read_or_told(self):
        self.assertIsolated(self.users["ines"])

    def test_a_coach_sees_their_own_people_alone(self):
        found = self.readable(self.users["coach"])
        # Candidates without a coach are everybody's; contacts and the names of
        # colleagues are Odoo's.
        for name in ("cae.candidate", "res.partner", "hr.employee.public"):
            found.pop(name, None)
        names = set(found.pop("hr.employee", ()))
        self.assertLessEqual(names, EMPLOYEE)
        self.assertEqual(found, {})

    def test_the_walk_sees_what_is_there(self):
        self.assertSeen(
            self.users["other"],
            *("cae.interview", "cae.coaching.action", "cae.social.file"),
            *("cae.interview.note", "cae.service.request", "cae.interruption"),
        )

    def test_customers_read_nothing(self):
        customer = self.env["res.users"].create(
            {
                "name": "Customer",
                "login": "iso_customer",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        self.assertIsolated(customer)
