import json
from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError

from .common import CaeCommon, cae_tagged


@cae_tagged
class TestPeriodChecks(CaeCommon):
    """Findings of a month, lock and unlock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.env["cae.entrepreneur"].create(
            [
                {
                    "code": f"E{n}",
                    "first_name": "Ana",
                    "last_name": f"B{n}",
                    "date_entry": "2025-01-01",
                    "member_date": "2025-01-01",
                }
                for n in (1, 2, 3)
            ]
        )
        for activity, person in zip(cls.activities, cls.people, strict=True):
            activity.share_ids = [
                Command.create(
                    {"entrepreneur_id": person.id, "date_start": "2025-01-01"}
                )
            ]
        cls.one, cls.two, cls.three = cls.activities
        cls.activities.scheme_id = cls.env.ref("cae_base.scheme_std10")
        cls.accountant = cls._user("cae_accountant", "group_accountant")
        cls.manager = cls._user("cae_manager", "group_manager")
        cls.payroll = cls._user("cae_payroll", "group_payroll")
        cls.coach = cls._user("cae_coach", "group_coach")
        cls.Period = cls.env["cae.period"].with_user(cls.accountant)

    def _run(self, month="2026-01"):
        self.env.flush_all()
        return self.Period.month_run(month, steps=["contributions"])

    def _findings(self, month="2026-01"):
        """``{code: finding}``"""
        self.env.flush_all()
        found = self.Period.checks(month)
        json.dumps(found)
        order = [finding["severity"] for finding in found]
        self.assertEqual(order, sorted(order))
        self.assertEqual(len({f["code"] for f in found}), len(found))
        return {f["code"].removeprefix("CAE-CHECK-"): f for f in found}

    def assertFinding(self, code, severity, records, month="2026-01"):
        finding = self._findings(month).get(code)
        self.assertTrue(finding, f"no finding {code}")
        self.assertEqual(finding["severity"], severity)
        self.assertEqual(finding["model"], records._name)
        self.assertEqual(set(finding["res_ids"]), set(records.ids))

    @contextmanager
    def assertCode(self, code):
        with self.assertRaises(UserError) as caught:
            yield
        self.assertEqual(str(caught.exception).partition(": ")[0], code)

    # ------------------------------------------------------------------
    # Findings
    # ------------------------------------------------------------------

    def test_a_clean_month_has_no_finding(self):
        self._run()
        self.assertEqual(self._findings(), {})

    def test_contributions_not_run_then_not_up_to_date(self):
        self.assertFinding("CONTRIBUTIONS", "blocking", self.activities)
        self._run()
        self.assertNotIn("CONTRIBUTIONS", self._findings())
        self._document([(self.two, 100)], "2026-01-15")
        self.assertFinding("CONTRIBUTIONS", "blocking", self.two)
        self._run()
        self.assertNotIn("CONTRIBUTIONS", self._findings())

    def test_a_later_month_does_not_matter(self):
        self._run("2026-02")
        self._document([(self.two, 100)], "2026-02-15")
        self.assertNotIn("CONTRIBUTIONS", self._findings("2026-01"))
        self.assertFinding("CONTRIBUTIONS", "blocking", self.two, "2026-02")

    def test_draft_documents(self):
        draft = self._entry(
            [("601", 10, self.one), ("401", -10, self.one)], "2026-01-31", post=False
        )
        self.assertFinding("DRAFT", "blocking", draft)
        self.assertNotIn("DRAFT", self._findings("2026-02"))

    def test_bank_lines(self):
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-01-20",
                "payment_ref": "?",
                "amount": 50,
            }
        )
        self.assertFinding("BANK", "blocking", line)
        self.assertNotIn("UNALLOCATED", self._findings())
        line.cae_unallocated_reason = "A deposit of the landlord, to be given back"
        self.assertNotIn("BANK", self._findings())

    def test_unallocated_items(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner_a.id,
                "amount": 70,
                "date": "2026-01-20",
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        self.assertFinding("UNALLOCATED", "warning", payment.move_id.line_ids)

    def test_activities_without_scheme_or_holder(self):
        self.one.scheme_id = False
        self.two.share_ids.unlink()
        self.three.write({"date_end": "2025-12-31", "scheme_id": False})
        self.assertFinding("SCHEME", "warning", self.one)
        self.assertFinding("HOLDER", "warning", self.two)

    def test_shares_that_do_not_add_up(self):
        share = self.one.share_ids
        self.env.flush_all()
        self.cr.execute(
            "UPDATE cae_activity_share SET share = 90 WHERE id = %s", (share.id,)
        )
        share.invalidate_recordset()
        self.assertFinding("SHARES", "blocking", self.one)

    def test_negative_treasury(self):
        self._entry([("601", 10, self.one), ("512", -10, self.one)], "2026-01-31")
        self.assertFinding("TREASURY", "warning", self.one)
        self.assertNotIn("TREASURY", self._findings("2025-12"))

    def test_people_past_a_limit(self):
        person = self.people[0]
        self.env["cae.contract"].create(
            {
                "entrepreneur_id": person.id,
                "kind": "cape",
                "date_start": "2020-01-01",
            }
        )
        self.assertTrue(person.has_warning)
        self.assertFinding("LIMIT", "warning", person)

    def test_data_changed_behind_the_product(self):
        move = self._entry([("601", 10, self.one), ("401", -10, self.one)])
        self.env.flush_all()
        self.cr.execute(
            "UPDATE account_analytic_line SET amount = 11 WHERE move_line_id = %s",
            (move.line_ids[0].id,),
        )
        self.env.invalidate_all()
        self.assertFinding("UNBALANCED", "blocking", move)

    def test_earlier_months(self):
        january = self.Period._get(date(2026, 1, 1))
        self.Period._get(date(2026, 3, 1))
        finding = self._findings("2026-03")["EARLIER"]
        self.assertEqual(finding["res_ids"], january.ids)
        self.assertIn("February 2026", finding["message"])
        self.assertNotIn("EARLIER", self._findings("2026-01"))

    def test_checks_write_nothing(self):
        before = self.Period.search_count([])
        self._findings("2026-05")
        self.assertEqual(self.Period.search_count([]), before)

    def test_who_sees_the_findings(self):
        for user in (self.manager, self.payroll):
            found = self.env["cae.period"].with_user(user).checks("2026-01")
            self.assertTrue(found, user.login)
        with self.assertRaises(AccessError):
            self.env["cae.period"].with_user(self.coach).checks("2026-01")

    # ------------------------------------------------------------------
    # Lock
    # ------------------------------------------------------------------

    def _lock(self, month="2026-01"):
        self._run(month)
        return self.Period.lock(month)

    def test_lock_and_unlock(self):
        self.assertEqual(self._lock(), {"month": "2026-01", "state": "locked"})
        self.assertEqual(
            self.Period.lock("2026-01"), {"month": "2026-01", "state": "locked"}
        )
        with self.assertCode("CAE-PERIOD-LOCKED"):
            self._document([(self.one, 100)], "2026-01-15")
        managed = self.env["cae.period"].with_user(self.manager)
        state = managed.unlock("2026-01", "A bill was forgotten")
        self.assertEqual(state, {"month": "2026-01", "state": "open"})
        period = managed._get(date(2026, 1, 1))
        self.assertIn(
            "A bill was forgotten", " ".join(period.message_ids.mapped("body"))
        )
        self._document([(self.one, 100)], "2026-01-15")

    def test_what_blocks_prevents_the_lock(self):
        with self.assertCode("CAE-PERIOD-FINDINGS"):
            self.Period.lock("2026-01")
        self._run()
        self._entry([("601", 10, self.one), ("512", -10, self.one)], "2026-01-31")
        self.Period.lock("2026-01")  # a warning does not prevent it

    def test_months_are_locked_in_order(self):
        self._run("2026-03")
        self.Period._get(date(2026, 1, 1))
        with self.assertCode("CAE-PERIOD-ORDER"):
            self.Period.lock("2026-02")
        self.Period.lock("2026-01")
        self.Period.lock("2026-02")
        managed = self.env["cae.period"].with_user(self.manager)
        with self.assertCode("CAE-PERIOD-ORDER"):
            managed.unlock("2026-01", "Too early")
        managed.unlock("2026-02", "Latest first")
        managed.unlock("2026-01", "Then the one before")

    def test_who_may_lock_and_unlock(self):
        for user in (self.payroll, self.coach):
            with self.assertRaises(AccessError):
                self.env["cae.period"].with_user(user).lock("2026-01")
        self._lock()
        with self.assertRaises(AccessError):
            self.Period.unlock("2026-01", "No right")
        managed = self.env["cae.period"].with_user(self.manager)
        with self.assertCode("CAE-PERIOD-REASON"):
            managed.unlock("2026-01", " ")

    def test_the_state_changes_by_the_buttons_only(self):
        period = self.Period._get(date(2026, 1, 1))
        with self.assertCode("CAE-PERIOD-STATE"):
            period.state = "locked"
        with self.assertCode("CAE-PERIOD-STATE"):
            self.Period.create({"date": "2026-02-01", "state": "locked"})
        self._lock()
        for vals in ({"state": "open"}, {"date": "2027-01-01"}):
            with self.assertCode("CAE-PERIOD-STATE"):
                period.write(vals)
        with self.assertCode("CAE-PERIOD-STATE"):
            period.sudo().unlink()

    def test_unlock_of_an_open_month(self):
        managed = self.env["cae.period"].with_user(self.manager)
        state = managed.unlock("2026-07", "Nothing to do")
        self.assertEqual(state, {"month": "2026-07", "state": "open"})

    def test_two_at_once(self):
        with self.registry.cursor() as other:
            other.execute("SELECT pg_advisory_lock(%s, %s)", (0x0CAE, self.company.id))
            with self.assertCode("CAE-PERIOD-BUSY"):
                self.Period.lock("2026-01")
            other.execute("SELECT pg_advisory_unlock_all()")

    def test_another_module_adds_its_findings(self):
        def finders(period):
            yield lambda: [period._finding("MINE", "warning", "Mine", period.env.user)]

        model = type(self.Period)
        with patch.object(model, "_finders", finders):
            self.assertEqual(list(self._findings()), ["MINE"])
