from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import formatLang

from odoo.addons.cae_base.engine.money import decimal

from ..engine import monthly
from ..engine.monthly import to_cents

DAY = timedelta(days=1)
#: Contracts of employment, which pay wages; the first one is the main one of two.
WAGE_KINDS = ("cesa", "employee")
#: Those that a pay comes out for: of a CAPE without pay, one of zero.
PAY_KINDS = (*WAGE_KINDS, "cape")
#: Most of a month: euros, hours, euros; more is a mistake.
LARGEST = {"health_total": 10_000, "month_hours": 744, "overdraft_limit": 1_000_000}
#: Who knows of a person's complementary health: payroll officers, and the person.
PRIVATE = "cae_base.group_payroll,cae_base.group_entrepreneur"
#: Terms that an amendment takes over from the contract it changes.
TERMS = (
    "executive",
    "month_hours",
    "at_rate",
    "health_cover",
    "health_total",
    "health_employer_share",
)


@dataclass(frozen=True)
class PayTerms:
    """What the contracts of a person say about the pay of a month.

    :param contract: id of the contract or amendment whose terms apply, the last one
    :param root: id of the contract itself: the year of pay is regularised by contract
    :param kind: ``cesa``, ``employee`` or ``cape``
    :param asks: what the person asks for counts, above the fixed part
    :param fixed: gross of the fixed part of the month
    :param days: calendar days of the contract in the month; None for all
    :param leaves: the contract, or the other one of the month, ends in it
    :param employed: calendar days of all contracts of the person in the month, which
        have one ceiling; None when there is one contract
    :param second: terms of an ordinary contract beside the CESA: a pay of its own
    """

    contract: int
    root: int
    fixed: Decimal
    days: int | None
    leaves: bool
    kind: str = "cesa"
    asks: bool = True
    employed: int | None = None
    second: PayTerms | None = None


class CaeContract(models.Model):
    _inherit = "cae.contract"

    cape_pay = fields.Boolean(
        string="Pay on Request",
        compute="_compute_cape_pay",
        store=True,
        readonly=False,
        precompute=True,
        help="A CAPE that provides for pay above its fixed part (C. com. R.127-1, 7°): "
        "requests and targets count. Without it the fixed part alone is paid; when "
        "there is none, the month comes out as a line of zero.",
    )
    executive = fields.Boolean(
        compute="_compute_pay_terms",
        store=True,
        readonly=False,
        precompute=True,
        help="The person is a cadre: APEC and death insurance are due.",
    )
    month_hours = fields.Float(
        string="Monthly Hours",
        compute="_compute_pay_terms",
        store=True,
        readonly=False,
        precompute=True,
        digits=(6, 2),
        help="Paid hours of an ordinary contract; 151.67 is full time. A salaried "
        "entrepreneur has none.",
    )
    at_rate = fields.Float(
        string="Work Accidents (%)",
        compute="_compute_pay_terms",
        store=True,
        readonly=False,
        precompute=True,
        digits=(6, 3),
        help="Zero: the company's rate.",
    )
    health_cover = fields.Selection(
        [
            ("company", "As in the company"),
            ("own", "Own premium"),
            ("none", "Exempt"),
        ],
        compute="_compute_pay_terms",
        store=True,
        readonly=False,
        precompute=True,
        groups=PRIVATE,
        help="Complementary health: a person may be exempt (dispense d'adhésion).",
    )
    health_total = fields.Monetary(
        string="Health Premium",
        compute="_compute_pay_terms",
        store=True,
        readonly=False,
        precompute=True,
        groups=PRIVATE,
        help="Premium of the month, both shares.",
    )
    health_employer_share = fields.Float(
        string="Employer's Share (%)",
        compute="_compute_pay_terms",
        store=True,
        readonly=False,
        precompute=True,
        groups=PRIVATE,
        digits=(6, 3),
    )

    overdraft_limit = fields.Monetary(
        compute="_compute_overdraft_limit",
        store=True,
        readonly=False,
        precompute=True,
        help="How far a fixed part may overdraw the balance without approval. Zero: "
        "the company's limit.",
    )
    payroll_key = fields.Char(
        string="Contract Key",
        copy=False,
        groups="cae_base.group_payroll",
        help="What the payroll software calls this contract, when a person has "
        "several. Amendments have that of their contract.",
    )

    _at_rate_range = models.Constraint(
        "CHECK(at_rate BETWEEN 0 AND 100 AND health_employer_share BETWEEN 0 AND 100)",
        "A rate is between 0 and 100 percent.",
    )
    _health_total_positive = models.Constraint(
        "CHECK(health_total >= 0 AND month_hours >= 0 AND overdraft_limit >= 0)",
        "A premium, a limit or a number of hours cannot be negative.",
    )

    @api.constrains("health_total", "month_hours", "overdraft_limit")
    def _check_pay_terms(self):
        # sudo: whoever loads contracts, also without rights on some terms.
        for contract in self.sudo():
            wrong = [n for n, most in LARGEST.items() if contract[n] > most]
            if wrong:
                raise ValidationError(
                    self.env._(
                        "CAE-CONTRACT-AMOUNT: %(amount)s is too much for %(field)s "
                        "(%(person)s).",
                        amount=contract[wrong[0]],
                        field=self._fields[wrong[0]]._description_string(self.env),
                        person=contract.entrepreneur_id.display_name,
                    )
                )

    @api.onchange("date_end")
    def _onchange_date_end(self):
        told = self._origin and self._paid_after_end()
        if told:
            return {
                "warning": {"title": self.env._("Pay after the end"), "message": told}
            }
        return {}

    def write(self, vals):
        result = super().write(vals)
        for contract in self if "date_end" in vals else ():
            told = contract._paid_after_end()
            if told:
                contract._cae_note(told)
        return result

    def _paid_after_end(self):
        """Months after the end of this contract whose pay is posted, in words."""
        if not self.date_end or self.parent_id:
            return ""
        steps = self._origin | self._origin.amendment_ids
        lines = self.env["cae.pay.line"].search(
            [
                ("contract_id", "in", steps.ids),
                ("month", ">", self.date_end),
                ("state", "=", "posted"),
                ("gross", "!=", 0),
                ("settlement_id", "=", False),
            ],
            order="month",
        )
        if not lines:
            return ""
        return self.env._(
            "Pay is posted for months after the end of the contract: %(months)s. Undo "
            "it when it is not due.",
            months=", ".join(lines.mapped("month_text")),
        )

    @api.model
    def _warning_candidates(self):
        least = self.env.company.cae_fixed_part_minimum
        low = Domain("fixed_part", "<", least) | Domain(
            "amendment_ids.fixed_part", "<", least
        )
        return super()._warning_candidates() | (Domain("kind", "=", "cesa") & low)

    def _warnings(self):
        result = super()._warnings()
        least = self.company_id.cae_fixed_part_minimum
        low = self._last_fixed_part() < least
        if self.kind == "cesa" and low and not self.parent_id:
            result.append(
                self.env._(
                    "Fixed part below the company's minimum (%(least)s a month).",
                    least=formatLang(
                        self.env, least, currency_obj=self.company_id.currency_id
                    ),
                )
            )
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_paid(self):
        """:raises UserError: ``CAE-CONTRACT-USED``"""
        # sudo: whether pay names these contracts, whoever may read it.
        lines = self.env["cae.pay.line"].sudo()
        used = lines.search([("contract_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "CAE-CONTRACT-USED: pay was computed with the contract of "
                    "%(person)s. Give it an end date instead.",
                    person=used.entrepreneur_id.display_name,
                )
            )

    @api.depends("parent_id")
    def _compute_pay_terms(self):
        """An amendment starts from the terms that it changes."""
        for contract in self:
            source = contract._amended()
            terms = self._default_pay_terms()
            for name in TERMS:
                contract[name] = source[name] if source else terms[name]

    @api.depends("parent_id")
    def _compute_overdraft_limit(self):
        # On its own: an update that adds the column computes no other term again.
        for contract in self:
            contract.overdraft_limit = contract._amended().overdraft_limit

    @api.depends("parent_id")
    def _compute_cape_pay(self):
        # On its own: see _compute_overdraft_limit.
        for contract in self:
            contract.cape_pay = contract._amended().cape_pay

    def _amended(self):
        """The step before this amendment; none for a contract."""
        parent = self.parent_id
        return (parent | parent.amendment_ids - self)._latest()

    @api.model
    def _default_pay_terms(self):
        return {
            "executive": False,
            "month_hours": 151.67,
            "at_rate": 0.0,
            "health_cover": "company",
            "health_total": 0.0,
            "health_employer_share": 50.0,
        }

    def _overdraft_limit(self, company) -> int:
        """Overdraft that needs no approval, in cents."""
        return to_cents(
            decimal(self.overdraft_limit or company.cae_pay_overdraft_limit)
        )

    def _payroll_key(self):
        return self.payroll_key or self.parent_id.payroll_key or ""

    def _pay_situation(
        self,
        company,
        day: date,
        days: int | None = None,
        employed: int | None = None,
    ):
        """What decides the pay of this contract, as the engine takes it.

        :param day: last day of the month
        :param days: calendar days of the contract in the month; None for all
        :param employed: the same of all contracts of the person
        :return: arguments of ``engine.Situation``, without the date
        """
        self.ensure_one()
        # sudo: terms that not everybody reads who may have a pay computed.
        terms = self.sudo()
        part = {} if days is None else {"days": days, "month_days": day.day}
        if part and employed is not None:
            part["ceiling_days"] = employed
        health = terms if terms.health_cover == "own" else company
        prefix = "" if terms.health_cover == "own" else "cae_"
        premium = health[f"{prefix}health_total"]
        return {
            **company._cae_pay_situation(day, self.executive),
            "contract": self.kind,
            "executive": self.executive,
            "hours": decimal(self.month_hours) if self.kind == "employee" else None,
            "at_rate": decimal(self.at_rate or company.cae_at_rate, 3),
            "health_total": decimal(0.0 if terms.health_cover == "none" else premium),
            "health_employer_share": decimal(
                health[f"{prefix}health_employer_share"], 3
            ),
            **part,
        }

    def _salary_beside(
        self, company, day: date, days: int | None, employed: int | None = None
    ):
        """The salary of a balance, or of a second contract."""
        situation = self._situation_beside(company, day, days, employed)
        return self.env["cae.salary.simulator"]._salary(day, situation)

    def _situation_beside(self, *args):
        """As :meth:`_pay_situation`, without premiums: the main pay bears them."""
        premiums = {"health_total": 0, "provident_total": 0}
        return {**self._pay_situation(*args), **premiums}

    def _pay_terms(self, person, first: date, last: date) -> PayTerms | None:
        """:class:`PayTerms` of a person with these contracts, or None when gone."""
        if person.date_exit and person.date_exit < first:
            return None
        kinds = sorted(set(self.mapped("kind")), key=PAY_KINDS.index)
        main, spans = self._kind_terms(kinds[0], person, first, last)
        if kinds[:2] != list(WAGE_KINDS):
            return main
        second, others = self._kind_terms(kinds[1], person, first, last)
        days = monthly.covered_days([*spans, *others], first, last)
        # They have one ceiling: what one settles, a month alone would take back.
        both = {"employed": days, "leaves": main.leaves or second.leaves}
        second = replace(second, asks=False, **both)
        return replace(main, second=second, **both)

    def _kind_terms(self, kind, person, first, last):
        """``(PayTerms, spans)`` of the contracts of one kind."""
        spans, latest = [], self.browse()
        roots = self.filtered(lambda c: c.kind == kind and not c.parent_id)
        for root in roots.sorted("date_start"):
            chain = (root | self.filtered(lambda c, r=root: c.parent_id == r)).sorted(
                lambda c: (c.date_start, c.id)
            )
            spans += chain._pay_spans(root.date_end, person.date_exit)
            latest = chain[-1]
        days = monthly.present_days(spans, first, last)
        terms = PayTerms(
            contract=latest.id,
            root=latest.parent_id.id or latest.id,
            fixed=monthly.fixed_part(spans, first, last),
            days=days if days < last.day else None,
            leaves=all(end and end <= last for _start, end, _amount in spans[-1:]),
            kind=kind,
            asks=kind != "cape" or latest.cape_pay,
        )
        return terms, spans

    def _pay_spans(self, date_end, date_exit):
        """``(first day, last day or None, fixed part)`` of a contract's steps."""
        ends = [step.date_start - DAY for step in self[1:]]
        ends.append(min(filter(None, (date_end, date_exit)), default=None))
        return [
            (step.date_start, end, decimal(step.fixed_part))
            for step, end in zip(self, ends, strict=True)
        ]
