from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

IBAN = "FR7630006000011234567890189"


class RightsCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = {"tracking_disable": True, "mail_create_nosubscribe": True}
        cls.env = cls.env(context={**cls.env.context, **context})

    @classmethod
    def _user(cls, login, groups, **vals):
        return new_test_user(cls.env, f"priv_{login}", groups=groups, **vals)

    def _refused(self, call, *args):
        logger = mute_logger("odoo.addons.base.models")
        with self.assertRaises(AccessError), logger, self.cr.savepoint():
            call(*args)


@tagged("post_install", "-at_install", "cae")
class TestShared(RightsCase):
    """What all companies share, for people of one company among several."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls.env.company
        cls.second = cls.env["res.company"].create({"name": "Second CAE"})
        cls.every = cls.env["res.company"].search([])
        only = {
            "company_id": cls.second.id,
            "company_ids": [Command.set(cls.second.ids)],
        }
        cls.accountant = cls._user("acc", "cae_base.group_accountant", **only)
        cls.officer = cls._user("pay", "cae_base.group_payroll", **only)
        cls.wide = cls._user(
            "wide",
            "cae_base.group_accountant",
            company_id=cls.second.id,
            company_ids=[Command.set(cls.every.ids)],
        )
        cls.shared = cls.env["cae.contribution.scheme"].search(
            [("company_id", "=", False), ("rule_ids.bracket_ids", "!=", False)], limit=1
        )
        cls.rule = cls.shared.rule_ids.filtered("bracket_ids")[:1]

    def _own(self, user=None):
        """A copy of the shared scheme, by an accountant of the second company."""
        scheme = self.shared.with_user(user or self.accountant)
        return scheme.with_company(self.second).copy()

    def test_an_accountant_reads_a_shared_scheme_and_changes_nothing_of_it(self):
        scheme = self.shared.with_user(self.accountant)
        rule, bracket = scheme.rule_ids[:1], scheme.rule_ids.bracket_ids[:1]
        self.assertTrue(scheme.name and rule.name and bracket.rule_id)
        for record, vals in (
            (scheme, {"name": "Mine"}),
            (scheme, {"active": False}),
            (scheme, {"rule_ids": [Command.update(rule.id, {"rate": 99})]}),
            (rule, {"rate": 99}),
            (bracket, {"rate": 99}),
        ):
            self._refused(record.write, vals)
            self._refused(record.unlink)
        self._refused(
            bracket.create, {"rule_id": bracket.rule_id.id, "upper": 1, "rate": 1}
        )
        self._refused(
            scheme.rule_ids.create,
            {"scheme_id": scheme.id, "code": "NEW", "name": "New", "rate": 1},
        )

    def test_a_copy_belongs_to_the_company_of_who_copies(self):
        own = self._own()
        self.assertEqual(own.company_id, self.second)
        self.assertEqual(len(own.rule_ids), len(self.shared.rule_ids))
        own.write({"name": "Ours"})
        own.rule_ids[:1].write({"name": "Our rule"})
        own.rule_ids.bracket_ids[:1].write({"rate": 3})
        self.assertEqual(self._own(self.wide).company_id, self.second)

    def test_a_new_scheme_belongs_to_the_company_of_who_makes_it(self):
        Scheme = self.env["cae.contribution.scheme"]
        vals = {"code": "NEW", "name": "New"}
        own = Scheme.with_user(self.accountant).create(vals)
        self.assertEqual(own.company_id, self.second)
        self._refused(
            Scheme.with_user(self.accountant).create,
            {**vals, "code": "NEW2", "company_id": False},
        )
        shared = Scheme.with_user(self.wide).create({**vals, "code": "NEW3"})
        self.assertFalse(shared.company_id)

    def test_nothing_is_moved_among_what_is_shared(self):
        own = self._own()
        self._refused(own.write, {"company_id": False})
        moved = {"scheme_id": self.shared.id, "code": "MOVED"}
        self._refused(own.rule_ids[:1].write, moved)
        self._refused(own.rule_ids.bracket_ids[:1].write, {"rule_id": self.rule.id})

    def test_who_is_allowed_in_every_company_changes_what_they_share(self):
        scheme = self.shared.with_user(self.wide)
        scheme.name = "Everybody's"
        scheme.rule_ids.bracket_ids[:1].rate = 3
        self.wide.company_ids = [Command.unlink(self.first.id)]
        self._refused(scheme.write, {"name": "Mine"})

    def test_a_manager_changes_what_is_shared(self):
        manager = self._user("boss", "cae_base.group_manager")
        self.shared.with_user(manager).name = "Everybody's"

    def test_exit_reasons_are_shared(self):
        reason = self.env.ref("cae_base.exit_reason_job").with_user(self.officer)
        self.assertTrue(reason.name)
        self._refused(reason.write, {"name": "Mine"})
        self._refused(reason.create, {"name": "Mine"})
        self.officer.company_ids = [Command.set(self.every.ids)]
        reason.create({"name": "Everybody's"})

    def test_a_load_tells_who_may_rename_a_shared_scheme(self):
        rows = [{"code": self.shared.code, "libelle": "Mine"}]
        exchange = self.env["cae.exchange"].with_user(self.accountant)
        [error] = exchange.load("schemes", rows)["errors"]
        self.assertEqual((error["code"], error["row"]), ("CAE-LOAD-RIGHT", 1))
        same = [{"code": self.shared.code, "libelle": self.shared.name}]
        self.assertEqual(exchange.load("schemes", same)["unchanged"], 1)
        wide = self.env["cae.exchange"].with_user(self.wide)
        self.assertEqual(wide.load("schemes", rows)["updated"], 1)


@tagged("post_install", "-at_install", "cae")
class TestPrivacy(RightsCase):
    """What Odoo shows to every internal user, and a CAE does not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = cls._user("plain", "base.group_user")
        cls.analytic = cls._user("ana", "analytic.group_analytic_accounting")
        cls.billing = cls._user("bill", "account.group_account_invoice")
        cls.coach = cls._user("coach", "cae_base.group_coach")
        cls.accountant = cls._user("acc", "cae_base.group_accountant")
        cls.officer = cls._user("pay", "cae_base.group_payroll")
        cls.person = cls.env["cae.entrepreneur"].create(
            {
                "code": "PRIV1",
                "first_name": "Inès",
                "last_name": "Test",
                "date_entry": "2026-01-01",
                "coach_id": cls.coach.id,
            }
        )
        day = "2026-01-01"
        cls.one, cls.two = cls.env["cae.activity"].create(
            [{"code": f"PRIV{n}", "name": f"P{n}", "date_start": day} for n in (1, 2)]
        )
        share = {"entrepreneur_id": cls.person.id, "share": 100, "date_start": day}
        cls.one.share_ids = [Command.create(share)]
        plan = cls.env["account.analytic.plan"].create({"name": "Projects"})
        cls.project = cls.env["account.analytic.account"].create(
            {"name": "Project", "plan_id": plan.id}
        )
        activities = cls.one | cls.two
        cls.accounts = activities.analytic_account_id | cls.project
        cls.bank = cls.env["res.partner.bank"].create(
            {"partner_id": cls.person.partner_id.id, "acc_number": IBAN}
        )

    def _found(self, user, records):
        self.env.flush_all()
        self.env.invalidate_all()
        archived = records.with_user(user).with_context(active_test=False)
        return archived.search([("id", "in", records.ids)]).with_env(self.env)

    def test_names_of_activities_are_for_those_who_work_on_them(self):
        own = self.one.analytic_account_id
        self.assertEqual(self._found(self.plain, self.accounts), self.project)
        self.assertEqual(self._found(self.analytic, self.accounts), self.project)
        self.assertEqual(self._found(self.coach, self.accounts), own | self.project)
        for user in (self.billing, self.accountant, self.officer):
            self.assertEqual(self._found(user, self.accounts), self.accounts)
        hidden = self.two.analytic_account_id
        for user in (self.plain, self.analytic, self.coach):
            self._refused(hidden.with_user(user).read, ["name"])

    def test_an_archived_activity_stays_with_its_coach(self):
        self.one.write({"date_end": "2026-02-01", "active": False})
        own = self.one.analytic_account_id
        self.assertEqual(self._found(self.coach, own), own)
        self.assertFalse(self._found(self.plain, own))

    def test_analytic_items_are_for_those_who_read_entries(self):
        column = self.env["cae.ledger"]._column()
        items = self.env["account.analytic.line"].with_user(self.analytic)
        other = items.sudo().create({"name": "Hours", "account_id": self.project.id})
        self.assertEqual(items.search([("id", "=", other.id)]), other)
        self.assertFalse(items.search([(column, "!=", False)]))
        rules = self.env["ir.rule"].with_user(self.analytic)
        told = str(rules._compute_domain("account.analytic.line"))
        self.assertIn(column, told)
        rules = self.env["ir.rule"].with_user(self.accountant)
        self.assertNotIn(column, str(rules._compute_domain("account.analytic.line")))

    def test_the_activity_of_a_customer_is_for_who_invoices(self):
        customer = self.env["res.partner"].create(
            {"name": "Client", "cae_activity_id": self.two.id}
        )
        for user in (self.plain, self.coach):
            self._refused(customer.with_user(user).read, ["cae_activity_id"])
            self.assertEqual(customer.with_user(user).name, "Client")
        [row] = customer.with_user(self.billing).read(["cae_activity_id"])
        self.assertEqual(row["cae_activity_id"][0], self.two.id)

    def test_bank_accounts_of_entrepreneurs_are_for_who_pays_them(self):
        self.assertFalse(self.person.employee_id)
        for user in (self.plain, self.coach):
            self.assertFalse(self._found(user, self.bank))
            self._refused(self.bank.with_user(user).read, ["acc_number"])
        for user in (self.billing, self.accountant, self.officer):
            self.assertEqual(self._found(user, self.bank), self.bank)
        self.person.active = False
        self.assertFalse(self._found(self.plain, self.bank))

    def test_bank_accounts_of_others_stay_as_in_odoo(self):
        supplier = self.env["res.partner"].create({"name": "Supplier"})
        vals = {"acc_number": "FR7630004000010000000000136"}
        other = self.bank.create({**vals, "partner_id": supplier.id})
        self.assertEqual(self._found(self.plain, other), other)


@tagged("post_install", "-at_install", "cae")
class TestServerActions(RightsCase):
    """Scheduled work has no group: Odoo lets every login start it."""

    def test_the_portal_starts_no_action_of_the_server(self):
        night = self.env["ir.actions.server"].create(
            {
                "name": "Night",
                "model_id": self.env.ref("base.model_res_partner").id,
                "state": "code",
                "code": "env.company.sudo().partner_id.write({'comment': 'done'})",
            }
        )
        note = self.env.company.partner_id
        note.comment = "before"
        for group in ("base.group_portal", "base.group_public"):
            user = self._user(group.rpartition(".")[2], group)
            self._refused(night.with_user(user).run)
        self.assertIn("before", note.comment)
        # The product itself does, whoever made it begin: an automation of the office.
        night.with_user(user).sudo().run()
        self.assertIn("done", note.comment)
