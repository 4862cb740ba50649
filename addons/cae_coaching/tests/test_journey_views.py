import xmlrpc.client
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.cae_base.tests.menus_open import MenusOpen

from .test_person_document import PDF

ROLES = ("coach", "manager")


@tagged("post_install", "-at_install", "cae")
class TestJourneyViews(MenusOpen, HttpCase):
    """Menus open, windows have addresses and help, pages answer."""

    addon = "cae_coaching"
    root = "menu_coaching_root"
    roles = ROLES
    stranger = "accountant"

    def _meeting(self, **vals):
        start = fields.Datetime.now() + timedelta(days=5)
        return self.env["event.event"].create(
            {
                "name": "Come and see",
                "company_id": self.env.company.id,
                "date_begin": start,
                "date_end": start + timedelta(hours=2),
                "cae_information": True,
                **vals,
            }
        )

    def _sign_up(self, meeting, **form):
        self.authenticate(None, None)
        url = f"/cae/information/{meeting.id}"
        page = self.url_open(url).text
        token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
        return self.url_open(url, data={"csrf_token": token, **form}).text

    def test_the_public_signs_up_for_an_information_meeting(self):
        meeting = self._meeting(seats_limited=True, seats_max=1)
        self.assertIn("Come and see", self.url_open("/cae/information").text)
        form = {"name": "Lou", "email": "lou@example.com", "consent": "1"}
        self.assertIn("alert-danger", self._sign_up(meeting, name="Lou"))
        self.assertIn("alert-success", self._sign_up(meeting, website="x", **form))
        self.assertFalse(meeting.registration_ids)
        self.assertIn("alert-success", self._sign_up(meeting, **form))
        self.assertEqual(meeting.registration_ids.cae_candidate_id.name, "Lou")
        # No seat is left: the page is closed to others.
        self.assertEqual(
            self.url_open(f"/cae/information/{meeting.id}").status_code, 404
        )

    def test_a_full_name_is_parted(self):
        meeting = self._meeting()
        for name, parts in (
            ("Awa Ndiaye Sarr", ("Awa", "Ndiaye Sarr")),
            ("Lou", (False, False)),
        ):
            registration = self.env["event.registration"].create(
                {"event_id": meeting.id, "name": name, "email": f"{name[:3]}@x.org"}
            )
            candidate = registration.cae_candidate_id
            self.assertEqual((candidate.first_name, candidate.last_name), parts)
            self.assertEqual(candidate.name, name)

    def test_the_public_may_name_any_company(self):
        for company in ("²", "9" * 30, "-1", "x", ""):
            with self.subTest(company=company):
                answer = self.url_open(f"/cae/information?company={company}")
                self.assertEqual(answer.status_code, 200)

    def test_other_events_are_no_pages(self):
        meeting = self._meeting(cae_information=False)
        self.assertEqual(
            self.url_open(f"/cae/information/{meeting.id}").status_code, 404
        )

    def test_a_person_hands_a_document_in_on_the_portal(self):
        holder = new_test_user(
            self.env, login="jv_holder", groups="cae_base.group_entrepreneur"
        )
        stranger = new_test_user(
            self.env, login="jv_stranger", groups="cae_base.group_entrepreneur"
        )
        person = self.env["cae.entrepreneur"].create(
            {"name": "Zoé", "date_entry": "2025-01-01", "user_id": holder.id}
        )
        self.env["cae.contract"].create(
            {"entrepreneur_id": person.id, "kind": "cape", "date_start": "2025-01-01"}
        )
        kind = self.env.ref("cae_coaching.document_type_identity")
        self.authenticate("jv_holder", "jv_holder")
        page = self.url_open("/my/documents-to-give").text
        self.assertIn(kind.name, page)
        token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
        form = {"csrf_token": token, "person": person.id, "kind": kind.id}
        url = "/my/documents-to-give/upload"
        bad = self.url_open(url, data=form, files={"file": ("a.pdf", b"<html>")})
        self.assertIn("CAE-DOCUMENT-FILE", bad.text)
        text = self.url_open(url, data={**form, "file": "a text, no file"})
        self.assertEqual(text.status_code, 404)
        self.assertFalse(person.document_ids)
        self.url_open(url, data=form, files={"file": ("id.pdf", PDF)})
        document = person.document_ids
        self.assertEqual((document.state, document.file_name), ("received", "id.pdf"))
        answer = self.url_open(f"/my/documents-to-give/{document.id}")
        self.assertEqual(answer.content, PDF)
        # The wrong file is replaced as long as nobody checked it.
        self.assertIn("Replace this file", self.url_open("/my/documents-to-give").text)
        self.url_open(url, data=form, files={"file": ("right.pdf", PDF)})
        self.env.invalidate_all()
        document = person.document_ids
        self.assertEqual(document.mapped("file_name"), ["right.pdf"])
        document.action_accept()
        page = self.url_open("/my/documents-to-give").text
        self.assertIn("Hand in another one", page)
        self.url_open(url, data=form, files={"file": ("next.pdf", PDF)})
        self.env.invalidate_all()
        self.assertEqual(len(person.document_ids), 2)
        self.authenticate("jv_stranger", "jv_stranger")
        answer = self.url_open(f"/my/documents-to-give/{document.id}")
        self.assertEqual(answer.status_code, 404)
        self.assertTrue(stranger)

    def test_over_rpc_nobody_else_reads_or_exports_social_data(self):
        coach, other = (
            new_test_user(
                self.env, login=f"jv_rpc_{name}", groups="cae_base.group_coach"
            )
            for name in ("mine", "theirs")
        )
        accountant = new_test_user(
            self.env, login="jv_rpc_accountant", groups="cae_base.group_accountant"
        )
        person = self.env["cae.entrepreneur"].create(
            {"name": "Zoé", "date_entry": "2025-01-01", "coach_id": coach.id}
        )
        file = self.env["cae.social.file"].create({"entrepreneur_id": person.id})
        self.env.flush_all()
        for user in (other, accountant):
            for method, args in (
                ("read", (file.ids, ["objectives"])),
                ("export_data", (file.ids, ["objectives"])),
                ("write", (file.ids, {"objectives": "x"})),
                ("unlink", (file.ids,)),
            ):
                with self.assertRaises(xmlrpc.client.Fault) as caught:
                    self._call(user, "cae.social.file", method, *args)
                self.assertEqual(caught.exception.faultCode, 4, method)
        found = self._call(coach, "cae.social.file", "read", file.ids, ["objectives"])
        self.assertEqual(found[0]["id"], file.id)
        rows = self._call(coach, "cae.entrepreneur", "states", "2026-01-01")
        self.assertEqual(rows[0]["state"], "candidate")
        with self.assertRaisesRegex(xmlrpc.client.Fault, "CAE-PATH-DAY"):
            self._call(coach, "cae.entrepreneur", "states", "32/01/2026")

    @mute_logger("odoo.addons.base.models", "odoo.http")
    def _call(self, user, model, method, *args):
        self.env.flush_all()
        return self.xmlrpc_object.execute_kw(
            self.env.cr.dbname, user.id, user.login, model, method, args
        )
