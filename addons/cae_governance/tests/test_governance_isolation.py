from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import Command

from odoo.addons.cae_base.tests.isolation import IsolationWalk

from .common import GovernanceCommon, governance_tagged


@governance_tagged
class TestGovernanceIsolation(IsolationWalk, GovernanceCommon):
    """All that the register and the meetings know of Yann says *Zorglub*.

    Ana is a member too, Cleo is not: names of members are told on the page of a
    meeting alone, where one chooses who votes in one's place.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        word = cls.WORD
        cls.ana, cls.yann, cls.seat = (
            cls._member(name) for name in ("Ana", f"Yann {word}", "Eva")
        )
        cls.users = {
            name: cls._portal(member)
            for name, member in (("ana", cls.ana), ("yann", cls.yann))
        }
        partner = cls.yann.sudo().partner_id
        partner.write({"email": f"{word}@example.com", "street": f"1 rue {word}"})
        cls.env["res.partner.bank"].create(
            {"partner_id": partner.id, "acc_number": f"FR76{word}"}
        )
        cls.env["cae.share.redemption"].create(
            {
                "member_id": cls.yann.id,
                "share_kind_id": cls.kind.id,
                "quantity": 1,
                "date_request": "2026-02-01",
            }
        )
        college = cls.env["cae.college"].create(
            {"code": "ES", "name": "Staff", "weight": 100}
        )
        cls.env["cae.member.college"].create(
            {
                "member_id": cls.yann.id,
                "college_id": college.id,
                "date_start": "2026-01-20",
            }
        )
        cls.meeting = cls._hold()
        cls.env.flush_all()

    @classmethod
    def _hold(cls):
        """A meeting in session: Yann votes by name, and gave a proxy before."""
        now = datetime.now().replace(microsecond=0)
        meeting = cls.env["cae.meeting"].create(
            {
                "name": "General meeting",
                "date": now + timedelta(days=30),
                "rule_set_id": cls.env.ref("cae_governance.rule_set_sa_scop").id,
                "company_id": cls.company.id,
                "resolution_ids": [
                    Command.create({"title": "Accounts", "mode": "named"})
                ],
            }
        )
        with patch.object(type(meeting), "_notice_pdf", lambda self: b"%PDF"):
            meeting.action_convene()
        meeting._cae_own().write({"date": now})
        meeting.action_open()
        ana, yann, eva = (
            meeting.elector_ids.filtered(lambda e, m=member: e.member_id == m)
            for member in (cls.ana, cls.yann, cls.seat)
        )
        (ana | yann).action_present()
        cls.env["cae.proxy"].create(
            {"meeting_id": meeting.id, "giver_id": eva.id, "holder_id": yann.id}
        )
        resolution = meeting.resolution_ids
        resolution.action_open_vote()
        resolution.sudo()._cast(yann.sudo(), yann.sudo(), "against", [])
        return meeting

    def test_nothing_of_another_member_is_read_or_told(self):
        self.assertIsolated(self.users["ana"])

    def test_the_walk_sees_what_is_there(self):
        own = ("cae.member", "cae.meeting.elector", "cae.resolution.vote")
        self.assertSeen(self.users["yann"], *own)
        self.assertSeen(self.secretary, "cae.proxy")

    def test_who_is_no_member_and_the_public_read_nothing(self):
        customer = self.env["res.users"].create(
            {
                "name": "Customer",
                "login": "iso_customer",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        entrepreneur = self._user("iso_cleo", "group_entrepreneur")
        for user in (customer, entrepreneur, self.env.ref("base.public_user")):
            self.assertIsolated(user)

    def test_meetings_are_grouped_by_their_rules(self):
        """Sets of rules were ordered by what cannot be grouped by."""
        rows = self.env["cae.meeting"].formatted_read_group(
            [("id", "=", self.meeting.id)], ["rule_set_id"], ["__count"]
        )
        self.assertEqual([row["__count"] for row in rows], [1])
