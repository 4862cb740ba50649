from odoo import Command
from odoo.tests import tagged

from .common import CaeCommon
from .isolation import IsolationWalk


@tagged("post_install", "-at_install", "cae")
class TestIsolation(IsolationWalk, CaeCommon):
    """Inès shares an activity with Léa; everything of Yann's says *Zorglub*."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_people(cls.WORD)
        first, second, _third = cls.activities
        first.name = f"Studio {cls.WORD}"
        cls._share_out(first, (cls.yann, 100))
        cls._share_out(second, (cls.ines, 60), (cls.lea, 40))
        cls.env["cae.contract"].create(
            {
                "entrepreneur_id": cls.yann.id,
                "kind": "cesa",
                "date_start": "2025-01-01",
            }
        )
        cls._earn(first, second, cls.WORD)
        period = cls.env["cae.period"].with_company(cls.company)
        period.month_run("2026-01")
        cls.env.flush_all()

    @classmethod
    def _make_people(cls, word):
        cls.users = {
            name: cls._user(f"iso_{name}", "group_entrepreneur")
            for name in ("ines", "lea", "yann")
        }
        cls.yann, cls.ines, cls.lea = cls.env["cae.entrepreneur"].create(
            [
                {
                    "first_name": first,
                    "last_name": last,
                    "email": f"{last}@example.com",
                    "phone": f"{word} 12" if user == "yann" else "1",
                    "user_id": cls.users[user].id,
                }
                for first, last, user in (
                    ("Yann", word, "yann"),
                    ("Inès", "N’Diaye", "ines"),
                    ("Léa", "Martin", "lea"),
                )
            ]
        )

    @classmethod
    def _earn(cls, first, second, word):
        customer = cls.env["res.partner"].create(
            {"name": f"Client {word}", "email": f"client@{word}.example"}
        )
        cls.env["res.partner.bank"].create(
            {
                "partner_id": cls.yann.partner_id.id,
                "acc_number": f"FR76{word}",
            }
        )
        invoice = cls._document(
            [(first, 1000, None)], "2026-01-10", partner_id=customer.id
        )
        invoice.invoice_line_ids.with_context(
            check_move_validity=False
        ).name = f"For {word}"
        cls._document([(second, 500, None)], "2026-01-10")
        cls._pay(invoice)

    def test_nothing_of_another_is_read_or_told(self):
        for login in ("ines", "lea"):
            self.assertIsolated(self.users[login])

    def test_the_walk_sees_what_is_there(self):
        """It finds the person's own, and what the office reads."""
        self.assertSeen(self.users["yann"], "cae.activity", "cae.entrepreneur")
        accountant = self._user("iso_accountant", "group_accountant")
        self.assertSeen(accountant, "account.move")

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
