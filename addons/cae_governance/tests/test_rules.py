from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError

from .meeting_common import MeetingCommon, meeting_tagged

COUNT = {
    "rule": "sa_scop",
    "kind": "ordinary",
    "call": 1,
    "members": 40,
    "present": 20,
    "represented": 5,
    "votes": {"for": 12, "against": 11, "abstain": 1, "blank": 1},
}


@meeting_tagged
class TestRules(MeetingCommon):
    def _refused(self, code, call, *args, **kwargs):
        with self.assertRaisesRegex(UserError, f"^{code}: "):
            call(*args, **kwargs)

    def test_tally_is_the_contract(self):
        answer = self.Resolution.tally(COUNT)
        self.assertEqual(
            {key: answer[key] for key in answer if key != "explanation"},
            {"quorum_reached": True, "majority_needed": 12, "adopted": True},
        )
        self.assertIn("25 of 40", answer["explanation"])
        self.assertIn("more than 1/2 of the 23 votes cast", answer["explanation"])

    def test_tally_of_colleges_gives_a_share(self):
        colleges = [
            {"code": code, "weight": 0.5, "members": 2, "for": 2, "against": 0}
            for code in "AB"
        ]
        values = {key: COUNT[key] for key in COUNT if key != "votes"}
        answer = self.Resolution.tally(
            {**values, "rule": "scic", "members": 4, "present": 4, "represented": 0}
            | {"colleges": colleges}
        )
        self.assertEqual(answer["majority_needed"], 0.5)
        self.assertTrue(answer["adopted"])
        self.assertIn("100.00 % for", answer["explanation"])

    def test_tally_refuses_with_codes(self):
        for code, changes in (
            ("CAE-VOTE-COUNT", {"represented": 21}),
            ("CAE-VOTE-VALUE", {"votes": {"yes": 1}}),
            ("CAE-VOTE-VALUE", {"date": "2026-13-01"}),
            ("CAE-RULE-UNKNOWN", {"rule": "gmbh"}),
            ("CAE-RULE-UNKNOWN", {"rule": None}),
            ("CAE-RULE-UNKNOWN", {"date": "1990-01-01"}),
            ("CAE-RULE-MISSING", {"kind": "other"}),
        ):
            with self.subTest(changes=changes):
                self._refused(code, self.Resolution.tally, {**COUNT, **changes})
        self._refused("CAE-VOTE-VALUE", self.Resolution.tally, [])

    def test_odd_forms_are_unknown(self):
        for odd in ("\ud800", "\x00", "", None, 5, ["sarl_scop"]):
            with self.assertRaisesRegex(UserError, "CAE-RULE-UNKNOWN"):
                self.Meeting.max_proxies(odd, 10)

    def test_max_proxies(self):
        for members, number in ((19, 1), (20, 1), (39, 1), (40, 2)):
            self.assertEqual(self.Meeting.max_proxies("sarl_scop", members), number)
        self._refused("CAE-VOTE-COUNT", self.Meeting.max_proxies, "sa_scop", -1)
        self._refused("CAE-RULE-UNKNOWN", self.Meeting.max_proxies, "x", 1)

    def test_standard_rules_stay_as_they_are(self):
        for record in (self.sa, self.sa.decision_ids[0]):
            with self.assertRaises(AccessError):
                record.write({"note": "x"})
            with self.assertRaises(AccessError):
                record.unlink()

    def _own(self, standard=None):
        action = (standard or self.sarl).action_adapt()
        return self.env["cae.rule.set"].browse(action["res_id"])

    def test_statutes_differ_with_a_reason(self):
        own = self._own()
        self.assertEqual(len(own.decision_ids), 4)
        self.assertFalse(own.differs)
        self._refused("CAE-RULE-REASON", own.write, {"notice_days": 21})
        own.write({"notice_days": 21, "reason": "Art. 12, meeting of 2024"})
        self.assertTrue(own.differs)
        decision = own.decision_ids[0]
        self._refused("CAE-RULE-REASON", decision.write, {"majority": "3/5"})
        decision.write({"majority": "3/5", "reason": "Art. 14"})
        self.assertTrue(decision.differs)
        # The standard counts as before.
        answer = self.Resolution.tally({**COUNT, "rule": "sarl_scop"})
        self.assertEqual(answer["majority_needed"], 21)

    def test_statutes_stay_within_the_law(self):
        own = self._own()
        reason = {"reason": "Art. 3"}
        self._refused("CAE-RULE-LAW", own.write, {"notice_days": 8, **reason})
        own.write({"proxies": "number", "proxy_number": 9, **reason})
        self.assertEqual(own._max_proxies(40), 2)
        own.write({"proxies": "none"})
        self.assertEqual(own._max_proxies(40), 0)
        sa = self._own(self.sa).decision_ids[0]
        self._refused("CAE-RULE-LAW", sa.write, {"count_blanks": True, **reason})

    def test_rules_that_mean_nothing(self):
        decision = self._own().decision_ids[0]
        for vals in ({"quorum": "4/3"}, {"majority": "x"}, {"majority": "1"}):
            with self.subTest(vals), self.assertRaises(ValidationError):
                decision.write({**vals, "comparison": "more", "reason": "x"})

    def test_rules_in_force_are_of_the_day(self):
        own = self._own()
        own.date_from = "2024-01-01"
        found = self.env["cae.rule.set"]._in_force
        self.assertEqual(found(self.company, date(2024, 6, 1)), own)
        self.assertFalse(found(self.company, date(2023, 6, 1)))

    def test_other_companies_do_not_see_our_statutes(self):
        own = self._own()
        other = self.env["res.company"].sudo().create({"name": "Other coop"})
        user = self.secretary.sudo().copy(
            {
                "login": "other_secretary",
                "company_id": other.id,
                "company_ids": [(6, 0, other.ids)],
            }
        )
        self.assertFalse(
            self.env["cae.rule.set"].with_user(user).search([("id", "=", own.id)])
        )
