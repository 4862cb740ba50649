from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.engine.texts import short, storable

from ..engine.monthly import Wish
from .cae_pay_decision import PAYING
from .cae_pay_line import TOTALS

#: Euros; more is a mistake.
LARGEST = 10_000_000
#: Months ahead that somebody may ask for.
AHEAD = 24
#: Characters of a note; more is no note.
LONGEST = 2000
#: What every request has.
NEEDED = {"entrepreneur_id", "kind", "month", "state"}
#: What a request that is paid may no longer change.
TERMS = {"entrepreneur_id", "activity_id", "month", "kind", "amount", "state"}


def first_of_month(env, code, value):
    """First day of the month of ``value``.

    :param code: of the error
    :raises UserError: ``code`` when it is no day of this century
    """
    try:
        day = fields.Date.to_date(value)
    except (TypeError, ValueError):
        day = None
    if not day or not 2000 <= day.year < 2100:
        raise UserError(
            env._(
                "%(code)s: %(month)s is not a month that can be paid.",
                code=code,
                month=short(value),
            )
        )
    return day.replace(day=1)


def check_numbers(env, code, vals, names):
    """Refuse what is no number, or none that can be paid, before it is rounded.

    :param names: fields of ``vals`` that are numbers
    :raises UserError: ``code``
    """
    for name in names & vals.keys():
        try:
            sound = 0 <= float(vals[name] or 0) < LARGEST
        except (TypeError, ValueError, OverflowError):
            sound = False
        if not sound:
            raise UserError(
                env._(
                    "%(code)s: %(value)s is not a number that can be paid.",
                    code=code,
                    value=short(vals[name]),
                )
            )


class CaePayRequest(models.Model):
    """What a person asks for in a month, above the fixed part."""

    _name = "cae.pay.request"
    _description = "Pay Request"
    _inherit = ["cae.pay.log"]
    _order = "month desc, entrepreneur_id"
    _check_company_auto = True

    entrepreneur_id = fields.Many2one(
        "cae.entrepreneur",
        required=True,
        ondelete="cascade",
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        related="entrepreneur_id.company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        tracking=True,
        help="Any day of the month that the pay is for.",
    )
    kind = fields.Selection(
        [
            ("net", "A net pay"),
            ("gross", "A gross above the fixed part"),
            ("max", "All that is possible"),
        ],
        string="Asks for",
        required=True,
        default="net",
        tracking=True,
        help="A net is before income tax and holds the fixed part.",
    )
    amount = fields.Monetary(tracking=True, groups=TOTALS)
    activity_id = fields.Many2one(
        "cae.activity",
        index="btree_not_null",
        check_company=True,
        tracking=True,
        domain="[('share_ids.entrepreneur_id', '=', entrepreneur_id)]",
        help="Draw the advance from this activity alone.",
    )
    note = fields.Char(tracking=True, groups=TOTALS)
    state = fields.Selection(
        [("sent", "Sent"), ("done", "Paid"), ("cancelled", "Cancelled")],
        default="sent",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )

    _month_uniq = models.UniqueIndex(
        "(entrepreneur_id, month) WHERE state != 'cancelled'",
        "This person has already asked for a pay in this month: change that request.",
    )
    _amount_positive = models.Constraint(
        "CHECK(amount >= 0)", "An amount asked for cannot be negative."
    )
    _first_day = models.Constraint(
        "CHECK(EXTRACT(day FROM month) = 1)", "A month is named by its first day."
    )

    @api.depends("entrepreneur_id", "month")
    def _compute_display_name(self):
        for request in self:
            month = f"{request.month:%Y-%m}" if request.month else ""
            name = request.entrepreneur_id.display_name or ""
            request.display_name = f"{month} {name}".strip()

    @api.constrains("activity_id", "entrepreneur_id")
    def _check_activity(self):
        for request in self.filtered("activity_id"):
            # The error names it, and constraints run as superuser.
            request.activity_id.sudo(False).check_access("read")
            # sudo: who holds the activity, for a person who sees only own shares.
            shares = request.sudo().activity_id.share_ids
            if request.entrepreneur_id not in shares.entrepreneur_id:
                raise ValidationError(
                    self.env._(
                        "CAE-PAY-REQUEST: %(person)s does not hold %(activity)s.",
                        person=request.entrepreneur_id.display_name,
                        activity=request.activity_id.display_name,
                    )
                )

    @api.constrains("kind", "amount", "month")
    def _check_asked(self):
        """:raises ValidationError: ``CAE-PAY-REQUEST``"""
        today = fields.Date.context_today(self)
        latest = today + relativedelta(months=AHEAD)
        # sudo: the amount, for whoever may write another field.
        for request in self.sudo():
            if request.kind != "max" and not request.amount:
                raise ValidationError(
                    self.env._("CAE-PAY-REQUEST: say how much is asked for.")
                )
            if request.month > latest:
                raise ValidationError(
                    self.env._(
                        "CAE-PAY-REQUEST: %(month)s is too far ahead to ask for.",
                        month=f"{request.month:%Y-%m}",
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        # The unique index must see what was withdrawn in this transaction.
        self.flush_model(["state"])
        for vals in vals_list:
            self._check_person(vals)
            self._check_terms(vals)
        vals_list = [self._first_of_month(vals) for vals in vals_list]
        requests = super().create(vals_list)
        requests._check_months_open()
        requests._check_undecided()
        requests._follow()
        return requests

    def write(self, vals):
        paying = self.env.context.get("cae_paying") is PAYING
        if TERMS & set(vals) and not paying:
            self._check_person(vals)
            self._check_not_paid()
        asked = TERMS & set(vals) and not paying
        before = self._months() if asked else set()
        if {"note", *TERMS} & set(vals) and not paying:
            self._check_terms(vals)
        result = super().write(self._first_of_month(vals))
        # Odoo looks at the rules before: whose request it is now counts as well.
        self.check_access("write")
        if TERMS & set(vals) - {"state"} and not paying:
            self._check_months_open()
        if asked:
            self._check_undecided()
            self._follow(before)
        return result

    def unlink(self):
        before = self._months()
        result = super().unlink()
        self.env["cae.pay.line"]._follow(before)
        return result

    def _months(self):
        return {(request.entrepreneur_id, request.month) for request in self}

    def _follow(self, before=()):
        """The pay that waits follows what is asked for."""
        self.env["cae.pay.line"]._follow({*before, *self._months()})

    @api.model
    def _check_person(self, vals):
        """Rights first: the unique index would tell who has asked already."""
        person = vals.get("entrepreneur_id")
        if isinstance(person, int) and person:
            people = self.env["cae.entrepreneur"].browse(person)
            people.exists().check_access("read")

    def _check_months_open(self):
        """:raises UserError: ``CAE-PERIOD-LOCKED``"""
        for company, requests in self.grouped("company_id").items():
            months = set(requests.mapped("month"))
            self.env["cae.period"]._check_open(company, months)

    def _check_terms(self, vals):
        """:raises UserError: ``CAE-PAY-REQUEST``"""
        for name in {"note", *TERMS} & set(vals):
            self._check_value(name, vals[name])
        if "done" in (vals.get("state"), self.env.context.get("default_state")):
            raise UserError(
                self.env._(
                    "CAE-PAY-REQUEST: a request is paid by the pay of its month."
                )
            )
        amount = vals.get("amount") or 0
        if not 0 <= float(amount) < LARGEST:
            raise UserError(
                self.env._(
                    "CAE-PAY-REQUEST: %(amount)s is not an amount that can be asked "
                    "for.",
                    amount=amount,
                )
            )

    def _check_value(self, name, value):
        """:raises UserError: ``CAE-PAY-REQUEST``"""
        field = self._fields[name]
        wrong = not self._cae_is_value(field, value)
        wrong |= name in NEEDED and not value
        wrong |= field.relational and not isinstance(value, int | None)
        if name == "note" and value:
            wrong |= not storable(value) or len(value) > LONGEST
        if wrong:
            raise UserError(
                self.env._(
                    "CAE-PAY-REQUEST: %(value)s is not a value of %(field)s.",
                    value=short(value),
                    field=name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_paid(self):
        self._check_not_paid()

    @api.model
    def _first_of_month(self, vals):
        if not vals.get("month"):
            return vals
        month = first_of_month(self.env, "CAE-PAY-REQUEST", vals["month"])
        return {**vals, "month": month}

    def _check_not_paid(self):
        """:raises UserError: ``CAE-PAY-REQUEST``"""
        if "done" in self.mapped("state"):
            raise UserError(
                self.env._(
                    "CAE-PAY-REQUEST: this request is already paid. Undo the pay of "
                    "the month first."
                )
            )
        answered = self._decided().request_id
        for request in self:
            if request.id in answered.ids:
                raise UserError(request._decided_message())

    def _check_undecided(self):
        """Nobody asks for a pay that is approved or posted.

        :raises UserError: ``CAE-PAY-REQUEST``
        """
        sent = self.filtered(lambda request: request.state == "sent")
        known = {(line.entrepreneur_id.id, line.month) for line in sent._decided()}
        for request in sent:
            if (request.entrepreneur_id.id, request.month) in known:
                raise UserError(request._decided_message())

    def _decided(self):
        """Approved and posted pay of these people and months, but for zeros."""
        # sudo: whether it is decided, for those who may ask for it.
        lines = self.env["cae.pay.line"].sudo()
        return lines.search(
            [
                ("entrepreneur_id", "in", self.entrepreneur_id.ids),
                ("month", "in", list(set(self.mapped("month")))),
                ("state", "in", ("approved", "posted")),
                ("settlement_id", "=", False),
                ("second_contract", "=", False),
                "|",
                ("cost", "!=", 0),
                ("net", "!=", 0),
            ]
        )

    def _decided_message(self):
        return self.env._(
            "CAE-PAY-REQUEST: the pay of %(request)s is decided already. Ask for "
            "another month, or have its approval taken back, or the pay undone, first.",
            request=self.display_name,
        )

    def action_cancel(self) -> bool:
        """Withdraw requests that are not paid yet."""
        self.write({"state": "cancelled"})
        return True

    def action_send(self) -> bool:
        """Take back the withdrawal of requests."""
        self.write({"state": "sent"})
        return True

    def _wish(self) -> Wish:
        """This request as the engine takes it."""
        self.ensure_one()
        return Wish(self.kind, decimal(self.amount), self.activity_id.id or 0)
