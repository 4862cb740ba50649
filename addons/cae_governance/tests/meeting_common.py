from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.base.tests.common import DISABLED_MAIL_CONTEXT
from odoo.addons.cae_base.models.cae_owned import OWN

meeting_tagged = tagged("post_install", "-at_install", "cae")
#: Members come long before, meetings are held today.
SINCE = "2020-01-01"


class MeetingCommon(TransactionCase):
    """A cooperative with six members, and one by e-mail: Ana; rules of a SA."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, **DISABLED_MAIL_CONTEXT))
        called = patch.object(
            type(cls.env["base"]), "_cae_called_by_client", lambda self: True
        )
        cls.startClassPatcher(called)
        cls.company = cls.env["res.company"].create({"name": "Coop of meetings"})
        cls.secretary = new_test_user(
            cls.env,
            login="meeting_secretary",
            groups="cae_base.group_governance",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.env = cls.env(user=cls.secretary)
        names = ("Ana", "Ben", "Cleo", "Dan", "Eva", "Fred")
        cls.members = cls._members(names)
        cls.Meeting = cls.env["cae.meeting"]
        cls.Resolution = cls.env["cae.resolution"]
        cls.sa = cls.env.ref("cae_governance.rule_set_sa_scop")
        cls.sarl = cls.env.ref("cae_governance.rule_set_sarl_scop")
        cls.scic = cls.env.ref("cae_governance.rule_set_scic")

    @classmethod
    def _members(cls, names, **vals):
        # sudo: tests make members that the register would take months to admit.
        people = cls.env["cae.member"].sudo().with_context(cae_own=OWN)
        contacts = cls.env["res.partner"].sudo()
        return (
            people.create(
                [
                    {
                        "partner_id": contacts.create(
                            {"name": name, "email": f"{name.lower()}@example.com"}
                        ).id,
                        "company_id": cls.company.id,
                        "state": "member",
                        "date_member": SINCE,
                        "e_notice_consent_date": SINCE if name == "Ana" else False,
                        **vals,
                    }
                    for name in names
                ]
            )
            .with_context(cae_own=None)
            .with_user(cls.secretary)
        )

    @classmethod
    def _meeting(cls, rules=None, days=30, **vals):
        return cls.Meeting.create(
            {
                "name": "Ordinary general meeting",
                "date": datetime.now().replace(microsecond=0) + timedelta(days=days),
                "rule_set_id": (rules or cls.sa).id,
                "company_id": cls.company.id,
                **vals,
            }
        )

    @classmethod
    def _resolution(cls, meeting, title="Accounts", **vals):
        return cls.Resolution.create({"meeting_id": meeting.id, "title": title, **vals})

    @classmethod
    def _session(cls, rules=None, **vals):
        """A meeting in session with one resolution (show of hands)."""
        meeting = cls._meeting(rules, **vals)
        cls._resolution(meeting)
        cls._start(meeting)
        return meeting

    @classmethod
    def _start(cls, meeting):
        """Convened in time, and the day has come."""
        with patch.object(type(meeting), "_notice_pdf", lambda self: b"%PDF"):
            meeting.action_convene()
        now = datetime.now().replace(microsecond=0)
        meeting._cae_own().write({"date": now})
        meeting.action_open()

    def _elector(self, meeting, name):
        return meeting.elector_ids.filtered(lambda e: e.name == name)

    def _come(self, meeting, *names):
        for name in names:
            self._elector(meeting, name).action_present()

    def _proxy(self, meeting, giver, holder=None):
        return self.env["cae.proxy"].create(
            {
                "meeting_id": meeting.id,
                "giver_id": self._elector(meeting, giver).id,
                "holder_id": holder and self._elector(meeting, holder).id,
            }
        )

    def _portal_user(self, member, login):
        # sudo: an administrator opens the portal to a member.
        return new_test_user(
            self.env(su=True),
            login=login,
            groups="base.group_portal",
            partner_id=member.partner_id.id,
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
