import json
from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user

from .common import CaeCommon, cae_tagged


@cae_tagged
@freeze_time("2026-02-15")
class TestScreens(CaeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            role: new_test_user(
                cls.env,
                login=f"screens_{role}",
                groups=f"cae_base.group_{role}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for role in ("accountant", "payroll", "manager", "coach")
        }
        cls.company_data_2 = cls.setup_other_company()
        cls.one, cls.two, cls.three = cls.activities
        scheme = cls.env["cae.contribution.scheme"].search([("code", "=", "STD10")])
        cls.activities.scheme_id = scheme
        cls.invoice = cls._document([(cls.one, 1000, cls.vat_goods)])
        cls._pay(cls.invoice, day="2026-01-20")
        cls._document([(cls.two, 500)], day="2026-02-03")
        cls._document(
            [(cls.two, 60), (cls.three, 40)], day="2026-02-04", kind="in_invoice"
        )
        cls.month = cls.env["cae.period"]._get(cls.invoice.date)

    def _as(self, role, record):
        return record.with_user(self.users[role]).with_context(lang="en_US")

    def _run_month(self):
        self.env.flush_all()
        return self._as("accountant", self.month).action_run()

    # Activities

    def test_list_shows_what_the_public_method_says(self):
        rows = {row["code"]: row for row in self.Activity.treasury()}
        for activity in self._as("accountant", self.activities):
            row = rows[activity.code]
            self.assertEqual(activity.treasury_amount, row["treasury"])
            self.assertEqual(activity.available_amount, row["available"])
            self.assertEqual(activity.future_amount, row["future"])
        self.assertEqual(self.one.treasury_amount, 1200)
        self.assertEqual(self.one.available_amount, 1000)

    def test_list_reads_the_money_of_all_activities_at_once(self):
        activities = self._as("accountant", self.activities)
        activities.mapped("treasury_amount")
        names = ["treasury_amount", "available_amount", "future_amount"]
        activities.invalidate_recordset(names)
        with self.assertQueryCount(2):
            activities.mapped("treasury_amount")

    def test_first_tab_is_the_account_of_the_last_month_that_has_entries(self):
        one, two = self._as("accountant", self.one), self._as("accountant", self.two)
        self.assertEqual(str(one.account_month), "2026-01-01")
        self.assertEqual(str(two.account_month), "2026-02-01")
        self.assertIn("January 2026", one.account_html)
        self.assertIn("1,000.00", one.account_html)
        self.assertIn("February 2026", two.account_html)

    def test_form_tells_where_the_money_stands(self):
        html = self._as("accountant", self.one).treasury_html
        for text in ("Bank and cash", "1,200.00", "-200.00", "Available"):
            self.assertIn(text, html)

    def test_form_shows_the_trial_balance(self):
        html = self._as("accountant", self.one).ledger_html
        self.assertIn("1,000.00", html)
        self.assertNotIn("500.00", html)
        self.assertIn("No entry yet", self.three.copy().ledger_html)

    def test_graph_has_twelve_months(self):
        graph, _charged = json.loads(self._as("accountant", self.one).turnover_graph)
        values = [bar["value"] for bar in graph["values"]]
        self.assertEqual(values, [0] * 10 + [1000, 0])

    def test_smart_buttons_open_the_records_of_the_activity(self):
        one = self._as("accountant", self.one)
        for action, count in (
            (one.action_open_ledger(), 5),
            (one.action_open_treasury(), 1),
            (one.action_open_invoices(), 1),
            (one.action_open_bills(), 0),
            (one.action_open_statements(), 0),
        ):
            model = self.env[action["res_model"]].with_user(self.users["accountant"])
            found = model.search(action["domain"])
            self.assertGreaterEqual(len(found), count, action["name"])
            if not count:
                self.assertFalse(found)

    def test_smart_buttons_count_the_documents_that_the_activity_has_a_part_in(self):
        draft = self.invoice.copy({"cae_activity_id": self.one.id})
        one, two, three = self._as("accountant", self.activities)
        self.assertEqual((one.invoice_count, one.bill_count), (2, 0))
        self.assertEqual((two.invoice_count, two.bill_count), (1, 1))
        self.assertEqual((three.invoice_count, three.bill_count), (0, 1))
        action = one.action_open_invoices()
        found = self.env["account.move"].search(action["domain"])
        self.assertEqual(found, self.invoice | draft)

    def test_ledger_items_add_up_to_the_trial_balance(self):
        groups = self._as("accountant", self.env["cae.ledger.line"])._read_group(
            [("activity_id", "=", self.one.id)],
            ["account_id"],
            ["balance:sum", "debit:sum", "credit:sum"],
        )
        balances = {a.code: balance for a, balance, _d, _c in groups if balance}
        expected = self._balances("2026-12-31", self.one)["T1"]
        self.assertEqual(balances, {k: v for k, v in expected.items() if v})
        self.assertEqual(sum(d - c for _a, _b, d, c in groups), 0)

    def test_coach_reads_the_ledger_of_the_people_assigned_only(self):
        person = self.env["cae.entrepreneur"].create(
            {
                "first_name": "Inès",
                "last_name": "Test",
                "date_entry": "2025-01-01",
                "coach_id": self.users["coach"].id,
            }
        )
        holder = {"entrepreneur_id": person.id, "date_start": "2025-01-01"}
        self.one.share_ids = [Command.create(holder)]
        self.env.flush_all()
        lines = self._as("coach", self.env["cae.ledger.line"]).search([])
        self.assertEqual(lines.activity_id, self.one)
        self.assertIn("1,000.00", self._as("coach", self.one).ledger_html)
        # A click on a line shows the entry to who may read it, the line to a coach.
        for role, model in (
            ("accountant", "account.move"),
            ("coach", "cae.ledger.line"),
        ):
            action = self._as(role, lines[0]).action_open_entry()
            self.assertEqual(action["res_model"], model)
            opened = self._as(role, self.env[model]).browse(action["res_id"])
            spec = {"date": {}, "journal_id": {"fields": {"display_name": {}}}}
            self.assertEqual(str(opened.web_read(spec)[0]["date"]), str(lines[0].date))

    # Monthly close

    def test_landing_page_is_the_first_open_month(self):
        months = self._as("accountant", self.env["cae.period"])
        self.assertEqual(months.action_open_current()["res_id"], self.month.id)
        self._run_month()
        self._as("accountant", self.month).lock("2026-01")
        february = months.browse(months.action_open_current()["res_id"])
        self.assertEqual(str(february.date), "2026-02-01")

    @freeze_time("2026-05-20")
    def test_landing_page_without_any_month_is_the_first_with_documents(self):
        periods = self.env["cae.period"].with_context(active_test=False)
        periods.sudo().search([("company_id", "=", self.company.id)]).unlink()
        months = self._as("accountant", self.env["cae.period"])
        months._hold_open(self.company, {date(2026, 3, 2)})
        self.assertFalse(months.search([]))
        march = months.browse(months.action_open_current()["res_id"])
        self.assertEqual((str(march.date), march.active), ("2026-03-01", True))

    @freeze_time("2026-05-20")
    def test_landing_page_goes_back_to_documents_entered_later(self):
        periods = self.env["cae.period"].with_context(active_test=False)
        periods.sudo().search([("company_id", "=", self.company.id)]).unlink()
        months = self._as("accountant", self.env["cae.period"])
        may = months.browse(months.action_open_current()["res_id"])
        self.assertEqual(str(may.date), "2026-05-01")
        months._hold_open(self.company, {date(2026, 4, 2), date(2025, 12, 2)})
        april = months.browse(months.action_open_current()["res_id"])
        self.assertEqual((str(april.date), april.active), ("2026-04-01", True))

    @freeze_time("2026-05-20")
    def test_a_month_that_has_not_begun_is_neither_run_nor_locked(self):
        months = self._as("accountant", self.env["cae.period"])
        for action in (months.month_run, months.lock):
            with self.assertRaisesRegex(UserError, "CAE-PERIOD-FUTURE"):
                action("2026-06")
        self.assertTrue(months.month_run("2026-05")["done"])

    def test_month_shows_its_figures(self):
        month = self._as("accountant", self.month)
        self.assertEqual(month.turnover, 1000)
        self.assertEqual(month.collected, 1000)
        self.assertEqual(month.contribution, 0)
        self.assertEqual(month.treasury, 1200)
        self._run_month()
        month.invalidate_recordset()
        self.assertEqual(month.contribution, 100)
        self.assertEqual(month.contribution_rate, 10)
        self.assertEqual(month.treasury, 1100)

    def test_month_lists_what_is_to_settle(self):
        month = self._as("accountant", self.month)
        self.assertEqual(month.finding_count, len(month.findings))
        codes = {finding["code"] for finding in month.findings}
        self.assertIn("CAE-CHECK-CONTRIBUTIONS", codes)
        self.assertGreaterEqual(month.blocking_count, 1)

    def test_run_tells_what_it_added_and_keeps_it_in_the_log(self):
        action = self._run_month()
        self.assertEqual(action["params"]["type"], "success")
        self.assertIn("100.00", action["params"]["message"])
        bodies = self.month.message_ids.mapped("body")
        self.assertTrue([body for body in bodies if "100.00" in body])

    def test_steps_follow_the_run(self):
        month = self._as("accountant", self.month)
        self.assertEqual(month.step, "open")
        self._run_month()
        month.invalidate_recordset()
        self.assertEqual(month.step, "statements")
        self.assertEqual(month.contribution_line_ids.activity_id, self.activities)
        self.assertEqual(month.statement_ids.activity_id, self.activities)
        month.action_lock()
        month.invalidate_recordset()
        self.assertEqual(month.step, "locked")
        self.assertFalse(month.findings)

    def test_contributions_are_undone_with_a_reason(self):
        self._run_month()
        action = self._as("accountant", self.month).action_ask_undo()
        self._confirm("accountant", action, "Wrong scheme")
        self.month.invalidate_recordset()
        self.assertEqual(self.month.contribution, 0)
        bodies = self.month.message_ids.mapped("body")
        self.assertTrue([body for body in bodies if "Wrong scheme" in body])

    def test_undoing_takes_the_month_back_to_its_start_until_the_next_run(self):
        self._run_month()
        action = self._as("accountant", self.month).action_ask_undo()
        self._confirm("accountant", action, "Wrong scheme")
        self.month.invalidate_recordset()
        self.assertEqual(self._as("accountant", self.month).step, "open")
        self._run_month()
        self.month.invalidate_recordset()
        self.assertEqual(self._as("accountant", self.month).step, "statements")

    def test_run_tells_each_step_also_when_there_is_nothing_to_add(self):
        self._run_month()
        message = self._run_month()["params"]["message"]
        self.assertIn("Contributions: nothing to add", message)
        self.assertIn("Statements: 3 of the month", message)

    def test_one_contribution_is_undone_from_its_list(self):
        self._run_month()
        line = self.one.contribution_line_ids.filtered("amount")
        action = self._as("accountant", line).action_ask_undo()
        self._confirm("accountant", action, "Exempt")
        self.assertTrue(line.undone)

    def test_unlocking_is_for_managers_with_a_reason(self):
        self._run_month()
        self._as("accountant", self.month).action_lock()
        action = self._as("accountant", self.month).action_ask_unlock()
        with self.assertRaises(AccessError):
            self._confirm("accountant", action, "Late invoice")
        self._confirm("manager", action, "Late invoice")
        self.assertEqual(self.month.state, "open")

    def _confirm(self, role, action, reason):
        wizard = self._as(role, self.env["cae.reason"])
        form = Form(wizard.with_context(**action["context"]))
        form.reason = reason
        self.env.flush_all()
        return form.save().action_confirm()

    def test_statement_shows_its_rows_in_the_reader_s_words(self):
        self._run_month()
        statement = self._as("accountant", self.month).statement_ids[:1]
        self.assertEqual(statement.turnover_amount, 1000)
        self.assertEqual(statement.result_amount, 900)
        self.assertIn("Turnover", statement.rows_html)

    # Entering people and activities

    def test_payroll_officer_enters_a_person_with_contracts_and_amendments(self):
        form = Form(self._as("payroll", self.env["cae.entrepreneur"]))
        form.first_name, form.last_name = "Yann", "Kermarrec"
        form.date_entry = "2026-01-01"
        person = form.save()
        self.assertEqual(person.name, "Yann Kermarrec")
        contract = Form(
            self._as("payroll", self.env["cae.contract"]).with_context(
                default_entrepreneur_id=person.id
            )
        )
        contract.kind = "cesa"
        contract.date_start = "2026-01-01"
        contract.fixed_part = 500
        root = contract.save()
        action = root.action_amend()
        amendment = Form(
            self._as("payroll", self.env["cae.contract"]).with_context(
                **action["context"]
            )
        )
        self.assertEqual(amendment.fixed_part, 500)
        amendment.date_start = "2026-02-01"
        amendment.fixed_part = 600
        self.assertEqual(amendment.save().parent_id, root)

    def test_accountant_opens_an_activity_held_by_two_people(self):
        people = self.env["cae.entrepreneur"].create(
            [
                {
                    "code": code,
                    "first_name": first,
                    "last_name": "Test",
                    "date_entry": "2026-01-01",
                }
                for code, first in (("T1", "Inès"), ("T2", "Yann"))
            ]
        )
        form = Form(self._as("accountant", self.env["cae.activity"]))
        form.name = "Atelier"
        form.date_start = "2026-02-01"
        for person, part in zip(people, (60, 40), strict=True):
            with form.share_ids.new() as share:
                share.entrepreneur_id = person
                share.share = part
        activity = form.save()
        self.assertEqual(activity.holders, "Inès Test (60 %), Yann Test (40 %)")
        self.assertTrue(activity.shared)
        self.assertIn(activity, self.Activity.search([("shared", "=", True)]))
        self.assertEqual(
            set(activity.share_ids.mapped("date_start")), {activity.date_start}
        )

    def test_manager_writes_a_scheme_with_brackets(self):
        form = Form(self._as("manager", self.env["cae.contribution.scheme"]))
        form.code, form.name = "TEST", "By brackets"
        with form.rule_ids.new() as rule:
            rule.code, rule.name = "TEST", "Contribution"
            for upper, rate in ((10000, 11), (0, 9)):
                with rule.bracket_ids.new() as bracket:
                    bracket.upper, bracket.rate = upper, rate
        scheme = form.save()
        rows = scheme.simulate("TEST", [{"month": "2026-01", "invoiced": 12000}])
        self.assertEqual(rows[0]["amount"], 1280)

    def test_new_records_have_no_invented_title(self):
        self.assertFalse(self.env["cae.contribution.scheme"].new({}).display_name)
        self.assertFalse(self.env["cae.contract"].new({}).display_name)

    def test_rule_tells_what_is_wrong_with_its_brackets(self):
        form = Form(self._as("manager", self.env["cae.contribution.scheme"]))
        form.code, form.name = "TEST", "By brackets"
        with form.rule_ids.new() as rule:
            rule.code, rule.name = "TEST", "Contribution"
            self.assertFalse(rule.defect)
            with rule.bracket_ids.new() as bracket:
                bracket.upper, bracket.rate = 10000, 11
            self.assertIn("no upper limit", rule.defect)
            with rule.bracket_ids.new() as bracket:
                bracket.rate = 9
            self.assertFalse(rule.defect)

    def test_another_scheme_of_an_activity_tells_from_when_it_counts(self):
        self._run_month()
        self._as("accountant", self.month).lock("2026-01")
        other = self.env["cae.contribution.scheme"].search(
            [("id", "!=", self.one.scheme_id.id)], limit=1
        )
        vals = {"scheme_id": other.id}
        told = self._as("accountant", self.one).onchange(
            vals, ["scheme_id"], {"scheme_id": {}, "company_id": {}}
        )
        self.assertIn("February 2026", told["warning"]["message"])
        vals["scheme_id"] = self.one.scheme_id.id
        same = self._as("accountant", self.one).onchange(
            vals, ["scheme_id"], {"scheme_id": {}, "company_id": {}}
        )
        self.assertNotIn("warning", same)

    def test_money_of_an_activity_says_its_day_and_the_account_s_own_name(self):
        html = self._as("accountant", self.one).treasury_html
        self.assertIn("02/15/2026", html)
        self._run_month()
        self.one.invalidate_recordset()
        name = self.company.cae_internal_bank_account_id.name
        self.assertIn(name, str(self._as("accountant", self.one).treasury_html))

    def test_statements_add_up_by_month(self):
        self._run_month()
        [(total,)] = self._as("accountant", self.env["cae.statement"])._read_group(
            [("month", "=", "2026-01-01"), ("company_id", "=", self.company.id)],
            [],
            ["turnover_amount:sum"],
        )
        self.assertEqual(total, 1000)

    def test_graph_of_a_month_has_turnover_and_contributions(self):
        self._run_month()
        month = self._as("accountant", self.month)
        turnover, charged = json.loads(month.turnover_graph)
        self.assertEqual([p["value"] for p in turnover["values"]], [0] * 11 + [1000])
        self.assertEqual([p["value"] for p in charged["values"]], [0] * 11 + [100])

    def test_an_empty_file_is_refused_in_words(self):
        wizard = self._as("accountant", self.env["cae.import"]).create(
            {"dataset": "bills", "filename": "empty.csv"}
        )
        wizard.action_check()
        self.assertEqual(wizard.error_ids.code, "CAE-FILE-EMPTY")

    def test_settings_are_those_of_the_company(self):
        settings = Form(self._as("manager", self.env["cae.settings"]))
        self.assertEqual(settings.cae_shared_account_id, self.shared)

    def test_manager_changes_the_settings_of_the_cooperative_and_nothing_else(self):
        account = self._account("186").copy({"code": "186900"})
        settings = Form(self._as("manager", self.env["cae.settings"]))
        settings.cae_charge_account_id = account
        settings.save().action_save()
        self.assertEqual(self.company.cae_charge_account_id, account)
        other = self.env["res.company"].create({"name": "Other"})
        name = self.company.name
        self._as("manager", self.env["cae.settings"]).create(
            {"company_id": other.id, "cae_charge_account_id": account.id}
        )
        self.assertFalse(other.cae_charge_account_id)
        self.assertEqual(self.company.name, name)

    def test_settings_are_for_managers_and_their_own_accounts(self):
        with self.assertRaises(AccessError):
            self._as("accountant", self.env["cae.settings"]).create({})
        journal = self.company_data_2["default_journal_misc"]
        with self.assertRaises(AccessError):
            self._as("manager", self.env["cae.settings"]).create(
                {"cae_journal_id": journal.id}
            )
