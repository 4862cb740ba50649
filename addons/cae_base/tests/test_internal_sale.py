import shutil
import xmlrpc.client
from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase, freeze_time
from odoo.tools import mute_logger

from ..report import wkhtmltopdf
from .common import cae_tagged
from .contribution_common import ContributionCommon


class InternalSaleCommon(ContributionCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Sale = cls.env["cae.internal.sale"].with_user(cls.accountant)

    @classmethod
    def _sale(cls, seller, buyer, *amounts, day="2026-01-15", post=True, **vals):
        sale = cls.Sale.create(
            {
                "seller_id": seller.id,
                "buyer_id": buyer.id,
                "date": day,
                "line_ids": [
                    Command.create({"name": f"Work {n}", "price_unit": amount})
                    for n, amount in enumerate(amounts, 1)
                ],
                **vals,
            }
        )
        if post:
            sale.action_post()
        return sale

    def _movements(self, move):
        """``{(activity code, account code): balance}`` of an entry."""
        found = {}
        for line in move.sudo().line_ids:
            (key,) = line.analytic_distribution
            activity = self.activities.filtered(
                lambda a, key=key: str(a.analytic_account_id.id) == key
            )
            found[activity.code, line.account_id.code] = line.balance
        return found


@cae_tagged
@freeze_time("2026-02-15")
class TestInternalSale(InternalSaleCommon):
    # ------------------------------------------------------------------
    # Booking
    # ------------------------------------------------------------------

    def test_both_sides_are_booked_at_once_without_vat(self):
        sale = self._sale(self.one, self.two, 400, 50.25)
        self.assertEqual(sale.state, "posted")
        self.assertEqual(sale.total, 450.25)
        self.assertEqual(
            self._movements(sale.move_id),
            {
                ("T2", "186100"): 450.25,
                ("T2", "181000"): -450.25,
                ("T1", "181000"): 450.25,
                ("T1", "187100"): -450.25,
            },
        )
        self.assertEqual(sale.move_id.journal_id, self.company.cae_journal_id)
        self.assertFalse(sale.move_id.line_ids.tax_ids)
        self.assertInvariant()

    def test_class_18_is_nil_in_the_books(self):
        self._sale(self.one, self.two, 400)
        rows = self.env["account.move.line"]._read_group(
            [("account_id.code", "=like", "18%"), ("company_id", "=", self.company.id)],
            [],
            ["balance:sum"],
        )
        self.assertEqual(rows[0][0], 0)

    def test_class_18_does_not_show_in_the_profit_and_loss_of_odoo(self):
        """Odoo's reports, and its result of the year, go by the types of accounts."""
        self._document([(self.one, 1000)])
        self._run("2026-01")
        self._sale(self.one, self.two, 400)
        items = self.env["account.move.line"]
        posted = [("company_id", "=", self.company.id), ("parent_state", "=", "posted")]
        in_result = [("account_id.internal_group", "in", ("income", "expense"))]
        of_18 = items.search([*posted, ("account_id.code", "=like", "18%")])
        codes = set(of_18.mapped("account_id.code"))
        self.assertEqual(codes, {"181000", "186000", "186100", "187000", "187100"})
        self.assertEqual(sum(of_18.mapped("balance")), 0)
        self.assertEqual(set(of_18.account_id.mapped("internal_group")), {"liability"})
        result = items.search([*posted, *in_result])
        self.assertEqual(set(result.mapped("account_id.code")), {"706000"})
        self.assertEqual(sum(result.mapped("balance")), -1000)
        # Odoo's analysis of invoices knows neither contributions nor internal sales.
        self.env.flush_all()
        analysed = self.env["account.invoice.report"].search(posted[:1])
        self.assertEqual(sum(analysed.mapped("price_subtotal")), 1000)

    def test_treasury_of_both_moves_at_once(self):
        self._sale(self.one, self.two, 400)
        money = {
            row["code"]: row
            for row in self.Activity.treasury(["T1", "T2"], "2026-01-15")
        }
        for name in ("treasury", "available"):
            self.assertEqual(money["T1"][name], 400)
            self.assertEqual(money["T2"][name], -400)

    def test_turnover_is_untouched_and_the_statement_names_the_sale(self):
        self._sale(self.one, self.two, 400)
        (figures,) = self.Activity.figures(["T1"], ["2026-01"])
        self.assertEqual(figures["invoiced"], 0)
        seller, buyer = self.Activity.statement(["T1", "T2"], "2026-01")
        seller, buyer = (
            {row["key"]: row["month"] for row in one["rows"]} for one in (seller, buyer)
        )
        self.assertEqual(seller["internal_sales"], 400)
        self.assertEqual(seller["other_income"], 0)
        self.assertEqual(seller["result"], 400)
        self.assertEqual(buyer["internal_purchases"], 400)
        self.assertEqual(buyer["contribution"], 0)
        self.assertEqual(buyer["result"], -400)

    def test_rows_of_internal_sales_show_only_when_there_are_some(self):
        self._sale(self.one, self.two, 400)
        data = self.env["cae.statement"]._data(
            self.activities, "month", date(2026, 1, 1)
        )
        keys = {
            activity.code: {row["key"] for row in data[activity.id]["income"]}
            for activity in self.activities
        }
        rare = {"internal_sales", "internal_purchases"}
        self.assertEqual(keys["T1"] & rare, {"internal_sales"})
        self.assertEqual(keys["T2"] & rare, {"internal_purchases"})
        self.assertEqual(keys["T3"] & rare, set())
        self.assertIn("Sales to other activities", str(self.one.account_html))
        self.assertNotIn("Sales to other activities", str(self.three.account_html))

    def test_line_amounts_are_rounded_half_up(self):
        sale = self._sale(self.one, self.two, post=False)
        sale.line_ids = [
            Command.create({"name": "Hours", "quantity": 1.5, "price_unit": 33.35}),
            Command.create({"name": "Half", "quantity": 0.5, "price_unit": 0.01}),
        ]
        # 50.025 and 0.005
        self.assertEqual(sale.line_ids.mapped("amount"), [50.03, 0.01])
        self.assertEqual(sale.total, 50.04)

    def test_numbers_follow_each_other_by_year(self):
        late, first, second = self.Sale.concat(
            self._sale(self.one, self.two, 10, day="2026-02-02", post=False),
            self._sale(self.one, self.two, 10, day="2025-12-31", post=False),
            self._sale(self.one, self.two, 10, day="2026-01-05", post=False),
        )
        self.assertFalse(late.name)
        (late | first | second).action_post()
        self.assertEqual(first.name, "VI/2025/0001")
        self.assertEqual(second.name, "VI/2026/0001")
        self.assertEqual(late.name, "VI/2026/0002")
        self.assertEqual(self._sale(self.one, self.two, 10).name, "VI/2026/0003")

    def test_query_count_does_not_depend_on_the_number_of_sales(self):
        """What Odoo asks for each entry apart, which a batch of entries costs too."""

        def drafts(count):
            sales = [
                self._sale(self.one, self.two, 10 + n, post=False) for n in range(count)
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            return self.Sale.concat(*sales)

        def queries(sales):
            before = self.env.cr.sql_log_count
            sales.action_post()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        def raw(count):
            vals = [
                {
                    "journal_id": self.company.cae_journal_id.id,
                    "date": "2026-01-15",
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "balance": balance,
                                "analytic_distribution": self._tag(activity),
                            }
                        )
                        for activity in (self.one, self.two)
                        for account, balance in (
                            (self.company.cae_charge_account_id, 10),
                            (self.company.cae_internal_bank_account_id, -10),
                        )
                    ],
                }
                for _n in range(count)
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["account.move"].with_context(tracking_disable=True).create(
                vals
            )._post(soft=False)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        drafts(1).action_post()  # accounts, sequence
        raw(1)
        ours = queries(drafts(12)) - queries(drafts(2))
        odoo = raw(12) - raw(2)
        self.assertLessEqual(ours, odoo)

    # ------------------------------------------------------------------
    # Contributions
    # ------------------------------------------------------------------

    def test_turnover_of_the_seller_contributes_at_its_own_rate(self):
        rule = self.schemes["STD10"].rule_ids
        rule.write({"own_internal_rate": True, "internal_rate": 3})
        self.two.scheme_id = self.schemes["STD10"]
        for activity in (self.one, self.two):
            self._document([(activity, 1000)], "2026-01-10")
        self._sale(self.one, self.two, 400)
        self._run("2026-01")
        # 10 % of 1 000 + 3 % of 400; turnover deducts no purchase
        self.assertEqual(self._amounts(self.one), {"01": [112.0]})
        self.assertEqual(self._amounts(self.two), {"01": [100.0]})
        self.assertInvariant()

    def test_purchase_of_the_buyer_reduces_its_margin(self):
        margin = self.schemes["MIXTE"].copy({"code": "MARGIN"})
        margin.rule_ids[1].unlink()
        self.activities.scheme_id = margin
        for activity in (self.one, self.two):
            self._document([(activity, 1000)], "2026-01-10")
        self._sale(self.one, self.two, 400)
        self._run("2026-01")
        # 13.5 % of 1 400 and of 600
        self.assertEqual(self._amounts(self.one), {"01": [189.0]})
        self.assertEqual(self._amounts(self.two), {"01": [81.0]})

    def test_a_cancelled_sale_gives_its_contribution_back(self):
        sale = self._sale(self.one, self.two, 400)
        self._run("2026-01")
        self.assertEqual(self._amounts(self.one), {"01": [40.0]})
        sale.action_cancel("Work was not done")
        self._run("2026-01")
        self.assertEqual(sum(self._amounts(self.one)["01"]), 0)
        self.assertInvariant()

    # ------------------------------------------------------------------
    # Cancelling, locked months
    # ------------------------------------------------------------------

    def test_cancelling_reverses_the_entry(self):
        sale = self._sale(self.one, self.two, 400)
        sale.action_cancel("Work was not done")
        self.assertEqual(sale.state, "cancelled")
        reversal = sale.reversal_move_id
        self.assertEqual(str(reversal.date), "2026-01-15")
        self.assertEqual(reversal.reversed_entry_id, sale.move_id)
        opposite = {k: -b for k, b in self._movements(sale.move_id).items()}
        self.assertEqual(self._movements(reversal), opposite)
        self.assertIn("Work was not done", str(sale.message_ids.mapped("body")))
        with self.assertRaisesRegex(UserError, "CAE-SALE-STATE"):
            sale.action_cancel("Twice")
        self.assertInvariant()

    def test_a_locked_month_is_left_alone(self):
        sale = self._sale(self.one, self.two, 400)
        draft = self._sale(self.one, self.two, 100, post=False)
        self.Period._get(date(2026, 1, 1)).sudo()._set_state("locked")
        with self.assertRaisesRegex(UserError, "CAE-PERIOD-LOCKED"):
            draft.action_post()
        self.assertEqual(draft.state, "draft")
        self.assertFalse(draft.name)
        sale.action_cancel("Found too late")
        self.assertEqual(str(sale.reversal_move_id.date), "2026-02-01")
        self.assertInvariant()

    def test_drafts_keep_the_month_open(self):
        draft = self._sale(self.one, self.two, 100, post=False)
        self.env.flush_all()
        found = {f["code"]: f for f in self.Period.checks("2026-01")}
        finding = found["CAE-CHECK-SALES"]
        self.assertEqual(finding["severity"], "blocking")
        self.assertEqual(
            (finding["model"], finding["res_ids"]), (draft._name, draft.ids)
        )
        draft.action_post()
        codes = [finding["code"] for finding in self.Period.checks("2026-01")]
        self.assertNotIn("CAE-CHECK-SALES", codes)

    def test_lock_dates_of_odoo_are_heard(self):
        self.company.hard_lock_date = "2026-01-31"
        with self.assertRaisesRegex(UserError, "CAE-LOCK-DATE"):
            self._sale(self.one, self.two, 400)

    def test_the_entry_is_changed_from_the_sale_alone(self):
        move = self._sale(self.one, self.two, 400).move_id
        for change in (
            lambda: move.button_draft(),
            lambda: move._reverse_moves(),
            lambda: move.write({"date": "2026-02-01"}),
            lambda: move.write({"cae_sale_id": False}),
            lambda: move.line_ids[0].write({"analytic_distribution": False}),
            lambda: move.line_ids[0].write({"account_id": self._account("471").id}),
        ):
            with self.assertRaisesRegex(UserError, "CAE-ENTRY-GENERATED"):
                change()

    # ------------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------------

    def test_amounts_are_above_zero(self):
        for amount in (0, -5, float("nan"), float("inf"), 1e12, 0.001):
            with (
                self.subTest(amount),
                self.assertRaisesRegex(ValidationError, "CAE-SALE-AMOUNT"),
            ):
                self._sale(self.one, self.two, amount)
        sale = self._sale(self.one, self.two, 5, post=False)
        with self.assertRaisesRegex(ValidationError, "CAE-SALE-AMOUNT"):
            sale.line_ids.quantity = -1
        with self.assertRaisesRegex(UserError, "CAE-SALE-EMPTY"):
            self._sale(self.one, self.two)

    def test_an_activity_does_not_sell_to_itself(self):
        with self.assertRaisesRegex(ValidationError, "CAE-SALE-SAME"):
            self._sale(self.one, self.one, 5)

    def test_both_activities_are_open_on_the_day(self):
        self.two.date_end = "2026-01-31"
        with self.assertRaisesRegex(ValidationError, "CAE-SALE-ACTIVITY.*T2"):
            self._sale(self.one, self.two, 5, day="2026-02-01")
        with self.assertRaisesRegex(ValidationError, "CAE-SALE-ACTIVITY.*T1"):
            self._sale(self.one, self.two, 5, day="2024-12-31")
        draft = self._sale(self.one, self.two, 5, day="2026-01-20", post=False)
        self.two.date_end = "2026-01-10"
        with self.assertRaisesRegex(ValidationError, "CAE-SALE-ACTIVITY.*T2"):
            draft.action_post()

    def test_an_activity_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other CAE"})
        foreign = self.Activity.with_company(other).create(
            {"code": "F1", "name": "Foreign", "date_start": "2025-01-01"}
        )
        with self.assertRaisesRegex(ValidationError, "CAE-SALE-COMPANY"):
            self._sale(self.one, foreign, 5)

    def test_a_posted_sale_does_not_change(self):
        sale = self._sale(self.one, self.two, 5)
        for change in (
            lambda: sale.write({"date": "2026-01-20"}),
            lambda: sale.write({"line_ids": [Command.clear()]}),
            lambda: sale.line_ids.write({"price_unit": 6}),
            lambda: sale.line_ids.unlink(),
            lambda: sale.line_ids.copy(),
            lambda: sale.unlink(),
        ):
            with self.assertRaisesRegex(UserError, "CAE-SALE-POSTED"):
                change()
        with self.assertRaisesRegex(UserError, "CAE-SALE-STATE"):
            sale.write({"state": "draft"})
        with self.assertRaisesRegex(UserError, "CAE-SALE-STATE"):
            sale.action_post()
        with self.assertRaisesRegex(UserError, "CAE-SALE-REASON"):
            sale.action_cancel(" ")

    def test_a_new_sale_is_a_draft_whatever_the_client_sends(self):
        made = self._sale(
            *(self.one, self.two, 5), post=False, state="posted", name="VI/2026/9999"
        )
        self.assertEqual((made.state, made.name), ("draft", False))
        copy = self._sale(self.one, self.two, 5, day="2026-01-15").copy()
        self.assertEqual((copy.state, copy.name, copy.total), ("draft", False, 5))
        self.assertEqual(str(copy.date), "2026-02-15")

    def test_all_or_none_are_posted(self):
        good = self._sale(self.one, self.two, 5, post=False)
        empty = self._sale(self.one, self.two, post=False)
        with self.assertRaisesRegex(UserError, "CAE-SALE-EMPTY"):
            (good | empty).action_post()
        self.assertEqual(good.state, "draft")

    # ------------------------------------------------------------------
    # Screens, print
    # ------------------------------------------------------------------

    def test_form(self):
        with Form(self.Sale) as form:
            form.seller_id, form.buyer_id = self.one, self.two
            with form.line_ids.new() as line:
                line.name, line.quantity, line.price_unit = "Logo", 2, 150
            self.assertEqual(form.total, 300)
        sale = form.record
        sale.action_post()
        action = sale.action_open_entries()
        self.assertEqual(action["res_id"], sale.move_id.id)
        self.assertEqual(sale.move_id.action_open_internal_sale()["res_id"], sale.id)
        wizard = self.env["cae.reason"].with_user(self.accountant)
        context = sale.action_ask_cancel()["context"]
        wizard.with_context(**context).create({"reason": "Test"}).action_confirm()
        self.assertEqual(sale.state, "cancelled")

    def test_activities_count_their_sales_and_purchases(self):
        self._sale(self.one, self.two, 5)
        self._sale(self.two, self.one, 5).action_cancel("Mistake")
        self._sale(self.three, self.one, 5, post=False)
        self.assertEqual(self.activities.mapped("internal_sale_count"), [2, 1, 1])
        action = self.one.with_user(self.accountant).action_open_internal_sales()
        self.assertEqual(len(self.Sale.search(action["domain"])), 3)

    def test_page_names_both_parties_and_says_that_it_is_internal(self):
        self.one.trade = "Graphic design"
        sale = self._sale(self.one, self.two, 400)
        page = sale._html()
        for text in ("Test 1", "Test 2", "Graphic design", "VI/2026/0001", "400.00"):
            self.assertIn(text, page)
        self.assertIn("same legal entity", page)
        self.assertIn("no VAT", page)
        self.assertNotIn("Draft", page)

    def test_pdf(self):
        if not shutil.which(wkhtmltopdf.PROGRAM):
            # wkhtmltopdf is optional: all but its own work is tested without it.
            self.startPatcher(patch.object(wkhtmltopdf, "check"))
            self.startPatcher(
                patch.object(wkhtmltopdf, "convert", lambda html: b"%PDF-1.4")
            )
        sale = self._sale(self.one, self.two, 400)
        self.assertTrue(sale._pdfs()[sale.id].startswith(b"%PDF"))


class RightsCommon(InternalSaleCommon):
    """Two holders who trade, a stranger, a coach of the seller."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        people = cls.env["cae.entrepreneur"].create(
            [
                {
                    "first_name": name,
                    "last_name": "Test",
                    "date_entry": "2025-01-01",
                    "user_id": cls._user(f"sale_{name}", "group_entrepreneur").id,
                }
                for name in ("seller", "buyer", "stranger")
            ]
        )
        people[0].coach_id = cls.coach
        for activity, person in zip(cls.activities, people, strict=True):
            activity.share_ids = [
                Command.create(
                    {"entrepreneur_id": person.id, "date_start": "2025-01-01"}
                )
            ]
        cls.people = people
        cls.sale = cls._sale(cls.one, cls.two, 400, day="2026-01-15")


@cae_tagged
@freeze_time("2026-02-15")
class TestInternalSaleRights(RightsCommon):
    def _as(self, user):
        return self.sale.with_user(user)

    def test_both_holders_read_the_sale(self):
        for person in self.people[:2]:
            (row,) = self._as(person.user_id).read(["name", "total", "buyer_id"])
            self.assertEqual(row["total"], 400)
            self.assertEqual(row["buyer_id"][1], "[T2] Test 2")
            self.assertEqual(self._as(person.user_id).line_ids.mapped("amount"), [400])
            with (
                patch.object(wkhtmltopdf, "check"),
                patch.object(wkhtmltopdf, "convert", lambda html: html),
            ):
                page = self._as(person.user_id)._pdfs()[self.sale.id]
            self.assertIn("Test 1", page)

    def test_others_do_not(self):
        stranger = self.people[2].user_id
        for user in (stranger, self._user("sale_coach", "group_coach")):
            self.assertFalse(self.Sale.with_user(user).search([]))
            with self.assertRaises(AccessError):
                self._as(user).read(["total"])
            with self.assertRaises(AccessError):
                self._as(user)._pdfs()
            with self.assertRaises(AccessError):
                self.sale.line_ids.with_user(user).read(["amount"])
        with self.assertRaises(AccessError):
            self._as(self._user("sale_team", "group_governance")).read(["total"])

    def test_coaches_read_sales_of_their_people_and_write_none(self):
        self.assertEqual(self._as(self.coach).total, 400)
        for call in (
            lambda: self._as(self.coach).action_cancel("No"),
            lambda: self._as(self.people[0].user_id).action_cancel("No"),
            lambda: self._as(self.coach).write({"date": "2026-01-20"}),
            lambda: self.Sale.with_user(self.coach).create({}),
            lambda: self._as(self._user("sale_pay", "group_payroll")).action_post(),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_other_companies_do_not_see_it(self):
        other = self.env["res.company"].create({"name": "Other CAE"})
        user = self._user("sale_other", "group_accountant")
        user.write({"company_id": other.id, "company_ids": [Command.set(other.ids)]})
        self.assertFalse(self.Sale.with_user(user).search([]))
        with self.assertRaises(AccessError):
            self._as(user).read(["total"])


@cae_tagged
class TestInternalSaleRpc(RightsCommon, HttpCase):
    """The same over XML-RPC, as other programs do it."""

    def _call(self, user, method, *args, model="cae.internal.sale", **kwargs):
        self.env.flush_all()
        return self.xmlrpc_object.execute_kw(
            self.env.cr.dbname, user.id, user.login, model, method, list(args), kwargs
        )

    def test_create_post_and_cancel(self):
        vals = {
            "seller_id": self.two.id,
            "buyer_id": self.one.id,
            "date": "2026-01-20",
            "line_ids": [[0, 0, {"name": "Bread", "price_unit": 12.5}]],
        }
        sale_id = self._call(self.accountant, "create", vals)
        self.assertIs(self._call(self.accountant, "action_post", [sale_id]), True)
        fields = ["state", "total", "name"]
        (row,) = self._call(self.accountant, "read", [sale_id], fields)
        self.assertEqual((row["state"], row["total"]), ("posted", 12.5))
        self.assertEqual(row["name"], "VI/2026/0002")
        self._call(self.accountant, "action_cancel", [sale_id], reason="Stale")
        (row,) = self._call(self.accountant, "read", [sale_id], fields)
        self.assertEqual(row["state"], "cancelled")

    def test_errors_are_coded(self):
        vals = {"seller_id": self.one.id, "buyer_id": self.one.id}
        with self.assertRaisesRegex(xmlrpc.client.Fault, "CAE-SALE-SAME"):
            self._call(self.accountant, "create", vals)
        line = [0, 0, {"name": "Nothing", "price_unit": float("nan")}]
        vals = {"seller_id": self.one.id, "buyer_id": self.two.id, "line_ids": [line]}
        with self.assertRaisesRegex(xmlrpc.client.Fault, "CAE-SALE-AMOUNT"):
            self._call(self.accountant, "create", vals)

    def test_an_entrepreneur_reads_and_opens_the_pdf(self):
        buyer, stranger = self.people[1].user_id, self.people[2].user_id
        (row,) = self._call(buyer, "search_read", [], ["name", "seller_id"])
        self.assertEqual(row["seller_id"][1], "[T1] Test 1")
        self.assertEqual(self._call(stranger, "search_read", [], ["name"]), [])
        with self.assertRaises(xmlrpc.client.Fault):
            self._call(stranger, "read", self.sale.ids, ["name"])
        self.startPatcher(patch.object(wkhtmltopdf, "check"))
        self.startPatcher(
            patch.object(wkhtmltopdf, "convert", lambda html: b"%PDF-1.4 test")
        )
        url = f"/cae/document/cae.internal.sale/{self.sale.id}/pdf"
        self.authenticate(buyer.login, buyer.login)
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.content.startswith(b"%PDF"))
        self.authenticate(stranger.login, stranger.login)
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(url).status_code, 403)


@cae_tagged
@freeze_time("2026-02-15")
class TestInternalSaleExchange(InternalSaleCommon):
    def _load(self, *rows, **kwargs):
        names = (
            *("numero", "date", "vendeur", "acheteur"),
            *("libelle", "quantite", "prix_unitaire"),
        )
        rows = [dict(zip(names, row, strict=True)) for row in rows]
        exchange = self.env["cae.exchange"].with_user(self.accountant)
        return exchange.load("internal_sales", rows, **kwargs)

    def _problems(self, *rows, **kwargs):
        result = self._load(*rows, **kwargs)
        self.assertEqual(result["created"], 0)
        return [(e["code"], e["row"], e["column"]) for e in result["errors"]]

    ROW = ("X1", "15/01/2026", "T1", "T2", "Logo", "1", "400,00")
    SECOND = ("X1", "15/01/2026", "T1", "T2", "Charter", 2, 25.5)

    def test_sales_arrive_posted_and_once(self):
        result = self._load(self.ROW, self.SECOND)
        self.assertEqual((result["created"], result["errors"]), (1, []))
        sale = self.Sale.search([("load_reference", "=", "X1")])
        self.assertEqual((sale.state, sale.total), ("posted", 451))
        self.assertEqual(self._load(self.ROW, self.SECOND)["unchanged"], 1)
        self.assertEqual(len(self.Sale.search([])), 1)
        self.assertInvariant()

    def test_dry_run_writes_nothing(self):
        self.assertEqual(self._load(self.ROW, dry_run=True)["created"], 1)
        self.assertFalse(self.Sale.search([]))

    def test_other_content_is_a_conflict(self):
        self._load(self.ROW)
        other = ("X1", "15/01/2026", "T1", "T2", "Logo", "1", "500,00")
        self.assertEqual(
            self._problems(other), [("CAE-LOAD-CONFLICT", 1, "prix_unitaire")]
        )
        other = ("X1", "15/01/2026", "T3", "T2", "Logo", "1", "400,00")
        self.assertEqual(self._problems(other), [("CAE-LOAD-CONFLICT", 1, "vendeur")])
        self.assertEqual(
            self._problems(self.ROW, self.SECOND),
            [("CAE-LOAD-CONFLICT", 1, "libelle")],
        )

    def test_a_cancelled_sale_can_be_loaded_again(self):
        self._load(self.ROW)
        self.Sale.search([]).action_cancel("Wrong")
        self.assertEqual(self._load(self.ROW)["created"], 1)

    def test_bad_input_by_row_and_column(self):
        base = dict(enumerate(self.ROW))
        for column, value, expected in (
            (1, "31/02/2026", ("CAE-LOAD-DATE", 1, "date")),
            (1, "15/01/2036", ("CAE-LOAD-DATE", 1, "date")),
            (2, "T9", ("CAE-LOAD-ACTIVITY", 1, "vendeur")),
            (3, "T9", ("CAE-LOAD-ACTIVITY", 1, "acheteur")),
            (3, "T1", ("CAE-SALE-SAME", 1, "acheteur")),
            (1, "15/01/2024", ("CAE-SALE-ACTIVITY", 1, "vendeur")),
            (4, "", ("CAE-LOAD-REQUIRED", 1, "libelle")),
            (5, "0", ("CAE-LOAD-AMOUNT", 1, "quantite")),
            (6, "-1", ("CAE-LOAD-AMOUNT", 1, "prix_unitaire")),
            (6, float("nan"), ("CAE-LOAD-AMOUNT", 1, "prix_unitaire")),
            (6, "abc", ("CAE-LOAD-AMOUNT", 1, "prix_unitaire")),
        ):
            row = tuple({**base, column: value}.values())
            with self.subTest(column=column, value=value):
                self.assertIn(expected, self._problems(row))
        self.assertFalse(self.Sale.search([]))

    def test_locked_month(self):
        self.Period._get(date(2026, 1, 1)).sudo()._set_state("locked")
        self.assertEqual(self._problems(self.ROW), [("CAE-PERIOD-LOCKED", 1, "date")])
        self.assertEqual(self._load(self.ROW, late="next")["created"], 1)
        sale = self.Sale.search([])
        self.assertEqual(str(sale.move_id.date), "2026-02-01")
        self.assertEqual(self._load(self.ROW, late="next")["unchanged"], 1)
