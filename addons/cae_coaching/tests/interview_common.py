from datetime import datetime

from odoo import Command

from .coaching_common import PNG, CoachingCommon, coaching_tagged

PARTS = {
    "review": "<p>Three new customers.</p>",
    "prospects": "<p>Two quotes are out.</p>",
    "action_plan": "<p>Remind the late ones.</p>",
    "needs": "<p>Help with prices.</p>",
}


class InterviewCommon(CoachingCommon):
    """Inès and Yann hold an activity each; each has a coach and a CESA."""

    _prefix = "iv"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._hold()
        cls.legal = cls.env.ref("cae_coaching.interview_type_support")
        cls.point = cls.env.ref("cae_coaching.interview_type_point")

    @classmethod
    def _person(cls, first, user=None, coach=None, start="2025-03-01"):
        person = super()._person(first, user, coach)
        cls._contract(person, start=start)
        return person

    @classmethod
    def _interview(cls, *people, start="2026-02-10 09:00:00", coach="coach", **vals):
        """A planned interview, made by the coach."""
        Interview = cls.env["cae.interview"].with_user(cls.users[coach])
        people = people or (cls.ines,)
        return Interview.with_context(no_mail_to_attendees=True).create(
            {
                "entrepreneur_ids": [Command.set([p.id for p in people])],
                "type_id": cls.legal.id,
                "date_start": datetime.fromisoformat(start),
                **vals,
            }
        )

    @classmethod
    def _shared(cls, *people, **vals):
        """An interview that was held, written and shared."""
        interview = cls._interview(*people, **{**PARTS, **vals})
        interview.action_held()
        interview.action_share()
        return interview

    def _sign(self, interview, user="ines"):
        report = interview.report_id.with_user(self.users[user])
        return report.action_sign("Inès Test", PNG)

    def _sign_coach(self, interview, user="coach", **vals):
        wizard = self.env["cae.interview.sign"].with_user(self.users[user])
        return wizard.create(
            {"interview_id": interview.id, "image": PNG, **vals}
        ).action_confirm()


interview_tagged = coaching_tagged
