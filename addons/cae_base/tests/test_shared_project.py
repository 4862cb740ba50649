from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time

from .common import CaeCommon, cae_tagged


class ProjectCommon(CaeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two, cls.three = cls.activities
        cls.accountant = cls._user("project_accountant", "group_accountant")
        cls.Project = cls.env["cae.shared.project"].with_user(cls.accountant)
        cls.project = cls._project({cls.one: 60, cls.two: 40})

    @classmethod
    def _project(cls, shares, start="2026-01-01", **vals):
        return cls.Project.create(
            {
                "name": "Festival",
                "date_start": start,
                "part_ids": [
                    Command.create({"activity_id": activity.id, "share": share})
                    for activity, share in shares.items()
                ],
                **vals,
            }
        )

    @classmethod
    def _draft(cls, *amounts, project=None, day="2026-01-10", tax=None, **vals):
        """A draft invoice of the project, as a program writes it."""
        project = cls.project if project is None else project
        lines = [cls._document_line("out_invoice", None, a, tax) for a in amounts]
        for line in lines:
            del line["analytic_distribution"]
        return cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.partner_a.id,
                "invoice_date": day,
                "cae_project_id": project.id,
                "invoice_line_ids": [Command.create(line) for line in lines],
                **vals,
            }
        )

    @classmethod
    def _invoice(cls, *amounts, **kwargs):
        move = cls._draft(*amounts, **kwargs)
        move._post(soft=False)
        return move

    def _shared(self, line):
        """``{activity code: percent}`` of a line."""
        codes = {str(a.analytic_account_id.id): a.code for a in self.activities}
        return {codes[k]: v for k, v in (line.analytic_distribution or {}).items()}

    def _change_shares(self, day="2026-02-01", eve="2026-01-31"):
        """From ``day`` on: 30 % for the first, 70 % for the third one."""
        self.project.part_ids = [
            *(Command.update(p.id, {"date_end": eve}) for p in self.project.part_ids),
            *(
                Command.create({"activity_id": a.id, "share": share, "date_start": day})
                for a, share in ((self.one, 30), (self.three, 70))
            ),
        ]


@cae_tagged
@freeze_time("2026-03-15")
class TestSharedProject(ProjectCommon):
    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------

    def test_everything_is_shared_to_the_cent(self):
        thirds = self._project({self.one: 33.333, self.two: 33.333, self.three: 33.334})
        invoice = self._invoice(
            100.01, 0.07, 33.33, project=thirds, tax=self.vat_services
        )
        self.assertInvariant()
        balances = self._balances()
        for prefix, total in (("706", -133.41), ("44574", -26.68), ("411", 160.09)):
            account = self._account(prefix).code
            parts = [balances[a.code].get(account, 0) for a in self.activities]
            self.assertAlmostEqual(sum(parts), total, 2)
            for part in parts:
                self.assertAlmostEqual(part, total / 3, 1)
        self._pay(invoice)
        self.assertInvariant()
        receivable = self._account("411").code
        for activity, balance in self._balances().items():
            self.assertAlmostEqual(balance.get(receivable, 0), 0, 2, activity)

    def test_payment_in_parts_follows_the_shares(self):
        invoice = self._invoice(1000, tax=self.vat_services)
        self._pay(invoice, amount=300)
        money = {
            row["code"]: row["treasury"]
            for row in self.Activity.treasury(["T1", "T2"], "2026-03-01")
        }
        self.assertEqual(money, {"T1": 180, "T2": 120})
        self.assertInvariant()

    def test_each_participant_is_charged_for_its_part(self):
        self._invoice(1000)
        found = self.Activity.figures(["T1", "T2", "T3"], ["2026-01"])
        self.assertEqual([row["invoiced"] for row in found], [600, 400, 0])

    def test_form_fills_the_lines_and_empties_them(self):
        invoices = self.env["account.move"].with_user(self.accountant)
        form = Form(invoices.with_context(default_move_type="out_invoice"))
        form.partner_id, form.invoice_date = self.partner_a, "2026-01-10"
        with form.invoice_line_ids.new() as line:
            line.name, line.price_unit = "Before", 100
        form.cae_project_id = self.project
        with form.invoice_line_ids.new() as line:
            line.name, line.price_unit = "After", 50
        invoice = form.save()
        for line in invoice.invoice_line_ids:
            self.assertEqual(self._shared(line), {"T1": 60, "T2": 40}, line.name)
        with Form(invoice) as form:
            form.cae_project_id = self.Project
        for line in invoice.invoice_line_ids:
            self.assertEqual(self._shared(line), {}, line.name)
        invoice.action_post()
        self.assertInvariant()

    def test_the_project_takes_the_place_of_the_activity_of_the_document(self):
        invoice = self._draft(100, project=self.Project, cae_activity_id=self.three.id)
        self.assertEqual(self._shared(invoice.invoice_line_ids), {"T3": 100})
        invoice.cae_project_id = self.project
        self.assertEqual(self._shared(invoice.invoice_line_ids), {"T1": 60, "T2": 40})
        invoice.cae_project_id = False
        self.assertEqual(self._shared(invoice.invoice_line_ids), {"T3": 100})

    def test_a_line_given_by_hand_keeps_its_activity(self):
        invoice = self._draft(100, 50)
        first, second = invoice.invoice_line_ids
        first.analytic_distribution = self._tag(self.three)
        invoice.invoice_date = "2026-01-20"
        invoice.action_post()
        self.assertEqual(self._shared(first), {"T3": 100})
        self.assertEqual(self._shared(second), {"T1": 60, "T2": 40})

    def test_new_shares_are_those_of_new_documents(self):
        before = self._invoice(100, day="2026-01-31")
        draft = self._draft(100, day="2026-01-31")
        self._change_shares()
        after = self._invoice(100, day="2026-02-01")
        self.assertEqual(self._shared(before.invoice_line_ids), {"T1": 60, "T2": 40})
        self.assertEqual(self._shared(after.invoice_line_ids), {"T1": 30, "T3": 70})
        draft.invoice_date = "2026-02-10"
        self.assertEqual(self._shared(draft.invoice_line_ids), {"T1": 30, "T3": 70})
        draft.invoice_date = "2026-01-31"
        draft.action_post()
        self.assertEqual(self._shared(draft.invoice_line_ids), {"T1": 60, "T2": 40})

    def test_a_draft_without_a_date_takes_the_shares_of_the_day_it_is_posted(self):
        draft = self._draft(100, day=False)
        self._change_shares("2026-03-01", "2026-02-28")
        draft.action_post()
        self.assertEqual(self._shared(draft.invoice_line_ids), {"T1": 30, "T3": 70})

    def test_a_copy_takes_the_shares_of_its_own_date(self):
        invoice = self._invoice(99.99, day="2026-01-31")
        self._change_shares()
        copy = invoice.copy({"invoice_date": "2026-02-10"})
        copy.action_post()
        self.assertEqual(set(self._shared(copy.invoice_line_ids)), {"T1", "T3"})
        self.assertInvariant()

    def test_a_credit_note_mirrors_its_invoice(self):
        invoice = self._invoice(99.99, day="2026-01-31", tax=self.vat_services)
        self._change_shares()
        self.project.active = False
        note = invoice._reverse_moves([{"invoice_date": "2026-02-10"}], cancel=True)
        self.assertEqual(note.cae_project_id, self.project)
        self.assertEqual(set(self._shared(note.invoice_line_ids)), {"T1", "T2"})
        for balances in self._balances().values():
            self.assertFalse([b for b in balances.values() if round(b, 2)])

    def test_back_to_draft_the_amount_may_change(self):
        invoice = self._invoice(0.03)
        # 0.03 is shared as 0.02 and 0.01
        self.assertNotEqual(self._shared(invoice.invoice_line_ids)["T1"], 60)
        invoice.button_draft()
        self.assertEqual(self._shared(invoice.invoice_line_ids), {"T1": 60, "T2": 40})
        invoice.invoice_line_ids.price_unit = 1000
        invoice.action_post()
        found = self.Activity.figures(["T1", "T2"], ["2026-01"])
        self.assertEqual([row["invoiced"] for row in found], [600, 400])

    def test_bills_are_shared_too(self):
        bill = self._draft(100, move_type="in_invoice", ref="B1", date="2026-01-10")
        bill.action_post()
        self.assertEqual(self._shared(bill.invoice_line_ids), {"T1": 60, "T2": 40})
        self.assertEqual(self.project.billed, 0)

    # ------------------------------------------------------------------
    # What each billed and collected
    # ------------------------------------------------------------------

    def test_billed_and_collected_per_participant(self):
        invoice = self._invoice(1000, tax=self.vat_services)
        self._invoice(500, tax=self.vat_services)
        self._draft(70)
        self._pay(invoice, amount=600)
        other = self._project({self.one: 50, self.three: 50}, name="Other")
        self._invoice(10, project=other)
        self.env.invalidate_all()
        rows = [(p.activity_id, p.billed, p.collected) for p in self.project.part_ids]
        self.assertEqual(rows, [(self.one, 900, 300), (self.two, 600, 200)])
        self.assertEqual((self.project.billed, self.project.collected), (1500, 500))
        self.assertEqual((other.billed, other.collected), (10, 0))
        self.assertEqual(self.project.invoice_count, 3)
        action = self.project.action_open_invoices()
        found = self.env["account.move"].search(action["domain"])
        self.assertEqual(len(found), 3)

    def test_query_count_does_not_depend_on_the_number_of_projects(self):
        def read(projects):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            projects.mapped("billed")
            projects.mapped("collected")
            return self.env.cr.sql_log_count - before

        projects = self.project
        for number in range(5):
            project = self._project({self.one: 50, self.two: 50}, name=f"P{number}")
            self._pay(self._invoice(100 + number, project=project))
            projects |= project
        self._pay(self._invoice(100))
        read(projects)  # what Odoo remembers from now on
        self.assertEqual(read(projects), read(projects.browse(projects[0].id)))
        self.assertEqual(projects.mapped("collected"), [100, 100, 101, 102, 103, 104])

    # ------------------------------------------------------------------
    # Bad input
    # ------------------------------------------------------------------

    def test_shares_add_up_every_day(self):
        for shares in ({self.one: 60}, {self.one: 60, self.two: 50}, {}):
            with self.assertRaisesRegex(ValidationError, "CAE-PROJECT-SHARES"):
                self._project(shares)
        with self.assertRaisesRegex(ValidationError, "CAE-PROJECT-SHARES"):
            self.project.part_ids[0].share = 50
        with self.assertRaisesRegex(ValidationError, "CAE-PROJECT-SHARES"):
            self.project.part_ids[0].unlink()
        with self.assertRaisesRegex(ValidationError, "CAE-PROJECT-SHARES"):
            self.project.date_start = "2025-12-01"
        with self.assertRaisesRegex(ValidationError, "CAE-PROJECT-TWICE"):
            self._project(
                {},
                part_ids=[
                    Command.create({"activity_id": self.one.id, "share": 50}),
                    Command.create({"activity_id": self.one.id, "share": 50}),
                ],
            )

    def test_an_archived_project_is_not_chosen(self):
        draft = self._draft(100)
        self.project.active = False
        with self.assertRaisesRegex(UserError, "CAE-PROJECT-ARCHIVED"):
            self._draft(100)
        with self.assertRaisesRegex(UserError, "CAE-PROJECT-ARCHIVED"):
            draft.action_post()

    def test_the_project_runs_on_the_day(self):
        with self.assertRaisesRegex(UserError, "CAE-PROJECT-DATES"):
            self._draft(100, day="2025-12-31")
        self.project.date_end = "2026-01-31"
        with self.assertRaisesRegex(UserError, "CAE-PROJECT-DATES"):
            self._draft(100, day="2026-02-01")

    def test_participants_are_open(self):
        draft = self._draft(100, day="2026-01-31")
        self.two.date_end = "2026-01-31"
        with self.assertRaisesRegex(UserError, "CAE-PROJECT-CLOSED.*T2"):
            draft.invoice_date = "2026-02-01"

    def test_an_activity_of_another_company_is_refused(self):
        other = self.env["res.company"].create({"name": "Other CAE"})
        foreign = self.Activity.with_company(other).create(
            {"code": "F1", "name": "Foreign", "date_start": "2025-01-01"}
        )
        with self.assertRaisesRegex(ValidationError, "CAE-PROJECT-COMPANY"):
            self._project({self.one: 50, foreign: 50})

    def test_a_posted_document_keeps_its_project(self):
        plain = self._invoice(100, project=self.Project)
        with self.assertRaisesRegex(UserError, "CAE-PROJECT-POSTED"):
            plain.cae_project_id = self.project
        with self.assertRaisesRegex(UserError, "CAE-PROJECT-POSTED"):
            self._invoice(100).cae_project_id = False

    def test_a_project_with_documents_is_kept(self):
        self._draft(100)
        with self.assertRaisesRegex(UserError, "CAE-PROJECT-USED"):
            self.project.unlink()
        unused = self._project({self.one: 100})
        unused.unlink()
        self.assertFalse(unused.exists())

    # ------------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------------

    def test_who_reads_a_project(self):
        holder = self._user("project_holder", "group_entrepreneur")
        stranger = self._user("project_stranger", "group_entrepreneur")
        coach = self._user("project_coach", "group_coach")
        people = self.env["cae.entrepreneur"].create(
            [
                {
                    "first_name": user.login,
                    "last_name": "Test",
                    "date_entry": "2025-01-01",
                    "user_id": user.id,
                    "coach_id": mentor.id,
                }
                for user, mentor in (
                    (holder, coach),
                    (stranger, self.env["res.users"]),
                )
            ]
        )
        for activity, person in zip((self.two, self.three), people, strict=True):
            holder_vals = {"entrepreneur_id": person.id, "date_start": "2025-01-01"}
            activity.share_ids = [Command.create(holder_vals)]
        self._pay(self._invoice(1000))
        self.env.invalidate_all()
        for user in (holder, coach):
            project = self.project.with_user(user)
            self.assertEqual(project.name, "Festival")
            part = self.env["cae.shared.project.part"].with_user(user).search([])
            self.assertEqual(part.activity_id.code, "T2")
            self.assertEqual((part.billed, part.collected), (400, 400))
            with self.assertRaises(AccessError):
                project.write({"name": "Mine"})
        with self.assertRaises(AccessError):
            self.project.with_user(holder).read(["billed"])
        self.assertFalse(self.Project.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.project.with_user(stranger).read(["name"])
