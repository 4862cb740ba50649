from datetime import date

from odoo.tests import new_test_user, tagged

from odoo.addons.cae_base.tests.common import CaeCommon

governance_tagged = tagged("post_install", "-at_install", "cae")


class GovernanceCommon(CaeCommon):
    """Shares of 16 €, a secretary, and members made as tests need them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.secretary = cls._user("gov_secretary", "group_governance")
        cls.accountant = cls._user("gov_accountant", "group_accountant")
        cls.kind = cls.env["cae.share.kind"].create(
            {"code": "A", "name": "Share", "value": 16}
        )
        cls.Member = cls.env["cae.member"].with_user(cls.secretary)
        cls.Movement = cls.env["cae.share.movement"].with_user(cls.secretary)

    @classmethod
    def _candidate(cls, name, **vals):
        return cls.Member.create(
            {"name": name, "date_application": "2026-01-05", **vals}
        )

    @classmethod
    def _admitted(cls, name, day="2026-01-10", **vals):
        member = cls._candidate(name, **vals)
        member._admit(date.fromisoformat(day), "meeting", "AGO 1")
        return member

    @classmethod
    def _subscribe(cls, member, quantity=2, day="2026-01-15"):
        return member._subscribe(
            [(member, cls.kind.with_env(member.env), quantity)], date.fromisoformat(day)
        )

    @classmethod
    def _pay_shares(cls, member, amount, day="2026-01-20"):
        wizard = member.env["cae.share.payment"].create(
            {
                "member_id": member.id,
                "date": day,
                "bank": str(cls.bank.id),
                "amount": amount,
            }
        )
        return wizard.action_pay()

    @classmethod
    def _member(cls, name, quantity=2, **vals):
        """Admitted on 10 January, shares subscribed on the 15th, paid on the 20th."""
        member = cls._admitted(name, **vals)
        cls._subscribe(member, quantity)
        cls._pay_shares(member, 16 * quantity)
        return member

    @classmethod
    def _person(cls, code, name, start="2024-01-01", **vals):
        person = cls.env["cae.entrepreneur"].create(
            {
                "code": code,
                "first_name": name,
                "last_name": "Test",
                "date_entry": start,
                **vals,
            }
        )
        cls.env["cae.contract"].create(
            {"entrepreneur_id": person.id, "kind": "cesa", "date_start": start}
        )
        return person

    @classmethod
    def _portal(cls, member):
        """The portal user of a member."""
        user = new_test_user(
            cls.env,
            login=f"portal_{member.code}",
            groups="base.group_portal",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        user.sudo().write(
            {"partner_id": member.sudo().partner_id.id, "password": user.login}
        )
        return user

    def _books(self, member=None):
        """``{account code: balance}`` of the capital, of a member or of all."""
        domain = [
            ("company_id", "=", self.company.id),
            ("parent_state", "=", "posted"),
            "|",
            ("account_id.code", "=like", "101%"),
            ("account_id.code", "=like", "456%"),
        ]
        if member:
            domain.append(("partner_id", "=", member.sudo().partner_id.id))
        rows = self.env["account.move.line"]._read_group(
            domain, ["account_id"], ["balance:sum"]
        )
        found = {account.code: round(balance, 2) for account, balance in rows}
        return {code: balance for code, balance in found.items() if balance}
