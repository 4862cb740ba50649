"""Odoo's own ways to write on our records, as the portal and colleagues call them."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields, http
from odoo.tests import HttpCase, freeze_time, new_test_user
from odoo.tests.common import JsonRpcException

from ..controllers.thread import INSIDE
from .common import cae_tagged
from .invoicing_common import InvoicingCommon
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


@cae_tagged
@freeze_time("2026-03-20")
class TestTokens(HttpCase, InvoicingCommon):
    """Whoever has the token of a document sees it and writes there."""

    def post(self, move, token=""):
        data = {"body": "Hello", "message_type": "notification"}
        params = {"thread_model": "account.move", "thread_id": move.id}
        number = self.make_jsonrpc_request(
            "/mail/message/post", {**params, "token": token, "post_data": data}
        )["message_id"]
        return self.env["mail.message"].browse(number)

    def test_a_token_writes_few_messages_a_day(self):
        first, second = self._validated(), self._validated(("120",))
        tokens = {move: move._portal_ensure_token() for move in (first, second)}
        self.env.flush_all()
        with patch("odoo.addons.cae_base.controllers.thread.DAILY", 2):
            for _each in range(2):
                message = self.post(first, tokens[first])
                # What a stranger writes is no log.
                self.assertEqual(message.message_type, "comment")
            with self.assertRaisesRegex(JsonRpcException, "UserError"):
                self.post(first, tokens[first])
            self.assertTrue(self.post(second, tokens[second]))
            self.authenticate("invoicing_accounts", "invoicing_accounts")
            for _each in range(3):
                self.post(first)

    def test_a_token_opens_nothing_of_the_team(self):
        move = self._validated()
        user = self.users["accountant"]
        move.activity_schedule(summary="SECRET to do", user_id=user.id)
        about = {"res_model": move._name, "res_id": move.id}
        self.env["ir.attachment"].create({"name": "SECRET file", "raw": b"x", **about})
        self.env["mail.scheduled.message"].create(
            {
                **{"model": move._name, "res_id": move.id, "body": "SECRET words"},
                **{"author_id": user.partner_id.id},
                "scheduled_date": fields.Datetime.now() + timedelta(days=1),
            }
        )
        move.message_subscribe(user.partner_id.ids)
        token = move._portal_ensure_token()
        self.env.flush_all()
        asked = {
            **{"thread_model": move._name, "thread_id": move.id},
            **{"access_params": {"token": token}, "request_list": [*INSIDE]},
        }
        for path in ("/mail/data", "/mail/action"):
            told = self.make_jsonrpc_request(
                path, {"fetch_params": [["mail.thread", asked]]}
            )
            self.assertEqual([*told], ["mail.thread"])
            self.assertFalse(INSIDE & set(told["mail.thread"][0]))
        self.authenticate(user.login, user.login)
        told = self.make_jsonrpc_request(
            "/mail/data", {"fetch_params": [["mail.thread", asked]]}
        )
        self.assertLessEqual(INSIDE, set(told["mail.thread"][0]))
