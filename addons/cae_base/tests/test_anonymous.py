import base64
import hashlib

from psycopg2.errors import CheckViolation

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time, new_test_user
from odoo.tools import mute_logger

from .common import CaeCommon, cae_tagged

IBAN = "FR7630006000011234567890189"
SECRETS = ("Inès", "N’Diaye", "ines@example.com", "0612345678", "rue Cachée", IBAN)
#: Tables of the accounts, which stay as they are to the last column.
TABLES = (
    *("account_move_line", "account_analytic_line", "account_partial_reconcile"),
    *("account_bank_statement_line", "cae_contribution_line", "cae_statement"),
)


@cae_tagged
@freeze_time("2033-02-15")
class TestAnonymous(CaeCommon):
    """A person who left more than six years ago."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._user("anonymous_manager", "group_manager")
        cls.accountant = cls._user("anonymous_accountant", "group_accountant")
        cls.user = new_test_user(
            cls.env,
            login="ines@example.com",
            name="Inès N’Diaye",
            groups="cae_base.group_entrepreneur",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.partner = cls.user.partner_id
        cls.person = cls.env["cae.entrepreneur"].create(
            {
                "partner_id": cls.partner.id,
                "user_id": cls.user.id,
                "first_name": "Inès",
                "last_name": "N’Diaye",
                "birth_date": "1990-05-12",
                "date_entry": "2024-01-01",
            }
        )
        cls._write_personal_data()
        cls._work()
        cls.person.write({"date_exit": "2026-06-30"})

    @classmethod
    def _write_personal_data(cls):
        cls.partner.write(
            {
                "phone": "0612345678",
                "street": "1 rue Cachée",
                "zip": "44000",
                "city": "Nantes",
                "comment": "Inès prefers mornings",
                "image_1920": cls._picture(),
            }
        )
        cls.contract = cls.env["cae.contract"].create(
            {
                "entrepreneur_id": cls.person.id,
                "kind": "cesa",
                "date_start": "2025-01-01",
                "date_end": "2026-06-30",
            }
        )
        cls.employee = cls.person.employee_id
        cls.employee.write(
            {
                "private_street": "1 rue Cachée",
                "private_email": "ines@example.com",
                "birthday": "1990-05-12",
                "place_of_birth": "Dakar",
                "ssnid": "290057500000000",
                "children": 2,
                "emergency_contact": "Inès’s mother",
            }
        )
        cls.bank_account = cls.env["res.partner.bank"].create(
            {"partner_id": cls.partner.id, "acc_number": IBAN}
        )
        cls.file = cls.env["ir.attachment"].create(
            {
                "name": "Card of Inès.pdf",
                "raw": b"%PDF-1.4",
                "res_model": "cae.entrepreneur",
                "res_id": cls.person.id,
            }
        )
        cls.person.message_post(body="Inès called from 0612345678")
        for done in (False, True):
            activity = cls.person.activity_schedule(
                "mail.mail_activity_data_todo", summary="Call Inès", note="0612345678"
            )
            activity.active = not done
        # What the person wrote on a record that stays.
        cls.activities[1].analytic_account_id.message_post(
            body="Good morning", author_id=cls.partner.id
        )

    @classmethod
    def _picture(cls):
        pixel = (
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9Q"
            "DwADhgGAWjR9awAAAABJRU5ErkJggg=="
        )
        return base64.b64encode(base64.b64decode(pixel))

    @classmethod
    def _work(cls):
        cls.one = cls.activities[0]
        cls.one.write(
            {
                "name": "Atelier N’Diaye",
                "date_end": "2026-06-30",
                "share_ids": [
                    Command.create(
                        {
                            "entrepreneur_id": cls.person.id,
                            "date_start": "2025-01-01",
                            "date_end": "2026-06-30",
                        }
                    )
                ],
            }
        )
        invoice = cls._document([(cls.one, 1000, cls.vat_goods)], "2026-01-10")
        cls._pay(invoice, day="2026-01-20")
        # What was left was paid to the person, to the cent.
        lines = [("445710", 200, cls.one), ("512", -200, cls.one)]
        cls._entry(lines, "2026-02-20")
        move = cls._entry(
            [("641", 1000, cls.one), ("512", -1000, cls.one)], "2026-06-30", post=False
        )
        move.line_ids.partner_id = cls.partner
        move._post(soft=False)

    def setUp(self):
        super().setUp()
        self.managed = self.person.with_user(self.manager)

    def _wizard(self, user=None, **vals):
        wizards = self.env["cae.anonymisation"].with_user(user or self.manager)
        return wizards.create({"entrepreneur_id": self.person.id, **vals})

    def _anonymise(self):
        wizard = self._wizard(reason="Six years after the exit")
        self.assertFalse(wizard.obstacles)
        action = wizard.action_anonymise()
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env[action["res_model"]].browse(action["res_id"])

    def _checksums(self):
        self.env.flush_all()
        found = {}
        for table in TABLES:
            self.cr.execute(
                f"SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM {table} t"
            )
            found[table] = self.cr.fetchone()[0]
        self.cr.execute(
            "SELECT id, name, date, state, amount_total, partner_id, "
            "inalterable_hash, narration FROM account_move ORDER BY id"
        )
        rows = repr(self.cr.fetchall()).encode()
        return {**found, "account_move": hashlib.md5(rows).hexdigest()}

    def _found(self):
        """Where one of the secrets is still written, but for examples on screens."""
        kept = {"ir_ui_view"}
        self.env.flush_all()
        self.cr.execute(
            "SELECT table_name, column_name FROM information_schema.columns c "
            "JOIN information_schema.tables t USING (table_schema, table_name) "
            "WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE' "
            "AND c.data_type IN ('character varying', 'text', 'jsonb')"
        )
        found = set()
        for table, column in self.cr.fetchall():
            self.cr.execute(
                f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ILIKE ANY(%s)',
                ([f"%{secret}%" for secret in SECRETS],),
            )
            if self.cr.fetchone()[0] and table not in kept:
                found.add(f"{table}.{column}")
        return found

    def test_nothing_tells_who_it_was(self):
        self.assertGreaterEqual(len(self._found()), 15)
        log = self._anonymise()
        self.assertFalse(self._found())
        person = self.person
        self.assertEqual(person.name, f"Erased person {person.code}")
        self.assertFalse(person.birth_date)
        self.assertEqual(person.date_anonymised, fields.Date.to_date("2033-02-15"))
        self.assertEqual(self.one.name, f"Activity {self.one.code}")
        self.assertEqual(self.one.analytic_account_id.name, self.one.name)
        self.assertFalse(self.partner.image_1920)
        employee = self.employee
        self.assertFalse(employee.active)
        self.assertFalse(employee.birthday or employee.ssnid or employee.children)
        self.assertFalse(self.file.exists() or self.bank_account.active)
        self.assertFalse(person.message_ids)
        self.assertEqual(log.operation, "anonymised")
        self.assertEqual(log.user_id, self.manager)
        self.assertIn("L.123-22", log.kept)
        self.assertIn("bank accounts: 1", log.erased)
        self.assertIn("activities to do, and done: 2", log.erased)

    def test_the_file_of_another_system_brings_nothing_back(self):
        self._anonymise()
        row = {
            **{"code": self.person.code, "nom": "N’Diaye", "prenom": "Inès"},
            **{"sexe": "F", "date_naissance": "12/05/1990", "iban": IBAN},
            **{"email": "ines@example.com", "date_entree": "01/01/2024"},
            **{"date_sortie": "30/06/2026", "motif_sortie": "Emploi"},
            **{"statut": "CESA", "date_cesa": "01/01/2025"},
            **{"part_fixe": "", "date_associe": "", "conseiller": ""},
        }
        result = (
            self.env["cae.exchange"]
            .with_user(self.manager)
            .load("entrepreneurs", [row])
        )
        self.assertEqual(
            result, {"created": 0, "updated": 0, "unchanged": 1, "errors": []}
        )
        self.assertFalse(self._found())
        self.assertFalse(self.person.birth_date)

    def test_entries_stay_to_the_last_column(self):
        before = self._checksums()
        self._anonymise()
        self.assertEqual(self._checksums(), before)

    def test_contracts_and_statistics_stay(self):
        self._anonymise()
        self.assertEqual(self.person.stage, "left")
        self.assertEqual(self.contract.kind, "cesa")
        self.assertEqual(str(self.contract.date_end), "2026-06-30")
        version = self.contract.version_id
        self.assertEqual(str(version.contract_date_start), "2025-01-01")

    def test_the_portal_is_closed(self):
        self._anonymise()
        self.assertFalse(self.user.active)
        self.cr.execute("SELECT password FROM res_users WHERE id = %s", (self.user.id,))
        self.assertFalse(self.cr.fetchone()[0])
        self.assertFalse(self.person.user_id)

    def test_a_bank_account_that_was_paid_stays_without_its_number(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": self.partner.id,
                "partner_bank_id": self.bank_account.id,
                "journal_id": self.bank.id,
                "amount": 10,
                "date": "2026-06-30",
            }
        )
        payment.action_cancel()
        self._anonymise()
        self.assertEqual(payment.partner_bank_id, self.bank_account)
        self.assertEqual(self.bank_account.acc_number, f"ERASED{self.bank_account.id}")
        self.assertFalse(self.bank_account.active)

    def test_the_activity_of_others_keeps_its_name(self):
        other = self.env["cae.entrepreneur"].create({"name": "Nadia"})
        self.one.share_ids = [
            Command.update(self.one.share_ids.id, {"date_end": "2026-03-31"}),
            Command.create({"entrepreneur_id": other.id, "date_start": "2026-04-01"}),
        ]
        self._anonymise()
        self.assertEqual(self.one.name, "Atelier N’Diaye")

    # ------------------------------------------------------------------
    # Refusals
    # ------------------------------------------------------------------

    def _refused(self, words):
        wizard = self._wizard(reason="Asked")
        self.assertIn(words, wizard.obstacles or "")
        with self.assertRaisesRegex(UserError, "CAE-ANONYMITY-EARLY"):
            wizard.action_anonymise()
        self.assertEqual(self.person.first_name, "Inès")

    def test_not_before_the_time(self):
        with freeze_time("2032-06-29"):
            self._refused("until 06/30/2032")
            self.assertFalse(self.person.past_retention)

    def test_not_while_somebody_is_here(self):
        self.person.write({"date_exit": False})
        self._refused("no exit date")

    def test_not_while_a_contract_runs(self):
        self.contract.date_end = False
        self._refused("A contract has no end")

    def test_not_while_money_is_open(self):
        move = self._entry(
            [("421", -10, self.one), ("641", 10, self.one)], "2026-06-30", post=False
        )
        move.write({"partner_id": self.partner.id})
        move.line_ids.partner_id = self.partner
        self._refused("Drafts")
        move._post(soft=False)
        self._refused(move.name)

    def test_not_while_the_activity_has_money(self):
        self._document([(self.one, 500)], "2026-05-10")
        self._entry([("512", 500, self.one), ("706", -500, self.one)], "2026-05-11")
        self._refused("Book the exit first")

    def test_not_somebody_of_the_team(self):
        self.user.write(
            {"group_ids": [Command.set(self.env.ref("base.group_user").ids)]}
        )
        self._refused("user of the team")

    def test_not_twice(self):
        self._anonymise()
        wizard = self._wizard(reason="Again")
        self.assertIn("already", wizard.obstacles)

    def test_a_reason_is_needed(self):
        with self.assertRaisesRegex(UserError, "CAE-ANONYMITY-REASON"):
            self._wizard(reason=" ").action_anonymise()

    def test_managers_alone(self):
        with self.assertRaisesRegex(UserError, "CAE-ANONYMITY-RIGHT"):
            self.person.with_user(self.accountant).action_ask_anonymise()
        with self.assertRaisesRegex(UserError, "CAE-ANONYMITY-RIGHT"):
            self.person.with_user(self.accountant)._anonymise("Asked")
        self.assertEqual(self.managed.action_ask_anonymise()["target"], "new")

    def test_the_day_is_the_products_own(self):
        with self.assertRaisesRegex(UserError, "CAE-FIELD-OWNED"):
            self.managed.date_anonymised = "2033-01-01"

    def test_who_is_past_the_retention_is_found(self):
        people = self.env["cae.entrepreneur"]
        found = people.search([("past_retention", "=", True)])
        self.assertIn(self.person, found)
        self.assertTrue(self.person.past_retention)
        self._anonymise()
        self.assertNotIn(self.person, people.search([("past_retention", "=", True)]))
        self.assertIn(self.person, people.search([("past_retention", "=", False)]))

    def test_five_years_at_least(self):
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self.company.cae_person_years = 4
            self.env.flush_all()
