from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user

from .common import CaeCommon, cae_tagged


@cae_tagged
class TestGuards(CaeCommon):
    """What an accountant cannot do over RPC, whatever the fields and the context."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = new_test_user(
            cls.env,
            login="cae_guarded",
            groups="cae_base.group_accountant",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.first, cls.second, _third = cls.activities

    def _as_accountant(self, records, **context):
        self.env.flush_all()
        return records.with_user(self.accountant).with_context(**context)

    def _refused(self, code, call, *args):
        with self.assertRaisesRegex(UserError, code), self.cr.savepoint():
            call(*args)
            self.env.flush_all()

    def _lock(self, day=date(2026, 1, 1)):
        self.env["cae.period"]._get(day)._set_state("locked")

    def _match(self, line, move):
        _liquidity, suspense, _other = line._seek_for_lines()
        term = move.line_ids.filtered(lambda x: x.display_type == "payment_term")
        suspense.account_id = term.account_id
        (suspense | term).reconcile()

    # ------------------------------------------------------------------
    # Entries
    # ------------------------------------------------------------------

    def test_state_of_an_entry_changes_by_its_buttons_only(self):
        move = self._document([(self.first, 100, self.vat_services)])
        posted = self._as_accountant(move)
        for state in ("draft", "cancel"):
            self._refused("CAE-ENTRY-STATE", posted.write, {"state": state})
        move.button_draft()
        self._refused("CAE-ENTRY-STATE", posted.write, {"state": "posted"})
        posted.action_post()
        posted.button_cancel()
        self.assertEqual(move.state, "cancel")

    def test_what_odoo_reckons_is_not_written(self):
        move = self._document([(self.first, 100, self.vat_services)])
        posted = self._as_accountant(move)
        for vals in (
            {"payment_state": "paid"},
            {"amount_total": 1},
            {"amount_residual": 0},
            {"inalterable_hash": "abc"},
            {"posted_before": False},
            {"sequence_number": 7},
        ):
            self._refused("CAE-ENTRY-RECKONED", posted.write, vals)
        posted.action_toggle_block_payment()
        self.assertEqual(move.payment_state, "blocked")
        posted.action_toggle_block_payment()
        self.assertEqual(move.payment_state, "not_paid")

    def test_matchings_of_an_item_are_not_written(self):
        move = self._document([(self.first, 100, None)])
        other = self._document([(self.second, 50, None)])
        self._pay(other)
        term = self._as_accountant(move).line_ids.filtered("date_maturity")
        for vals in (
            {"full_reconcile_id": other.line_ids.full_reconcile_id.id},
            {"amount_residual": 0},
            {"reconciled": True},
        ):
            self._refused("CAE-ENTRY-ITEM", term.write, vals)

    def test_a_posted_payment_says_what_its_entry_says(self):
        move = self._document([(self.first, 100, None)])
        payment = self._as_accountant(self._pay(move))
        for vals in (
            {"amount": 1},
            {"date": "2026-03-01"},
            {"state": "draft"},
            {"state": "canceled"},
            {"move_id": False},
            {"partner_id": self.partner_b.id},
        ):
            self._refused("CAE-PAYMENT-POSTED", payment.write, vals)
        # A screen sends again what it shows.
        payment.write({"amount": 100.0, "date": "2026-02-10", "memo": "x"})
        payment.action_draft()
        payment.write({"amount": 60, "date": "2026-03-01"})
        payment.action_post()
        payment.action_cancel()
        self.assertEqual(payment.move_id.state, "cancel")

    def test_a_payment_keeps_its_entry_in_a_locked_month(self):
        move = self._document([(self.first, 100, None)])
        payment = self._as_accountant(self._pay(move, day="2026-01-20"))
        self._lock()
        self._refused("CAE-PAYMENT-POSTED", payment.write, {"move_id": False})
        for action in (payment.action_draft, payment.action_cancel, payment.unlink):
            self._refused("CAE-PERIOD-LOCKED", action)

    def test_odd_distributions_have_a_code(self):
        line = self._as_accountant(self._document([(self.first, 100, None)]))
        line = line.invoice_line_ids
        for value in (
            {"abc": 100},
            {str(self.accounts[0].id): float("nan")},
            {str(self.accounts[0].id): 1e300},
            {"99999999": 100},
            [1],
        ):
            vals = {"analytic_distribution": value}
            self._refused("CAE-ENTRY-DISTRIBUTION", line.write, vals)

    def test_items_do_not_leave_their_entry(self):
        move = self._document([(self.first, 100, None)])
        lines = self._as_accountant(move.line_ids)
        for vals in (
            {"parent_state": "draft"},
            {"date": "2026-05-01"},
            {"cae_tag_derived": True},
        ):
            self._refused("CAE-ENTRY-ITEM", lines[0].write, vals)

    def test_documents_of_a_locked_month_are_not_deleted(self):
        move = self._document([(self.first, 100, None)])
        self._lock()
        context = {"force_delete": True, "dynamic_unlink": True}
        context["check_move_validity"] = False
        for records in (move, move.invoice_line_ids):
            records = self._as_accountant(records, **context)
            self._refused("CAE-PERIOD-LOCKED", records.unlink)

    def test_activity_of_a_document_of_a_locked_month_stays(self):
        move = self._document([(None, 100, None)], cae_activity_id=self.first.id)
        self._lock()
        vals = {"cae_activity_id": self.second.id}
        self._refused("CAE-PERIOD-LOCKED", self._as_accountant(move).write, vals)

    def test_bank_line_stays_out_of_a_locked_month(self):
        inside = self._statement_line(10, "2026-01-12")
        outside = self._statement_line(10, "2026-02-12")
        self._lock()
        for line, day in ((inside, "2026-02-01"), (outside, "2026-01-20")):
            line = self._as_accountant(line)
            self._refused("CAE-PERIOD-LOCKED", line.write, {"date": day})
        self._refused("CAE-PERIOD-LOCKED", self._as_accountant(inside).unlink)

    def test_analytic_items_follow_the_date_of_a_bank_line(self):
        move = self._document([(self.first, 100, None)])
        line = self._statement_line(100, "2026-01-20")
        self._match(line, move)
        line.date = "2026-02-02"
        items = line.move_id.line_ids.analytic_line_ids
        self.assertEqual(set(items.mapped("date")), {date(2026, 2, 2)})
        self.assertInvariant(date(2026, 1, 31))
        self.assertInvariant(date(2026, 2, 28))

    def test_undoing_a_bank_line_of_a_locked_month_says_why_not(self):
        move = self._document([(self.first, 100, None)])
        line = self._statement_line(100, "2026-01-20")
        self._match(line, move)
        self._lock()
        self._refused("CAE-PERIOD-LOCKED", line.action_undo_reconciliation)

    def test_matchings_are_not_rewritten(self):
        move = self._document([(self.first, 100, None)])
        self._pay(move)
        partial = self._as_accountant(move.line_ids._all_partials())
        for vals in ({"cae_share": {"1": 5}}, {"amount": 1}):
            self._refused("CAE-MATCHING", partial.write, vals)

    def test_vat_that_was_paid_moves_with_the_document(self):
        move = self._document([(self.first, 100, self.vat_services)])
        self._pay(move)
        move.invoice_line_ids.analytic_distribution = self._tag(self.second)
        balances = self._balances()
        for code in ("T1", "T2"):
            self.assertFalse(balances.get(code, {}).get("445740"), code)
        self.assertFalse(balances.get("T1", {}).get("445710"))
        self.assertEqual(balances["T2"]["445710"], -20)
        self.assertInvariant()
        move.line_ids.remove_move_reconcile()
        self.assertEqual(self._balances()["T2"]["445740"], -20)
        self.assertFalse(self._balances()["T2"].get("445710"))
        self.assertInvariant()

    # ------------------------------------------------------------------
    # Activities, months, statements
    # ------------------------------------------------------------------

    def test_activity_keeps_its_account_and_company(self):
        shared = self.company.cae_shared_account_id
        other = self.env["res.company"].search([("id", "!=", self.company.id)], limit=1)
        for vals in ({"analytic_account_id": shared.id}, {"company_id": other.id}):
            self._refused("CAE-ACTIVITY-FIXED", self.first.write, vals)
        plan = self.env["account.analytic.plan"].search(
            [("id", "!=", shared.plan_id.id)], limit=1
        )
        account = self._as_accountant(self.first.analytic_account_id)
        self._refused("CAE-ANALYTIC-ACCOUNT", account.write, {"plan_id": plan.id})

    def test_what_the_product_noted_stays(self):
        period = self.env["cae.period"]._get(date(2026, 1, 1))
        self._as_accountant(period)._cae_note("Unlocked: forgotten bill")
        log = period.message_ids[0]
        mine = self._as_accountant(log)
        self._refused("CAE-LOG-KEPT", mine.write, {"body": "forged"})
        self._refused("CAE-LOG-KEPT", mine.write, {"model": "res.partner"})
        self._refused("CAE-LOG-KEPT", mine.unlink)
        self.assertIn("forgotten bill", log.body)
        own = self._as_accountant(period).message_post(
            body="My note", message_type="comment"
        )
        own.write({"body": "My better note"})
        own.unlink()

    def test_logs_are_not_forged(self):
        manager = self.env.ref("base.user_admin").partner_id
        period = self.env["cae.period"]._get(date(2026, 1, 1))
        mine = self._as_accountant(period)
        claims = {
            **{"author_id": manager.id, "email_from": "boss@example.com"},
            **{"message_type": "notification", "date": "2020-01-01 00:00:00"},
        }
        posted = mine.message_post(body="Approved", **claims)
        messages = self._as_accountant(self.env["mail.message"])
        row = {**claims, "model": "cae.period", "res_id": period.id, "body": "x"}
        defaults = {f"default_{name}": value for name, value in row.items()}
        notified = mine.message_notify(
            body="x", partner_ids=manager.ids, author_id=manager.id
        )
        for message in (
            posted,
            messages.create(row),
            messages.with_context(**defaults).create({"body": "x"}),
            notified,
        ):
            self.assertEqual(message.author_id, self.accountant.partner_id)
            self.assertNotIn("boss", message.email_from or "")
            self.assertGreater(message.date.year, 2020)
        self.assertEqual(posted.message_type, "comment")
        for vals in ({"author_id": manager.id}, {"message_type": "notification"}):
            self._refused("CAE-LOG-KEPT", posted.write, vals)
        elsewhere = self.env["mail.message"].create({"body": "y"})
        elsewhere = self._as_accountant(elsewhere)
        into = {"model": "cae.period", "res_id": period.id}
        self._refused("CAE-LOG-KEPT", elsewhere.write, into)
        posted.unlink()

    def test_shares_are_checked_whatever_the_context(self):
        person = self.env["cae.entrepreneur"].create(
            {"first_name": "A", "last_name": "B", "date_entry": "2025-01-01"}
        )
        vals = {"entrepreneur_id": person.id, "date_start": "2025-01-01"}
        self.first.share_ids = [Command.create({**vals, "share": 100})]
        shares = self._as_accountant(self.first.share_ids, cae_shares_pending=True)
        self._refused("CAE-SHARE-SUM", shares.write, {"share": 7})

    def test_months_are_made_open_and_plausible(self):
        periods = self._as_accountant(self.env["cae.period"], default_state="locked")
        self._refused("CAE-PERIOD-STATE", periods.create, {"date": "2027-05-01"})
        periods = self._as_accountant(self.env["cae.period"])
        for month in ("9999-12", "0001-02", "1999-12", "99999999999-01", "2026-13", 5):
            self._refused("CAE-PERIOD-MONTH", periods.month_run, month)
        self._refused("CAE-PERIOD-STEP", periods.month_run, "2026-01", 5)

    def test_odd_arguments_have_a_code(self):
        activities = self._as_accountant(self.env["cae.activity"])
        for codes in (5, [[1]], [{}], {"T1": 1}):
            self._refused("CAE-ACTIVITY-UNKNOWN", activities.ledger, codes)
        self._refused("CAE-PERIOD-MONTH", activities.figures, [], 5)
        for month in ("2026-02-30", "2026-01-32", "2026-01-x", "2026-01-"):
            self._refused("CAE-PERIOD-MONTH", activities.figures, [], [month])
            self._refused("CAE-PERIOD-MONTH", activities.statement, [], month)
        (row,) = activities.statement(["T1"], "2026-02-28")
        self.assertEqual(row["month"], "2026-02")
        for day in ("0001-01-01", "9999-12-31", 5, "x"):
            self._refused("CAE-DATE", activities.treasury, [], day)

    def test_statements_are_computed(self):
        statements = self.env["cae.statement"]
        row = {"activity_id": self.first.id, "month": "2026-01-01"}
        self._refused("CAE-STATEMENT-COMPUTED", statements.create, row)
        statement = statements._update_month(self.first, date(2026, 1, 1))
        statement = self._as_accountant(statement)
        for vals in ({"rows": [5]}, {"published": True}):
            self._refused("CAE-STATEMENT-COMPUTED", statement.write, vals)

    # ------------------------------------------------------------------
    # Collected
    # ------------------------------------------------------------------

    def _collected(self, month="2026-02"):
        [row] = self.env["cae.activity"].figures(["T1"], [month])
        return row["collected"]

    def _pay_with_difference(self, move, amount, prefix):
        self._pay(
            move,
            amount,
            payment_difference_handling="reconcile",
            writeoff_account_id=self._account(prefix).id,
        )

    def test_write_off_on_a_third_party_account_is_not_collected(self):
        move = self._document([(self.first, 10000, self.vat_services)])
        self._pay_with_difference(move, 11000, "416")
        # 11 000 × 10 000 / 12 000
        self.assertEqual(self._collected(), 9166.67)

    def test_bank_fees_are_collected(self):
        move = self._document([(self.first, 1000, self.vat_services)])
        self._pay_with_difference(move, 1190, "627")
        self.assertEqual(self._collected(), 1000)

    def test_early_payment_discount_is_not_collected(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "10 % at ten days",
                "early_discount": True,
                "discount_percentage": 10,
                "discount_days": 10,
                "early_pay_discount_computation": "included",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )
        move = self._document(
            [(self.first, 10000, self.vat_services)],
            day="2026-02-05",
            invoice_payment_term_id=term.id,
        )
        self._pay(move, day="2026-02-10")
        # 10 800 received of 12 000: 10 800 × 10 000 / 12 000
        self.assertEqual(self._collected(), 9000)
        self.assertInvariant()

    # ------------------------------------------------------------------
    # Odd arguments
    # ------------------------------------------------------------------

    def test_odd_arguments_of_public_methods_get_a_code(self):
        huge = 10**5000
        odd = (None, {}, [], [[]], [{}], 7, huge, "x" * 100_000, "\x00", "\ud800", True,
               float("nan"), float("inf"), "9999-12", {"month": 1})  # fmt: skip
        calls = {
            "cae.contribution.scheme": [
                lambda m, v: m.simulate(v, []),
                lambda m, v: m.simulate("STD10", v),
                lambda m, v: m.simulate("STD10", [{"month": v}]),
                lambda m, v: m.simulate("STD10", [{"month": "2026-01", "invoiced": v}]),
            ],
            "cae.period": [
                lambda m, v: m.month_run(v, steps=[]),
                lambda m, v: m.month_run("2026-01", steps=[v]),
                lambda m, v: m.checks(v),
                lambda m, v: m.lock(v),
                lambda m, v: m.unlock(v, "reason"),
            ],
            "cae.activity": [
                lambda m, v: m.ledger(codes=v),
                lambda m, v: m.ledger(date_to=v),
                lambda m, v: m.figures(codes=v, months=["2026-01"]),
                lambda m, v: m.figures(months=v),
                lambda m, v: m.treasury(codes=v),
                lambda m, v: m.treasury(date=v),
                lambda m, v: m.statement(codes=v, month="2026-01"),
                lambda m, v: m.statement(month=v),
            ],
            "cae.key.figures": [
                lambda m, v: m.get(v),
                lambda m, v: m.overview(v),
                lambda m, v: m.overview(filters=v),
                lambda m, v: m.overview(span=v),
                *(
                    lambda m, v, key=key: m.overview(filters={key: v})
                    for key in ("coach", "team", "trade", "entry_from", "entry_to")
                ),
                lambda m, v: m.series(keys=v, count=1),
                lambda m, v: m.series(["entrees"], step=v),
                lambda m, v: m.series(["entrees"], count=v),
                lambda m, v: m.series(["entrees"], filters=v),
            ],
            "cae.exchange": [
                lambda m, v: m.load(v, []),
                lambda m, v: m.load("bills", v),
                lambda m, v: m.load("bills", [], late=v),
                lambda m, v: m.load_file("bills", v, "", encoding=v),
                lambda m, v: m.load_file("bills", "a.csv", v),
            ],
        }
        for model, methods in calls.items():
            records = self.env[model].with_company(self.company)
            for number, call in enumerate(methods):
                for value in odd:
                    name = f"{model} {number} {type(value).__name__}"
                    with self.subTest(name, value=_brief(value)):
                        self._answers_or_codes(call, records, value)

    def _answers_or_codes(self, call, records, value):
        try:
            with self.cr.savepoint():
                call(records, value)
        except UserError as error:
            self.assertRegex(str(error), r"\ACAE-[A-Z-]+: ")
            str(error).encode()  # else it cannot be sent
            self.assertLess(len(str(error)), 1000)

    def test_months_of_a_simulation_centuries_apart_are_refused(self):
        simulate = self.env["cae.contribution.scheme"].simulate
        for months in (["1026-01", "2026-01"], ["2026-01", "9999-12"]):
            rows = [{"month": month} for month in months]
            self._refused("CAE-PERIOD-MONTH", simulate, "STD10", rows)

    def test_documents_dated_far_ahead_are_refused_with_their_place(self):
        row = {
            **{"numero": "F1", "date": "2099-01-10", "activite": "T1"},
            **{"code_fournisseur": "F1", "fournisseur": "Four", "libelle": "x"},
            **{"montant_ht": 10, "taux_tva": 20, "nature": "achat"},
        }
        [error] = self.env["cae.exchange"].load("bills", [row])["errors"]
        place = (error["code"], error["row"], error["column"])
        self.assertEqual(place, ("CAE-LOAD-DATE", 1, "date"))
        row = {
            **{"journal": self.bank.code, "date": "2099-01-10", "libelle": "x"},
            **{"montant": 5, "reference": "", "partenaire": "", "cle": "K1"},
        }
        [error] = self.env["cae.exchange"].load("bank_lines", [row])["errors"]
        self.assertEqual((error["code"], error["column"]), ("CAE-LOAD-DATE", "date"))

    def test_all_that_is_wrong_with_a_row_is_told_at_once(self):
        row = {
            **{"numero": "F1", "date": "40/01/2026", "activite": "NONE"},
            **{"code_fournisseur": "F1", "fournisseur": "Four", "libelle": "x"},
            **{"montant_ht": "x", "taux_tva": 20, "nature": "achat"},
        }
        errors = self.env["cae.exchange"].load("bills", [row])["errors"]
        columns = {error["column"] for error in errors}
        self.assertEqual(columns, {"date", "montant_ht", "activite"})


def _brief(value):
    return type(value).__name__ if isinstance(value, int) else str(value)[:20]
