"""The figure of the home against the run, and what people try on the pages of pay."""

import html
import json
import random
import re
from datetime import date
from unittest.mock import patch

from odoo import http
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time

from .common import PayCommon, SharedPayCommon, pay_tagged

FEBRUARY = date(2026, 2, 1)
TYPED = re.compile(r'data-typed="([^"]*)"')


class HomeFigureCommon(PayCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.alice | cls.bob | cls.carol
        for person in cls.people:
            login = f"fig_{person.code}"
            person.user_id = cls._user(login, "group_entrepreneur")
        cls.company.cae_pay_policy = "none"

    def payable(self, person):
        self.env.flush_all()
        home = self.env["cae.home"].with_user(person.user_id)
        return home.with_company(self.company)._payable()

    def _run_all(self, month="2026-01"):
        steps = ["contributions", "pay"]
        self.Period.with_company(self.company).month_run(month, steps=steps)

    def assertPaid(self, values, line, said=""):
        self.assertTrue(line, said)
        for name in ("net", "gross", "cost"):
            self.assertEqual(float(values[name]), line[name], f"{name} {said}")


@pay_tagged
@freeze_time("2026-01-20")
class TestHomeFigure(HomeFigureCommon):
    """Whoever asks for the most is paid what the page said."""

    def test_a_cape_without_pay_may_be_paid_nothing(self):
        self._contract(self.carol, 0, kind="cape")
        self._hold(self.first, carol=100)
        self._fund(self.first, 5000)
        values = self.payable(self.carol)
        self._ask(self.carol, "max")
        self._run_all()
        self.assertPaid(values, self._line(self.carol))
        self.assertEqual(values["net"], 0)
        *_before, (key, kept, _total, label) = values["steps"]
        self.assertEqual((key, float(kept)), ("stays", 5000))
        self.assertEqual(label, "On the account of my activity")
        self.assertNotIn("cost", [step[0] for step in values["steps"]])

    def test_a_cape_with_pay(self):
        cape = self._contract(self.carol, 0, kind="cape")
        cape.cape_pay = True
        self._hold(self.first, carol=100)
        self._fund(self.first, 5000)
        values = self.payable(self.carol)
        self._ask(self.carol, "max")
        self._run_all()
        self.assertGreater(values["net"], 0)
        self.assertPaid(values, self._line(self.carol))

    def _job(self):
        self._contract(self.alice, 2000, "2026-01-01", kind="employee")
        self._hold(self.first, alice=100)
        self._fund(self.first, 9000)

    def test_with_a_second_contract(self):
        self._job()
        values = self.payable(self.alice)
        self._ask(self.alice, "max")
        self._run_all()
        line = self._line(self.alice).filtered(lambda each: not each.second_contract)
        self.assertPaid(values, line)

    def test_with_a_second_contract_that_is_decided(self):
        self._job()
        self.company.cae_pay_approval = "all"
        self._ask(self.alice, "max")
        self._run_all()
        lines = self._line(self.alice)
        self.assertEqual(set(lines.mapped("state")), {"draft"})
        job = lines.filtered("second_contract")
        job.action_approve()
        main = lines - job
        self.assertPaid(self.payable(self.alice), main)

    def test_contributions_of_a_month_that_nobody_ran(self):
        """The run of February books what January lacks, before it pays."""
        scheme = self.env["cae.contribution.scheme"].search([("code", "=", "STD10")])
        self.first.scheme_id = scheme
        self._hold(self.first, alice=100)
        invoice = self._document([(self.first, 6000, None)], "2026-01-05")
        self._pay(invoice, day="2026-01-15")
        with freeze_time("2026-02-10"):
            values = self.payable(self.alice)
            self.assertEqual(values["month"], FEBRUARY)
            self._ask(self.alice, "max", month="2026-02-01")
            self._run_all("2026-02")
        self.assertPaid(values, self._line(self.alice, FEBRUARY))

    def test_who_holds_nothing_reads_no_ledger_of_others(self):
        values = self.payable(self.alice)
        self._ask(self.alice, "max")
        self._run_all()
        self.assertPaid(values, self._line(self.alice))

    def test_any_situation(self):
        """Random people, activities, money, targets, leave and elements."""
        for seed in range(10):
            with self.subTest(seed=seed), self.cr.savepoint() as point:
                self._situation(random.Random(seed))
                asked = dict.fromkeys(self.people)
                asked = {p: v for p in asked if (v := self.payable(p))}
                for person in asked:
                    self._ask(person, "max")
                self._run_all()
                for person, values in asked.items():
                    line = self._line(person)
                    line = line.filtered(lambda each: not each.second_contract)
                    self.assertPaid(values, line, f"{seed} {person.code}")
                point.rollback()
                self.env.invalidate_all()

    def _situation(self, dice):
        self.company.cae_pay_reserve = dice.choice([0, 0, 250, 500])
        self.company.cae_leave_policy = dice.choice(["none", "provision"])
        scheme = self.env["cae.contribution.scheme"].search([("code", "=", "STD10")])
        self._contract(self.bob, dice.choice([0, 400, 1200]))
        cape = self._contract(self.carol, 0, kind="cape")
        cape.cape_pay = dice.random() < 0.5
        if dice.random() < 0.4:
            self._contract(
                self.alice, dice.choice([500, 1800]), "2026-01-01", "employee"
            )
        names = ["alice", "bob", "carol"]
        for activity in self.activities:
            activity.scheme_id = dice.choice([scheme, False])
            holders = dice.sample(names, dice.choice([1, 1, 2, 3]))
            cuts = sorted(dice.sample(range(1, 100), len(holders) - 1))
            bounds = zip([0, *cuts], [*cuts, 100], strict=True)
            shares = [high - low for low, high in bounds]
            self._hold(activity, **dict(zip(holders, shares, strict=True)))
            self._fund(activity, dice.choice([-800, 0, 1500, 7000.37]) or 0.01)
            if dice.random() < 0.6:
                amount = dice.randint(100, 900000) / 100
                invoice = self._document([(activity, amount, None)], "2026-01-05")
                if dice.random() < 0.7:
                    self._pay(invoice, day="2026-01-15")
        if dice.random() < 0.5:
            target = {"entrepreneur_id": self.alice.id, "kind": "net", "amount": 1500}
            target["floor"] = dice.choice([0, 300, 2000])
            self.env["cae.pay.target"].create({**target, "date_from": "2026-01-01"})
        steps = dice.choice([[], ["contributions"]])
        if steps:
            period = self.Period.with_company(self.company)
            period.month_run("2026-01", steps=steps)


@pay_tagged
@freeze_time("2026-01-20")
class TestCapePages(HttpCase, HomeFigureCommon):
    """What a CAPE allows, where others read what they can be paid."""

    def figure(self):
        self.env.flush_all()
        login = self.carol.user_id.login
        self.authenticate(login, login)
        return self.url_open("/my/pay/figure").text

    def test_without_pay_it_says_what_stays_and_what_for(self):
        cape = self._contract(self.carol, 0, kind="cape")
        self._hold(self.first, carol=100)
        self._fund(self.first, 5000)
        page = self.figure()
        self.assertIn("Your CAPE provides for no pay", page)
        self.assertIn("on the account of my activity", page)
        self.assertNotIn("<small>net</small>", page)
        cape.cape_pay = True
        page = self.figure()
        self.assertNotIn("Your CAPE provides for no pay", page)
        self.assertIn("<small>net</small>", page)

    def test_a_fixed_part_that_the_activity_cannot_bear_is_said_so(self):
        self._contract(self.carol, 400)
        self._hold(self.first, carol=100)
        self._fund(self.first, 100)
        words = "It costs more than your activity has for now"
        self.assertIn(words, self.figure())
        self._fund(self.first, 5000)
        self.assertNotIn(words, self.figure())

    def test_the_months_ahead_are_of_the_activity(self):
        cape = self._contract(self.carol, 0, kind="cape")
        self._hold(self.first, carol=100)
        self.figure()
        for place in ("/my/pay/ahead", "/my/pay/ahead/result"):
            page = self.url_open(place).text
            self.assertIn("Left on my activity", page)
            self.assertNotIn("Net in twelve months", page)
            self.assertNotIn("Cost of the pay", page)
            self.assertNotIn("I pay myself", page)
            self.assertNotIn("Your home counts only", page)
        cape.cape_pay = True
        self._fund(self.first, 5000)
        self.env.flush_all()
        page = self.url_open("/my/pay/ahead?wish=max").text
        self.assertIn("Net in twelve months", page)
        self.assertIn("I pay myself", page)
        self.assertIn("Your home counts only what customers have paid", page)

    def test_its_months_are_no_pay_of_zero(self):
        self._contract(self.carol, 0, kind="cape")
        self._hold(self.first, carol=100)
        self._run_all()
        self.figure()
        page = self.url_open("/my/pay").text
        self.assertIn("under CAPE, no pay", page)
        self.assertIn("shows France Travail that you work", page)
        self.assertNotRegex(page, r"0[.,]00[^<]* net<")
        # Nobody was paid: there is no statement of the year to open.
        self.assertNotIn("/year/", page)


@pay_tagged
class TestPayPagesAttack(HttpCase, SharedPayCommon):
    """Odd and hostile calls of the pages of pay, of a holder of a shared activity."""

    def setUp(self):
        super().setUp()
        self.authenticate("pr_alice", "pr_alice")

    def _post(self, **values):
        data = {"csrf_token": http.Request.csrf_token(self), **values}
        return self.url_open("/my/pay/request", data=data)

    def test_history_has_the_net_of_the_true_payslip(self):
        self._run()
        for load, net in ((lambda: None, "791.60"), (self._load_dearer_payslip, "795")):
            load()
            self.env.flush_all()
            page = self.url_open("/my/pay").text
            self.assertRegex(page, rf">{net}[.\d]*\xa0€ net<")
            self.assertIn("/year/2026/", page)

    def _requests(self):
        return self.env["cae.pay.request"].search([])

    def test_what_is_no_request_is_refused_in_words(self):
        good = {"month": "2026-03", "kind": "net", "amount": "1200"}
        self.assertEqual(self._post(**good).status_code, 200)
        mine = self._requests()
        self.assertEqual((mine.entrepreneur_id, mine.amount), (self.alice, 1200))
        odd = [
            *({"amount": each} for each in ("nan", "inf", "-inf", "-5", "1e400", "²")),
            *({"amount": each} for each in ("", "0", "9" * 400, "12\x0034", "1_0x")),
            *({"month": each} for each in ("2026-13", "9999-12", "0001-01", "²", "")),
            *({"month": each} for each in ("2026-01\x00", "2126-01", "1999-01")),
            *({"kind": each} for each in ("gross", "all", "", "\x00")),
            {"note": "\x00"},
            {"note": "x" * 3000},
        ]
        for values in odd:
            with self.subTest(values=values):
                answer = self._post(**good | values)
                self.assertEqual(answer.status_code, 200)
                self.assertIn("alert-danger", answer.text)
                self.env.invalidate_all()
                self.assertEqual(self._requests(), mine)
                self.assertEqual(mine.amount, 1200)

    def test_a_wish_is_written_as_people_write_amounts(self):
        place = "/my/pay/ahead/result?wish=net&wish_amount="
        for text in ("1 234,56 €", "1234.56", ""):
            self.assertIn("Month by month, in euros", self.url_open(place + text).text)
        for text in ("a lot", "-5", "nan"):
            told = self.url_open(place + text).text
            self.assertIn("Write an amount, such as 1480 or 1480,50.", told)

    def test_odd_sliders_are_as_if_nothing_was_moved(self):
        usual = self.url_open("/my/pay/ahead").text
        self.assertIn("Month by month, in euros", usual)
        self.assertIn('viewBox="0 0 380 220"', usual)
        for odd in ("²", "9" * 400, "-5", "x"):
            page = self.url_open("/my/pay/ahead", params={"turnover": odd})
            self.assertEqual(page.status_code, 200, odd)
        page = self.url_open("/my/pay/ahead?turnover=1250").text
        self.assertRegex(page, r"<output[^>]*>1[,\s]250\s€</output>")

    def test_who_asked_changes_the_request(self):
        self.assertIn("Ask for it", self.url_open("/my/pay/figure").text)
        self._post(month=self.asked_month(), kind="net", amount="1200")
        self.assertIn("Change my request", self.url_open("/my/pay/figure").text)

    def test_what_was_asked_is_shown_and_the_button_withdraws(self):
        month = self.asked_month()
        page = self._post(month=month, kind="net", amount="12OO", note="Vacances").text
        self.assertIn("Write an amount", page)
        page = self._post(month=month, kind="net", amount="1200").text
        self.assertIn('value="1200,00"', page)
        # The browser sends the chosen kind along with the button.
        name, value = re.search(r'name="(\w+)"\s+value="(withdraw)"', page).groups()
        data = [("csrf_token", http.Request.csrf_token(self)), ("month", month)]
        fields = [("kind", "net"), ("amount", "1200,00"), (name, value)]
        page = self.url_open("/my/pay/request", data=data + fields).text
        self.assertIn("Your request is withdrawn.", page)
        self.env.invalidate_all()
        self.assertEqual(self._requests().mapped("state"), ["cancelled"])

    def asked_month(self):
        page = self.url_open("/my/pay").text
        return re.search(r'name="month" value="([\d-]+)"', page)[1]

    def test_odd_addresses_and_files_are_no_error(self):
        token = {"csrf_token": http.Request.csrf_token(self)}
        for path in (
            *(
                f"/my/pay/ahead{result}?{name}={value}"
                for result in ("", "/result")
                for name in ("turnover", "charges", "wish", "wish=net&wish_amount")
                for value in ("%C2%B2", "%00", "1e308", "nan", "-1", "9" * 400)
            ),
            "/my/pay/figure?x=%00",
        ):
            self.assertEqual(self.url_open(path).status_code, 200, path)
        for path in (
            *(f"/cae/pay/{10**30}/year/2026/pdf", "/cae/pay/0/year/2026/pdf"),
            f"/cae/pay/1/year/{10**30}/pdf",
            *(f"/cae/month/{10**30}/pay/pdf", "/cae/month/0/pay/xlsx"),
        ):
            self.assertIn(self.url_open(path).status_code, (403, 404), path)
        for path, names in {
            "/my/pay/request": ("month", "kind", "amount", "note"),
            "/my/pay/ahead": ("turnover", "charges", "wish", "wish_amount"),
        }.items():
            for name in names:
                answer = self.url_open(path, token, files={name: ("a.txt", b"x")})
                self.assertEqual(answer.status_code, 200, (path, name))

    def test_nobody_asks_for_somebody_else(self):
        theirs = self._ask(self.bob, "net", 900, "2026-03-01")
        self._post(month="2026-03", step="withdraw", entrepreneur_id=self.bob.id)
        self._post(month="2026-03", kind="max", entrepreneur_id=self.bob.id)
        self.env.invalidate_all()
        self.assertEqual((theirs.state, theirs.amount), ("sent", 900))
        own = self._requests() - theirs
        self.assertEqual(own.entrepreneur_id, self.alice)

    def test_an_activity_of_others_is_not_named(self):
        requests = self.env["cae.pay.request"].with_user(self.entrepreneur)
        asked = {"entrepreneur_id": self.alice.id, "month": "2026-03-01"}
        with self.assertRaises(AccessError) as caught, self.cr.savepoint():
            requests.create({**asked, "kind": "max", "activity_id": self.second.id})
        self.assertNotIn(self.second.name, str(caught.exception))
        mine = requests.create({**asked, "kind": "max", "activity_id": self.first.id})
        self.assertEqual(mine.activity_id, self.first)

    def test_what_was_typed_is_kept_once(self):
        typed = {"month": "2026-03", "kind": "net", "amount": "cent", "note": '"Mars"'}
        (found,) = TYPED.findall(self._post(**typed).text)
        kept = json.loads(html.unescape(found))
        self.assertEqual(kept["path"], "/my/pay/request")
        fields = {name: [text] for name, text in typed.items()}
        self.assertEqual(kept["fields"], fields)
        self.assertNotIn("data-typed", self.url_open("/my/pay").text)
        much = self._post(**typed, more="x" * 20_000)
        self.assertIn("alert-danger", much.text)
        self.assertNotIn("data-typed", much.text)
        done = self._post(**{**typed, "amount": "100"})
        self.assertNotIn("data-typed", done.text)

    def test_a_decided_and_a_locked_month(self):
        answer = self._post(month="2026-01", kind="max")
        self.assertIn("alert-danger", answer.text)
        self.assertFalse(self._requests())

    def test_without_a_token_or_by_address(self):
        self.assertEqual(
            self.url_open("/my/pay/request?month=2026-03&kind=max").status_code, 405
        )
        data = {"month": "2026-03", "kind": "max"}
        answer = self.url_open("/my/pay/request", data=data)
        self.assertEqual(answer.status_code, 400)
        self.assertFalse(self._requests())

    def test_the_pages_say_nothing_of_the_other_holder(self):
        cost = f"{self.bob_pay.cost:.2f}".replace(".", ",")
        for page in (
            *("/my", "/my/pay", "/my/pay/figure", "/my/accounts"),
            "/my/accounts/ledger?activity=T1&month=2026-01",
            "/my/accounts/ledger.csv?activity=T1&month=2026-01",
        ):
            answer = self.url_open(page)
            self.assertEqual(answer.status_code, 200, page)
            self.assertNotIn("Bob", answer.text, page)
            self.assertNotIn(cost, answer.text.replace("\u202f", ""), page)

    def test_foreign_codes_and_odd_months(self):
        self.assertEqual(
            self.url_open("/my/accounts/ledger.csv?activity=T2").status_code, 404
        )
        for month in ("²", "%00", "9999-99", "2026-01-01", "-1", "1e9", "99999999-01"):
            for kind in ("ledger", "ledger.csv", "ledger.xlsx"):
                page = f"/my/accounts/{kind}?activity=T1&month={month}"
                self.assertEqual(self.url_open(page).status_code, 200, page)
        for page in ("/my", "/my/accounts", "/my/accounts/ledger"):
            answer = self.url_open(f"{page}?activity=T2&statement=²&month=%00")
            self.assertEqual(answer.status_code, 200)
            self.assertNotIn("Test 2", answer.text)

    def test_the_file_of_a_ledger_is_whole(self):
        page = "/my/accounts/ledger?activity=T1&month=2026-01"
        with patch("odoo.addons.cae_base.controllers.accounts.LINES", 1):
            self.assertIn("first 1 lines", self.url_open(page).text)
            rows = self.url_open(page.replace("ledger", "ledger.csv")).text.split("\n")
        self.assertGreater(len(rows), 4)
        self.assertNotIn("lines; the files", self.url_open(page).text)

    def test_who_is_nobody(self):
        self._user("pr_nobody", "base.group_portal")
        self.authenticate("pr_nobody", "pr_nobody")
        self.assertEqual(self.url_open("/my").status_code, 200)
        for page in ("/my/pay", "/my/accounts", "/my/accounts/ledger"):
            self.assertEqual(self.url_open(page).status_code, 404, page)
        self.assertNotIn("€", self.url_open("/my/pay/figure").text)
        self.assertEqual(self._post(month="2026-03", kind="max").status_code, 404)
        self.authenticate(None, None)
        for page in ("/my", "/my/pay", "/my/pay/figure", "/my/accounts/ledger.csv"):
            self.assertIn("/web/login", self.url_open(page).url, page)

    def test_the_months_ahead_are_computed_once_on_opening(self):
        simulator = self.env.registry["cae.salary.simulator"]
        compute, asked = simulator.forecast, []

        def counted(self, values):
            asked.append(values)
            return compute(self, values)

        with patch.object(simulator, "forecast", counted):
            self.assertIn("€", self.url_open("/my/pay/ahead").text)
            self.assertEqual(len(asked), 1)
            self.assertIn("€", self.url_open("/my/pay/ahead?turnover=9000").text)
            self.assertEqual(len(asked), 3)

    def test_documents_of_pay_are_at_hand(self):
        page = self.url_open("/my/pay").text
        self.assertIn('href="/my/payslips"', page)
        year = f"/cae/pay/{self.alice.id}/year/2026/pdf"
        self.assertIn(year, page)
        self.assertTrue(self.url_open(year).content.startswith(b"%PDF"))

    def test_amounts_on_a_page_do_not_look_for_the_person(self):
        """A page writes dozens of them: who reads it is found once for each part."""
        home = self.env.registry["cae.home"]
        find, found = home._person, []

        def counted(self):
            found.append(self.env.uid)
            return find(self)

        with patch.object(home, "_person", counted):
            for page in ("/my/pay", "/my/pay/ahead"):
                found.clear()
                self.assertIn("€", self.url_open(page).text)
                self.assertTrue(0 < len(found) <= 3, f"{page}: {len(found)}")
