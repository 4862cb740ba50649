from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time

from .common import GovernanceCommon, governance_tagged

MODELS = ("cae.member", "cae.share.movement", "cae.share.redemption")


@governance_tagged
@freeze_time("2026-03-15")
class TestRegisterRights(GovernanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ines, cls.yann = cls._member("Inès", 3), cls._member("Yann", 30)
        cls.request = (
            cls.env["cae.share.redemption"]
            .with_user(cls.secretary)
            .create(
                {
                    "member_id": cls.ines.id,
                    "share_kind_id": cls.kind.id,
                    "quantity": 1,
                    "date_request": "2026-02-01",
                }
            )
        )
        cls.users = {
            "portal": cls._portal(cls.ines),
            "coach": cls._user("gov_coach", "group_coach"),
            "payroll": cls._user("gov_payroll", "group_payroll"),
        }

    def test_a_member_sees_the_own_shares_and_nobody_elses(self):
        user = self.users["portal"]
        for model in MODELS:
            found = self.env[model].with_user(user).search([])
            owners = found if model == "cae.member" else found.member_id
            self.assertEqual(owners, self.ines, model)
        mine = self.ines.with_user(user)
        self.assertEqual((mine.share_count, mine.share_paid), (3, 48))
        with self.assertRaises(AccessError):
            self.yann.with_user(user).read(["share_count"])

    def test_a_member_changes_nothing(self):
        user = self.users["portal"]
        mine = self.ines.with_user(user)
        with self.assertRaises(AccessError):
            mine.write({"e_notice_consent_date": "2026-01-01"})
        with self.assertRaises(AccessError):
            mine._leave(date(2026, 3, 1), "resignation")
        with self.assertRaises(AccessError):
            self.request.with_user(user).action_accept()
        with self.assertRaises(AccessError):
            mine.movement_ids.action_reverse("No")
        for wizard in ("cae.share.operation", "cae.share.payment"):
            with self.assertRaises(AccessError):
                self.env[wizard].with_user(user).create({})

    def test_coaches_and_payroll_do_not_read_the_register(self):
        for role in ("coach", "payroll"):
            for model in MODELS:
                with self.assertRaises(AccessError):
                    self.env[model].with_user(self.users[role]).search([])

    def test_accountants_read_and_register_payments_only(self):
        member = self.ines.with_user(self.accountant)
        self.assertEqual(member.share_count, 3)
        for act in (
            lambda: member.write({"kind": "outside"}),
            lambda: member._leave(date(2026, 3, 1), "resignation"),
            lambda: member.movement_ids.action_reverse("No"),
            lambda: self.request.with_user(self.accountant).action_accept(),
        ):
            with self.assertRaises(AccessError):
                act()
        self._subscribe(self.ines, 1)
        self._pay_shares(self.ines.with_user(self.accountant), 16)
        self.assertEqual(self.ines.share_unpaid, 0)

    def test_secretaries_read_no_entries(self):
        with self.assertRaises(AccessError):
            self.env["account.move.line"].with_user(self.secretary).search([])
        with self.assertRaises(AccessError):
            self.env["cae.entrepreneur"].with_user(self.secretary).search([])

    def test_another_company_sees_nothing(self):
        other = self.env["res.company"].create({"name": "Other cooperative"})
        user = self._user("gov_other", "group_governance")
        user.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        for model in (*MODELS, "cae.share.kind", "cae.body", "cae.surplus"):
            found = self.env[model].with_user(user).search([])
            self.assertFalse(found.filtered(lambda r: r.company_id != other), model)
        with self.assertRaises(AccessError):
            self.ines.with_user(user).read(["name"])

    def test_people_to_become_members_are_listed_by_name_and_deadline_only(self):
        person = self._person("GX1", "Zoé", start="2023-05-02")
        wizard = self.env["cae.member.application"].with_user(self.secretary).create({})
        line = wizard.line_ids.filtered(lambda row: row.person == person.id)
        self.assertEqual((line.name, line.deadline), ("Zoé Test", date(2026, 5, 2)))
        line.chosen = True
        action = wizard.action_record()
        member = self.Member.search(action["domain"])
        self.assertEqual(member.partner_id, person.partner_id)
        self.assertEqual(member.membership_deadline, date(2026, 5, 2))
        self.assertTrue(member.deadline_soon)
        self.company.cae_member_warning_months = 0
        member.invalidate_recordset(["deadline_soon"])
        self.assertFalse(member.deadline_soon)

    def test_deadlines_are_told_months_ahead(self):
        person = self._person("GX1", "Zoé", start="2023-05-02")
        late = self._person("GX2", "Max", start="2024-05-02")
        self.assertTrue(person.membership_soon)
        self.assertFalse(late.membership_soon)
        self.assertIn("no application yet", person.warning)
        people = self.env["cae.entrepreneur"]
        self.assertIn(person, people.search([("has_warning", "=", True)]))
        self.assertIn(person, people._remind_membership())
        self.assertFalse(people._remind_membership())
        self.assertEqual(person.activity_ids.date_deadline, date(2026, 5, 2))

    def test_pay_retains_for_shares_until_the_target(self):
        self.company.write({"cae_retention_rate": 2, "cae_retention_target": 64})
        person = self._person("GX1", "Zoé")
        member = self._admitted(
            "x", entrepreneur_id=person.id, partner_id=person.partner_id.id
        )
        people = self.env["cae.entrepreneur"]
        ask = {person.id: 1500, 0: 99}
        found = people._share_retentions(self.company, date(2026, 3, 31), ask)
        self.assertEqual(found, {person.id: 30})
        self._retain(member, 30)
        found = people._share_retentions(self.company, date(2026, 3, 31), ask)
        self.assertEqual(found, {person.id: 30})
        self._retain(member, 30)
        found = people._share_retentions(self.company, date(2026, 3, 31), ask)
        self.assertEqual(found, {person.id: 4})
        moves = self.Member._subscribe_retained(self.company, date(2026, 3, 15))
        self.assertEqual(moves.quantity, 3)
        self.assertEqual(member.state, "member")
        self.assertFalse(
            self.Member._subscribe_retained(self.company, date(2026, 3, 15))
        )
        self.assertEqual(self._books(member), {"456250": -12, "101300": -48})
        self.assertEqual(
            people._share_retentions(self.company, date(2026, 3, 31), ask),
            {person.id: 4},
        )

    def _retain(self, member, amount):
        """As the entry of a pay does."""
        activity = self.activities[0]
        move = self._entry(
            [("421", amount, activity), ("45625", -amount, activity)],
            "2026-02-28",
            post=False,
        )
        debt = move.line_ids.filtered(lambda line: line.balance < 0)
        debt.partner_id = member.sudo().partner_id
        move._post(soft=False)

    def test_figures_of_any_number_of_members_take_a_few_queries(self):
        members = self.Member.search([])
        counts = []
        # The first round reads rules and settings too.
        for count in (1, 1, len(members)):
            some = self.Member.browse(members[:count].ids)
            self.env.invalidate_all()
            some.mapped("company_id.cae_share_debt_account_id")
            some.mapped("partner_id.name")
            before = self.env.cr.sql_log_count
            some._held_on(date(2026, 3, 15))
            some._debts_on(date(2026, 3, 15))
            some._college_on(date(2026, 3, 15))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertGreater(len(members), 1)
        self.assertLessEqual(max(counts[1:]), 6, counts)
        self.assertLessEqual(counts[2], counts[1], counts)

    def test_the_register_is_of_the_own_company(self):
        with self.assertRaises(UserError):
            self.Member.browse(self.ines.id)._subscribe(
                [(self.ines, self.env["cae.share.kind"], 1)], date(2026, 2, 1)
            )

    def test_documents_are_rendered(self):
        page = self.ines.sudo()._html()
        self.assertIn("Inès", page)
        register = (
            self.env["cae.share.register"]
            .with_user(self.secretary)
            .create({"date": "2026-03-15"})
        )
        page = register.sudo()._html()
        self.assertIn("Yann", page)
        self.assertIn("100.00 % of the votes", " ".join(page.split()))
        action = register.action_open()
        self.assertEqual(action["context"]["register_date"], "2026-03-15")
        self.assertIn("2026", action["name"])

    def test_the_kanban_has_the_columns_of_its_window(self):
        window = self.env.ref("cae_governance.cae_member_action_applications")
        states = ("candidate", "admitted", "refused", "withdrawn")
        domain = [("state", "in", states)]
        self.assertEqual(window.domain, str(domain))
        board = self.Member.with_context(read_group_expand=True)
        shown = board.web_read_group(domain, ["state"], ["__count"])
        self.assertEqual([g["state"] for g in shown["groups"]], list(states))
        everything = board.web_read_group([], ["state"], ["__count"])
        self.assertEqual(len(everything["groups"]), 6)
