"""Pay that waits follows what it depends on; old figures are not approved."""

from odoo.exceptions import UserError

from .common import JANUARY, PayCommon, pay_tagged


@pay_tagged
class TestPayStale(PayCommon):
    """All pay waits: Alice's January, 1 000.00 gross, 791.60 net, 5 000.00 there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.cae_pay_approval = "all"
        cls.officer = cls._user("ps_officer", "group_payroll")
        cls._hold(cls.first, alice=100)
        cls._fund(cls.first, 5000)

    def setUp(self):
        super().setUp()
        self._run()
        self.line = self._line(self.alice).with_user(self.officer)
        self.assertEqual((self.line.state, self.line.net), ("draft", 791.6))

    def _element(self, amount=50, kind="garnishment"):
        return (
            self.env["cae.pay.element"]
            .with_user(self.officer)
            .create(
                {
                    "entrepreneur_id": self.alice.id,
                    "month": JANUARY,
                    "kind": kind,
                    "amount": amount,
                }
            )
        )

    def _post(self):
        self.line.action_approve()
        self.line.action_post()

    def test_what_is_withheld_is_in_the_pay_that_waits(self):
        element = self._element()
        self.assertEqual((self.line.withheld, self.line.net_paid), (50, 741.6))
        element.amount = 60
        self.assertEqual(self.line.withheld, 60)
        self._post()
        self.assertEqual((self.line.state, self.line.to_pay), ("posted", 731.6))

    def test_an_element_that_goes_leaves_the_pay(self):
        self._element().unlink()
        self.assertEqual(self.line.withheld, 0)

    def test_requests_are_in_the_pay_that_waits(self):
        """A gross of 1 000.00 above the fixed part: 2 000.00 in all."""
        request = self._ask(self.alice, "gross", 1000)
        self.assertEqual((self.line.gross, self.line.request_id), (2000, request))
        request.amount = 500
        self.assertEqual(self.line.gross, 1500)
        request.action_cancel()
        self.assertEqual((self.line.gross, bool(self.line.request_id)), (1000, False))
        request.action_send()
        self._post()
        self.assertEqual((self.line.gross, request.state), (1500, "done"))

    def test_a_person_who_asks_is_followed_too(self):
        user = self._user("ps_alice", "group_entrepreneur")
        self.alice.user_id = user
        requests = self.env["cae.pay.request"].with_user(user)
        vals = {"month": JANUARY, "kind": "gross", "amount": 1000}
        requests.create({"entrepreneur_id": self.alice.id, **vals})
        self.assertEqual(self.line.gross, 2000)

    def test_targets_are_in_the_pay_that_waits(self):
        targets = self.env["cae.pay.target"].with_user(self.officer)
        target = targets.create(
            {
                "entrepreneur_id": self.alice.id,
                "date_from": JANUARY,
                "kind": "gross",
                "amount": 2000,
            }
        )
        self.assertEqual((self.line.gross, self.line.target_id), (2000, target))
        target.amount = 1800
        self.assertEqual(self.line.gross, 1800)
        target.unlink()
        self.assertEqual(self.line.gross, 1000)

    def test_what_is_decided_takes_no_more_requests(self):
        request = self._ask(self.alice, "gross", 1000)
        self.line.action_approve()
        for call in (
            lambda: request.write({"amount": 10}),
            request.action_cancel,
            request.unlink,
        ):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-REQUEST: "):
                call()
        self.line.action_draft()
        request.action_cancel()
        self._post()
        with self.assertRaisesRegex(UserError, "^CAE-PAY-REQUEST: "):
            self._ask(self.alice, "gross", 1000)

    def test_another_pay_than_the_one_that_was_read(self):
        """The fixed part is 1 200.00 by now; nobody has seen it."""
        self.alice.contract_ids.fixed_part = 1200
        with self.assertRaisesRegex(UserError, "^CAE-PAY-STALE: .*Alice"):
            self.line.action_approve()
        self.line.action_draft()
        self.assertEqual(self.line.gross, 1200)
        self._post()
        self.assertEqual(self.line.state, "posted")

    def test_a_balance_that_went_is_a_finding(self):
        """2 000.00 are left of 5 000.00: enough; then 0.00: an overdraft."""
        spend = [("611", 3000, self.first), ("512", -3000, self.first)]
        self._entry(spend, "2026-01-20")
        self.line.action_approve()
        self.assertEqual(self.line.available, 2000)
        self.line.action_draft()
        self._entry([("611", 2000, self.first), ("512", -2000, self.first)])
        with self.assertRaisesRegex(UserError, "^CAE-PAY-STALE: "):
            self.line.action_approve()
        self.line.action_draft()
        self.assertTrue(self.line.is_overdraft)
        self._entry([("611", 100, self.first), ("512", -100, self.first)])
        with self.assertRaisesRegex(UserError, "^CAE-PAY-STALE: "):
            self.line.action_approve()
        self.line.action_draft()
        self._entry([("512", 40, self.first), ("706", -40, self.first)])
        self.line.action_approve()

    def test_nobody_is_paid_whose_contract_is_over(self):
        self.alice.contract_ids.date_end = "2025-12-31"
        with self.assertRaisesRegex(UserError, "^CAE-PAY-STALE: .*refuse"):
            self.line.action_approve()
        self.line.action_refuse("No contract")

    def test_queries_do_not_grow_with_the_pay_that_is_approved(self):
        counts = []
        for number in (1, 6):
            people = [
                self._person(f"Q{number}{n}", f"Quentin {n}") for n in range(number)
            ]
            for person in people:
                self.env["cae.activity"].create(
                    {
                        "name": person.name,
                        "code": f"A{person.code}",
                        "company_id": self.company.id,
                        "date_start": "2025-01-01",
                        "share_ids": [
                            (
                                0,
                                0,
                                {
                                    "entrepreneur_id": person.id,
                                    "share": 100,
                                    "date_start": "2025-01-01",
                                },
                            )
                        ],
                    }
                )
            self._run()
            ids = [person.id for person in people]
            lines = self.Line.search([("entrepreneur_id", "in", ids)])
            self.assertEqual(len(lines), number)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            lines.with_context(tracking_disable=True)._check_current()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - start)
        self.assertLessEqual(counts[1], counts[0] + 5)
