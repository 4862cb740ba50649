"""The register of the movements of shares: numbered, never edited, only reversed."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.cae_base.engine.money import decimal
from odoo.addons.cae_base.models.cae_owned import OWN
from odoo.addons.cae_base.tools import flag_domain, format_date

from ..engine import shares

SEQUENCE = "cae.share.movement"
KINDS = [
    ("subscription", "Subscription"),
    ("transfer_in", "Transfer received"),
    ("transfer_out", "Transfer given"),
    ("redemption", "Redemption"),
    ("opening", "Taken over from the former register"),
    ("reversal", "Reversal"),
]


class CaeShareMovement(models.Model):
    """A line of the register: shares that a member gets or gives back."""

    _name = "cae.share.movement"
    _description = "Movement of Shares"
    _order = "number desc"
    _rec_name = "name"
    _check_company_auto = True

    number = fields.Integer(
        required=True,
        readonly=True,
        copy=False,
        index=True,
        help="Rank in the register of the company, without gaps.",
    )
    name = fields.Char(
        string="Register Number", compute="_compute_name", search="_search_name"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True, index=True)
    kind = fields.Selection(KINDS, required=True, readonly=True, index=True)
    member_id = fields.Many2one(
        "cae.member",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    share_kind_id = fields.Many2one(
        "cae.share.kind",
        string="Shares",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    quantity = fields.Integer(
        required=True,
        readonly=True,
        help="Shares; negative when they leave the member.",
    )
    value = fields.Monetary(
        string="Nominal Value", required=True, readonly=True, aggregator=None
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        precompute=True,
        help="Nominal value of all of them.",
    )
    reference = fields.Char(
        readonly=True, help="Decision, subscription form or file that it comes from."
    )
    note = fields.Char(readonly=True)
    move_id = fields.Many2one(
        "account.move",
        string="Entry",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    counterpart_id = fields.Many2one(
        "cae.share.movement",
        string="Other Side",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The other side of a transfer.",
    )
    redemption_id = fields.Many2one(
        "cae.share.redemption",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    reversal_of_id = fields.Many2one(
        "cae.share.movement",
        string="Reverses",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    reversal_ids = fields.One2many("cae.share.movement", "reversal_of_id")
    reversed = fields.Boolean(compute="_compute_reversed", search="_search_reversed")

    _number_uniq = models.UniqueIndex(
        "(company_id, number)", "This number of the register is taken."
    )
    _reversal_uniq = models.UniqueIndex(
        "(reversal_of_id) WHERE reversal_of_id IS NOT NULL",
        "This movement is reversed already.",
    )
    _member_date_index = models.Index("(member_id, date)")
    _quantity_set = models.Constraint(
        "CHECK(quantity <> 0)", "A movement moves one share at least."
    )
    _value_positive = models.Constraint(
        "CHECK(value > 0)", "A share has a nominal value above zero."
    )

    @api.depends("number")
    def _compute_name(self):
        for movement in self:
            movement.name = f"{movement.number:05d}" if movement.number else False

    @api.model
    def _search_name(self, operator, value):
        if operator not in ("ilike", "=", "like", "=ilike") or not value:
            return NotImplemented
        digits = str(value).strip()
        wanted = int(digits) if digits.isdecimal() and len(digits) < 10 else 0
        return [("number", "=", wanted)]

    @api.depends("quantity", "value")
    def _compute_amount(self):
        for movement in self:
            movement.amount = float(movement.quantity * decimal(movement.value))

    @api.depends("reversal_ids")
    def _compute_reversed(self):
        for movement in self:
            movement.reversed = bool(movement.reversal_ids)

    @api.model
    def _search_reversed(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = fields.Domain("reversal_ids", "!=", False)
        return flag_domain(found, value)

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._check_owning()
        return super().create(vals_list)

    def write(self, vals):
        self._check_owning()
        return super().write(vals)

    def _check_owning(self):
        """:raises UserError: ``CAE-SHARE-REGISTER``"""
        if self.env.context.get("cae_own") is not OWN:
            raise UserError(
                self.env._(
                    "CAE-SHARE-REGISTER: movements of the register are recorded by "
                    "their buttons, never changed, and only reversed (action_reverse)."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_register(self):
        raise UserError(
            self.env._(
                "CAE-SHARE-REGISTER: a movement of the register is never deleted. "
                "Reverse it."
            )
        )

    def copy(self, default=None):
        self.browse()._check_owning()
        return super().copy(default)

    # ------------------------------------------------------------------
    # Recording: the one way into the register
    # ------------------------------------------------------------------

    @api.model
    def _record(self, vals_list):
        """Write lines of the register of the current company, with their entries.

        All or nothing, in a constant number of queries beside Odoo's own for entries.
        Members become members, or cease to be, as their shares say.

        :param vals_list: values without number and company; ``lines`` is
            ``[(key of an account, balance in euros, partner)]`` of the entry, nothing
            for none
        :raises UserError: ``CAE-SHARE-DATE``, ``CAE-SHARE-QUANTITY``,
            ``CAE-SHARE-SHORT``, ``CAE-PERIOD-LOCKED``, ``CAE-LOCK-DATE``,
            ``CAE-SHARE-CONFIG``
        """
        company = self.env.company
        accounts = company._cae_capital_accounts()
        self._check_vals(vals_list)
        first = self._next_number(len(vals_list))
        # sudo: the register and its entries are written by whoever may do what the
        # movement is for; that right was checked by the caller.
        register = self.sudo()._cae_owned()
        lines = [vals.pop("lines", ()) for vals in vals_list]
        movements = register.create(
            [
                {**vals, "number": number, "company_id": company.id}
                for number, vals in enumerate(vals_list, first)
            ]
        )
        movements._check_held()
        movements._book(lines, accounts)
        self.env["cae.member"].invalidate_model(["share_unpaid", "share_paid"])
        movements.member_id._after_movements(max(movements.mapped("date")))
        return movements.with_env(self.env)

    def _cae_owned(self):
        return self.with_context(
            **{k: v for k, v in self.env.context.items() if k[:8] != "default_"},
            cae_own=OWN,
        )

    @api.model
    def _check_vals(self, vals_list):
        today = self.env.company._cae_today()
        booked = {vals["date"] for vals in vals_list if vals.get("lines")}
        for vals in vals_list:
            quantity = vals["quantity"]
            if type(quantity) is not int or not quantity or abs(quantity) > 10**6:
                raise UserError(
                    self.env._(
                        "CAE-SHARE-QUANTITY: give a whole number of shares, one at "
                        "least."
                    )
                )
            if vals["date"] > today:
                raise UserError(
                    self.env._(
                        "CAE-SHARE-DATE: %(day)s is ahead. The register says what "
                        "happened.",
                        day=format_date(self.env, vals["date"]),
                    )
                )
        self.env["res.company"]._cae_check_capital_days(booked)

    @api.model
    def _next_number(self, count):
        """The first of ``count`` numbers that follow each other.

        Whoever records next waits here until this transaction ends; PostgreSQL then
        refuses their older snapshot and Odoo starts them again: no gap, no number
        twice, and nobody counts shares that somebody else just moved.
        """
        company = self.env.company
        sequence = self._sequence()
        sequence._cae_hold()
        sequence.invalidate_recordset(["number_next"])
        sequence.number_next = sequence.number_next + count
        self.flush_model(["number", "company_id"])
        rows = self.env.execute_query(
            SQL(
                "SELECT COALESCE(MAX(number), 0) FROM cae_share_movement "
                "WHERE company_id = %s",
                company.id,
            )
        )
        return rows[0][0] + 1

    @api.model
    def _sequence(self):
        # sudo: numbering is no right on sequences.
        sequences = self.env["ir.sequence"].sudo()
        company = self.env.company
        domain = [("code", "=", SEQUENCE), ("company_id", "=", company.id)]
        known = sequences.search(domain, limit=1)
        if known:
            return known
        # Of two who begin the register at once the second starts again and finds it.
        self.env.cr.execute(
            SQL(
                "UPDATE res_company SET write_date = write_date WHERE id = %s",
                company.id,
            )
        )
        return sequences.create(
            {
                "name": self.env._("Register of shares"),
                "code": SEQUENCE,
                "company_id": company.id,
                "implementation": "no_gap",
            }
        )

    def _check_held(self):
        """Nobody ever holds less than no share of a kind.

        :raises UserError: ``CAE-SHARE-SHORT``
        """
        leaving = self.filtered(lambda movement: movement.quantity < 0)
        rows = self.search_fetch(
            [("member_id", "in", leaving.member_id.ids)],
            ["member_id", "share_kind_id", "date", "quantity", "amount"],
        )
        groups = rows.grouped(lambda row: (row.member_id, row.share_kind_id))
        for (member, kind), found in groups.items():
            day = shares.first_shortage(found._lines())
            if day:
                raise UserError(
                    self.env._(
                        "CAE-SHARE-SHORT: %(member)s would hold a negative number "
                        "of shares (%(kind)s) on %(day)s.",
                        member=member.display_name,
                        kind=kind.name,
                        day=format_date(self.env, day),
                    )
                )

    def _lines(self):
        """These movements as the engine reads them."""
        return [
            shares.Movement(
                row.member_id.id, row.date, row.quantity, decimal(row.amount)
            )
            for row in self
        ]

    @api.model
    def _capital_figures(self, company):
        """``(capital, highest capital)`` of a company in euros, in one query.

        What was reversed was a mistake, and its reversal takes it back: capital that
        nobody ever held is not the highest.
        """
        rows = self._read_group(
            [
                ("company_id", "=", company.id),
                ("reversal_of_id", "=", False),
                ("reversal_ids", "=", False),
            ],
            ["date:day"],
            ["amount:sum"],
        )
        moves = [shares.Movement(0, day, 0, decimal(total or 0)) for day, total in rows]
        before = decimal(company.cae_capital_highest)
        capital = sum((move.amount for move in moves), decimal(0))
        return capital, shares.highest_capital(moves, before)
