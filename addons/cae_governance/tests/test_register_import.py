from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import freeze_time

from .common import GovernanceCommon, governance_tagged

HEAD = (
    "code;nom;email;entrepreneur;type;college;date_candidature;date_admission;"
    "date_associe;date_sortie;date_accord_email;date;categorie;parts;valeur;montant"
)


class RegisterImportCommon(GovernanceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.college = cls.env["cae.college"].create({"code": "SAL", "name": "Workers"})
        cls.Exchange = cls.env["cae.exchange"].with_user(cls.secretary)

    @classmethod
    def _row(cls, code, **cells):
        row = {name: "" for name in HEAD.split(";")}
        return {**row, "code": code, **cells}

    @classmethod
    def _ines(cls, code="M9001", **cells):
        return cls._row(
            code,
            **{
                "nom": "Inès Martin",
                "type": "salarie",
                "college": "SAL",
                "date_admission": "10/06/2020",
                "date_associe": "15/06/2020",
                "date": "15/06/2020",
                "parts": "10",
                "valeur": "16,00",
                "montant": "160,00",
                **cells,
            },
        )

    @classmethod
    def _more(cls, **cells):
        return cls._ines(
            **{"date": "01/02/2022", "parts": "-4", "montant": "-64", **cells}
        )

    @classmethod
    def _total(cls, parts, amount):
        return cls._row("TOTAL", parts=parts, montant=amount)

    def _load(self, *rows, **options):
        return self.Exchange.load("members", list(rows), **options)

    def _codes_of(self, *rows):
        before = self.Member.search_count([]), self.Movement.search_count([])
        result = self._load(*rows)
        after = self.Member.search_count([]), self.Movement.search_count([])
        self.assertEqual(before, after)
        return [(e["code"], e["row"], e["column"]) for e in result["errors"]]


@governance_tagged
@freeze_time("2026-03-15")
class TestRegisterImport(RegisterImportCommon):
    def test_a_register_is_taken_over_with_its_history(self):
        result = self._load(self._ines(), self._more(), self._total("6", "96"))
        self.assertEqual(result["errors"], [])
        self.assertEqual(result["created"], 1)
        member = self.Member.search([("code", "=", "M9001")])
        self.assertEqual(member.state, "member")
        self.assertEqual(member.college_id, self.college)
        self.assertEqual(member.movement_ids.mapped("kind"), ["opening", "opening"])
        self.assertEqual((member.share_count, member.share_unpaid), (6, 0))
        on = member.with_context(register_date="2021-01-01")
        self.assertEqual(on.share_count, 10)
        # The books have their opening: the register writes no entry.
        self.assertFalse(member.movement_ids.sudo().move_id)
        self.assertEqual(self._books(member), {})

    def test_loading_twice_changes_nothing(self):
        rows = self._ines(), self._more(), self._total("6", "96")
        self._load(*rows)
        result = self._load(*rows)
        self.assertEqual((result["created"], result["unchanged"]), (0, 1))
        renamed = [self._ines(nom="Inès Durand"), self._more(nom="Inès Durand")]
        result = self._load(*renamed, self._total("6", "96"))
        self.assertEqual((result["updated"], result["errors"]), (1, []))
        self.assertEqual(
            self._codes_of(self._ines(), self._total("10", "160")),
            [("CAE-LOAD-CONFLICT", 1, "parts")],
        )

    def test_a_dry_run_writes_nothing(self):
        result = self._load(self._ines(), self._total("10", "160"), dry_run=True)
        self.assertEqual(result["created"], 1)
        self.assertFalse(self.Member.search([("code", "=", "M9001")]))

    def test_a_register_that_does_not_add_up_is_refused(self):
        self.assertEqual(
            self._codes_of(self._ines()), [("CAE-MEMBER-TOTAL", 0, "code")]
        )
        self.assertEqual(
            self._codes_of(self._ines(), self._total("11", "160")),
            [("CAE-MEMBER-TOTAL", 2, "parts")],
        )
        self.assertEqual(
            self._codes_of(self._ines(montant="150"), self._total("10", "150")),
            [("CAE-MEMBER-AMOUNT", 1, "montant")],
        )

    def test_bad_rows_are_told_with_their_code(self):
        total = self._total("10", "160")
        for cells, expected in (
            ({"nom": ""}, ("CAE-LOAD-REQUIRED", 1, "nom")),
            ({"type": ""}, ("CAE-LOAD-REQUIRED", 1, "type")),
            ({"type": "ami"}, ("CAE-LOAD-VALUE", 1, "type")),
            ({"date": ""}, ("CAE-LOAD-REQUIRED", 1, "date")),
            ({"college": "ZZ"}, ("CAE-MEMBER-COLLEGE", 1, "college")),
            ({"categorie": "ZZ"}, ("CAE-MEMBER-KIND", 1, "categorie")),
            ({"valeur": "32", "parts": "5"}, ("CAE-MEMBER-KIND", 1, "categorie")),
            ({"entrepreneur": "ZZ"}, ("CAE-LOAD-ENTREPRENEUR", 1, "entrepreneur")),
            ({"date_associe": "01/06/2020"}, ("CAE-LOAD-DATE", 1, "date_associe")),
        ):
            with self.subTest(cells=cells):
                row = self._ines(**cells)
                control = (
                    self._total("5", "160") if cells.get("parts") == "5" else total
                )
                self.assertIn(expected, self._codes_of(row, control))
        half = self._ines(parts="1,5", montant="24")
        self.assertIn(
            ("CAE-LOAD-AMOUNT", 1, "parts"),
            self._codes_of(half, self._total("1,5", "24")),
        )

    def test_nobody_holds_less_than_nothing(self):
        early = self._more(date="01/01/2020", date_associe="15/06/2020")
        self.assertIn(
            ("CAE-SHARE-SHORT", 1, "parts"),
            self._codes_of(self._ines(), early, self._total("6", "96")),
        )
        none = self._row(
            "M9", nom="Yann", type="exterieur", date_associe="15/06/2020",
            parts="0", montant="0",
        )  # fmt: skip
        self.assertEqual(
            self._codes_of(none, self._total("0", "0")),
            [("CAE-MEMBER-SHARES", 1, "parts")],
        )

    def test_members_who_are_entrepreneurs_are_told_to_the_rest(self):
        person = self._person("GX9", "Zoé", start="2019-01-01")
        row = self._ines(nom="", entrepreneur="GX9")
        self.assertEqual(self._load(row, self._total("10", "160"))["errors"], [])
        member = self.Member.search([("code", "=", "M9001")])
        self.assertEqual(member.sudo().entrepreneur_id, person)
        self.assertEqual(person.member_date, date(2020, 6, 15))

    def test_only_secretaries_take_the_register_over(self):
        for user in (self.accountant, self._user("gov_coach", "group_coach")):
            with self.assertRaises(AccessError):
                self.env["cae.exchange"].with_user(user).load("members", [])
        with self.assertRaises(AccessError):
            self.Exchange.load("customers", [])

    def test_a_large_register_takes_a_constant_number_of_queries(self):
        def rows(first, count):
            return [
                self._ines(code=f"M8{n:03d}", nom=f"Member {n}")
                for n in range(first, first + count)
            ] + [self._total(str(10 * count), str(160 * count))]

        self._load(*rows(0, 2))
        counts = []
        for first, count in ((10, 5), (100, 45)):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(self._load(*rows(first, count))["errors"], [])
            counts.append(self.env.cr.sql_log_count - before)
        # Contacts and members cost a few queries each in Odoo itself.
        self.assertLess((counts[1] - counts[0]) / 40, 6, counts)

    def test_odd_rows_are_told_and_change_nothing(self):
        odd = ("NaN", "Infinity", "1e400", "9" * 60, "-0", "0,5", "=1+1", "\x00", "²")
        for column in ("parts", "valeur", "montant"):
            for value in odd:
                codes = self._codes_of(
                    self._ines(**{column: value}), self._total(10, 160)
                )
                self.assertTrue(codes, (column, value))
                self.assertTrue(all(code[0][:4] == "CAE-" for code in codes))
        for cells in (
            {"date_sortie": "16/03/2026"},
            {"date": "31/02/2026"},
            {"date": "01/01/0001", "date_associe": "01/01/9999"},
            {"date_associe": "16/03/2026", "date_admission": "10/06/2020"},
            {"date": "16/03/2026"},
            {"code": ""},
            {"college": "x" * 5000},
            {"parts": "2000000", "montant": "32000000"},
            {"nom": {"a": 1}},
            {"nom": ["a"]},
        ):
            parts, amount = cells.get("parts", 10), cells.get("montant", 160)
            self.assertTrue(
                self._codes_of(self._ines(**cells), self._total(parts, amount)), cells
            )
