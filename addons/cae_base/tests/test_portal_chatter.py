"""Odoo's own ways to write on our records, as the portal and colleagues call them."""

from odoo import http
from odoo.tests import HttpCase, freeze_time, new_test_user
from odoo.tests.common import JsonRpcException

from .common import cae_tagged
from .test_purchases import PAGE, PurchaseCommon


@cae_tagged
@freeze_time("2026-03-20")
class TestPortalChatter(HttpCase, PurchaseCommon):
    def post(self, record, **data):
        """Post a comment as the client of Odoo does."""
        data = {"body": "Hello", "message_type": "notification", **data}
        params = {"thread_model": record._name, "thread_id": record.id}
        return self.make_jsonrpc_request(
            "/mail/message/post", {**params, "post_data": data}
        )

    def upload(self, record):
        token = http.Request.csrf_token(self)
        data = {"thread_id": record.id, "thread_model": record._name}
        return self.url_open(
            "/mail/attachment/upload",
            data={"csrf_token": token, **data},
            files={"ufile": ("x.html", PAGE, "text/html")},
        )

    def test_the_portal_writes_on_none_of_our_records(self):
        bill, expense = self.declare(), self.declare("expense")
        records = (self.ines, self.activities[0], self.ines.contract_ids, bill, expense)
        for user in ("ines", "yann", "max"):
            self.authenticate(f"buy_{user}", f"buy_{user}")
            for record in records:
                count = len(record.message_ids)
                self.assertEqual(self.upload(record).status_code, 404, record)
                with self.assertRaises(JsonRpcException):
                    self.post(record)
                self.env.invalidate_all()
                self.assertEqual(len(record.message_ids), count)

    def test_a_colleague_posts_comments_and_no_log(self):
        coach = new_test_user(
            self.env, "chatter_coach", "cae_base.group_coach", password="chatter_coach"
        )
        coach.company_ids |= self.company
        coach.company_id = self.company
        self.ines.coach_id = coach
        self.env.flush_all()
        self.authenticate("chatter_coach", "chatter_coach")
        number = self.post(self.ines)["message_id"]
        message = self.env["mail.message"].browse(number)
        self.assertEqual(message.message_type, "comment")
        self.assertEqual(message.author_id, coach.partner_id)
