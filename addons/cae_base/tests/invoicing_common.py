from .common import CaeCommon


class InvoicingCommon(CaeCommon):
    """Inès holds T1, and T2 with Yann; Yann alone holds T3."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        context = {"tracking_disable": True, "mail_create_nosubscribe": True}
        cls.env = cls.env(context={**cls.env.context, **context})
        cls.users = {
            name: cls._user(f"invoicing_{name}", "group_entrepreneur")
            for name in ("ines", "yann")
        }
        cls.users["accountant"] = cls._user("invoicing_accounts", "group_accountant")
        cls.ines, cls.yann = cls.env["cae.entrepreneur"].create(
            [
                {
                    "first_name": name,
                    "last_name": "Test",
                    "user_id": cls.users[name].id,
                    "date_entry": "2025-01-01",
                }
                for name in ("ines", "yann")
            ]
        )
        first, second, third = cls.activities
        cls._share_out(first, (cls.ines, 100))
        cls._share_out(second, (cls.ines, 60), (cls.yann, 40))
        cls._share_out(third, (cls.yann, 100))
        cls.reduced = cls.chart.ref("tva_reduite_encaissement")
        cls.reduced.active = True
        cls.env.flush_all()
        cls.customer = cls.door().save_customer(cls._customer())
        cls.env.flush_all()

    @classmethod
    def door(cls, user="ines"):
        """What the pages call, as somebody."""
        user = cls.users[user] if isinstance(user, str) else user
        return cls.env["cae.invoicing"].with_user(user).with_company(cls.company)

    def _form(self, price="100", **form):
        """What the page of a new document sends: one line, and an empty one."""
        return {
            "activity": "T1",
            "customer": str(self.customer),
            "description": ["Day of work", ""],
            "quantity": ["1", "1"],
            "price": [price, ""],
            "discount": ["", ""],
            "tax": [str(self.vat_services.id)] * 2,
            **form,
        }

    @classmethod
    def _customer(cls, **values):
        return {
            "activity": "T1",
            "name": "Menuiserie Le Roux",
            "company": True,
            "siret": "732 829 320 00074",
            "vat": "",
            "street": "2 rue des Halles",
            "zip": "44000",
            "city": "Nantes",
            "email": "Le.Roux@example.com",
            "phone": "02 40 00 00 00",
            **values,
        }

    @classmethod
    def _values(cls, *lines, **values):
        """Values of a draft; a line is (price, quantity, discount)."""
        return {
            "activity": "T1",
            "customer": cls.customer,
            "lines": [
                {
                    "description": "Day of work",
                    "price": price,
                    "quantity": (rest or ["1"])[0],
                    "discount": rest[1] if len(rest) > 1 else "",
                    "tax": cls.vat_services.id,
                }
                for price, *rest in lines or [("100",)]
            ],
            **values,
        }

    @classmethod
    def _move(cls, key):
        return cls.env["account.move"].browse(key)

    def _validated(self, *lines, **values):
        """An invoice of Inès that the accountant validated."""
        key = self.door().save(self._values(*lines, **values))
        self.door().send(key)
        self._move(key).with_user(self.users["accountant"]).action_cae_validate()
        return self._move(key)

    def assertRefused(self, code, call, *args, **kwargs):
        """The call says the code, and writes nothing."""
        with self.assertRaises(Exception) as refusal, self.env.cr.savepoint():
            call(*args, **kwargs)
        self.assertEqual(str(refusal.exception).partition(":")[0], code)
