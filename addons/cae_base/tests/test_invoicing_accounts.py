from datetime import date
from random import Random

from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import freeze_time

from .common import cae_tagged
from .invoicing_common import InvoicingCommon


@cae_tagged
@freeze_time("2026-03-20 10:00:00")
class TestInvoicingAccounts(InvoicingCommon):
    """Invoices of the portal as an accountant checks them: to the cent, in order."""

    # To the cent -----------------------------------------------------------

    def test_totals_by_hand(self):
        """49.995 is 50.00; 0.005 is 0.01; 20 % of 0.03 is 0.01, of 0.02 nothing."""
        self.company.tax_calculation_rounding_method = "round_per_line"
        for lines, untaxed, tax in (
            ([("33,33", "1,5")] * 3, 150.0, 30.0),
            ([("0,05", "0,1")], 0.01, 0.0),
            ([("0,03",)], 0.03, 0.01),
            ([("0,02",)], 0.02, 0.0),
            ([("19,99", "3", "33,33")], 39.98, 8.0),
            ([("100",), ("-0,01",)], 99.99, 20.0),
        ):
            values = self._values(*lines)
            totals = self.door().totals(values)
            move = self._move(self.door().save(values))
            move._post(soft=False)
            for found in (
                (totals["untaxed"], totals["total"]),
                (move.amount_untaxed, move.amount_total),
            ):
                self.assertAlmostEqual(found[0], untaxed, 2)
                self.assertAlmostEqual(found[1], untaxed + tax, 2)

    def test_totals_follow_the_rounding_of_the_company(self):
        chance = Random(20260321)
        deposit = self._validated(("33,33",), ("0,07", "0,5"), deposit=True)
        for method in ("round_per_line", "round_globally"):
            self.company.tax_calculation_rounding_method = method
            for turn in range(8):
                lines = [
                    (
                        f"{chance.randint(-500, 9999) / 100:.2f}",
                        f"{chance.randint(1, 399) / 100:.2f}",
                        chance.choice(["", "2,5", "33,33"]),
                    )
                    for _line in range(chance.randint(2, 6))
                ]
                values = self._values(*lines)
                values["deposits"] = [deposit.id] if turn == 7 else []
                for line in values["lines"]:
                    line["tax"] = chance.choice([self.vat_services, self.reduced]).id
                self.assertTotals(values)

    def assertTotals(self, values):
        """What is shown while typing is what is posted, by rate."""
        totals = self.door().totals(values)
        key = self.door().save(values)
        move = self._move(key)
        shown = {part["name"]: part["amount"] for part in totals["taxes"]}
        move._post(soft=False)
        posted = {
            group["group_name"]: group["tax_amount"]
            for part in move.tax_totals["subtotals"]
            for group in part["tax_groups"]
        }
        self.assertAlmostEqual(totals["untaxed"], move.amount_untaxed, 2)
        self.assertAlmostEqual(totals["total"], move.amount_total, 2)
        self.assertEqual(shown.keys(), posted.keys())
        for name, amount in posted.items():
            self.assertAlmostEqual(shown[name], amount, 2)
        move.button_draft()
        move.button_cancel()

    def test_deposit_and_final_invoice_are_the_whole_work(self):
        """Nothing is sold twice, nothing is lost."""
        whole = [("1234,57", "1", "7,5"), ("333,33", "0,75")]
        values = self._values(*whole)
        values["lines"][1]["tax"] = self.reduced.id
        totals = self.door().totals(values)
        part = self._values(("370,37",), ("99,99",), deposit=True)
        part["lines"][1]["tax"] = self.reduced.id
        deposit = self._posted(part)
        final = self._posted({**values, "deposits": deposit.ids})
        both = deposit | final
        self.assertAlmostEqual(sum(both.mapped("amount_untaxed")), totals["untaxed"], 2)
        # Each document rounds its own VAT: half a cent twice is one.
        self.assertAlmostEqual(
            sum(both.mapped("amount_total")), totals["total"], delta=0.0101
        )
        self.assertInvariant()

    def _posted(self, values):
        key = self.door().save(values)
        self.door().send(key)
        self._move(key).with_user(self.users["accountant"]).action_cae_validate()
        return self._move(key)

    def test_activity_has_the_cents_of_its_invoices(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        move = self._validated(("33,33", "1,5"), ("0,05", "0,1"), ("19,99", "3", "33"))
        credit = self._move(
            self.door().ask_credit(move.id, "x", move.invoice_line_ids[:1].ids)
        )
        credit.with_user(self.users["accountant"]).action_cae_validate()
        (ledger,) = self.Activity.ledger(
            codes=["T1"], date_from="2026-01-01", date_to="2026-12-31"
        )
        sold = sum(r["closing"] for r in ledger["rows"] if r["account"][:2] == "70")
        # 50.00 - 50.00, 0.01 and 59.97 less a third: 40.18
        self.assertAlmostEqual(sold, -40.19, 2)
        self.assertInvariant()

    def test_contribution_is_on_what_was_invoiced(self):
        """925.9275 is 925.93, and 25.00 was credited: ten percent is 92.59."""
        schemes = self.env["cae.contribution.scheme"]
        self.activities[0].scheme_id = schemes.search([("code", "=", "STD10")])
        move = self._validated(("1234,57", "0,75"), ("25",))
        self._credited(move, move.invoice_line_ids[1:].ids)
        period = self.env["cae.period"].with_user(self.users["accountant"])
        period.with_company(self.company).month_run("2026-03", steps=["contributions"])
        lines = self.env["cae.contribution.line"].search(
            [("activity_id", "=", self.activities[0].id)]
        )
        self.assertAlmostEqual(sum(lines.mapped("amount")), 92.59, 2)
        self.assertInvariant()

    # Limit of self-validation ----------------------------------------------

    def test_negative_lines_do_not_hide_what_is_sold(self):
        """-600 without VAT under 1000 with it: nobody would look at that VAT."""
        self.company.cae_self_validation_limit = 500
        key = self.door().save(self._values(("1000",), ("-600",)))
        self.assertEqual(self.door().send(key), {"state": "to_validate"})
        key = self.door().save(self._values(("500",), ("-100",)))
        self.assertEqual(self.door().send(key), {"state": "validated"})

    def _sent(self, price, customer=None, user="ines"):
        values = self._values((price,), customer=customer or self.customer)
        key = self.door(user).save(values)
        self.door(user).send(key)
        return self._move(key)

    def test_small_invoices_of_a_month_to_one_customer_count_together(self):
        self.company.cae_self_validation_limit = 500
        first, second = self._sent("300"), self._sent("200")
        self.assertEqual((first | second).mapped("state"), ["posted"] * 2)
        self.assertEqual(first.cae_self_validated_on, date(2026, 3, 20))
        third = self._sent("0.01")
        self.assertEqual(third.cae_validation, "to_validate")
        why = self.door().document(third.id)["waits_because"]
        self.assertRegex(why, r"this customer in the last 30 days .*500\.00")
        self.assertIn("It waits", third.message_ids[0].body)
        self.assertEqual(self.door().document(first.id)["waits_because"], "")
        # Too large by itself: it waits as ever, and nobody asks why.
        large = self._sent("501")
        self.assertEqual(large.cae_validation, "to_validate")
        self.assertEqual(self.door().document(large.id)["waits_because"], "")
        values = {"name": "Other", "siret": "", "email": "other@example.com"}
        other = self.door().save_customer(self._customer(**values))
        self.assertEqual(self._sent("500", other).state, "posted")

    def test_what_the_cooperative_validates_does_not_count_nor_what_is_old(self):
        self._validated(("400",))
        self.company.cae_self_validation_limit = 500
        mine = self._sent("300")
        self.assertEqual(mine.state, "posted")
        self.assertEqual(self._sent("300").state, "draft")
        mine.cae_self_validated_on = "2026-02-18"
        last = self._sent("300")
        self.assertEqual(last.state, "posted")
        self.assertEqual(self._sent("300").state, "draft")
        # Put back to draft and validated by the office: it is the office's.
        last.with_user(self.users["accountant"]).button_draft()
        self.assertFalse(last.cae_self_validated_on)

    def test_contacts_of_one_company_are_one_customer(self):
        self.company.cae_self_validation_limit = 500
        house = self._sent("300").partner_id
        contact = house.create({"name": "Buyer", "parent_id": house.id})
        key = self.door().save(self._values(("300",)))
        self._move(key).partner_id = contact
        self.door().send(key)
        self.assertEqual(self._move(key).state, "draft")
        self.assertTrue(self.door().document(key)["waits_because"])

    # Hard lock -------------------------------------------------------------

    def test_what_is_still_written_does_not_keep_a_year_from_its_lock(self):
        keys = [self.door().save(self._values(date=d)) for d in ("", "2026-02-10")]
        open_drafts = self._move(keys)
        open_drafts.date = "2026-02-10"
        waiting = self._move(self.door().save(self._values()))
        self.door().send(waiting.id)
        waiting.date = "2026-02-10"
        self.company.hard_lock_date = "2026-02-28"
        self.assertEqual(set(open_drafts.mapped("date")), {date(2026, 3, 20)})
        for key in (keys[0], waiting.id):
            if key != waiting.id:
                self.door().send(key)
            self._move(key).with_user(self.users["accountant"]).action_cae_validate()
            move = self._move(key)
            self.assertEqual(move.invoice_date, date(2026, 3, 20))
            self.assertEqual(move.date, date(2026, 3, 20))
        self.assertRefused("CAE-INVOICE-LOCKED", self.door().send, keys[1])
        self.door().save({**self._values(), "id": keys[1]})
        self.door().send(keys[1])
        late = self._move(keys[1])
        late.with_user(self.users["accountant"]).action_cae_validate()
        self.assertEqual((late.date, late.state), (date(2026, 3, 20), "posted"))
        self.assertInvariant()

    def test_what_waits_with_a_date_keeps_the_year_open_and_then_is_refused(self):
        key = self.door().save(self._values(date="2026-02-10"))
        self.door().send(key)
        with self.assertRaises(RedirectWarning), self.cr.savepoint():
            self.company.hard_lock_date = "2026-02-28"
        self.company.fiscalyear_lock_date = "2026-02-28"
        validate = self._move(key).with_user(self.users["accountant"])
        self.assertRefused("CAE-INVOICE-LOCKED", validate.action_cae_validate)

    def test_own_limit_of_zero_is_no_limit_of_the_company(self):
        self.company.cae_self_validation_limit = 500
        self.activities[0].write({"self_validation": "own"})
        key = self.door().save(self._values(("1",)))
        self.assertEqual(self.door().send(key), {"state": "to_validate"})

    def test_credit_notes_wait_whatever_the_limit(self):
        self.company.cae_self_validation_limit = 500
        key = self.door().save(self._values(("100",)))
        self.door().send(key)
        credit = self.door().ask_credit(key, "Wrong")
        self.door().take_back(credit)
        self.assertRefused("CAE-INVOICE-CREDIT", self.door().ask_credit, key, "Again")
        with self.assertRaises(UserError):
            self.door().save({**self._values(("1",)), "id": credit})

    # Order of the numbers --------------------------------------------------

    def test_nobody_posts_alone_before_the_last_number(self):
        """Numbers follow the dates (CGI, annex II, art. 242 nonies A, I-7°)."""
        self._validated(date="2026-03-10")
        self.company.cae_self_validation_limit = 500
        for day, state in (
            ("2026-03-09", "to_validate"),
            ("2026-03-10", "validated"),
            ("", "validated"),
        ):
            key = self.door().save(self._values(date=day))
            self.assertEqual(self.door().send(key), {"state": state}, day)

    # Deposits and credit notes ---------------------------------------------

    def _credited(self, move, lines=None):
        credit = self._move(self.door().ask_credit(move.id, "Wrong", lines))
        credit.with_user(self.users["accountant"]).action_cae_validate()
        return credit

    def test_deposit_is_free_again_when_its_final_invoice_is_credited(self):
        deposit = self._validated(("300",), deposit=True)
        final = self._validated(("1000",), deposits=deposit.ids)
        self.assertEqual(self.door().deposits(self.customer), [])
        self._credited(final)
        again = self._values(("900",), deposits=deposit.ids)
        self.assertEqual(self.door().totals(again)["untaxed"], 600)
        self.assertEqual(self._posted(again).amount_untaxed, 600)

    def test_deposit_that_was_credited_in_part_is_deducted_for_the_rest(self):
        deposit = self._validated(("200",), ("100",), deposit=True)
        self._credited(deposit, deposit.invoice_line_ids[1:].ids)
        values = self._values(("1000",), deposits=deposit.ids)
        self.assertEqual(self.door().totals(values)["untaxed"], 800)
        self.assertEqual(self._posted(values).amount_untaxed, 800)
        self.assertInvariant()

    def test_deposit_with_a_credit_note_that_waits_is_not_deducted(self):
        deposit = self._validated(("300",), deposit=True)
        self.door().ask_credit(deposit.id, "Wrong")
        self.assertEqual(self.door().deposits(self.customer), [])
        values = self._values(("1000",), deposits=deposit.ids)
        self.assertRefused("CAE-INVOICE-DEPOSIT", self.door().save, values)

    def test_deposit_that_was_deducted_is_not_credited(self):
        deposit = self._validated(("300",), deposit=True)
        key = self.door().save(self._values(("1000",), deposits=deposit.ids))
        ask = self.door().ask_credit
        self.assertRefused("CAE-INVOICE-DEPOSIT", ask, deposit.id, "Twice")
        self.door().remove(key)
        self.assertTrue(ask(deposit.id, "Once"))

    def test_line_is_credited_once(self):
        """Twice 40 at 20 % would give back VAT that was never invoiced."""
        values = self._values(("100",), ("40",))
        values["lines"][0]["tax"] = self.reduced.id
        move = self._posted(values)
        line = move.invoice_line_ids[1]
        self._credited(move, line.ids)
        ask = self.door().ask_credit
        self.assertRefused("CAE-INVOICE-CREDIT", ask, move.id, "Twice", line.ids)
        self._credited(move, move.invoice_line_ids[:1].ids)
        self.assertEqual(move.amount_residual, 0)

    def _credited_by_line(self, *lines, taxes=()):
        """An invoice, and the credit notes of its lines asked for one by one."""
        values = self._values(*lines)
        for line, tax in zip(values["lines"], taxes, strict=False):
            line["tax"] = tax.id
        move = self._posted(values)
        return move, [self._credited(move, ln.ids) for ln in move.invoice_line_ids]

    def assertGivenBack(self, move, credits, *taxes):
        """These credit notes have such VAT, and give back what was invoiced."""
        for found, tax in zip(credits, taxes, strict=True):
            self.assertAlmostEqual(found.amount_tax, tax, 2)
            self.assertAlmostEqual(found.tax_totals["tax_amount"], tax, 2)
        credits = move.browse().union(*credits)
        for name in ("amount_untaxed", "amount_tax", "amount_total"):
            self.assertAlmostEqual(sum(credits.mapped(name)), move[name], 2)
        self.assertEqual(move.amount_residual, 0)
        self.assertEqual(set(credits.mapped("amount_residual")), {0})
        self.assertInvariant()

    def test_credit_notes_by_line_give_back_the_vat_of_the_invoice(self):
        """20 % of 0.99 is 0.20, of 0.33 it is 0.07; of 30.03 6.01, of 10.01 2.00."""
        self.company.tax_calculation_rounding_method = "round_globally"
        notes = self._credited_by_line(*[("0.33",)] * 3)
        self.assertGivenBack(*notes, 0.07, 0.07, 0.06)
        notes = self._credited_by_line(*[("10.01",)] * 3)
        self.assertGivenBack(*notes, 2, 2, 2.01)
        # 0.02 of 0.12; each of 0.03 would have a cent.
        notes = self._credited_by_line(*[("0.03",)] * 4)
        self.assertGivenBack(*notes, 0.01, 0.01, 0, 0)

    def test_credit_notes_by_line_keep_rates_apart(self):
        """5.5 % of 0.99 is 0.05, of 0.33 it is 0.02; 20 % of 20.02 is 4.00."""
        self.company.tax_calculation_rounding_method = "round_globally"
        low, high = [("0.33",)] * 3, [("10.01",)] * 2
        taxes = [self.reduced] * 3 + [self.vat_services] * 2
        notes = self._credited_by_line(*low, *high, taxes=taxes)
        self.assertGivenBack(*notes, 0.02, 0.02, 0.01, 2, 2)

    def test_credit_note_of_a_line_is_what_was_booked_for_it(self):
        """Three times 49.995 is 149.99 (149.985), of which one line is 49.99."""
        self.company.tax_calculation_rounding_method = "round_globally"
        move, credits = self._credited_by_line(*[("33.33", "1.5")] * 3)
        self.assertAlmostEqual(move.amount_untaxed, 149.99, 2)
        self.assertEqual([c.amount_untaxed for c in credits], [49.99, 50, 50])
        self.assertEqual(credits[1].invoice_line_ids.quantity, 1.5)
        self.assertGivenBack(move, credits, 10, 10, 10)
        # Here a line is worth more than its price, and the last is not refused.
        move, credits = self._credited_by_line(*[("33.33", "0.1")] * 3)
        self.assertEqual([c.amount_untaxed for c in credits], [3.34, 3.33, 3.33])
        self.assertGivenBack(move, credits, 0.67, 0.67, 0.66)

    def test_vat_that_credit_notes_book_elsewhere_is_not_touched(self):
        tax = self.vat_services
        tax.tax_exigibility = "on_invoice"
        refund = tax.refund_repartition_line_ids
        refund.filtered("account_id").account_id = self._account("44571").copy()
        move = self._validated(("100",), ("40",))
        credit = self._credited(move, move.invoice_line_ids[1:].ids)
        (booked,) = credit.line_ids.filtered("tax_line_id")
        sold = move.line_ids.filtered("tax_line_id")
        self.assertNotEqual(booked.account_id, sold.account_id)
        self.assertEqual(credit.amount_total, 48)

    def test_prices_with_vat_stay_prices(self):
        """Of 83.32 without VAT the last line is 27.78, which is not its price."""
        self.company.tax_calculation_rounding_method = "round_globally"
        self.vat_services.price_include_override = "tax_included"
        first, vals = self.activities[0], {"partner_id": self.customer}
        lines = [(first, 33.33, self.vat_services)] * 3
        move = self._document(lines, cae_activity_id=first.id, **vals)
        last = move.invoice_line_ids[2]
        self.assertAlmostEqual(last.balance, -27.78, 2)
        credit = self._credited(move, last.ids)
        self.assertEqual(credit.invoice_line_ids.price_unit, 33.33)
        self.assertAlmostEqual(credit.amount_total, 33.33, 2)

    def test_any_lines_credited_in_any_order_come_to_the_invoice(self):
        chance = Random(20261130)
        for method in ("round_per_line", "round_globally"):
            self.company.tax_calculation_rounding_method = method
            for _turn in range(4):
                prices = [
                    (f"{chance.randint(1, 3000) / 100:.2f}", chance.choice("123"))
                    for _line in range(6)
                ]
                values = self._values(*prices)
                for line in values["lines"]:
                    line["tax"] = chance.choice([self.vat_services, self.reduced]).id
                move = self._posted(values)
                lines = chance.sample(move.invoice_line_ids.ids, 6)
                credits = [
                    self._credited(move, chosen)
                    for chosen in (lines[:2], lines[2:3], lines[3:])
                ]
                taxes = [credit.amount_tax for credit in credits]
                self.assertGivenBack(move, credits, *taxes)

    # Screens of the accountant ---------------------------------------------

    def test_batch_says_which_one_is_wrong(self):
        keys = [
            self.door().save(self._values(reference=f"PO {day}", date=f"2026-03-{day}"))
            for day in (10, 12)
        ]
        for key in keys:
            self.door().send(key)
        self.company.sale_lock_date = "2026-03-11"
        moves = self._move(keys).with_user(self.users["accountant"])
        with self.assertRaises(UserError) as refusal, self.env.cr.savepoint():
            moves.action_cae_validate()
        self.assertIn("CAE-INVOICE-LOCKED", str(refusal.exception))
        self.assertIn(moves[0].display_name, str(refusal.exception))
        self.assertEqual(set(moves.mapped("state")), {"draft"})

    # E-mails ---------------------------------------------------------------

    def test_reminder_has_the_invoice_that_was_never_sent(self):
        move = self._validated(date="2026-03-01")
        self.door().remind(move.id)
        mail = self.env["mail.mail"].search([("res_id", "=", move.id)])
        self.assertEqual(mail.attachment_ids.mapped("mimetype"), ["application/pdf"])

    def test_who_looks_at_an_invoice_has_not_sent_it(self):
        move = self._validated()
        self.door()._pdf(move.id)
        self.assertTrue(move.invoice_pdf_report_id)
        self.assertFalse(move.is_move_sent)
        self.door().mail(move.id)
        self.assertTrue(move.is_move_sent)

    def test_mail_is_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        partner = self.env["res.partner"].browse(self.customer)
        for lang, word in (("fr_FR", "Bonjour"), ("en_US", "Hello")):
            partner.lang = lang
            move = self._validated()
            self.door().mail(move.id)
            message = move.message_ids.filtered(lambda m: m.message_type == "comment")
            self.assertIn(word, message.body)

    def test_second_holder_goes_on_where_the_first_stopped(self):
        customer = self.door().save_customer(self._customer(activity="T2"))
        values = self._values(("100",), customer=customer, activity="T2")
        key = self.door().save(values)
        self.door("yann").save({**values, "id": key, "mentions": "Together"})
        self.door("yann").send(key)
        self.assertEqual(self._move(key).cae_sent_by_id, self.users["yann"])
        self.assertTrue(self.door().take_back(key))
        self.door().send(key)
        self._move(key).with_user(self.users["accountant"]).action_cae_validate()
        self.assertEqual(self._move(key).invoice_date, date(2026, 3, 20))
        self.assertTrue(self.door("yann").ask_credit(key, "Wrong"))
