import base64

from odoo.tests import freeze_time

from odoo.addons.cae_base.tests.test_purchases import taken

from .journey_common import JourneyCommon, journey_tagged

PDF = b"%PDF-1.4 test"


@journey_tagged
@freeze_time("2026-11-15")
class TestPersonDocument(JourneyCommon):
    """Documents to collect: missing, handed in, expiring."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._contract(cls.ines, "cape", "2026-01-01", "2026-12-31")
        cls._contract(cls.yann, "cape", "2026-01-01", "2026-12-31")
        cls.env["cae.document.type"].search([]).active = False
        cls.kind = cls.env["cae.document.type"].create(
            {"name": "Insurance", "for_cape": True, "validity_months": 12}
        )
        cls.extra = cls.env["cae.document.type"].create(
            {"name": "Contract", "for_cesa": True, "portal": False}
        )
        cls.Document = cls.env["cae.person.document"]

    def _hold(self, person, received="2026-01-10", **vals):
        return self.Document.create(
            {
                "entrepreneur_id": person.id,
                "type_id": self.kind.id,
                "date_received": received,
                **vals,
            }
        )

    def _alerts(self, documents):
        return self.env["mail.activity"].search(
            [("res_model", "=", documents._name), ("res_id", "in", documents.ids)]
        )

    def test_missing_until_an_accepted_document_is_in_force(self):
        people = self.ines | self.yann
        missing = [("has_missing_document", "=", True), ("id", "in", people.ids)]
        self.assertEqual(self.ines.search(missing), people)
        # Named where there is nothing to see.
        self.assertIn(self.kind.name, self.ines.action_documents()["help"])
        document = self._hold(self.ines, state="received")
        self.assertTrue(self.ines.has_missing_document)
        document.with_user(self.coach).action_accept()
        self.assertEqual(self.ines.missing_document_count, 0)
        self.assertEqual(self.ines.search(missing), self.yann)
        held = [("has_missing_document", "=", False), ("id", "in", people.ids)]
        self.assertEqual(self.ines.search(held), self.ines)
        document.date_expiry = "2026-11-14"
        self.assertEqual(self.ines.missing_document_ids, self.kind)
        self.assertEqual(self.ines.search(missing), people)

    def test_the_stage_decides_what_is_asked(self):
        self._hold(self.ines)
        self.assertFalse(self.ines.has_missing_document)
        self.ines.contract_ids.date_end = "2026-06-30"
        self._contract(self.ines, "cesa", "2026-07-01")
        self.assertEqual(self.ines.missing_document_ids, self.extra)

    def test_expiry_is_proposed_and_may_be_another(self):
        document = self._hold(self.ines, "2026-01-10")
        self.assertEqual(str(document.date_expiry), "2027-01-09")
        given = self._hold(self.ines, "2026-01-10", date_expiry="2026-03-31")
        self.assertEqual(str(given.date_expiry), "2026-03-31")
        self._coded("CAE-DOCUMENT-DATES", given.write, {"date_expiry": "2026-01-01"})

    def test_expiry_is_told_once_and_closes_by_itself(self):
        old = self._hold(self.ines, "2025-12-01")
        self.Document._cron_alerts()
        self.Document._cron_alerts()
        alert = self._alerts(old)
        self.assertEqual(len(alert), 1)
        self.assertEqual(alert.user_id, self.coach)
        self.assertEqual(str(alert.date_deadline), "2026-11-30")
        new = self._hold(self.ines, "2026-11-15", state="received")
        self.assertTrue(self._alerts(old))
        new.with_user(self.coach).action_accept()
        self.assertFalse(self._alerts(old | new))
        new.unlink()
        self.assertEqual(len(self._alerts(old)), 1)

    def test_an_alert_marked_done_is_not_told_again(self):
        document = self._hold(self.ines, "2025-12-01")
        self._alerts(document).with_user(self.coach).action_done()
        self.Document._cron_alerts()
        self.assertFalse(self._alerts(document))
        document.date_expiry = "2026-12-05"
        self.assertEqual(len(self._alerts(document)), 1)

    def test_nobody_is_told_of_who_left_or_has_no_coach(self):
        self.yann.coach_id = False
        self.ines.write({"date_exit": "2026-10-31"})
        documents = self._hold(self.ines, "2025-12-01")
        documents |= self._hold(self.yann, "2025-12-01")
        self.assertFalse(self._alerts(documents))
        team = self.env["cae.team"].create(
            {"name": "T", "company_id": self.company.id, "user_ids": self.other.ids}
        )
        self.yann.team_id = team
        self.Document._cron_alerts()
        self.assertEqual(self._alerts(documents).user_id, self.other)

    def test_missing_and_alerts_take_few_queries(self):
        people = self.env["cae.entrepreneur"].create(
            [
                {
                    "company_id": self.company.id,
                    "code": f"Q{n:03}",
                    "first_name": f"Q{n}",
                    "last_name": "Query",
                    "date_entry": "2025-01-01",
                }
                for n in range(40)
            ]
        )
        people[:2].mapped("missing_document_count")  # rights are read once
        self.env.flush_all()
        people.invalidate_recordset()
        people.fetch(["stage", "company_id"])
        with self.assertQueryCount(3):
            people.mapped("missing_document_count")

    def test_what_is_no_document_is_refused(self):
        for content in (b"<html>", b"MZ\x90", b"<svg/>"):
            self._coded(
                "CAE-DOCUMENT-FILE",
                self._hold,
                self.ines,
                file=base64.b64encode(content),
            )
        self._hold(self.ines, file=base64.b64encode(PDF))

    def test_a_document_belongs_to_somebody_and_a_refusal_has_its_reason(self):
        self._coded(
            "CAE-DOCUMENT-PERSON", self.Document.create, {"type_id": self.kind.id}
        )
        document = self._hold(self.ines, state="received").with_user(self.coach)
        self._coded("CAE-DOCUMENT-REASON", document.action_refuse)
        document.refusal = "Not readable"
        document.action_refuse()
        self.assertEqual(document.state, "refused")

    def test_the_person_hands_in_what_is_asked_and_nothing_else(self):
        me = self.ines.with_user(self.holder)
        documents = self.Document.with_user(self.holder)
        kind = self.kind.with_user(self.holder)
        document = documents._hand_in(me, kind, "a.pdf", PDF)
        self.assertEqual(document.state, "received")
        self.assertTrue(document.with_user(self.holder).read(["state"]))
        self._coded(
            "CAE-DOCUMENT-ASKED", documents._hand_in, me, self.extra, "a.pdf", PDF
        )
        self._coded("CAE-DOCUMENT-FILE", documents._hand_in, me, kind, "a", b"<x>")
        other = self.yann.with_user(self.holder)
        self._refused(documents._hand_in, other, kind, "a.pdf", PDF)
        for call, args in (
            (document.with_user(self.holder).write, ({"state": "accepted"},)),
            (document.with_user(self.holder).unlink, ()),
            (documents.create, ({"type_id": kind.id, "entrepreneur_id": me.id},)),
            (document.with_user(self.holder).read, (["note"],)),
        ):
            self._refused(call, *args)

    def test_a_photo_is_kept_without_its_place(self):
        me = self.ines.with_user(self.holder)
        documents = self.Document.with_user(self.holder)
        photo = documents._hand_in(
            me, self.kind.with_user(self.holder), "a.jpg", taken()
        )
        self.assertTrue(photo._content())
        self.assertNotIn(b"MAKER", photo._content())

    def test_documents_are_of_the_person_the_coach_and_the_head(self):
        document = self._hold(self.ines, file=base64.b64encode(PDF))
        for user in (self.coach, self.head):
            self.assertTrue(document.with_user(user).read(["file"]))
        for user in (self.other, self.accountant, self.officer):
            self._refused(document.with_user(user).read, ["file"])
            self._no_export(document.with_user(user))
        theirs = self._hold(self.yann)
        self._refused(theirs.with_user(self.holder).read, ["state"])

    def test_another_company_has_its_own_types(self):
        company = self.env["res.company"].create({"name": "Other CAE"})
        kind = self.env["cae.document.type"].create(
            {"name": "Theirs", "for_cape": True, "company_id": company.id}
        )
        self._hold(self.ines)
        self.assertFalse(self.ines.has_missing_document)
        self.assertNotIn(kind, self.kind.with_user(self.head).search([]))
        self._coded("CAE-DOCUMENT-TYPE", self._hold, self.ines, type_id=kind.id)
