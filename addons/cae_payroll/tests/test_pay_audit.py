"""Who changed a request, an approval or a settlement; and who reads nothing of it."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time

from ..models.cae_pay_line import DETAIL, TOTALS
from .common import SharedPayCommon, pay_tagged
from .test_settlement import SettlementCommon

LOGGED = ("cae.pay.line", "cae.pay.request", "cae.settlement", "cae.payslip")
#: Everything that holds pay of somebody.
MODELS = (*LOGGED, "cae.pay.share", "cae.settlement.share")
EXPORT = "base.group_allow_export"
#: Where the values of a type are tracked.
STORED = {
    "date": "datetime",
    "many2one": "char",
    "monetary": "float",
    "selection": "char",
}


def acting(record, user):
    """A record as the requests of a user have it: tests disable tracking."""
    return record.with_env(record.env(user=user.id, context={}, su=False))


def changes(record):
    """``[(login, field, from, to)]`` of what the log of a record keeps, in order."""
    found = []
    # Tracking is written when a transaction ends.
    record.env.flush_all()
    record.env.cr.precommit.run()
    for message in record.sudo().message_ids.sorted("id"):
        for value in message.tracking_value_ids.sudo().sorted("id"):
            name = value.field_id.name
            kind = STORED.get(value.field_id.ttype, value.field_id.ttype)
            old, new = value[f"old_value_{kind}"], value[f"new_value_{kind}"]
            who = message.author_id.user_ids.login
            found.append((who, name, old or False, new or False))
    return found


@pay_tagged
class TestPayAudit(SharedPayCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.portal = cls._user("pa_portal", "base.group_portal")
        cls.employee = cls._user("pa_employee", "base.group_user")
        cls.request = cls._ask(cls.alice, "net", 1200, month="2026-02-01")
        cls._settled()
        cls.flush_tracking_of_setup()

    @classmethod
    def flush_tracking_of_setup(cls):
        cls.env.flush_all()
        cls.env.cr.precommit.run()

    @classmethod
    def _settled(cls):
        """A settlement and a payslip of Alice, which others must not find."""
        cls.year = cls.env["cae.year"].create({"date_to": "2026-12-31"})
        settlements = cls.env["cae.settlement"].sudo()._paying()
        cls.settlement = settlements.create(
            {
                "entrepreneur_id": cls.alice.id,
                "year_id": cls.year.id,
                "month": "2027-02-01",
                "due": 777.77,
                "share_ids": [(0, 0, {"activity_id": cls.first.id, "gross": 777.77})],
            }
        )
        slips = cls.env["cae.payslip"].with_company(cls.company)
        cls.slip = slips.sudo()._cae_own()._make(cls.alice, cls.pay.month).sudo(False)

    def _forget(self):
        self.env.flush_all()
        self.env.invalidate_all()

    # ------------------------------------------------------------------
    # What is kept
    # ------------------------------------------------------------------

    def test_a_request_keeps_who_changed_what(self):
        mine = acting(self.request, self.entrepreneur)
        mine.write({"amount": 1300, "note": "Rent"})
        self.assertCountEqual(
            changes(self.request),
            [
                ("pr_alice", "amount", 1200, 1300),
                ("pr_alice", "note", False, "Rent"),
            ],
        )
        acting(self.request, self.payroll).write({"kind": "max", "month": "2026-03-09"})
        theirs = changes(self.request)[2:]
        self.assertEqual({row[0] for row in theirs}, {"pr_payroll"})
        self.assertEqual({row[1] for row in theirs}, {"kind", "month"})

    def test_an_approval_keeps_who_decided_what(self):
        self.company.cae_pay_approval = "all"
        self._run("2026-02")
        self.flush_tracking_of_setup()
        line = self._line(self.alice, self.request.month)
        officer = acting(line, self.payroll)
        officer.action_approve()
        self.assertCountEqual(
            changes(line),
            [
                ("pr_payroll", "approved_by_id", False, self.payroll.name),
                ("pr_payroll", "state", "To Approve", "Approved"),
            ],
        )
        officer.action_refuse("No invoice yet")
        rows = changes(line)[2:]
        self.assertIn(("pr_payroll", "state", "Approved", "Refused"), rows)
        self.assertIn(("pr_payroll", "reason", False, "No invoice yet"), rows)

    def test_what_the_log_says_stays(self):
        acting(self.request, self.payroll).amount = 5
        self.assertTrue(changes(self.request))
        message = self.request.message_ids[:1].with_user(self.payroll)
        for change in (lambda: message.write({"body": "Nothing"}), message.unlink):
            with self.assertRaisesRegex(UserError, "^CAE-LOG-KEPT: "):
                change()

    # ------------------------------------------------------------------
    # Who reads it
    # ------------------------------------------------------------------

    def _messages(self):
        """Messages of pay with what was tracked, for each logged model."""
        acting(self.request, self.payroll).amount = 4321.09
        acting(self.pay, self.payroll).action_undo("Private matter")
        self.flush_tracking_of_setup()
        for record in (self.pay, self.request, self.settlement, self.slip):
            record.with_user(self.payroll).message_post(body="Between us: 4321.09")
        messages = self.env["mail.message"].sudo().search([("model", "in", LOGGED)])
        self.assertEqual(set(messages.mapped("model")), set(LOGGED))
        return messages

    def test_others_read_no_log_of_pay(self):
        messages = self._messages()
        values = messages.tracking_value_ids
        self.assertTrue(values)
        officer = self.payroll
        self.assertEqual(
            self.env["mail.message"]
            .with_user(officer)
            .search([("id", "in", messages.ids)]),
            messages,
        )
        for user in (self.coach, self.accountant, self.other, self.portal):
            with self.subTest(user.login):
                self._forget()
                mine = self.env["mail.message"].with_user(user)
                domain = [("model", "in", LOGGED), ("id", "in", messages.ids)]
                self.assertFalse(mine.search(domain))
                body = [("body", "like", "4321.09")]
                self.assertFalse(mine.search(body))
                for message in messages.with_user(user):
                    with self.assertRaises(AccessError):
                        message.read(["body"])
                with self.assertRaises(AccessError):
                    values.with_user(user).read(["new_value_float"])
                with self.assertRaises(AccessError):
                    values.with_user(user).search([("new_value_float", ">", 0)])

    def test_the_person_reads_what_is_said_to_them(self):
        message = self.pay.with_user(self.payroll).message_post(
            body="Welcome", message_type="comment", subtype_xmlid="mail.mt_comment"
        )
        self._forget()
        self.assertIn("Welcome", message.with_user(self.entrepreneur).body)
        with self.assertRaises(AccessError):
            message.with_user(self.other).read(["body"])

    def test_nobody_follows_the_pay_of_others(self):
        for user in (self.coach, self.accountant, self.other):
            for record in (self.pay, self.request):
                with self.assertRaises(AccessError):
                    record.with_user(user).message_subscribe(user.partner_id.ids)
        followers = (self.pay | self.bob_pay).message_partner_ids
        self.assertFalse(followers & (self.coach | self.accountant).partner_id)
        self.pay.with_user(self.payroll).message_subscribe(self.payroll.partner_id.ids)
        self.assertIn(self.payroll.partner_id, self.pay.message_partner_ids)

    # ------------------------------------------------------------------
    # Pay by other ways
    # ------------------------------------------------------------------

    def _hidden(self, model, allowed):
        """Names of the stored fields of a model whose groups are ``allowed``."""
        fields = self.env[model]._fields.items()
        return [n for n, f in fields if f.store and f.groups in allowed]

    def assertHidden(self, user, model, names):
        """No way leads this user to these fields."""
        records = self.env[model].with_user(user)
        self._forget()
        found = records.search([])
        self.assertTrue(found)
        shown = records.fields_get()
        for name in names:
            field = records._fields[name]
            self.assertNotIn(name, shown)
            ways = [
                lambda n=name: found.read([n]),
                lambda n=name: found.mapped(n),
                lambda n=name: found.export_data([n]),
            ]
            if field.type != "json":
                ways += [
                    lambda n=name: records.search([(n, "!=", False)]),
                    lambda n=name: records.search([], order=f"{n} desc"),
                    lambda n=name: records.search_count([(n, "=", 0)]),
                    lambda n=name: found.filtered_domain([(n, "!=", False)]),
                ]
            if field.type in ("monetary", "float"):
                ways += [
                    lambda n=name: records._read_group([], ["state"], [f"{n}:sum"]),
                    lambda n=name: records.formatted_read_group(
                        [], ["state"], [f"{n}:max"]
                    ),
                    lambda n=name: records._read_group(
                        [], ["state"], having=[(f"{n}:sum", ">", 0)]
                    ),
                ]
            for number, way in enumerate(ways):
                with self.subTest(f"{user.login} {model} {name} {number}"):
                    with self.assertRaises(AccessError):
                        way()

    def test_accountants_see_no_amount_of_a_person(self):
        self.accountant.group_ids = [(4, self.env.ref(EXPORT).id)]
        for model, extra in (
            ("cae.pay.line", ["gross", "cost", "net", "detail", "booked"]),
            ("cae.pay.share", ["gross", "cost", "net", "entry"]),
            ("cae.pay.request", ["amount"]),
        ):
            names = self._hidden(model, {DETAIL, TOTALS, "cae_base.group_payroll"})
            self.assertLessEqual(set(extra), set(names))
            self.assertHidden(self.accountant, model, names)

    def test_coaches_see_totals_alone(self):
        self.coach.group_ids = [(4, self.env.ref(EXPORT).id)]
        for model in ("cae.pay.line", "cae.pay.share"):
            names = self._hidden(model, {DETAIL, "cae_base.group_payroll"})
            self.assertTrue(names)
            self.assertHidden(self.coach, model, names)

    def test_what_a_user_may_not_see_is_not_found(self):
        Person = self.env["cae.entrepreneur"]
        paths = {
            "cae.entrepreneur": ["pay_line_ids.gross", "pay_request_ids.amount"],
            "cae.activity": ["pay_share_ids.cost", "pay_share_ids.line_id.gross"],
        }
        for user in (self.accountant, self.portal, self.employee):
            for model, names in paths.items():
                for name in names:
                    with self.subTest(f"{user.login} {name}"):
                        self._forget()
                        with self.assertRaises(AccessError):
                            self.env[model].with_user(user).search([(name, ">", 0)])
        for user in (self.coach, self.other):
            self._forget()
            mine = Person.with_user(user).search([("pay_line_ids.gross", ">", 0)])
            own = self.alice if user == self.coach else self.bob
            self.assertLessEqual(mine, own)

    def test_others_find_no_pay_at_all(self):
        self._messages()
        for user, models in (
            (self.portal, MODELS),
            (self.employee, MODELS),
            (self.governance, MODELS),
            (self.coach, ("cae.settlement", "cae.settlement.share", "cae.payslip")),
            (
                self.accountant,
                ("cae.settlement", "cae.settlement.share", "cae.payslip"),
            ),
        ):
            for model in models:
                records = self.env[model].with_user(user)
                for number, way in enumerate(
                    (
                        lambda r=records: r.search([]),
                        lambda r=records: r.name_search("Alice"),
                        lambda r=records: r.search_count([]),
                        lambda r=records: r._read_group([], ["state"], ["__count"]),
                        lambda r=records: r.fields_get() and r.search_fetch([]),
                    )
                ):
                    with self.subTest(f"{user.login} {model} {number}"):
                        with self.assertRaises(AccessError):
                            way()

    def test_one_person_finds_nothing_of_another(self):
        self._messages()
        for model in MODELS:
            with self.subTest(model):
                self._forget()
                every = self.env[model].sudo().search([])
                theirs = every.filtered(lambda r: r.entrepreneur_id == self.alice)
                self.assertTrue(theirs)
                mine = self.env[model].with_user(self.other)
                self.assertFalse(mine.search([]) & theirs)
                found = {key for key, _name in mine.name_search("Alice", limit=None)}
                self.assertFalse(found & set(theirs.ids))
                count = mine._read_group([], [], ["__count"])
                self.assertEqual(count, [(len(every - theirs),)])
                # Entrepreneurs export nothing at all.
                with self.assertRaises(UserError):
                    theirs.with_user(self.other).export_data(["id"])
                with self.assertRaises(AccessError):
                    theirs.with_user(self.other).read(["display_name"])

    def test_files_of_pay_are_of_who_reads_it(self):
        files = self.env["ir.attachment"].create(
            [
                {"name": "secret", "raw": b"4321", "res_model": r._name, "res_id": r.id}
                for r in (self.settlement, self.bob_pay)
            ]
        )
        self.slip._cae_own()._deliver({self.slip: b"%PDF-1.4 secret"})
        files |= self.slip.sudo().attachment_ids
        for user in (self.other, self.portal, self.employee, self.governance):
            self._forget()
            mine = self.env["ir.attachment"].with_user(user)
            found = mine.search([("id", "in", files.ids)])
            self.assertLessEqual(found, files[1] if user == self.other else mine)
            with self.assertRaises(AccessError):
                files[0].with_user(user).read(["raw"])
        for user in (self.coach, self.accountant):
            with self.assertRaises(AccessError):
                files[0].with_user(user).read(["raw"])
            with self.assertRaises(AccessError):
                files[-1].with_user(user).read(["raw"])


@pay_tagged
@freeze_time("2026-10-05 12:00:00")
class TestSettlementAudit(SettlementCommon):
    def test_a_settlement_keeps_who_decided_what(self):
        self._alone()
        self._settle()
        self.env.flush_all()
        # Nothing is tracked of what this transaction made.
        self.env.cr.precommit.run()
        settlement = acting(self._of(self.alice), self.payroll)
        settlement.write({"left_amount": 500, "left_reason": "Agreed on 12 May"})
        self.assertIn(
            (self.payroll.login, "left_amount", False, 500), changes(settlement)
        )
        settlement.action_approve()
        changes(settlement)
        settlement.action_draft("Not yet")
        rows = changes(settlement)
        for row in (
            ("state", "To Approve", "Approved"),
            ("approved_by_id", False, self.payroll.name),
            ("state", "Approved", "To Compute"),
            ("reason", False, "Not yet"),
        ):
            self.assertIn((self.payroll.login, *row), rows)
