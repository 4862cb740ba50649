import hashlib
import io
import json
import shutil
import zipfile
from datetime import date
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, freeze_time, new_test_user
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader, PdfFileWriter

from ..engine.statement import digest
from ..models.cae_published import COMPUTING
from ..models.cae_statement_document import percent
from ..report import wkhtmltopdf
from .common import CaeCommon, cae_tagged

#: A picture of one dot.
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)


def _blank_page(_html):
    writer, buffer = PdfFileWriter(), io.BytesIO()
    writer.addBlankPage(595, 842)
    writer.write(buffer)
    return buffer.getvalue()


class StatementCommon(CaeCommon):
    """Ada has the portal, Ben only an address, Cleo neither; Ada and Ben share T3."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.second, cls.third = cls.activities
        scheme = cls.env["cae.contribution.scheme"].search([("code", "=", "STD10")])
        cls.activities.scheme_id = scheme
        cls.ada = cls._person("S1", "Ada", email="ada@example.com")
        cls.ben = cls._person("S2", "Ben", email="ben@example.com")
        cls.cleo = cls._person("S3", "Cléo")
        cls._hold(cls.first, (cls.ada, 100))
        cls._hold(cls.second, (cls.cleo, 100))
        cls._hold(cls.third, (cls.ada, 60), (cls.ben, 40))
        cls.users = {
            role: new_test_user(
                cls.env,
                login=f"statement_{role}",
                groups=f"cae_base.group_{role}",
                company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )
            for role in ("accountant", "coach", "manager")
        }
        portal = new_test_user(
            cls.env,
            login="statement_ada",
            groups="cae_base.group_entrepreneur",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.users["ada"] = cls.ada.user_id = portal
        cls.invoice = cls._document([(cls.first, 1000, cls.vat_services)])
        cls._document([(cls.third, 300, None), (cls.first, 100, None)])
        cls._document([(cls.first, 200, None)], kind="in_invoice")
        cls.Statement = cls.env["cae.statement"].with_user(cls.users["accountant"])
        cls.Period = cls.env["cae.period"].with_user(cls.users["accountant"])

    @classmethod
    def _person(cls, code, name, **vals):
        return cls.env["cae.entrepreneur"].create(
            {
                "code": code,
                "first_name": name,
                "last_name": "Test",
                "date_entry": "2024-01-01",
                **vals,
            }
        )

    @classmethod
    def _hold(cls, activity, *shares):
        activity.share_ids = [
            Command.create(
                {
                    "entrepreneur_id": person.id,
                    "share": share,
                    "date_start": activity.date_start,
                }
            )
            for person, share in shares
        ]

    def _run(self, month="2026-01", **kwargs):
        self.env.flush_all()
        return self.Period.month_run(month, **kwargs)

    def _of(self, activity, month=JANUARY, kind="month"):
        statement = self.Statement._of(activity, month, kind)
        self.assertEqual(len(statement), 1)
        return statement

    def _late(self, activity=None, amount=50):
        """A bill of January that comes after the statements."""
        line = (activity or self.first, amount, None)
        return self._document([line], day="2026-01-20", kind="in_invoice")

    def _refused(self, code, call, *args, error=UserError):
        with self.assertRaisesRegex(error, code), self.cr.savepoint():
            call(*args)
            self.env.flush_all()

    def _codes(self, month="2026-01"):
        self.env.flush_all()
        found = self.Period.checks(month)
        return {f["code"].removeprefix("CAE-CHECK-"): f for f in found}


@cae_tagged
@freeze_time("2026-02-15")
class TestStatement(StatementCommon):
    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    def test_figures_are_those_of_the_public_methods(self):
        self._pay(self.invoice, amount=480, day="2026-01-25")
        self._run()
        codes = [activity.code for activity in self.activities]
        public = self.Activity.statement(codes, "2026-01")
        money = self.Activity.treasury(codes, "2026-01-31")
        for activity, rows, treasury in zip(
            self.activities, public, money, strict=True
        ):
            data = self._of(activity).data
            public_rows = {row["key"]: row for row in rows["rows"]}
            for said in data["income"]:
                row = public_rows[said["key"]]
                for name in ("month", "to_date"):
                    self.assertEqual(float(said[name]), row[name])
                ratio = said["ratio"]
                self.assertEqual(ratio and float(ratio), row["ratio"])
            for name in ("treasury", "available", "future"):
                self.assertEqual(float(data["treasury"][name]), treasury[name])

    def test_last_year_is_the_same_time_of_the_year_before(self):
        self._document([(self.first, 70, None)], day="2025-01-10")
        self._document([(self.first, 7, None)], day="2025-02-10")
        self._run()
        rows = {row["key"]: row for row in self._of(self.first).data["income"]}
        self.assertEqual(rows["turnover"]["before"], "70.00")
        self.assertEqual(rows["turnover"]["to_date"], "1100.00")
        self.assertIn("70.00", self._of(self.first).rows_html)
        self.assertNotIn("last year", self._of(self.second).rows_html)

    def test_balance_sheet_balances_and_holds_everything(self):
        self._document([(self.first, 500, None)], day="2025-03-10")
        self._entry([("2154", 300, self.first), ("164", -300, self.first)])
        self._run()
        balance = self._of(self.first).data["balance"]
        self.assertEqual(balance["assets_total"], balance["liabilities_total"])
        sides = {
            row["key"]: row["amount"]
            for side in ("assets", "liabilities")
            for row in balance[side]
        }
        self.assertEqual(sides["carried"], "500.00")
        self.assertEqual(sides["result"], "790.00")
        self.assertEqual(sides["fixed_assets"], "300.00")
        self.assertEqual(sides["loans"], "300.00")
        self.assertNotIn("unplaced", sides)

    def test_kept_rows_follow_each_change(self):
        """Layouts are kept by the server: what is changed is read at once."""
        rows = self.env["cae.account.row"]

        def placed(code):
            found = rows._layout_of("treasury").place(code)
            return found and found[1].key

        self.assertEqual((placed("512000"), placed("999000")), ("treasury", None))
        new = rows.create(
            {"report": "treasury", "key": "new", "name": "New", "group": "future"}
        )
        new.prefixes = "999"
        self.assertEqual(placed("999000"), "new")
        new.active = False
        self.assertIsNone(placed("999000"))
        new.active = True
        self.assertEqual(placed("999000"), "new")
        new.unlink()
        self.assertIsNone(placed("999000"))

    def test_rows_kept_during_a_change_are_forgotten_after_it(self):
        """Another thread keeps what it reads before the change is committed."""
        rows = self.env["cae.account.row"]
        former = rows._layout_of("treasury")
        # What the data of the test left for the end of its transaction.
        self.env.cr.postcommit.clear()
        rows.search([("key", "=", "future")]).prefixes = "41,999"
        keep = type(rows)._layout_of.__cache__.add_value
        keep(rows, "treasury", cache_value=former)
        self.assertIsNone(rows._layout_of("treasury").place("999000"))
        self.env.cr.postcommit.run()
        self.assertTrue(rows._layout_of("treasury").place("999000"))

    def test_archived_rows_count_for_nobody(self):
        """Not even when who reads first looks for archived activities too."""
        self._entry([("512", 100, self.first), ("164", -100, self.first)])
        activities = self.env["cae.activity"]
        for report in ("treasury", "statement"):
            self.env["cae.account.row"].create(
                {
                    **{"report": report, "key": "old", "name": "Old", "active": False},
                    **{"group": "future", "prefixes": "512,70"},
                }
            )
        day = date(2026, 2, 28)
        shown = {row["code"]: row for row in activities.treasury(date=day.isoformat())}
        self.assertEqual(shown[self.first.code]["treasury"], 100)
        money = self.first._treasury_at(day)[self.first.id]
        self.assertEqual(money["treasury"], 100)
        shown = activities.statement(month="2026-02")
        keys = {row["key"] for each in shown for row in each["rows"]}
        self.assertIn("turnover", keys)
        self.assertNotIn("old", keys)

    def test_a_row_of_the_treasury_has_its_total(self):
        row = self.env["cae.account.row"].search([("key", "=", "future")])
        with self.assertRaisesRegex(ValidationError, "^CAE-ROW-GROUP: "):
            row.group = False
        vals = {"report": "treasury", "key": "new", "name": "New"}
        with self.assertRaisesRegex(ValidationError, "^CAE-ROW-GROUP: "):
            row.create(vals)

    def test_result_is_the_same_everywhere(self):
        """Account 69 has its row; the result needs none."""
        self.assertEqual(self._results(), {800 + 100})
        self._entry([("691", 100, self.first), ("512", -100, self.first)])
        self.assertEqual(self._results(), {800})
        rows = self.env["cae.account.row"].search([("report", "=", "statement")])
        charges = rows.filtered(lambda row: row.key == "charges")
        self.assertIn("69", charges.prefixes.split(","))
        charges.prefixes = "60"
        self.assertEqual(self._results(), {800})

    def _results(self):
        """The result of January in the statement, its balance sheet and the API."""
        self.Statement._update_month(self.first, JANUARY)
        data = self._of(self.first).data
        (public,) = self.Activity.statement([self.first.code], "2026-01")
        sections = (public["rows"], data["income"], data["balance"]["liabilities"])
        rows = (row for rows in sections for row in rows if row["key"] == "result")
        return {float(row.get("month", row.get("amount"))) for row in rows}

    def test_open_invoices_are_each_activity_s_part_on_that_day(self):
        self._pay(self.invoice, amount=480, day="2026-01-25")
        self._pay(self.invoice, amount=720, day="2026-02-05")
        self._run()
        invoices = self._of(self.first).data["invoices"]
        [own, common] = sorted(
            invoices["rows"], key=lambda row: float(row["total"]), reverse=True
        )
        self.assertEqual((own["total"], own["open"]), ("1200.00", "720.00"))
        self.assertEqual(own["number"], self.invoice.name)
        self.assertEqual((common["total"], common["open"]), ("100.00", "100.00"))
        self.assertEqual(invoices["open"], invoices["balance"])
        self.assertEqual(invoices["other"], "0.00")
        self.assertEqual(self._of(self.third).data["invoices"]["open"], "300.00")

    def test_credit_notes_and_openings_add_up_to_the_customers_account(self):
        self._document([(self.first, 40, None)], kind="out_refund")
        self._entry([("411", 60, self.first), ("110", -60, self.first)])
        self._run()
        invoices = self._of(self.first).data["invoices"]
        self.assertIn("-40.00", [row["open"] for row in invoices["rows"]])
        self.assertEqual(invoices["other"], "60.00")
        self.assertEqual(float(invoices["balance"]), 1200 + 100 - 40 + 60)

    def test_contribution_comes_with_its_explanation(self):
        self._run()
        charged = self._of(self.first).data["contribution"]
        self.assertEqual(charged["amount"], charged["to_date"])
        self.assertEqual(charged["amount"], "110.00")
        self.assertEqual(charged["lines"][0]["amount"], "110.00")
        self.assertGreater(len(charged["lines"][0]["text"]), 2)

    def test_queries_do_not_grow_with_activities(self):
        def count(activities):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Statement._data(activities, "month", JANUARY)
            return self.env.cr.sql_log_count - before

        self._run()
        more = self.Activity.create(
            [
                {"code": f"N{n}", "name": f"N{n}", "date_start": "2025-01-01"}
                for n in range(20)
            ]
        )
        for activity in more:
            self._hold(activity, (self.ben, 100))
            self._document([(activity, 10, None)])
        self._run()
        few = (self.first | more[0]).with_user(self.users["accountant"])
        many = (few | more).with_user(self.users["accountant"])
        count(many)
        self.assertEqual(count(few), count(many))

    # ------------------------------------------------------------------
    # Publishing
    # ------------------------------------------------------------------

    def test_run_publishes_the_month_once(self):
        self.assertEqual(self._run()["statements"], {"published": 3})
        statement = self._of(self.first)
        self.assertTrue(statement.published)
        self.assertEqual(statement.state, "published")
        self.assertEqual(statement.data_hash, digest(statement.data))
        self.assertEqual(statement.published_by, self.users["accountant"])
        self.assertEqual(self._run()["statements"], {"published": 0})

    def test_a_month_that_is_not_over_is_not_published(self):
        self.assertEqual(self._run("2026-02")["statements"], {"published": 0})
        statement = self._of(self.first, FEBRUARY)
        self.assertEqual(statement.state, "draft")
        self._refused("CAE-STATEMENT-EARLY", statement.action_publish)
        self.assertNotIn("STATEMENTS", self._codes("2026-02"))

    def test_statements_wait_for_their_contributions(self):
        result = self._run(steps=["statements"])
        self.assertEqual(result["statements"], {"published": 0})
        finding = self._codes()["STATEMENTS"]
        drafts = self.Statement._of(self.activities, JANUARY)
        self.assertEqual(set(finding["res_ids"]), set(drafts.ids))
        self.assertEqual(self._run()["statements"], {"published": 3})
        self.assertNotIn("STATEMENTS", self._codes())

    def test_drafts_follow_the_accounts(self):
        self._run(steps=["statements"])
        before = self._of(self.first).data
        self._late()
        self._run(steps=["statements"])
        self.assertNotEqual(self._of(self.first).data, before)

    def test_what_was_published_stays_and_the_change_is_a_finding(self):
        self._run()
        statement = self._of(self.first)
        data, proof = statement.data, statement.data_hash
        self._late()
        result = self._run()
        self.assertEqual(result["statements"], {"published": 0})
        self.assertEqual((statement.data, statement.data_hash), (data, proof))
        self.assertEqual(statement.state, "outdated")
        self.assertEqual(self._of(self.second).state, "published")
        self.assertEqual(self._codes()["OUTDATED"]["res_ids"], statement.ids)
        found = self.Statement.search([("outdated", "=", True)])
        self.assertEqual(found, statement)

    def test_what_cannot_have_changed_is_not_computed_again(self):
        self._run()
        self._late()
        model, asked = type(self.Statement), []
        compute = model._fresh_data

        def listening(statements):
            asked.extend(statements.ids)
            return compute(statements)

        self.env.invalidate_all()
        with patch.object(model, "_fresh_data", listening):
            self.Statement.search([("outdated", "=", True)])
        self.assertEqual(asked, self._of(self.first).ids)

    def test_the_mark_does_not_change_with_the_order_of_prefixes(self):
        """Statements published by an earlier version are not computed again."""
        self._run()
        statement = self._of(self.first)
        rows = self.env["cae.account.row"].search([("key", "in", ("treasury", "cash"))])
        self.assertEqual(rows.mapped("prefixes"), ["5,181", "5,181"])
        rows.prefixes = "181,5"
        self.assertFalse(statement._changed())

    def test_the_mark_changes_with_all_that_is_read(self):
        self._run()
        statement = self._of(self.first).sudo()
        self.assertFalse(statement._changed())
        terms = self.invoice.line_ids.filtered(
            lambda line: line.display_type == "payment_term"
        )
        credit = self._document([(self.first, 20, None)], kind="out_refund")
        account = self.env["account.account"].search([("code", "=like", "706%")])[0]
        row = self.env["cae.account.row"].search([("key", "=", "turnover")])
        for change in (
            self._late,
            lambda: terms.write({"date_maturity": "2026-02-20"}),
            lambda: (
                (terms + credit.line_ids)
                .filtered(lambda line: line.account_id == terms.account_id)
                .reconcile()
            ),
            lambda: row.write({"prefixes": "70,71,72"}),
            lambda: self.first.share_ids.write({"date_start": "2024-12-15"}),
            lambda: account.write({"code": "706999"}),
        ):
            marks = statement._marks()
            statement._computing().mark = marks[statement.id]
            self.assertFalse(statement._changed())
            change()
            self.env.invalidate_all()
            self.assertTrue(statement._changed())

    def test_statements_are_found_by_their_state(self):
        self._run()
        self._late()
        old = self._of(self.second)
        self._late(self.second)
        self._run(steps=["contributions"])
        old.action_publish_again("Late bill")
        self.Period.month_run("2026-02", ["statements"])
        mine = [("activity_id", "in", self.activities.ids)]
        every = self.Statement.search(mine)
        states = set(every.mapped("state"))
        self.assertEqual(states, {"draft", "published", "outdated", "replaced"})
        for state in states:
            wanted = every.filtered(lambda s, state=state: s.state == state)
            self.assertEqual(
                self.Statement.search([*mine, ("state", "=", state)]), wanted
            )
            other = self.Statement.search([*mine, ("state", "!=", state)])
            self.assertEqual(other, every - wanted)
        self.assertEqual(
            self.Statement.search([*mine, ("state", "in", ["draft", "published"])]),
            every.filtered(lambda s: s.state in ("draft", "published")),
        )
        self.assertFalse(self.Statement.search([*mine, ("state", "=", False)]))

    def test_a_new_version_takes_a_reason_and_keeps_the_old_one(self):
        self._run()
        old = self._of(self.first)
        proof = old.data_hash
        self._refused("CAE-STATEMENT-SAME", old.action_publish_again, "Why not")
        self._late()
        self._run(steps=["contributions"])
        for reason in ("", "  ", False, 5):
            self._refused("CAE-STATEMENT-REASON", old.action_publish_again, reason)
        self.assertEqual(old.action_publish_again("Late bill"), {"published": 1})
        new = self._of(self.first)
        self.assertEqual((new.version, new.reason), (2, "Late bill"))
        self.assertEqual((new.replaces_id, new.state), (old, "published"))
        self.assertEqual((old.state, old.data_hash), ("replaced", proof))
        self._refused("CAE-STATEMENT-STATE", old.action_publish_again, "Again")
        self.assertNotIn("OUTDATED", self._codes())

    def test_the_wizard_publishes_what_changed(self):
        self._run()
        self._late()
        month = self.Period._get(JANUARY)
        action = month.action_publish_outdated()
        wizard = self.Period.env["cae.reason"].with_context(**action["context"])
        self.assertEqual(
            action["context"]["default_statement_ids"], self._of(self.first).ids
        )
        wizard.create({"reason": "Late bill"}).action_confirm()
        self.assertEqual(self._of(self.first).version, 2)
        self.assertEqual(self._of(self.second).version, 1)

    def test_a_new_name_alone_is_no_reason_to_publish_again(self):
        self._run()
        self.first.name = "Another name"
        self.env["cae.account.row"].search([("key", "=", "turnover")]).name = "Sales"
        self.env.invalidate_all()
        statement = self._of(self.first)
        self.assertEqual(statement.state, "published")
        statement.action_publish_again("The trade name has changed")
        self.assertEqual(self._of(self.first).data["header"]["name"], "Another name")

    def test_a_locked_month_is_never_outdated(self):
        self._run()
        self._late()
        self.env["cae.period"]._get(JANUARY)._set_state("locked")
        self.env.invalidate_all()
        self.assertEqual(self._of(self.first).state, "published")

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------

    def test_nobody_rewrites_or_deletes_what_was_published(self):
        self._run()
        statement = self._of(self.first)
        for own in (
            statement,
            statement.with_user(self.users["manager"]),
            statement.sudo(),
        ):
            for vals in (
                {"data": {}},
                {"data_hash": "x"},
                {"published": False},
                {"version": 9},
                {"current": False},
                {"pdf_id": False},
                {"reason": "x"},
                {"published_date": False},
            ):
                self._refused("CAE-STATEMENT-COMPUTED", own.write, vals)
        self._refused("CAE-STATEMENT-PUBLISHED", statement.sudo().unlink)
        self._refused("CAE-STATEMENT-PUBLISHED", self.first.sudo().unlink)

    def test_a_context_sent_over_rpc_opens_nothing(self):
        self._run()
        statement = self._of(self.first)
        forged = statement.with_context(cae_computing=True, cae_freezing="FREEZING")
        self._refused("CAE-STATEMENT-COMPUTED", forged.write, {"data": {}})

    def test_a_change_behind_the_product_s_back_is_found(self):
        self._run()
        statement = self._of(self.first)
        self.assertEqual(statement.action_verify()["params"]["type"], "success")
        self.env.cr.execute(
            "UPDATE cae_statement SET data = %s WHERE id = %s",
            (json.dumps({**statement.data, "pay": {"cost": "1.00"}}), statement.id),
        )
        self.env.invalidate_all()
        self.assertEqual(self._codes()["ALTERED"]["res_ids"], statement.ids)
        self.assertEqual(self._codes()["ALTERED"]["severity"], "blocking")
        self.assertEqual(statement.action_verify()["params"]["type"], "danger")

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_entrepreneurs_read_their_published_statements_only(self):
        self._run()
        self._run("2026-02")
        seen = self.env["cae.statement"].with_user(self.users["ada"]).search([])
        self.assertEqual(seen.activity_id, self.first | self.third)
        self.assertEqual(set(seen.mapped("month")), {JANUARY})
        self.assertEqual(set(seen.mapped("state")), {"published"})
        self._refused("", seen.action_publish_again, "x", error=AccessError)
        self._refused("", seen.write, {"version": 2}, error=AccessError)
        with self.assertRaises(AccessError):
            seen.read(["sending_ids"])
        with self.assertRaises(AccessError):
            self._of(self.second).with_user(self.users["ada"]).read(["data"])

    def test_coaches_publish_and_send_nothing(self):
        self._run()
        coach = self.users["coach"]
        statement = self._of(self.first).with_user(coach)
        self._refused("", statement.action_publish_again, "x", error=AccessError)
        period = self.env["cae.period"].with_user(coach)
        self._refused("", period.statement_batch, "2026-01", error=AccessError)
        sending = self.env["cae.statement.sending"].with_user(coach)
        self.assertFalse(sending.search([]))

    # ------------------------------------------------------------------
    # Year
    # ------------------------------------------------------------------

    @freeze_time("2027-02-01")
    def test_yearly_statements_cover_the_fiscal_year(self):
        self._document([(self.first, 500, None)], day="2026-12-10")
        for month in range(1, 13):
            self._run(f"2026-{month:02}")
        december = self.Period._get(date(2026, 12, 1))
        self.assertTrue(december.is_year_end)
        december.action_publish_year()
        statement = self._of(self.first, date(2026, 12, 1), "year")
        self.assertTrue(statement.published)
        rows = {row["key"]: row for row in statement.data["income"]}
        self.assertEqual(rows["turnover"]["month"], "1600.00")
        self.assertEqual(statement.data["contribution"]["amount"], "160.00")
        december.action_publish_year()
        self.assertEqual(self._of(self.first, date(2026, 12, 1)).kind, "month")
        self.assertEqual(december.statement_count, 6)

    @freeze_time("2027-02-01")
    def test_a_year_waits_for_its_months(self):
        self._run("2026-12", steps=["statements"])
        december = self.Period._get(date(2026, 12, 1))
        with self.assertRaisesRegex(UserError, "CAE-STATEMENT-YEAR"):
            self.Period._get(JANUARY).action_publish_year()
        drafts = self.Statement.search([("published", "=", False)])
        self.assertTrue(drafts)
        self._refused("CAE-STATEMENT-YEAR", december.action_publish_year)

    def test_a_year_in_progress_is_not_published(self):
        december = self.Period._get(date(2026, 12, 1))
        self._refused("CAE-STATEMENT-EARLY", december.action_publish_year)

    def test_shared_services_say_what_each_euro_paid_for(self):
        self._run()
        self._document([(None, 30, None)], kind="in_invoice")
        self._document([(None, 10, None)])
        shared = self.env["cae.shared.statement"].with_user(self.users["accountant"])
        shared.action_open_current()
        account = shared.search([])
        self.assertEqual(account.contributions, 140)
        self.assertEqual(account.charges, 30)
        self.assertEqual(account.result, 120)
        uses = {use["key"]: use for use in account.data["uses"]}
        self.assertEqual(uses["61"]["per_euro"], "0.20")
        self.assertEqual(uses["result"]["per_euro"], "0.80")
        self.assertIn("0,80", account.figures_html)
        self._refused("CAE-STATEMENT-EARLY", account.action_publish)
        seen = account.with_user(self.users["ada"])
        self.assertFalse(seen.search([]))

    @freeze_time("2027-02-01")
    def test_every_entrepreneur_reads_the_published_shared_services(self):
        shared = self.env["cae.shared.statement"].with_user(self.users["accountant"])
        account = shared._refresh_year(
            self.company, date(2026, 1, 1), date(2026, 12, 31)
        )
        account.action_publish()
        seen = shared.with_user(self.users["ada"]).search([])
        self.assertEqual(seen, account)
        self._refused("CAE-STATEMENT-COMPUTED", account.write, {"data": {}})
        self._refused("CAE-STATEMENT-SAME", account.action_publish_again, "x")
        self._document([(None, 10, None)], kind="in_invoice")
        account.action_publish_again("A bill came late")
        new = shared.search([("current", "=", True)])
        self.assertEqual((new.version, new.charges), (2, 10))
        self.assertEqual(account.charges, 0)


@cae_tagged
@freeze_time("2026-02-15")
class TestStatementPdf(StatementCommon, HttpCase):
    def setUp(self):
        super().setUp()
        if not shutil.which(wkhtmltopdf.PROGRAM):
            # wkhtmltopdf is optional: all but its own work is tested without it.
            self.startPatcher(patch.object(wkhtmltopdf, "check"))
            self.startPatcher(patch.object(wkhtmltopdf, "convert", _blank_page))
        self._run()
        self.month = self.Period._get(JANUARY)

    def _pages(self, content):
        return PdfFileReader(io.BytesIO(content), strict=False).getNumPages()

    # ------------------------------------------------------------------
    # PDF
    # ------------------------------------------------------------------

    def test_pdf_is_rendered_once_and_kept(self):
        statement = self._of(self.first)
        self.assertFalse(statement.pdf_id)
        content = statement._pdfs()[statement.id]
        self.assertTrue(content.startswith(b"%PDF"))
        self.assertEqual(statement.pdf_hash, hashlib.sha256(content).hexdigest())
        with patch.object(wkhtmltopdf, "convert", side_effect=AssertionError):
            self.assertEqual(statement._pdfs()[statement.id], content)

    def test_percentages_are_rounded_half_up(self):
        for ratio, text in (
            ("94.06", "94,1"),
            ("94.05", "94,1"),
            ("94.04", "94,0"),
            ("-0.25", "\N{MINUS SIGN}0,3"),
            ("99.95", "100,0"),
            ("0.00", "0,0"),
        ):
            self.assertEqual(percent(ratio), text)
        html = self._of(self.first)._html()
        self.assertIn("100,0", html)

    def test_report_page_is_refused_to_strangers(self):
        other = self._of(self.second)
        url = f"/report/html/cae_base.statement_document/{other.id}"
        self.authenticate("statement_ada", "statement_ada")
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(url).status_code, 403)

    def test_pdf_says_what_was_frozen(self):
        statement = self._of(self.first)
        before = statement._html()
        self._late()
        self.env.invalidate_all()
        self.assertEqual(statement._html(), before)
        for text in ("Test 1", "Ada Test", "1\N{NARROW NO-BREAK SPACE}100,00", "<svg"):
            self.assertIn(text, before)

    def test_a_draft_is_printed_as_such_and_not_kept(self):
        self._run("2026-02")
        draft = self._of(self.first, FEBRUARY)
        self.assertTrue(draft._pdfs()[draft.id].startswith(b"%PDF"))
        self.assertFalse(draft.pdf_id)
        self.assertIn("Draft", draft._html())
        self.assertNotIn("Draft", self._of(self.first)._html())

    def test_print_menu_gives_the_kept_files(self):
        statements = self._of(self.first) | self._of(self.second)
        report = self.env["ir.actions.report"].with_user(self.users["accountant"])
        content, kind = report._render_qweb_pdf(
            "cae_base.cae_statement_report", statements.ids
        )
        self.assertEqual(kind, "pdf")
        single = statements._pdfs()
        pages = sum(self._pages(each) for each in single.values())
        self.assertEqual(self._pages(content), pages)

    def test_without_wkhtmltopdf_the_error_says_so(self):
        with patch.object(wkhtmltopdf, "find_in_path", side_effect=OSError):
            self._refused("CAE-STATEMENT-PDF", self._of(self.first)._pdfs)
            self.assertTrue(self._of(self.first).published)

    def test_a_failing_wkhtmltopdf_keeps_nothing(self):
        error = wkhtmltopdf.ConversionError("out of memory")
        with patch.object(wkhtmltopdf, "convert", side_effect=error):
            self._refused("out of memory", self._of(self.first)._pdfs)
        self.assertFalse(self._of(self.first).pdf_id)

    def test_the_kept_file_never_changes(self):
        statement = self._of(self.first)
        statement._keep_pdfs()
        kept = statement.sudo().pdf_id
        for file in (kept.with_user(self.users["accountant"]), kept):
            for vals in ({"raw": b"x"}, {"name": "x"}, {"res_id": 0}, {"public": True}):
                self._refused("CAE-STATEMENT-FROZEN", file.write, vals)
            self._refused("CAE-STATEMENT-FROZEN", file.unlink)
        # A screen that shows the file keeps a picture of it.
        kept.with_user(self.users["accountant"]).write({"thumbnail": DOT})
        # Whoever chose the token would open it to everybody.
        token = {"access_token": "chosen"}
        mine = kept.with_user(self.users["accountant"])
        self._refused("CAE-STATEMENT-FROZEN", mine.write, token)
        own = self.env["ir.attachment"].create({"name": "x", "raw": b"x"})
        self._refused("CAE-STATEMENT-FROZEN", own.write, {"cae_frozen": True})
        own.write({"name": "y"})
        own.unlink()

    # ------------------------------------------------------------------
    # Batch
    # ------------------------------------------------------------------

    def test_batch_goes_on_where_it_stopped(self):
        with (
            patch("odoo.addons.cae_base.models.cae_period_statement.CHUNK", 2),
            patch("odoo.addons.cae_base.models.cae_period_statement.TIME_BUDGET", -1),
        ):
            result = self.Period.statement_batch("2026-01")
        wanted = {"month": "2026-01", "done": False, "remaining": 1, "pdf": 2}
        self.assertEqual(result, {**wanted, "sent": 0})
        self.assertEqual(self.month.pdf_count, 2)
        self._refused("CAE-STATEMENT-PREPARE", self.month.action_download_zip)
        result = self.Period.statement_batch("2026-01")
        self.assertEqual((result["done"], result["pdf"]), (True, 1))
        self.month.invalidate_recordset()
        self.assertEqual(self.month.pdf_progress, 100)
        self.assertEqual(self.Period.statement_batch("2026-01")["pdf"], 0)

    def test_cron_finishes_what_was_asked_for(self):
        self.month.action_send_statements()
        self.assertTrue(self.month.statements_requested)
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=60
        ):
            self.env["cae.period"]._cron_statements()
        self.assertFalse(self.month.statements_requested)
        self.month.invalidate_recordset()
        self.assertEqual(self.month.pdf_count, 3)
        self.assertEqual(len(self.month.sending_ids), 2)

    def test_downloads_are_for_accountants(self):
        self.Period.statement_batch("2026-01")
        url = f"/cae/month/{self.month.id}/statements"
        self.authenticate("statement_accountant", "statement_accountant")
        archive = zipfile.ZipFile(io.BytesIO(self.url_open(f"{url}/zip").content))
        names = {f"T{n}-2026-01.pdf" for n in (1, 2, 3)}
        self.assertEqual(set(archive.namelist()), names)
        single = self._of(self.first)._pdfs().popitem()[1]
        self.assertEqual(archive.read("T1-2026-01.pdf"), single)
        merged = self.url_open(f"{url}/pdf").content
        self.assertGreaterEqual(self._pages(merged), 3)
        self.authenticate("statement_ada", "statement_ada")
        self.assertNotEqual(self.url_open(f"{url}/zip").status_code, 200)

    def test_entrepreneur_opens_the_pdf_of_the_own_statement(self):
        self.authenticate("statement_ada", "statement_ada")
        own, other = self._of(self.first), self._of(self.second)
        url = "/cae/document/cae.statement/%s/pdf"
        response = self.url_open(url % own.id)
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertTrue(response.content.startswith(b"%PDF"))
        self.assertTrue(own.pdf_id)
        self.assertNotEqual(self.url_open(url % other.id).status_code, 200)
        users = "/cae/document/res.users/1/pdf"
        self.assertEqual(self.url_open(users).status_code, 404)

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    def _send(self):
        return self.Period.statement_batch("2026-01", send=True)

    def test_only_those_without_portal_get_mail_once(self):
        self.assertEqual(self.month.unsent_count, 2)
        self.assertEqual(self._send()["sent"], 1)
        sendings = {s.entrepreneur_id: s for s in self.month.sending_ids}
        self.assertEqual(set(sendings), {self.ben, self.cleo})
        proof = sendings[self.ben]
        mail = proof.sudo().mail_id
        self.assertIn("ben@example.com", proof.email)
        self.assertEqual((proof.state, proof.message_id), ("outgoing", mail.message_id))
        self.assertEqual(mail.attachment_ids, self._of(self.third).pdf_id)
        self.assertEqual(mail.res_id, self._of(self.third).id)
        self.assertIn("Test 3", mail.subject)
        self.assertEqual(self._send()["sent"], 0)
        self.assertEqual(len(self.month.sending_ids), 2)

    def test_the_queue_writes_the_proof(self):
        self._send()
        proof = self.month.sending_ids.filtered(lambda s: s.state == "outgoing")
        mail = proof.sudo().mail_id
        statement = self._of(self.third)
        self.assertEqual(statement.sending_state, "outgoing")
        mail.write({"state": "exception", "failure_reason": "no such box"})
        self.assertEqual((proof.state, proof.error), ("failed", "no such box"))
        statement.invalidate_recordset(["sending_state"])
        self.assertEqual(statement.sending_state, "to_send")
        self.assertEqual(self._of(self.first).sending_state, "portal")
        proof.action_retry()
        self.assertNotEqual(proof.sudo().mail_id, mail)
        proof.sudo().mail_id.write({"state": "sent"})
        self.assertEqual(proof.state, "sent")
        self.assertTrue(proof.date_sent)
        self._refused("CAE-STATEMENT-SENT", proof.action_retry)

    def test_who_has_no_address_is_a_finding_until_there_is_one(self):
        self._send()
        proof = self.month.sending_ids.filtered(
            lambda s: s.entrepreneur_id == self.cleo
        )
        self.assertEqual(proof.state, "no_address")
        finding = self._codes()["SENDING"]
        self.assertEqual(finding["res_ids"], self._of(self.second).ids)
        self.cleo.email = "cleo@example.com"
        self.assertEqual(self._send()["sent"], 1)
        self.assertEqual(proof.state, "outgoing")
        self.assertNotIn("SENDING", self._codes())

    def test_a_new_version_is_sent_too(self):
        self._send()
        self._late(self.third)
        self._of(self.third).action_publish_again("Late bill")
        self.assertEqual(self._send()["sent"], 1)
        sendings = self.env["cae.statement.sending"].search(
            [("entrepreneur_id", "=", self.ben.id)]
        )
        self.assertEqual(sorted(sendings.statement_id.mapped("version")), [1, 2])
        body = sendings.sudo().mail_id.sorted("id")[-1:].body_html
        self.assertIn("Late bill", body)

    def test_proofs_are_not_rewritten(self):
        self._send()
        proof = self.month.sending_ids[:1]
        self._refused("", proof.write, {"state": "sent"}, error=AccessError)
        self._refused("CAE-STATEMENT-SENDING", proof.sudo().write, {"state": "sent"})
        ben = self.month.sending_ids.filtered(lambda s: s.state == "outgoing")
        self._refused("CAE-STATEMENT-SENDING", ben.sudo().unlink)
        rows = {"statement_id": ben.statement_id.id, "entrepreneur_id": self.ada.id}
        sendings = self.env["cae.statement.sending"]
        self._refused("CAE-STATEMENT-SENDING", sendings.create, rows)
        muted = mute_logger("odoo.sql_db")
        with muted, self.assertRaises(IntegrityError), self.cr.savepoint():
            sendings.sudo().with_context(cae_computing=COMPUTING).create(
                {**rows, "entrepreneur_id": self.ben.id}
            )
