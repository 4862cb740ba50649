from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.cae_base.engine.money import decimal

from ..engine import booking
from ..engine.monthly import to_cents
from .cae_pay_request import LONGEST, check_numbers, first_of_month

#: Who knows what is withheld of a pay, or why somebody was away.
OFFICE = "cae_base.group_payroll"
#: What a pay that is approved or posted has taken into account.
TERMS = {"account_id", "amount", "creditor_id", "entrepreneur_id", "kind", "month"}
#: Kinds of elements that are times, and not amounts.
TIMES = ("absence", "sick", "leave")
#: Days of the longest month.
MOST_DAYS = 31
#: What is withheld is owed to somebody, or pays shares (45): no money, no charge.
CREDITED = "4"
#: Paid leave: a time, and the gross that is paid for it.
LEAVE = "leave"


class CaePayElement(models.Model):
    """What the payroll software, or the transfer, must know of a person's month."""

    _name = "cae.pay.element"
    _description = "Element of Pay"
    _inherit = ["cae.pay.log"]
    _order = "month desc, entrepreneur_id, id"
    _check_company_auto = True

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        required=True,
        ondelete="restrict",
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        related="entrepreneur_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    coach_id = fields.Many2one(related="entrepreneur_id.coach_id")
    team_id = fields.Many2one(related="entrepreneur_id.team_id", string="Site or Team")
    month = fields.Date(
        required=True,
        index=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        tracking=True,
        help="Any day of the month that the pay is for.",
    )
    kind = fields.Selection(
        [
            ("absence", "Absence"),
            ("sick", "Sick leave"),
            ("leave", "Paid leave"),
            ("garnishment", "Garnishment"),
            ("advance", "Advance given before"),
            ("subscription", "Subscription of shares"),
        ],
        required=True,
        default="absence",
        tracking=True,
        help="Absences and sick leave are for the payroll software. Paid leave also "
        "uses up what was set aside for it: its amount is the part of the month's "
        "gross that pays it. The others are withheld from the net.",
    )
    withheld = fields.Boolean(
        compute="_compute_withheld", help="Taken from what is paid to the person."
    )
    date_from = fields.Date(string="From", tracking=True)
    date_to = fields.Date(string="To", tracking=True)
    days = fields.Float(digits=(6, 2), tracking=True)
    hours = fields.Float(digits=(6, 2), tracking=True)
    amount = fields.Monetary(tracking=True)
    account_id = fields.Many2one(
        "account.account",
        compute="_compute_account_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        groups=OFFICE,
        help="Credited in the entry of the pay: 427, 425, or the company's choice.",
    )
    creditor_id = fields.Many2one(
        "res.partner",
        groups=OFFICE,
        help="Who is owed what is withheld; the person for an advance.",
    )
    note = fields.Char()

    _positive = models.Constraint(
        "CHECK(amount >= 0 AND days >= 0 AND hours >= 0)",
        "Amounts, days and hours cannot be negative.",
    )
    _first_day = models.Constraint(
        "CHECK(EXTRACT(day FROM month) = 1)", "A month is named by its first day."
    )

    @api.depends("kind", "entrepreneur_id", "month")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for element in self:
            month = f"{element.month:%Y-%m}" if element.month else ""
            name = element.entrepreneur_id.display_name or ""
            kind = labels.get(element.kind, "")
            element.display_name = f"{month} {name}, {kind}".strip()

    @api.depends("kind")
    def _compute_withheld(self):
        for element in self:
            element.withheld = element.kind in booking.WITHHELD

    @api.depends("kind", "company_id")
    def _compute_account_id(self):
        for element in self:
            company = element.company_id
            element.account_id = (
                element.withheld
                and company
                and company._cae_withheld_account(element.kind)
            )

    @api.constrains(
        *("kind", "amount", "account_id", "month", "note"),
        *("date_from", "date_to", "days", "hours"),
    )
    def _check_element(self):
        for element in self:
            element._check_amount()
            element._check_dates()
            element._check_time()

    def _check_amount(self):
        """:raises ValidationError: ``CAE-PAY-ELEMENT``"""
        if self.withheld and not self.amount > 0:
            raise ValidationError(
                self.env._(
                    "CAE-PAY-ELEMENT: say how much is withheld from the pay of "
                    "%(person)s.",
                    person=self.entrepreneur_id.display_name,
                )
            )
        if self.withheld and not self.account_id:
            raise ValidationError(
                self.env._(
                    "CAE-PAY-ELEMENT: choose the account that what is withheld is "
                    "booked on, here or in CAE / Configuration / Settings."
                )
            )
        # As whoever may not read the account.
        code = self.sudo().account_id.with_company(self.company_id).code or ""
        if self.withheld and not code.startswith(CREDITED):
            raise ValidationError(
                self.env._(
                    "CAE-PAY-ELEMENT: what is withheld is owed to somebody: choose an "
                    "account of third parties (class 4), not %(account)s.",
                    account=code,
                )
            )
        if not self.withheld and self.amount and self.kind != LEAVE:
            raise ValidationError(
                self.env._(
                    "CAE-PAY-ELEMENT: an absence has days or hours, and no amount: "
                    "the payroll software reckons it."
                )
            )

    def _check_dates(self):
        """:raises ValidationError: ``CAE-PAY-ELEMENT``"""
        first, last = self.date_from, self.date_to
        if first and last and last < first:
            raise ValidationError(
                self.env._("CAE-PAY-ELEMENT: the last day is before the first one.")
            )
        end = self.month + relativedelta(months=1, days=-1)
        if (first and first > end) or (last and last < self.month):
            raise ValidationError(
                self.env._(
                    "CAE-PAY-ELEMENT: these days are not in %(month)s.",
                    month=f"{self.month:%Y-%m}",
                )
            )

    def _check_time(self):
        """A time is one of the month; a note is no document.

        :raises ValidationError: ``CAE-PAY-ELEMENT``
        """
        if self.days > MOST_DAYS or self.hours > MOST_DAYS * 24:
            raise ValidationError(
                self.env._(
                    "CAE-PAY-ELEMENT: a month has no %(days)g days or %(hours)g hours.",
                    days=self.days,
                    hours=self.hours,
                )
            )
        told = self.days or self.hours or self.date_from or self.amount
        if self.kind in TIMES and not told:
            raise ValidationError(
                self.env._("CAE-PAY-ELEMENT: say how many days or hours, or from when.")
            )
        if len(self.note or "") > LONGEST:
            raise ValidationError(
                self.env._(
                    "CAE-PAY-ELEMENT: a note has %(most)s characters at most.",
                    most=LONGEST,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        elements = super().create([self._sound(vals) for vals in vals_list])
        elements._check_free()
        elements._follow()
        return elements

    def write(self, vals):
        touched = TERMS & set(vals)
        before = self._months() if touched else set()
        if touched:
            self._check_free()
        result = super().write(self._sound(vals))
        if touched:
            self._check_free()
            self._follow(before)
        return result

    def unlink(self):
        before = self._months()
        result = super().unlink()
        self._follow(before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_paid(self):
        self._check_free()

    def _months(self):
        """``{(person, month)}`` of what counts in a pay."""
        counted = self.filtered("amount")
        return {(element.entrepreneur_id, element.month) for element in counted}

    def _follow(self, before=()):
        """The pay that waits follows what is withheld, or paid for leave."""
        self.env["cae.pay.line"]._follow({*before, *self.exists()._months()})

    @api.model
    def _sound(self, vals):
        """:raises UserError: ``CAE-PAY-ELEMENT``"""
        code = "CAE-PAY-ELEMENT"
        check_numbers(self.env, code, vals, {"amount", "days", "hours"})
        if not vals.get("month"):
            return vals
        return {**vals, "month": first_of_month(self.env, code, vals["month"])}

    def _check_free(self):
        """What an approved or posted pay withholds, or its leave, stays as it is.

        :raises UserError: ``CAE-PAY-ELEMENT``, ``CAE-PERIOD-LOCKED``
        """
        for company, elements in self.grouped("company_id").items():
            months = set(elements.mapped("month"))
            self.env["cae.period"]._check_open(company, months)
        counted = self.filtered("amount")
        pay = self.env["cae.pay.line"].search(
            [
                ("entrepreneur_id", "in", counted.entrepreneur_id.ids),
                ("month", "in", list(set(counted.mapped("month")))),
                ("state", "in", ("approved", "posted")),
                ("settlement_id", "=", False),
                ("second_contract", "=", False),
            ]
        )
        decided = {(line.entrepreneur_id, line.month): line for line in pay}
        for element in counted:
            line = decided.get((element.entrepreneur_id, element.month))
            if line:
                raise UserError(
                    self.env._(
                        "CAE-PAY-ELEMENT: the pay of %(pay)s is decided already. Take "
                        "back its approval, or undo it, first.",
                        pay=line.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # For the pay of the month, and the payroll software
    # ------------------------------------------------------------------

    @api.model
    def _withheld(self, company, month) -> dict:
        """``{person id: [(kind, account id, partner id, cents)]}``, in one query."""
        result = {}
        elements = self.search_fetch(
            [
                ("company_id", "=", company.id),
                ("month", "=", month),
                ("kind", "in", booking.WITHHELD),
            ],
            ["account_id", "amount", "creditor_id", "entrepreneur_id", "kind"],
            order="id",
        )
        for element in elements:
            partner = element._withheld_partner()
            own = result.setdefault(element.entrepreneur_id.id, [])
            cents = to_cents(decimal(element.amount))
            own.append((element.kind, element.account_id.id, partner.id, cents))
        return result

    @api.model
    def _leave_taken(self, company, month) -> dict:
        """``{person id: cents}``: gross of the paid leave of a month, in one query."""
        rows = self._read_group(
            [
                ("company_id", "=", company.id),
                ("month", "=", month),
                ("kind", "=", LEAVE),
                ("amount", ">", 0),
            ],
            ["entrepreneur_id"],
            ["amount:sum"],
        )
        return {person.id: to_cents(decimal(amount)) for person, amount in rows}

    def _withheld_partner(self):
        """Whose account it is: advances and shares are settled with the person."""
        if self.kind in (booking.ADVANCE, booking.SUBSCRIPTION):
            return self.creditor_id or self.entrepreneur_id.partner_id
        return self.creditor_id

    @api.model
    def _totals(self, people, month) -> dict:
        """``{person: {source of a payroll file: amount}}`` of a month, in one query."""
        rows = self._read_group(
            [("entrepreneur_id", "in", people.ids), ("month", "=", month)],
            ["entrepreneur_id", "kind"],
            ["days:sum", "hours:sum", "amount:sum"],
        )
        result = {person: {} for person in people}
        for person, kind, days, hours, amount in rows:
            if kind in TIMES:
                result[person][f"{kind}_days"] = decimal(days or 0)
                result[person][f"{kind}_hours"] = decimal(hours or 0)
            if kind == LEAVE:
                result[person]["leave_amount"] = decimal(amount or 0)
            elif kind not in TIMES:
                result[person][f"withheld_{kind}"] = decimal(amount or 0)
        return result
