"""Who shares an activity with somebody, and their coach: the accounts, not the pay."""

from odoo.exceptions import AccessError, UserError

from .common import SharedPayCommon, pay_tagged

NAMES = ("Alice", "Bob")


@pay_tagged
class TestPayPrivacy(SharedPayCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Item = cls.env["cae.ledger.line"]
        for line in cls.pay | cls.bob_pay:
            cls._pay_net(line)

    @classmethod
    def _pay_net(cls, line):
        """A payment of the net pay, and the line of the bank that clears it."""
        person = line.entrepreneur_id
        net = line.move_id.line_ids.filtered(
            lambda i: (
                i.account_id.code == "421000" and i.partner_id == person.partner_id
            )
        )
        day = "2026-02-03"
        paid = cls._entry(
            [("421", line.net, cls.first), ("467", -line.net, cls.first)], day
        )
        told = f"Salary of {person.name}"
        paid.line_ids.name = told
        paid.line_ids[0].partner_id = person.partner_id
        (net | paid.line_ids[0]).reconcile()
        cleared = cls._entry(
            [("467", line.net, cls.first), ("512", -line.net, cls.first)],
            day,
            cls.bank,
        )
        cleared.line_ids.name = told
        (paid.line_ids[1] | cleared.line_ids[0]).reconcile()

    def _read(self, user, domain=()):
        """Ledger items of the shared activity, as a request of this user reads them."""
        self.env.flush_all()
        self.env.invalidate_all()
        own = [("activity_id", "=", self.first.id), *domain]
        return self.Item.with_user(user).search(own)

    def _totals(self, user):
        """``{(account, month): amounts}``, staff accounts as one."""
        rows = self._read(user)._read_group(
            [("activity_id", "=", self.first.id)],
            ["account_id", "date:month"],
            ["debit:sum", "credit:sum", "balance:sum"],
        )
        result = {}
        for account, month, *amounts in rows:
            staff = (account.sudo().code or "42").startswith("42")
            key = "42" if staff else account.id, month
            before = result.get(key, (0, 0, 0))
            sums = zip(before, amounts, strict=True)
            result[key] = tuple(round(sum(pair), 2) for pair in sums)
        return result

    def test_coaches_read_totals_of_pay_in_the_ledger(self):
        items = self._read(self.coach)
        names = ["name", "partner_id", "move_id", "move_line_id", "display_name"]
        told = str(
            items.read([*names, "account_id", "journal_id", "analytic_account_id"])
        )
        for name in NAMES:
            self.assertNotIn(name, told)
        self.assertIn("Line", items.mapped("name"), "other items keep their label")
        # Staff accounts are one: 427 alone would say what is garnished.
        net = items.filtered(lambda i: not i.account_id and i.credit)
        self.assertEqual(len(net), 1)
        self.assertAlmostEqual(net.credit, self.pay.net + self.bob_pay.net, 2)
        self.assertEqual(str(net.date), "2026-01-31")
        self.assertFalse(net.move_id or net.partner_id)
        bank = items.filtered(
            lambda i: (i.account_id.code or "").startswith("512") and i.credit
        )
        self.assertEqual(len(bank), 1)

    def test_coaches_find_nobody_in_the_ledger(self):
        partners = (self.alice | self.bob).partner_id
        for domain in (
            [("partner_id", "in", partners.ids)],
            [("partner_id.name", "ilike", "Bob")],
            [("name", "ilike", "Bob")],
        ):
            self.assertFalse(self._read(self.coach, domain), domain)
            self.assertTrue(self._read(self.payroll, domain), domain)
        groups = self._read(self.coach)._read_group([], ["partner_id"])
        self.assertFalse({partner.id for (partner,) in groups} & set(partners.ids))
        with self.assertRaises(AccessError):
            self._read(
                self.coach, [("move_id.line_ids.partner_id", "in", partners.ids)]
            )

    def test_rights_of_the_code_show_no_more(self):
        items = self._read(self.coach).sudo()
        self.assertFalse(items.search([("name", "ilike", "Bob")]))

    def test_the_ledger_of_a_coach_has_the_amounts_of_the_accountant(self):
        totals = self._totals(self.coach)
        self.assertEqual(totals, self._totals(self.accountant))
        self.assertAlmostEqual(sum(total[2] for total in totals.values()), 0, 2)

    def test_the_office_reads_each_item(self):
        for user in (self.accountant, self.payroll):
            items = self._read(user)
            self.assertIn(self.bob.partner_id, items.partner_id)
            self.assertTrue(items.move_id)

    def test_who_shares_an_activity_reads_its_accounts_and_nobody_in_them(self):
        mine = self.env["cae.activity"].with_user(self.entrepreneur)
        code, span = [self.first.code], {"date_from": "2026-01-01"}
        [ledger] = mine.ledger(code, date_to="2026-12-31", **span)
        # What is due to people and social bodies is one amount.
        due = [r for r in ledger["rows"] if r["account"].startswith(("42", "43"))]
        self.assertEqual([row["account"] for row in due], ["42"])
        both = round(self.pay.net + self.bob_pay.net, 2)
        cost = round(self.pay.cost + self.bob_pay.cost, 2)
        self.assertEqual([(row["debit"], row["credit"]) for row in due], [(both, cost)])
        told = str(
            [
                ledger,
                mine.treasury(code, "2026-12-31"),
                mine.statement(code, "2026-01"),
                mine.figures(code, ["2026-01"]),
            ]
        )
        self.assertNotIn("Bob", told)
        self.assertNotIn(str(self.bob_pay.net), told)
        self.assertNotIn(str(self.bob_pay.gross), told)
        for model in ("cae.ledger.line", "account.analytic.line"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.entrepreneur).search([])

    def test_files_of_the_log_are_read_as_its_messages(self):
        request = self._ask(self.alice, "gross", 10, "2026-03-01")
        files = self.env["ir.attachment"]
        for record in (self.pay, request):
            place = {"res_model": record._name, "res_id": record.id}
            vals = {"name": "judgment.txt", "raw": b"secret", **place}
            file = files.with_user(self.payroll).create(vals)
            self.env.flush_all()
            domains = (
                [("res_model", "=", record._name)],
                [("res_model", "=", record._name), ("res_id", "=", record.id)],
                [("res_model", "in", [record._name, "res.partner"])],
                [("id", "=", file.id)],
                [("name", "=", "judgment.txt")],
            )
            for user in (self.coach, self.accountant):
                self.env.invalidate_all()
                self.assertTrue(record.with_user(user).has_access("read"))
                for domain in domains:
                    found = files.with_user(user).search(domain)
                    self.assertNotIn(file.id, found.ids, (user.login, domain))
                for name in ("name", "datas", "raw"):
                    with self.assertRaises(AccessError):
                        file.with_user(user).read([name])
            self.env.invalidate_all()
            for domain in domains:
                found = files.with_user(self.payroll).search(domain, limit=1)
                self.assertEqual(found, file, domain)
            self.assertEqual(file.with_user(self.payroll).raw, b"secret")

    def test_only_pay_to_approve_is_deleted(self):
        self.company.cae_pay_approval = "all"
        self.Period.with_company(self.company).month_run("2026-02", steps=["pay"])
        lines = self.Line.search([("month", "=", "2026-02-01")])
        refused, other = lines.with_user(self.payroll)
        self.assertEqual(refused.state, "draft")
        refused.action_refuse("Amendment signed")
        other.action_approve()
        for line in (refused, other, self.pay.with_user(self.payroll)):
            with self.assertRaisesRegex(UserError, "^CAE-PAY-STATE: "):
                line.unlink()
        self.assertEqual(refused.reason, "Amendment signed")
        other.action_draft()
        other.unlink()
        self.assertFalse(other.exists())

    def test_rates_are_shared_by_the_companies(self):
        self.env["res.company"].create({"name": "Another CAE"})
        rate = self.env["cae.payroll.rate"].search([], limit=1)
        vals = {"code": "NEW", "name": "New", "date_from": "2026-01-01", "value": 1}
        for call, values in (
            (rate.with_user(self.payroll).write, {"value": 99}),
            (rate.with_user(self.payroll).create, vals),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                call(values)
        every = self.env["res.company"].search([])
        self.payroll.company_ids = [(6, 0, every.ids)]
        rate.with_user(self.payroll).note = "Checked"
        rate.with_user(self.payroll).create(vals)
