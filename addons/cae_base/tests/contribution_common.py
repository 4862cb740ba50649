from contextlib import contextmanager
from datetime import date

from odoo.exceptions import UserError

from .common import CaeCommon


class ContributionCommon(CaeCommon):
    """Three activities, the shipped schemes, and whoever runs contributions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.schemes = {
            scheme.code: scheme
            for scheme in cls.env["cae.contribution.scheme"].search([])
        }
        cls.one, cls.two, cls.three = cls.activities
        cls.one.scheme_id = cls.schemes["STD10"]
        cls.accountant = cls._user("cae_accountant", "group_accountant")
        cls.coach = cls._user("cae_coach", "group_coach")
        cls.Period = cls.env["cae.period"].with_user(cls.accountant)
        cls.Line = cls.env["cae.contribution.line"]

    @classmethod
    def _run(cls, month):
        cls.env.flush_all()
        return cls.Period.month_run(month, steps=["contributions"])["contributions"]

    @classmethod
    def _sell(cls, activity, amount, day, **vals):
        kind = "out_invoice" if amount > 0 else "out_refund"
        return cls._document([(activity, abs(amount))], day, kind, **vals)

    @classmethod
    def _buy(cls, activity, amount, day):
        return cls._document([(activity, amount)], day, "in_invoice", ref=f"B{day}")

    def _lines(self, *domain, **kwargs):
        domain = [("company_id", "=", self.company.id), *domain]
        return self.Line.search(domain, **kwargs)

    def _amounts(self, activity):
        """``{month: [amount of each revision]}``"""
        found = {}
        lines = self._lines(("activity_id", "=", activity.id))
        for line in lines.sorted(lambda li: (li.month, li.revision, li.id)):
            found.setdefault(f"{line.month:%m}", []).append(line.amount)
        return found

    @contextmanager
    def assertCode(self, code, error=UserError):
        with self.assertRaises(error) as caught:  # rolls back, unlike assertRaisesRegex
            yield
        self.assertEqual(str(caught.exception).partition(": ")[0], code)

    def _lock(self, *months):
        """Lock months as the close does, without its checks."""
        for month in months:
            period = self.Period._get(date.fromisoformat(f"{month}-01"))
            period._set_state("locked")

    def _term(self, **vals):
        return self.env["cae.contribution.exemption"].create(
            {"activity_id": self.one.id, "reason": "Agreed", **vals}
        )

    def _rule(self, **vals):
        scheme = self.env["cae.contribution.scheme"].create(
            {"code": "NEW", "name": "New"}
        )
        return self.env["cae.contribution.rule"].create(
            {"scheme_id": scheme.id, "code": "R", "name": "Rule", **vals}
        )
