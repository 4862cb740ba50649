from odoo.tests import HttpCase, freeze_time

from .common import cae_tagged
from .invoicing_common import InvoicingCommon


@cae_tagged
class TestPortalClock(InvoicingCommon, HttpCase):
    """An invoice is due on the 19th: half past midnight it is late, in Paris."""

    @freeze_time("2026-03-16 10:00:00")
    def setUp(self):
        super().setUp()
        move = self._validated()
        due = move.line_ids.filtered(lambda item: item.display_type == "payment_term")
        due.date_maturity = move.invoice_date_due = "2026-03-19"
        self.number = move.name
        self.env.flush_all()

    def _late(self, zone):
        self.users["ines"].tz = zone
        self.env.flush_all()
        self.authenticate("invoicing_ines", "invoicing_ines")
        return self.number in self.url_open("/my/invoicing?state=late").text

    def test_the_day_is_that_of_the_cooperative(self):
        for zone in (False, "America/Martinique", "Europe/Paris"):
            with freeze_time("2026-03-19 22:30:00"):
                self.assertFalse(self._late(zone), zone)
            with freeze_time("2026-03-19 23:30:00"):
                self.assertTrue(self._late(zone), zone)

    def test_where_the_cooperative_is_elsewhere(self):
        self.company.partner_id.tz = "Indian/Reunion"
        with freeze_time("2026-03-19 20:30:00"):
            self.assertTrue(self._late(False))

    def test_new_invoices_are_dated_so(self):
        with freeze_time("2026-03-19 23:30:00"):
            self.users["ines"].tz = False
            self.env.flush_all()
            self.authenticate("invoicing_ines", "invoicing_ines")
            page = self.url_open("/my/purchases/bill/new").text
        self.assertIn('max="2026-03-20"', page)
