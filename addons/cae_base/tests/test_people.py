from datetime import date
from decimal import Decimal

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, freeze_time, tagged


@tagged("post_install", "-at_install")
@freeze_time("2026-10-31")
class TestPeople(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = {"tracking_disable": True, "mail_create_nosubscribe": True}
        cls.env = cls.env(context={**cls.env.context, **context})
        cls.People = cls.env["cae.entrepreneur"]
        cls.Contract = cls.env["cae.contract"]
        cls.ines = cls._person("T001", "Inès", "N’Diaye")
        cls.yann = cls._person("T002", "Yann", "Kermarrec")

    @classmethod
    def _person(cls, code, first, last, **vals):
        values = {"code": code, "first_name": first, "last_name": last}
        values["date_entry"] = "2024-01-01"
        return cls.People.create({**values, **vals})

    @classmethod
    def _contract(cls, person, kind, start, end=False, **vals):
        return cls.Contract.create(
            {
                "entrepreneur_id": person.id,
                "kind": kind,
                "date_start": start,
                "date_end": end,
                **vals,
            }
        )

    @classmethod
    def _activity(cls, code, *shares, start="2026-01-01", **vals):
        return cls.env["cae.activity"].create(
            {
                "code": code,
                "name": f"Atelier {code}",
                "date_start": start,
                "share_ids": [
                    Command.create(
                        {
                            "entrepreneur_id": person.id,
                            "share": share,
                            "date_start": first,
                            "date_end": last,
                        }
                    )
                    for person, share, first, last in shares
                ],
                **vals,
            }
        )

    # Names ---------------------------------------------------------------

    def test_nobody_enters_after_the_first_contract(self):
        form = Form(self.People)
        form.first_name, form.last_name = "Léa", "Roux"
        self.assertEqual(str(form.date_entry), "2026-10-31")
        for start in ("2026-09-01", "2026-10-01"):
            with form.contract_ids.new() as contract:
                contract.kind, contract.date_start = "cape", start
                contract.date_end = f"{start[:8]}30"
        self.assertEqual(str(form.save().date_entry), "2026-09-01")

    def test_an_entry_before_the_first_contract_stays(self):
        self._contract(self.ines, "cape", "2025-03-01", "2026-02-28")
        with Form(self.ines) as form, form.contract_ids.new() as contract:
            contract.kind, contract.date_start = "cesa", "2026-03-01"
        self.assertEqual(str(self.ines.date_entry), "2024-01-01")

    def test_names_make_and_rename_the_contact(self):
        self.assertEqual(self.ines.partner_id.name, "Inès N’Diaye")
        self.assertEqual(self.ines.display_name, "[T001] Inès N’Diaye")
        self.ines.last_name = "Martin"
        self.assertEqual(self.ines.partner_id.name, "Inès Martin")

    def test_an_entrepreneur_needs_a_name_or_a_contact(self):
        with self.assertRaisesRegex(ValidationError, "CAE-ENTREPRENEUR-NAME"):
            self.People.create({"code": "T009"})

    def test_codes_follow_the_last_one(self):
        self._person("Z9998", "Zoé", "Le Goff")
        vals = {"last_name": "Le Bras", "date_entry": "2026-01-01"}
        people = self.People.create([{**vals, "first_name": n} for n in "abc"])
        self.assertEqual(people.mapped("code"), ["Z9999", "Z10000", "Z10001"])
        self.assertEqual(self.People.default_get(["code"])["code"], "Z10002")
        vals = {"name": "Atelier", "date_start": "2026-01-01"}
        activities = self.env["cae.activity"].create([vals, vals])
        accounts = activities.analytic_account_id
        self.assertEqual(len(set(activities.mapped("code"))), 2)
        self.assertEqual(accounts.mapped("code"), activities.mapped("code"))

    def test_people_are_found_by_code_and_name(self):
        found = dict(self.People.name_search("T001"))
        self.assertEqual(list(found), self.ines.ids)
        self.assertIn(self.yann.id, dict(self.People.name_search("Kermarrec")))

    def test_age_counts_full_years(self):
        self.ines.birth_date = date(1996, 11, 1)
        self.yann.birth_date = date(1996, 10, 31)
        self.assertEqual((self.ines.age, self.yann.age), (29, 30))

    # Stages ----------------------------------------------------------------

    def test_stage_follows_contracts_and_dates(self):
        self.assertEqual(self.ines.stage, "candidate")
        cape = self._contract(self.ines, "cape", "2026-01-01")
        self.assertEqual(self.ines.stage, "cape")
        cape.date_end = "2026-09-30"
        self._contract(self.ines, "cesa", "2026-10-01")
        self.assertEqual(self.ines.stage, "cesa")
        self.ines.date_exit = "2026-10-31"
        self.assertEqual(self.ines.stage, "cesa")
        self.ines.date_exit = "2026-10-30"
        self.assertEqual(self.ines.stage, "left")

    def test_cron_refreshes_stages_and_states(self):
        self._contract(self.ines, "cape", "2026-01-01", "2026-11-30")
        self._contract(self.ines, "cesa", "2026-12-01")
        activity = self._activity("T1", start="2026-11-15")
        self.assertEqual((self.ines.stage, activity.state), ("cape", "coming"))
        with freeze_time("2026-12-01"):
            self.People._cron_refresh()
            self.assertEqual((self.ines.stage, activity.state), ("cesa", "open"))

    def test_between_two_contracts_the_last_stage_stays(self):
        self._contract(self.ines, "cape", "2026-01-01", "2026-06-30")
        self.assertEqual(self.ines.stage, "cape")
        self.assertEqual(
            self.ines._contract_at(date(2026, 10, 31)),
            {self.ines.id: (False, Decimal("0.00"))},
        )

    # Contracts --------------------------------------------------------------

    def test_fixed_part_follows_amendments(self):
        cesa = self._contract(self.ines, "cesa", "2025-01-01", fixed_part=450)
        amendment = self.Contract.create(
            {
                "entrepreneur_id": self.ines.id,
                "parent_id": cesa.id,
                "date_start": "2026-03-01",
                "fixed_part": 600.5,
            }
        )
        self.assertEqual((amendment.kind, amendment.amendment_number), ("cesa", 1))
        parts = [
            (self.ines | self.yann)._contract_at(day)[self.ines.id][1]
            for day in (date(2024, 12, 31), date(2026, 2, 28), date(2026, 3, 1))
        ]
        self.assertEqual(parts, [Decimal("0.00"), Decimal("450.00"), Decimal("600.50")])
        self.assertEqual(
            (self.ines | self.yann)._contract_at(date(2026, 3, 1)),
            {
                self.ines.id: ("cesa", Decimal("600.50")),
                self.yann.id: (False, Decimal("0.00")),
            },
        )

    def test_contracts_are_read_in_one_query_for_everybody(self):
        for person in (self.ines, self.yann):
            self._contract(person, "cesa", "2025-01-01", fixed_part=450)
        persons = self.ines | self.yann
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            persons._contract_at(date(2026, 3, 1))

    def test_contract_that_ends_soon_without_a_next_one_is_told(self):
        cape = self._contract(self.ines, "cape", "2026-01-01", "2026-11-30")
        later = self._contract(self.yann, "cape", "2026-10-01", "2027-01-15")
        told = self.Contract.search([("has_warning", "=", True)])
        self.assertIn("11/30/2026", cape.with_context(lang="en_US").warning)
        self.assertIn(cape, told)
        self.assertFalse(later.has_warning)
        self.assertNotIn(later, told)
        self._contract(self.ines, "cesa", "2026-12-01")
        self.assertFalse(cape.has_warning)
        later.date_end = False
        self.assertFalse(later.has_warning)
        with freeze_time("2027-08-15"):
            later.invalidate_recordset()
            self.assertIn("09/30/2027", later.with_context(lang="en_US").warning)

    def test_amendments_stay_inside_their_contract(self):
        cesa = self._contract(self.ines, "cesa", "2025-01-01", "2026-01-31")
        values = {"entrepreneur_id": self.ines.id, "parent_id": cesa.id}
        for bad in (
            {"date_start": "2024-12-31"},
            {"date_start": "2026-02-01"},
            {"date_start": "2025-06-01", "date_end": "2025-07-01"},
            {"date_start": "2025-06-01", "entrepreneur_id": self.yann.id},
        ):
            with self.assertRaisesRegex(ValidationError, "CAE-CONTRACT-AMENDMENT"):
                self.Contract.create({**values, **bad})

    def test_contracts_of_one_kind_do_not_overlap(self):
        self._contract(self.ines, "cape", "2025-01-01")
        with self.assertRaisesRegex(ValidationError, "CAE-CONTRACT-OVERLAP"):
            self._contract(self.ines, "cape", "2025-06-01")

    def test_cesa_writes_the_hr_version(self):
        cesa = self._contract(self.ines, "cesa", "2025-01-01", fixed_part=450)
        employee = self.ines.employee_id
        self.assertEqual(employee.name, "Inès N’Diaye")
        self.assertEqual(employee.work_contact_id, self.ines.partner_id)
        version = cesa.version_id
        self.assertEqual(version.employee_id, employee)
        self.assertEqual(version.contract_type_id.code, "CESA")
        self.assertEqual(version.wage, 450)
        self.assertEqual(version.contract_date_start, date(2025, 1, 1))
        amendment = self.Contract.create(
            {
                "entrepreneur_id": self.ines.id,
                "parent_id": cesa.id,
                "date_start": "2026-03-01",
                "fixed_part": 600,
            }
        )
        self.assertEqual(len(employee.version_ids), 2)
        self.assertEqual(amendment.version_id.wage, 600)
        self.assertEqual(amendment.version_id.date_version, date(2026, 3, 1))
        self.assertEqual(version.wage, 450)
        cesa.date_end = "2026-12-31"
        self.assertEqual(
            set(employee.version_ids.mapped("contract_date_end")), {date(2026, 12, 31)}
        )

    def test_a_second_cesa_makes_a_second_contract_of_one_employee(self):
        self._contract(self.ines, "cesa", "2024-01-01", "2024-12-31", fixed_part=300)
        self._contract(self.ines, "cesa", "2026-01-01", fixed_part=500)
        versions = self.ines.employee_id.version_ids.sorted("date_version")
        self.assertEqual(versions.mapped("wage"), [300, 500])
        self.assertEqual(versions[1].contract_date_start, date(2026, 1, 1))
        self.assertFalse(versions[1].contract_date_end)

    def test_a_cape_makes_no_employee(self):
        self._contract(self.ines, "cape", "2026-01-01")
        self.assertFalse(self.ines.employee_id)

    # Legal limits -------------------------------------------------------------

    def test_membership_deadline_is_shortened_by_earlier_contracts(self):
        self._contract(self.ines, "cape", "2023-01-01", "2023-06-30")
        self._contract(self.ines, "employee", "2023-06-01", "2023-07-31")
        cesa = self._contract(self.ines, "cesa", "2023-10-01")
        self.assertEqual(cesa.prior_days, 212)
        self.assertEqual(self.ines.membership_deadline, date(2026, 3, 3))
        self.assertTrue(self.ines.membership_late)
        self.assertIn("03/03/2026", self.ines.warning)
        late = self.People.search([("membership_late", "=", True)])
        self.assertIn(self.ines, late)
        self.assertNotIn(self.yann, late)
        self.assertIn(self.ines, self.People.search([("has_warning", "=", True)]))
        self.ines.member_date = "2026-10-01"
        self.assertFalse(self.ines.membership_late)
        self.assertIn(self.ines, self.People.search([("membership_late", "=", False)]))

    def test_cape_limits_and_renewals(self):
        self._contract(self.ines, "cape", "2025-10-31", "2026-10-30")
        self.assertEqual(self.ines.cape_limit_date, date(2026, 10, 30))
        self.assertTrue(self.ines.cape_late)
        self._contract(self.ines, "cape", "2026-10-31")
        self.assertEqual(self.ines.cape_limit_date, date(2027, 10, 30))
        self.assertFalse(self.ines.cape_late)
        self._contract(self.yann, "cape", "2023-08-01", "2024-07-31")
        self._contract(self.yann, "cape", "2024-08-01", "2025-07-31")
        self._contract(self.yann, "cape", "2025-10-01")
        self.assertEqual(self.yann.cape_limit_date, date(2026, 7, 31))
        self.assertEqual(self.People.search([("cape_late", "=", True)]), self.yann)
        self.assertIn("07/31/2026", self.yann.warning)

    def test_a_cape_of_another_project_starts_anew(self):
        for start, end in (("2019-01-01", "2019-12-31"), ("2020-02-01", "2021-01-31")):
            self._contract(self.ines, "cape", start, end)
        # Twelve months without one, to the day, and it is a renewal still.
        self._contract(self.ines, "cape", "2022-01-31")
        self.assertEqual(self.ines.cape_limit_date, date(2021, 12, 31))
        self._contract(self.yann, "cape", "2019-01-01", "2019-12-31")
        self._contract(self.yann, "cape", "2021-01-01")
        self.assertEqual(self.yann.cape_limit_date, date(2021, 12, 31))

    def test_another_contract_in_between_ends_the_series(self):
        self._contract(self.ines, "cape", "2020-01-01", "2022-06-30")
        self._contract(self.ines, "cesa", "2022-07-01", "2022-12-31")
        self._contract(self.ines, "cape", "2023-01-01")
        self.assertEqual(self.ines.cape_limit_date, date(2023, 12, 31))

    def test_trial_is_eight_months_less_the_cape(self):
        self._contract(self.ines, "cape", "2026-01-01", "2026-02-28")
        cesa = self._contract(self.ines, "cesa", "2026-03-01")
        self.assertEqual(cesa.trial_limit_date, date(2026, 9, 2))
        cesa.trial_end_date = date(2026, 9, 2)
        self.assertFalse(cesa.has_warning)
        cesa.trial_end_date = date(2026, 9, 3)
        self.assertTrue(cesa.has_warning)
        found = self.Contract.search([("has_warning", "=", True)])
        self.assertIn(cesa, found)
        self.assertIn("09/02/2026", self.ines.warning)

    # Activities -----------------------------------------------------------------

    def test_an_activity_gets_its_analytic_account(self):
        activity = self._activity("T1", (self.ines, 100, "2026-01-01", False))
        account = activity.analytic_account_id
        self.assertEqual((account.code, account.name), ("T1", "Atelier T1"))
        activity.name = "Studio"
        self.assertEqual(account.name, "Studio")
        self.assertEqual(activity.display_name, "[T1] Studio")
        self.assertEqual(activity.entrepreneur_ids, self.ines)
        self.assertEqual(self.ines.activity_count, 1)
        found = self.env["cae.activity"].search(
            [("entrepreneur_ids", "in", self.ines.ids)]
        )
        self.assertEqual(found, activity)

    def test_shares_add_up_on_every_day(self):
        bad = [
            [
                (self.ines, 50, "2026-01-01", False),
                (self.yann, 49.9, "2026-01-01", False),
            ],
            [(self.ines, 100, "2026-01-02", False)],
            [(self.ines, 100, "2026-01-01", "2026-05-31")],
            [
                (self.ines, 100, "2026-01-01", "2026-05-31"),
                (self.yann, 100, "2026-05-31", False),
            ],
        ]
        for number, shares in enumerate(bad):
            with self.assertRaisesRegex(ValidationError, "CAE-SHARE-SUM"):
                self._activity(f"T{number}", *shares)

    def test_shares_change_hands(self):
        activity = self._activity(
            "T1",
            (self.ines, 100, "2025-01-01", "2026-05-31"),
            (self.yann, 40, "2026-06-01", False),
            (self.ines, 60, "2026-06-01", False),
        )
        ines, yann = self.ines.id, self.yann.id
        self.assertEqual(
            activity._holders_at(date(2026, 5, 31))[activity.id],
            {ines: Decimal("100.000")},
        )
        self.assertEqual(
            activity._holders_at(date(2026, 6, 1))[activity.id],
            {ines: Decimal("60.000"), yann: Decimal("40.000")},
        )

    def test_holders_are_changed_together(self):
        activity = self._activity("T1", (self.ines, 100, "2026-01-01", False))
        share = activity.share_ids
        with self.assertRaisesRegex(ValidationError, "CAE-SHARE-SUM"):
            share.share = 60
        self.env.invalidate_all(flush=False)
        activity.write(
            {
                "share_ids": [
                    Command.update(share.id, {"date_end": "2026-06-30"}),
                    Command.create(
                        {
                            "entrepreneur_id": self.yann.id,
                            "share": 100,
                            "date_start": "2026-07-01",
                        }
                    ),
                ]
            }
        )
        self.assertEqual(activity.entrepreneur_ids, self.yann)
        with self.assertRaisesRegex(ValidationError, "CAE-SHARE-SUM"):
            activity.share_ids[1].unlink()
        with self.assertRaisesRegex(ValidationError, "CAE-SHARE-SUM"):
            activity.date_start = "2025-12-31"
        activity.unlink()

    def test_a_person_does_not_hold_twice_at_once(self):
        with self.assertRaisesRegex(ValidationError, "CAE-SHARE-TWICE"):
            self._activity(
                "T1",
                (self.ines, 50, "2026-01-01", False),
                (self.ines, 50, "2026-01-01", False),
            )

    def test_a_missing_convention_is_warned_of(self):
        activity = self._activity(
            "T1",
            (self.ines, 50, "2026-01-01", False),
            (self.yann, 50, "2026-01-01", False),
        )
        self.assertTrue(activity.convention_missing)
        self.assertIn("R.7331-6", activity.warning)
        activity.share_ids.convention_date = "2025-12-20"
        self.assertFalse(activity.convention_missing)

    def test_an_activity_counts_when_open_for_one_day(self):
        activity = self._activity("T1", start="2026-01-31", date_end="2026-03-01")
        months = [
            date(2025, 12, 1),
            date(2026, 1, 1),
            date(2026, 3, 1),
            date(2026, 4, 1),
        ]
        self.assertEqual(
            [bool(activity._open_in(month)) for month in months],
            [False, True, True, False],
        )

    # Exit reasons -----------------------------------------------------------------

    def test_exit_reasons_are_found_whatever_the_apostrophe(self):
        Reason = self.env["cae.exit.reason"]
        company = self.env.ref("cae_base.exit_reason_company")
        names = ["création d'entreprise", "Création d’entreprise ", "Déménagement"]
        found = Reason._find_or_create(names)
        self.assertEqual(found[names[0]], company)
        self.assertEqual(found[names[1]], company)
        self.assertTrue(company.survival)
        self.assertEqual(
            Reason._find_or_create(["déménagement"])["déménagement"],
            found["Déménagement"],
        )
        with self.assertRaisesRegex(ValidationError, "CAE-EXIT-REASON"):
            Reason.create({"name": "DÉMÉNAGEMENT"})
