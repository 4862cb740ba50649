"""One true payslip for all the pay of a month; whose its differences are."""

import base64

from odoo.exceptions import UserError
from odoo.tests import freeze_time

from .common import JANUARY, PayCommon, pay_tagged
from .test_settlement import SettlementCommon

#: Keys of the entry of a pay, by what a payslip says of them.
DUE = {"431": ("debt_social",), "437": ("debt_pension", "debt_health")}


class PayslipCommon(PayCommon):
    @classmethod
    def _officer(cls):
        cls.officer = cls._user("pm_officer", "group_payroll")
        cls.Exchange = (
            cls.env["cae.payroll.exchange"]
            .with_user(cls.officer)
            .with_company(cls.company)
        )

    def _row(self, lines, matricule, **more):
        """A payslip that says what these estimates say, and more."""
        row = {"matricule": matricule, "brut": 0, "cout": 0, "net": 0}
        row |= dict.fromkeys(DUE, 0)
        for line in lines:
            row["brut"] += line.gross
            row["cout"] += line.cost
            row["net"] += line.net
        for share in lines.share_ids:
            for account, keys in DUE.items():
                row[account] -= sum(share.entry[key] for key in keys) / 100
        for name, amount in more.items():
            row[name.removeprefix("a")] += amount
        return {k: v if k == "matricule" else round(v, 2) for k, v in row.items()}

    def _slip(self, person, month=JANUARY):
        domain = [("entrepreneur_id", "=", person.id), ("month", "=", month)]
        return self.env["cae.payslip"].search(domain)


@pay_tagged
@freeze_time("2026-01-20 12:00:00")
class TestPayslipOfAMonth(PayslipCommon):
    """January pays 1 000.00, and the balance of 2025 out of another activity.

    Paid after the balance, which takes all that the second activity has, the month's
    own pay comes out of the first one alone.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._officer()
        cls.alice.matricule = "0042"
        cls._hold(cls.first, alice=100)
        cls._hold(cls.second, alice=100)
        cls._fund(cls.first, 3000)
        sale = [("512", 1800, cls.second), ("706", -1800, cls.second)]
        cls._entry(sale, "2025-06-10")
        cls.year = cls.env["cae.year"].create(
            {"date_to": "2025-12-31", "accounts_meeting_date": "2026-01-10"}
        )

    def _pay_balance(self):
        self.year.with_user(self.officer).action_settle()
        settlement = self.env["cae.settlement"].search([])
        settlement = settlement.with_user(self.officer)
        settlement.action_approve()
        settlement.action_post()
        self.balance = self.env["cae.pay.line"].search([("settlement_id", "!=", False)])
        self.assertEqual((self.balance.state, self.balance.month), ("posted", JANUARY))

    def _pay_month(self):
        self._run()
        own = [("settlement_id", "=", False), ("entrepreneur_id", "=", self.alice.id)]
        self.own = self.Line.search(own)
        self.assertEqual((self.own.state, self.own.gross), ("posted", 1000))

    def _pay_both(self):
        self._pay_balance()
        self._pay_month()
        self.both = self.own | self.balance

    def _load(self, *rows):
        result = self.Exchange.load_payslips("2026-01", list(rows))
        self.assertEqual(result["errors"], [])
        return result

    def test_the_sum_of_both_books_nothing(self):
        self._pay_both()
        result = self._load(self._row(self.both, "0042"))
        self.assertEqual((result["created"], result["missing"]), (1, []))
        slip = self._slip(self.alice)
        self.assertFalse(slip.move_ids)
        self.assertEqual((slip.gap_gross, slip.gap_cost, slip.gap_net), (0, 0, 0))
        self.assertEqual(slip.pay_line_ids, self.both)
        self.assertEqual(self.both.mapped("paid_state"), ["open", "open"])
        for line in self.both:
            self.assertEqual(line.to_pay, line.net)
        again = self._load(self._row(self.both, "0042"))
        self.assertEqual(again["unchanged"], 1)

    def test_a_difference_is_shared_by_what_both_cost(self):
        """10.00 more for URSSAF, by the cost of each; 3.00 of tax from the net."""
        self._pay_both()
        row = self._row(self.both, "0042", cout=10, a431=10, net=-3)
        row["4421"] = 3
        self._load(row)
        slip = self._slip(self.alice)
        self.assertEqual((slip.gap_gross, slip.gap_cost, slip.gap_net), (0, 10, 0))
        entry = self._entry_of(slip.move_ids)
        shares = self.both.share_ids
        own = shares.filtered(lambda share: share.activity_id == self.first)
        part = 10 * sum(own.mapped("cost")) / sum(shares.mapped("cost"))
        self.assertAlmostEqual(entry["T1", "645100"], part, delta=0.011)
        totals = {}
        for (activity, account), amount in entry.items():
            for key in (activity, account):
                totals[key] = round(totals.get(key, 0) + amount, 2)
        expected = {"T1": 0, "T2": 0, "645100": 10, "431000": -10}
        self.assertEqual(totals, {**expected, "421000": 3, "442100": -3})
        main = max(self.both, key=lambda line: line.net)
        self.assertEqual(slip.pay_line_id, main)
        self.assertAlmostEqual(main.to_pay, main.net - 3, 2)
        self.assertInvariant()
        slip.with_user(self.officer).action_undo("Mistake")
        self.assertAlmostEqual(main.to_pay, main.net, 2)
        self.assertInvariant()

    def test_neither_is_undone_below_the_payslip(self):
        self._pay_both()
        self._load(self._row(self.both, "0042"))
        for line in self.both:
            with self.assertRaisesRegex(UserError, "^CAE-PAYSLIP-BOOKED: "):
                line.with_user(self.officer).action_undo("Mistake")

    def test_a_balance_after_the_payslip(self):
        """A first payslip of 10.00 more; then the balance; then a payslip of both."""
        self._pay_month()
        self._load(self._row(self.own, "0042", cout=10, a431=10))
        self._pay_balance()
        self.both = self.own | self.balance
        slip = self._slip(self.alice)
        self.assertEqual(self._totals(slip), {"645100": 10, "431000": -10})
        result = self.Exchange.load_payslips("2026-01", [])
        self.assertEqual([m["matricule"] for m in result["missing"]], ["0042"])
        result = self._load(self._row(self.both, "0042", cout=10, a431=10))
        self.assertEqual(result["updated"], 1)
        self.assertEqual(slip.gap_cost, 10)
        self.assertEqual(slip.pay_line_ids, self.both)
        # A part of the 10.00 moves to the activity of the balance.
        self.assertEqual(len(slip.move_ids), 2)
        self.assertEqual(self._totals(slip), {"645100": 10, "431000": -10})
        self.assertInvariant()

    def _totals(self, slip):
        """``{account code: balance}`` of all entries of a payslip."""
        totals = {}
        for (_activity, account), amount in self._entry_of(slip.move_ids).items():
            totals[account] = round(totals.get(account, 0) + amount, 2)
        return totals

    def test_the_journal_of_both(self):
        self._pay_both()
        row = self._row(self.both, "0042")
        charges = row["cout"] - row["brut"]
        rows = [
            {"matricule": "0042", "compte": account, side: f"{amount:.2f}"}
            for account, side, amount in (
                ("641100", "debit", row["brut"]),
                ("645100", "debit", charges),
                ("421000", "credit", row["net"]),
                ("431000", "credit", row["431"]),
                ("437000", "credit", row["437"]),
            )
        ]
        result = self.Exchange.load_payroll_journal("2026-01", rows)
        self.assertEqual((result["errors"], result["created"]), ([], 1))
        slip = self._slip(self.alice)
        self.assertEqual((slip.gap_gross, slip.gap_cost, slip.gap_net), (0, 0, 0))

    def test_the_yearly_statement_is_that_of_the_payslip(self):
        self._pay_both()
        row = self._row(self.both, "0042", cout=10, a431=10)
        self._load(row)
        data = self.env["cae.pay.year"]._data(self.alice, 2026)[self.alice.id]
        final = {name: float(amount) for name, amount in data["final"].items()}
        expected = {"gross": row["brut"], "net": row["net"], "cost": row["cout"]}
        self.assertEqual(final, expected)

    def test_one_row_of_the_payroll_file_for_both(self):
        """Elements, expenses and codes once; the balance apart."""
        self.env["cae.pay.element"].create(
            {
                "entrepreneur_id": self.alice.id,
                "month": JANUARY,
                "kind": "sick",
                "days": 3,
            }
        )
        self._pay_both()
        due = f"{self.balance.gross:.2f}".replace(".", ",")
        days = ";01/01/2026;31/01/2026"
        self.assertEqual(
            self._rows("silae"),
            {
                f"0042;EV-PartFixe;1000,00{days}",
                f"0042;EV-RegulVariable;{due}{days}",
                f"0042;AB-Maladie;3,00{days}",
            },
        )
        gross = f"{1000 + self.balance.gross:.2f}".replace(".", ",")
        self.assertEqual(
            self._rows("generic"),
            {
                f"0042;;Test;Alice;2026-01;1000,00;0,00;{gross};0,00;0,00;{due}"
                + ";0,00;0,00;3,00;0,00;0,00;0,00;0,00",
            },
        )

    def test_a_file_without_the_balance_has_it_in_the_advance(self):
        """As files did that were made before; nothing of it is lost."""
        self._pay_both()
        silae = self.env.ref("cae_payroll.cae_payroll_template_silae")
        silae.line_ids.filtered(lambda line: line.source == "balance").unlink()
        due = f"{self.balance.gross:.2f}".replace(".", ",")
        days = ";01/01/2026;31/01/2026"
        self.assertEqual(
            self._rows("silae"),
            {
                f"0042;EV-PartFixe;1000,00{days}",
                f"0042;EV-AcompteVariable;{due}{days}",
            },
        )

    def _rows(self, template):
        result = self.Exchange.export_elements("2026-01", template)
        text = base64.b64decode(result["content_base64"]).decode("utf-8-sig")
        _header, *rows, _end = text.split("\r\n")
        self.assertEqual(len(rows), len(set(rows)))
        return set(rows)

    def test_payslips_of_an_older_database_name_their_estimates(self):
        self._pay_month()
        self._load(self._row(self.own, "0042", cout=10, a431=10))
        slip = self._slip(self.alice)
        self.own._paying().payslip_id = False
        slip._cae_own().gap_shares = False
        slip._name_estimates()
        self.assertEqual(slip.pay_line_ids, self.own)
        self.assertEqual(sum(slip.gap_shares.values()), 1000)


@pay_tagged
@freeze_time("2026-10-05 12:00:00")
class TestPayslipSettled(SettlementCommon, PayslipCommon):
    """Alice (60 %) and Bob (40 %) earned 20 000.00 together."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._officer()
        cls.alice.matricule = "0042"
        cls._contract(cls.bob, 1000, "2026-01-01", date_end="2026-03-31")
        cls._hold(cls.first, alice=60, bob=40)
        cls._earn(cls.first, 20000)

    def test_the_payslip_of_one_is_paid_by_that_one(self):
        """A payslip of 200.00 more of gross, which cost 250.00 more.

        ============ ========= ============ ==================
                     result    paid         advances
        ============ ========= ============ ==================
        Alice, 60 %  12 000.00 3 × 1 039.86 0.00
        … payslip    12 000.00   + 250.00   200.00
        Bob, 40 %     8 000.00 3 × 1 039.86 0.00, as before
        ============ ========= ============ ==================
        """
        self._run_months()
        self._settle()
        names = ("result", "budget", "paid", "advance", "due", "cost", "carried")
        [before] = self._of(self.bob).read(names)
        own = self._line(self.alice)
        row = self._row(own, "0042", brut=200, cout=250, net=150, a431=100)
        result = self.Exchange.load_payslips("2026-01", [row])
        self.assertEqual(result["errors"], [])
        self._settle()
        self.assertEqual(self._of(self.bob).read(names), [before])
        self.assertEqual((before["result"], before["paid"]), (8000, 3119.58))
        alice = self._of(self.alice)
        self.assertEqual((alice.result, alice.paid), (12000, 3369.58))
        self.assertEqual((alice.fixed_part, alice.advance), (3000, 200))
        self.assertWhole(alice | self._of(self.bob))
        # Undone, and booked back in whatever month: as if it had never been.
        self._slip(self.alice).with_user(self.officer).action_undo("Mistake")
        self._settle()
        alice = self._of(self.alice)
        self.assertEqual((alice.result, alice.paid), (12000, 3119.58))
        self.assertEqual(self._of(self.bob).read(names), [before])

    def test_a_payslip_of_an_earlier_year_counts_once(self):
        """What the year before bore is not in the next one's results."""
        self._run_months()
        own = self._line(self.alice)
        row = self._row(own, "0042", brut=200, cout=250, net=150, a431=100)
        self.Exchange.load_payslips("2026-01", [row])
        later = self.env["cae.year"].create(
            {"date_to": "2027-06-30", "accounts_meeting_date": "2027-09-15"}
        )
        self._settle()
        both = self._of(self.alice) | self._of(self.bob)
        both.action_approve()
        both.action_post()
        carried = sum(both.mapped("carried"))
        with freeze_time("2027-10-05 12:00:00"):
            self._settle(later)
        next_ones = self._of(self.alice, later) | self._of(self.bob, later)
        self.assertAlmostEqual(sum(next_ones.mapped("brought")), carried, 2)
        self.assertAlmostEqual(sum(next_ones.mapped("result")), 0, 2)
