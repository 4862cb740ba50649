import base64
import io

from reportlab.pdfgen import canvas

from odoo import Command
from odoo.exceptions import UserError

from odoo.addons.cae_base.tests.isolation import IsolationWalk

from .common import SharedPayCommon, pay_tagged


@pay_tagged
class TestPayIsolation(IsolationWalk, SharedPayCommon):
    """Alice and Bob share an activity; all that pay knows of Bob says *Zorglub*."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        word = cls.WORD
        cls.bob.write({"last_name": word, "matricule": "12"})
        own = {"entrepreneur_id": cls.bob.id}
        cls._ask(cls.bob, "net", 900, "2026-03-01", note=word)
        cls.env["cae.pay.element"].create(
            {
                **own,
                "month": "2026-03-01",
                "kind": "garnishment",
                "amount": 85,
                "note": word,
            }
        )
        cls.env["cae.pay.target"].create(
            {
                **own,
                "date_from": "2026-12-01",
                "kind": "net",
                "amount": 1500,
                "note": word,
            }
        )
        cls.env["res.partner.bank"].create(
            {"partner_id": cls.bob.partner_id.id, "acc_number": f"FR76{word}"}
        )
        cls._deliver("12", f"Matricule 12 M. Bob {word}")
        cls.env.flush_all()

    @classmethod
    def _deliver(cls, matricule, text):
        stream = io.BytesIO()
        sheet = canvas.Canvas(stream, invariant=True)
        sheet.drawString(50, 700, text)
        sheet.save()
        exchange = cls.env["cae.payroll.exchange"].with_user(cls.payroll)
        loaded = exchange.with_company(cls.company).load_payslip_pdfs(
            "2026-01", f"{matricule}.pdf", base64.b64encode(stream.getvalue()).decode()
        )
        assert not loaded["errors"], loaded

    def test_nothing_of_the_pay_of_another_is_read_or_told(self):
        """Who shares an activity with Bob knows that he holds it, and no more."""
        found = self.readable(self.entrepreneur)
        self.assertEqual(found, {"cae.activity": ["holders"]})
        self.assertEqual(self.told(self.entrepreneur), set())

    def test_the_walk_sees_what_is_there(self):
        for user in (self.other, self.payroll):
            self.assertSeen(
                user,
                *("cae.pay.line", "cae.pay.request", "cae.pay.element"),
                *("cae.pay.target", "cae.payslip"),
            )

    def test_customers_and_the_public_read_nothing(self):
        customer = self.env["res.users"].create(
            {
                "name": "Customer",
                "login": "iso_customer",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        for user in (customer, self.env.ref("base.public_user")):
            self.assertIsolated(user)

    def test_the_yearly_statement_is_a_model_like_others(self):
        """Its own check had the name of Odoo's, which crashed whatever asked for it."""
        years = self.env["cae.pay.year"].with_user(self.entrepreneur)
        self.assertFalse(years.has_access("write"))
        with self.assertRaisesRegex(UserError, "CAE-ACCESS|access|allowed"):
            years._pdf(self.bob.with_user(self.entrepreneur), 2026)
