import inspect
import re
import threading
from unittest.mock import patch

from odoo.http import Request
from odoo.tests import HttpCase

from .common import cae_tagged
from .test_purchases import PurchaseCommon

SPOOF = "Zorglub 42"
#: Arguments whose words a page could repeat.
SAID = ("error", "message", "done", "notice", "success", "warning", "info")
TAG = re.compile(r"<script.*?</script>|<[^>]*>", re.DOTALL)


@cae_tagged
class TestNotice(HttpCase, PurchaseCommon):
    """Nobody puts words on our pages by a link."""

    def rules(self):
        """Routes of our addons, whichever are installed."""
        database = patch.object(
            threading.current_thread(), "dbname", self.cr.dbname, create=True
        )
        with database:
            rules = list(self.env["ir.http"].routing_map().iter_rules())
        return [rule for rule in rules if ".cae_" in rule.endpoint.func.__module__]

    def test_no_route_takes_words_to_say(self):
        taken = {
            rule.rule: name
            for rule in self.rules()
            for name in inspect.signature(rule.endpoint.func).parameters
            if name in SAID
        }
        self.assertEqual(taken, {})

    def test_no_page_repeats_the_words_of_a_link(self):
        self.authenticate("buy_ines", "buy_ines")
        query = "&".join(f"{name}={SPOOF}" for name in SAID)
        opened = 0
        for rule in self.rules():
            if "<" in rule.rule or "GET" not in (rule.methods or {"GET"}):
                continue
            page = self.url_open(f"{rule.rule}?{query}")
            if page.ok and "text/html" in page.headers["Content-Type"]:
                opened += 1
                self.assertNotIn(SPOOF, TAG.sub(" ", page.text), rule.rule)
        self.assertGreater(opened, 10)

    def test_words_are_said_once_and_only_to_who_asked(self):
        self.authenticate("buy_ines", "buy_ines")
        bill = self.declare()
        bill._post()
        token = {"csrf_token": Request.csrf_token(self)}
        page = self.url_open(f"/my/purchases/bill/{bill.id}/remove", token)
        self.assertIn("alert-danger", page.text)
        self.assertIn("CAE-PURCHASE-STATE", page.text)
        self.assertNotIn("?", page.url)
        again = self.url_open(f"/my/purchases/bill/{bill.id}")
        self.assertNotIn("CAE-PURCHASE-STATE", again.text)
