from collections import defaultdict
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.payslips import words
from .cae_contract import PAY_KINDS, PayTerms

#: Characters of a matricule.
LONGEST = 64


class CaeEntrepreneur(models.Model):
    _inherit = "cae.entrepreneur"

    matricule = fields.Char(
        copy=False,
        groups="cae_base.group_payroll",
        help="What the payroll software calls the person; zeros in front count.",
    )
    pay_line_ids = fields.One2many("cae.pay.line", "entrepreneur_id")
    pay_request_ids = fields.One2many("cae.pay.request", "entrepreneur_id")
    pay_count = fields.Integer(
        compute="_compute_pay_count",
        groups="cae_base.group_payroll,cae_base.group_accountant,cae_base.group_coach",
        help="Months with a pay.",
    )

    leave_due = fields.Monetary(
        string="Leave Set Aside",
        compute="_compute_leave_due",
        groups="cae_base.group_payroll",
        help="Gross of the paid leave that the pay of these people has set aside and "
        "that no leave has used up yet.",
    )

    _matricule_uniq = models.UniqueIndex(
        "(company_id, matricule) WHERE matricule IS NOT NULL",
        "Another person of the company already has this matricule.",
    )

    @api.constrains("matricule")
    def _check_matricule(self):
        # sudo: whoever creates a person, with or without rights on pay.
        for person in self.sudo():
            text = person.matricule or ""
            wrong = text != text.strip() or not words(text).strip()
            if text and (wrong or len(text) > LONGEST):
                raise ValidationError(
                    self.env._(
                        "CAE-PAYROLL-MATRICULE: a matricule has a letter or a digit, "
                        "no space around it, and %(most)s characters at most.",
                        most=LONGEST,
                    )
                )

    @api.depends_context("uid")
    def _compute_pay_count(self):
        counts = dict(
            self.env["cae.pay.line"]._read_group(
                [("entrepreneur_id", "in", self.ids), ("state", "!=", "cancelled")],
                ["entrepreneur_id"],
                ["__count"],
            )
        )
        for person in self:
            person.pay_count = counts.get(person, 0)

    @api.depends_context("uid")
    def _compute_leave_due(self):
        due = self.env["cae.pay.share"]._leave_due(self.ids)
        for person in self:
            own = due.get(person.id, {}).values()
            person.leave_due = sum(each.wage for each in own) / 100

    def action_open_pay(self) -> dict:
        """Pay of these people, month by month."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "cae_payroll.cae_pay_line_action"
        )
        action["domain"] = [("entrepreneur_id", "in", self.ids)]
        action["context"] = {"search_default_current": 1}
        return action

    # ------------------------------------------------------------------
    # Contracts
    # ------------------------------------------------------------------

    @api.model
    def _pay_terms(
        self, company, first: date, last: date, kinds=PAY_KINDS
    ) -> dict[int, PayTerms]:
        """Terms of these people, or of everyone, under contract in a month.

        Three queries.

        A contract that starts, ends or is amended in the month counts by calendar
        days. Beside a CESA an ordinary contract has a pay of its own
        (``PayTerms.second``); a CAPE counts when there is neither.

        :param first: first day of the month
        :param last: its last day
        :param kinds: of contracts
        """
        roots = self.env["cae.contract"].search(
            [
                ("company_id", "=", company.id),
                ("kind", "in", kinds),
                ("parent_id", "=", False),
                *([("entrepreneur_id", "in", self.ids)] if self else ()),
                ("date_start", "<=", last),
                "|",
                ("date_end", "=", False),
                ("date_end", ">=", first),
            ]
        )
        steps = roots | self.env["cae.contract"].search(
            [("parent_id", "in", roots.ids), ("date_start", "<=", last)]
        )
        chains = defaultdict(steps.browse)
        for step in steps:
            chains[step.entrepreneur_id] |= step
        terms = {
            person.id: chain._pay_terms(person, first, last)
            for person, chain in chains.items()
        }
        return {person: each for person, each in terms.items() if each}
