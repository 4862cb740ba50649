from datetime import date
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .common import GovernanceCommon, governance_tagged


@governance_tagged
@freeze_time("2026-03-15")
class TestBody(GovernanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Body = cls.env["cae.body"].with_user(cls.secretary)
        cls.Mandate = cls.env["cae.mandate"].with_user(cls.secretary)
        cls.board = cls.Body.create(
            {
                "name": "Supervisory board",
                "kind": "supervisory",
                "term_years": 4,
                "seats_min": 2,
                "seats_max": 2,
            }
        )
        cls.ines = cls._member("Inès")
        cls.yann = cls._member("Yann")

    @classmethod
    def _mandate(cls, member, start="2025-06-12", **vals):
        return cls.Mandate.create(
            {
                "body_id": cls.board.id,
                "member_id": member.id,
                "date_start": start,
                **vals,
            }
        )

    def test_a_mandate_has_the_term_of_its_body(self):
        mandate = self._mandate(self.ines)
        self.assertEqual(mandate.date_term, date(2029, 6, 11))
        self.assertEqual(mandate.partner_id, self.ines.partner_id)
        self.assertEqual(mandate.state, "current")
        self.assertEqual((self.board.current_count, self.board.vacant), (1, True))

    def test_ends_are_told_months_ahead_and_once(self):
        mandate = self._mandate(self.ines, "2022-06-12")
        self._mandate(self.yann)
        self.assertEqual(mandate.date_last, date(2026, 6, 11))
        self.assertTrue(mandate.ending)
        self.assertEqual(self.Mandate.search([("ending", "=", True)]), mandate)
        self.assertEqual(self.board.ending_count, 1)
        self.company.cae_secretary_id = self.secretary
        mandates = self.env["cae.mandate"]
        self.assertEqual(mandates._remind_endings(), mandate.with_env(self.env))
        self.assertFalse(mandates._remind_endings())
        self.assertEqual(mandate.activity_ids.user_id, self.secretary)

    def test_ends_are_told_in_the_language_of_who_reads_it(self):
        mandate = self._mandate(self.ines, "2022-06-12")
        self.env["res.lang"]._activate_lang("fr_FR")
        self.secretary.lang = "fr_FR"
        self.company.cae_secretary_id = self.secretary
        self.env["cae.mandate"].with_context(lang="en_US")._remind_endings()
        self.assertIn("renouvellement ou élection", mandate.activity_ids.summary)

    def test_a_renewal_follows_its_mandate(self):
        mandate = self._mandate(self.ines, "2022-06-12")
        mandate.action_renew()
        renewal = mandate.renewal_ids
        self.assertEqual(renewal.date_start, date(2026, 6, 12))
        self.assertEqual(renewal.date_term, date(2030, 6, 11))
        self.assertEqual(renewal.state, "future")
        self.assertFalse(mandate.ending)
        with self.assertRaisesRegex(UserError, "^CAE-MANDATE-RENEW: "):
            mandate.action_renew()

    def test_nobody_holds_two_mandates_of_a_body_at_once(self):
        self._mandate(self.ines)
        with self.assertRaisesRegex(ValidationError, "^CAE-MANDATE-OVERLAP: "):
            self._mandate(self.ines, "2029-06-11")

    def test_seats_are_limited(self):
        self._mandate(self.ines)
        self._mandate(self.yann)
        third = self._member("Zoé")
        full = self.assertRaisesRegex(ValidationError, "^CAE-BODY-FULL: ")
        with full, self.env.cr.savepoint():
            self._mandate(third)
        self._mandate(third, role="substitute")

    def test_dates_have_an_order(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self._mandate(self.ines, date_end="2025-01-01")

    def test_the_history_of_a_body_can_be_searched(self):
        old = self._mandate(self.ines, "2019-01-01")
        now = self._mandate(self.yann)
        for state, expected in (("past", old), ("current", now)):
            found = self.Mandate.search(
                [("state", "=", state), ("body_id", "=", self.board.id)]
            )
            self.assertEqual(found, expected)

    def test_mandates_end_with_the_membership(self):
        mandate = self._mandate(self.ines)
        self.ines._leave(date(2026, 3, 1), "resignation")
        self.assertEqual(mandate.date_last, date(2026, 3, 1))
        self.assertEqual(mandate.end_reason, "membership")

    def test_members_join_and_leave_open_bodies_by_themselves(self):
        group = self.Body.create(
            {"name": "Garden", "kind": "group", "open_to_all": True}
        )
        self.assertFalse(group.elected)
        user = self._portal(self.ines)
        mine, group = self.ines.with_user(user), group.with_user(user)
        group._join(mine)
        self.assertFalse(group._join(mine))
        self.assertEqual(group.sudo().current_count, 1)
        group._quit(mine)
        self.assertFalse(group.sudo().mandate_ids)
        mandate = self._mandate(self.ines, "2026-01-20", body_id=group.id)
        group._quit(mine)
        self.assertEqual(mandate.date_last, date(2026, 3, 14))
        self.assertEqual(group.sudo().current_count, 0)
        with self.assertRaisesRegex(UserError, "^CAE-BODY-CLOSED: "):
            self.board.with_user(user)._join(mine)

    def test_two_clicks_at_once_are_one_mandate(self):
        """The row of the body changes: PostgreSQL has the second begin again."""
        values = {"name": "Garden", "kind": "group", "open_to_all": True}
        group = self.Body.create(values)
        asked, execute = [], type(self.cr).execute

        def noted(cursor, query, *args, **options):
            asked.append(str(getattr(query, "code", query)))
            return execute(cursor, query, *args, **options)

        user = self._portal(self.ines)
        with patch.object(type(self.cr), "execute", noted):
            group.with_user(user)._join(self.ines.with_user(user))
        held = next(n for n, q in enumerate(asked) if q.startswith("UPDATE cae_body"))
        looked = [n for n, q in enumerate(asked) if 'FROM "cae_mandate"' in q]
        self.assertLess(held, looked[0])

    def test_meetings_of_the_own_bodies_are_on_the_home(self):
        user = self._portal(self.ines)
        user.group_ids += self.env.ref("cae_base.group_entrepreneur")
        partner = self.ines.sudo().partner_id
        self._person("E91", "Inès", user_id=user.id, partner_id=partner.id)
        mandate = self._mandate(self.ines)
        sessions = self.env["cae.body.session"].with_user(self.secretary)
        session = {"body_id": self.board.id, "date": "2026-04-10 09:00:00"}
        sessions.create({**session, "name": "Budget of 2027"})
        sessions.create({**session, "name": "Held", "done": True})
        sessions.create({**session, "name": "Past", "date": "2026-03-10 09:00:00"})
        home = self.env["cae.home"].with_user(user).with_company(self.company)

        def told():
            rows = home._of_user()["appointments"]
            return [(row["text"], row["url"]) for row in rows]

        self.assertEqual(told(), [("Budget of 2027", "/my/bodies")])
        mandate.date_end = "2026-03-14"
        self.assertEqual(told(), [])

    def test_a_meeting_lists_who_is_in_office(self):
        self._mandate(self.ines)
        session = (
            self.env["cae.body.session"]
            .with_user(self.secretary)
            .create(
                {
                    "body_id": self.board.id,
                    "name": "Accounts",
                    "date": "2026-03-10 09:00:00",
                }
            )
        )
        row = session.attendance_ids
        self.assertEqual(row.partner_id, self.ines.partner_id)
        row.state = "present"
        self.assertEqual(session.present_count, 1)
        self._mandate(self.yann)
        session.action_invite()
        self.assertEqual(len(session.attendance_ids), 2)
