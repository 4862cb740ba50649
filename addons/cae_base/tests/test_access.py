from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ..models.cae_contribution_line import BOOKING
from ..models.cae_statement import COMPUTING

PEOPLE = ("cae.entrepreneur", "cae.contract", "cae.activity.share")
MONEY = ("cae.activity", "cae.contribution.line", "cae.statement")


@tagged("post_install", "-at_install")
@freeze_time("2026-10-15")
class TestAccess(TransactionCase):
    """Two entrepreneurs, each with an activity, and one that they hold together."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = {"tracking_disable": True, "mail_create_nosubscribe": True}
        cls.env = cls.env(context={**cls.env.context, **context})
        cls.users = {
            role: new_test_user(
                cls.env, login=f"test_{role}", groups=f"cae_base.group_{role}"
            )
            for role in ("coach", "accountant", "payroll", "governance", "manager")
        }
        cls.users["other_coach"] = new_test_user(
            cls.env, login="test_other_coach", groups="cae_base.group_coach"
        )
        cls.team = cls.env["cae.team"].create(
            {"name": "North", "user_ids": [Command.set(cls.users["other_coach"].ids)]}
        )
        cls.ines = cls._person("X001", "Inès", coach_id=cls.users["coach"].id)
        cls.yann = cls._person("X002", "Yann", team_id=cls.team.id)
        for person, role in ((cls.ines, "ines"), (cls.yann, "yann")):
            cls.users[role] = new_test_user(
                cls.env, login=f"test_{role}", groups="cae_base.group_entrepreneur"
            )
            person.user_id = cls.users[role]
        cls.own = cls._activity("XA1", (cls.ines, 100))
        cls.other = cls._activity("XA2", (cls.yann, 100))
        cls.common = cls._activity("XA3", (cls.ines, 60), (cls.yann, 40))

    @classmethod
    def _person(cls, code, first, **vals):
        person = cls.env["cae.entrepreneur"].create(
            {
                "code": code,
                "first_name": first,
                "last_name": "Test",
                "birth_date": "1980-05-17",
                "date_entry": "2026-01-01",
                **vals,
            }
        )
        cls.env["cae.contract"].create(
            {
                "entrepreneur_id": person.id,
                "kind": "cesa",
                "date_start": "2026-01-01",
                "fixed_part": 500,
            }
        )
        return person

    @classmethod
    def _activity(cls, code, *shares):
        activity = cls.env["cae.activity"].create(
            {
                "code": code,
                "name": code,
                "date_start": "2026-01-01",
                "share_ids": [
                    Command.create(
                        {
                            "entrepreneur_id": person.id,
                            "share": share,
                            "date_start": "2026-01-01",
                        }
                    )
                    for person, share in shares
                ],
            }
        )
        cls.env["cae.statement"].with_context(cae_computing=COMPUTING).create(
            [
                {"activity_id": activity.id, "month": "2026-01-01", "published": True},
                {"activity_id": activity.id, "month": "2026-02-01"},
            ]
        )
        rule = cls.env["cae.contribution.rule"].search([], limit=1)
        lines = cls.env["cae.contribution.line"].with_context(cae_booking=BOOKING)
        lines.create(
            {
                "activity_id": activity.id,
                "rule_id": rule.id,
                "company_id": activity.company_id.id,
                "month": "2026-01-01",
                "amount": 10,
            }
        )
        return activity

    def _seen(self, role, model):
        """What a user finds among the records of this test."""
        # As at the end of each request: rules are read from the database.
        self.env.flush_all()
        activities = self.own | self.other | self.common
        domains = {
            "cae.entrepreneur": [("id", "in", (self.ines | self.yann).ids)],
            "cae.contract": [("entrepreneur_id", "in", (self.ines | self.yann).ids)],
            "cae.activity": [("id", "in", activities.ids)],
        }
        domain = domains.get(model) or [("activity_id", "in", activities.ids)]
        found = self.env[model].with_user(self.users[role]).search(domain)
        return found.with_env(self.env)

    def _refused(self, role, record, operation):
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            record.with_user(self.users[role]).check_access(operation)

    # Entrepreneurs

    def test_entrepreneur_sees_oneself_and_own_contracts(self):
        self.assertEqual(self._seen("ines", "cae.entrepreneur"), self.ines)
        self.assertEqual(self._seen("ines", "cae.contract"), self.ines.contract_ids)
        self.assertEqual(self._seen("ines", "cae.activity.share"), self.ines.share_ids)

    def test_entrepreneur_sees_the_money_of_own_and_common_activities(self):
        activities = self.own | self.common
        self.assertEqual(self._seen("ines", "cae.activity"), activities)
        self.assertEqual(
            self._seen("ines", "cae.contribution.line"),
            activities.contribution_line_ids.sorted(),
        )

    def test_entrepreneur_sees_published_statements_only(self):
        found = self._seen("ines", "cae.statement")
        self.assertEqual(found.activity_id, self.own | self.common)
        self.assertEqual(found.mapped("published"), [True, True])

    def test_partner_of_a_common_activity_stays_private(self):
        for record in (self.yann, self.yann.contract_ids, self.yann.share_ids[:1]):
            self._refused("ines", record, "read")

    def test_partner_of_a_common_activity_is_named(self):
        common = self.common.with_user(self.users["ines"])
        common.invalidate_recordset()
        self.assertEqual(common.share_ids.entrepreneur_id.ids, self.ines.ids)
        self.assertEqual(common.holders, "Inès Test (60 %), Yann Test (40 %)")

    def test_entrepreneur_writes_nothing(self):
        records = [self.ines, self.ines.contract_ids, self.own, self.own.share_ids]
        records += [self.own.contribution_line_ids, self.own.exemption_ids]
        for record in records:
            for operation in ("write", "create", "unlink"):
                self._refused("ines", record, operation)

    def test_entrepreneur_sees_no_accounting(self):
        names = ["account.analytic.line", "account.analytic.account"]
        names += ["cae.ledger.line", "cae.period", "cae.team"]
        names += ["hr.employee", "hr.version"]
        for name in names:
            self._refused("ines", self.env[name], "read")
        # Odoo lets portal users read the documents of their own contact.
        items = self.env["account.move.line"].with_user(self.users["ines"])
        self.assertFalse(items.search([]))

    def test_entrepreneur_finds_no_name_of_analytic_accounts(self):
        # Another module may give portal users a right on analytic accounts.
        model = self.env["ir.model"]._get("account.analytic.account")
        self.env["ir.model.access"].create(
            {
                "name": "test",
                "model_id": model.id,
                "group_id": self.env.ref("base.group_portal").id,
                "perm_read": True,
            }
        )
        accounts = self.env["account.analytic.account"].with_user(self.users["ines"])
        self.assertFalse(accounts.search([]))

    def test_entrepreneur_reads_own_figures_only(self):
        Activity = self.env["cae.activity"].with_user(self.users["ines"])
        codes = [row["code"] for row in Activity.treasury()]
        self.assertEqual(codes, ["XA1", "XA3"])
        self.assertEqual([row["code"] for row in Activity.ledger()], ["XA1", "XA3"])
        for method in (Activity.treasury, Activity.ledger):
            with self.assertRaisesRegex(UserError, "CAE-ACTIVITY-UNKNOWN"):
                method(codes=["XA2"])
        with self.assertRaises(AccessError):
            Activity.ledger(codes=["CAE"])

    def test_who_left_goes_on_seeing_the_accounts(self):
        share = self.own.share_ids
        closed = {"date_end": "2026-09-30"}
        self.own.write({**closed, "share_ids": [Command.update(share.id, closed)]})
        self.assertIn(self.own, self._seen("ines", "cae.activity"))

    def test_who_was_succeeded_no_longer_sees_the_accounts(self):
        self._succeeded_on("2026-10-01")
        self.assertNotIn(self.own, self._seen("ines", "cae.activity"))
        self.assertIn(self.own, self._seen("yann", "cae.activity"))

    def test_accounts_stay_open_until_the_day_of_the_succession(self):
        self._succeeded_on("2026-11-01")
        self.assertIn(self.own, self._seen("ines", "cae.activity"))
        with freeze_time("2026-11-02"):
            self.env["cae.entrepreneur"]._cron_refresh()
        self.assertNotIn(self.own, self._seen("ines", "cae.activity"))

    def _succeeded_on(self, day):
        """Yann holds the activity of Inès from ``day`` on."""
        eve = fields.Date.subtract(fields.Date.to_date(day), days=1)
        successor = {"entrepreneur_id": self.yann.id, "date_start": day}
        self.own.write(
            {
                "share_ids": [
                    Command.update(self.own.share_ids.id, {"date_end": eve}),
                    Command.create(successor),
                ]
            }
        )

    # Coaches

    def test_coach_sees_the_people_assigned(self):
        self.assertEqual(self._seen("coach", "cae.entrepreneur"), self.ines)
        self.assertEqual(self._seen("coach", "cae.contract"), self.ines.contract_ids)
        self.assertEqual(self._seen("coach", "cae.activity"), self.own | self.common)

    def test_coach_sees_the_people_of_the_team(self):
        self.assertEqual(self._seen("other_coach", "cae.entrepreneur"), self.yann)
        seen = self._seen("other_coach", "cae.activity")
        self.assertEqual(seen, self.other | self.common)

    def test_coach_opens_a_common_activity(self):
        common = self.common.with_user(self.users["coach"])
        common.invalidate_recordset()
        spec = {"share_ids": {"fields": {"entrepreneur_id": {"fields": {}}}}}
        [values] = common.web_read({**spec, "entrepreneur_ids": {"fields": {}}})
        self.assertEqual(
            [row["id"] for row in values["entrepreneur_ids"]], self.ines.ids
        )
        self.assertEqual(len(values["share_ids"]), 1)

    def test_coach_sees_money_in_read(self):
        own = self.own.with_user(self.users["coach"])
        self.assertEqual(own.treasury_amount, 0)
        self.assertTrue(own.contribution_line_ids)
        self.assertEqual(len(self._seen("coach", "cae.statement")), 4)
        self.assertIn("XA1", [row["code"] for row in own.treasury()])

    def test_coach_writes_only_notes(self):
        for record in (self.ines, self.ines.contract_ids, self.own):
            self._refused("coach", record, "write")
            record.with_user(self.users["coach"]).message_post(body="Seen today")
        self._refused("coach", self.yann, "read")
        with self.assertRaises(AccessError):
            self.yann.with_user(self.users["coach"]).message_post(body="No")

    def test_coach_plans_a_next_step(self):
        person = self.ines.with_user(self.users["coach"])
        planned = person.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.users["coach"].id
        )
        self.assertEqual(planned.user_id, self.users["coach"])

    def test_coach_sees_no_journal_items_nor_bank_accounts(self):
        self._refused("coach", self.env["account.move.line"], "read")
        with self.assertRaises(AccessError):
            self.ines.with_user(self.users["coach"]).read(["bank_ids"])

    # Office

    def test_accountant_reads_people_without_personal_data(self):
        person = self.ines.with_user(self.users["accountant"])
        self.assertEqual(person.name, "Inès Test")
        for name in ("birth_date", "age", "bank_ids"):
            with self.assertRaises(AccessError):
                person.read([name])
        with self.assertRaises(AccessError):
            self.ines.employee_id.with_user(self.users["accountant"]).read(["birthday"])
        self._refused("accountant", self.ines, "write")

    def test_accountant_sees_all_money_and_keeps_activities(self):
        for model in MONEY:
            self.assertEqual(
                self._seen("accountant", model), self._seen("manager", model)
            )
        self.other.with_user(self.users["accountant"]).trade = "Upholstery"
        self._refused("accountant", self.own.contribution_line_ids, "write")

    def test_accountant_pays_employees(self):
        bank = self.env["res.partner.bank"].create(
            {
                "partner_id": self.ines.partner_id.id,
                "acc_number": "FR7630006000011234567890189",
            }
        )
        bank.with_user(self.users["accountant"]).check_access("read")

    def test_payroll_officer_writes_people_and_contracts(self):
        person = self.yann.with_user(self.users["payroll"])
        person.birth_date = "1981-01-01"
        person.contract_ids.fixed_part = 600
        self.assertEqual(self.yann.employee_id.version_id.wage, 600)
        self._refused("payroll", self.env["cae.period"], "write")

    def test_governance_secretary_sees_neither_people_nor_money(self):
        for model in PEOPLE + MONEY:
            self._refused("governance", self.env[model], "read")

    def test_manager_sees_and_configures_all(self):
        for model in PEOPLE + MONEY:
            self.assertTrue(self._seen("manager", model))
        self.assertEqual(len(self._seen("manager", "cae.entrepreneur")), 2)
        for model in ("cae.team", "cae.exit.reason", "cae.account.row"):
            self.env[model].with_user(self.users["manager"]).check_access("create")
            self._refused("accountant", self.env[model], "create")

    # Companies

    def test_other_companies_stay_apart(self):
        company = self.env["res.company"].create({"name": "Other CAE"})
        team = self.env["cae.team"].create({"name": "South", "company_id": company.id})
        activity = self.env["cae.activity"].create(
            {
                "code": "XA1",
                "name": "Elsewhere",
                "company_id": company.id,
                "date_start": "2026-01-01",
            }
        )
        statements = self.env["cae.statement"].with_context(cae_computing=COMPUTING)
        statement = statements.create(
            {"activity_id": activity.id, "month": "2026-01-01"}
        )
        for record in (team, activity, statement):
            self._refused("manager", record, "read")

    def test_scales_and_rows_are_shared_by_the_companies(self):
        self.env["res.company"].create({"name": "Another CAE"})
        scale = self.env["cae.mileage.scale"].search([], limit=1)
        row = self.env["cae.account.row"].search([], limit=1)
        accountant, manager = self.users["accountant"], self.users["manager"]
        mine = scale.with_user(accountant)
        vals = {"date_from": "2040-01-01", "rate": 9}
        for call, values in ((mine.write, {"rate": 9}), (mine.create, vals)):
            with self.assertRaises(AccessError), self.cr.savepoint():
                call(values)
        with self.assertRaises(AccessError):
            row.with_user(accountant).name = "Mine"
        scale.with_user(manager).source = "Checked"
        row.with_user(manager).name = "Checked"
        accountant.company_ids = self.env["res.company"].search([])
        mine.source = "Checked again"

    def test_every_model_has_rights_and_a_company_rule(self):
        names = [
            name
            for name, model in self.env.registry.items()
            if model._original_module == "cae_base" and not model._abstract
        ]
        self.assertIn("cae.period", names)
        for name in names:
            model = self.env["ir.model"]._get(name)
            self.assertTrue(model.access_ids, name)
            if "company_id" in self.env[name]._fields and not model.transient:
                rules = model.rule_ids.filtered(lambda rule: not rule.groups)
                self.assertTrue(rules, name)
