"""Posting and cancelling internal sales: any number of them in a few queries."""

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..tools import format_date
from .cae_contribution_move import READ
from .cae_exchange import QUIET
from .cae_internal_sale import BOOKING

SEQUENCE = "cae.internal.sale"


class CaeInternalSale(models.Model):
    _inherit = "cae.internal.sale"

    def action_post(self) -> bool:
        """Number these drafts and book them; all of them or none.

        :return: True
        :raises AccessError: when not an accountant
        :raises UserError: ``CAE-SALE-STATE``, ``CAE-SALE-EMPTY``, ``CAE-SALE-SAME``,
            ``CAE-SALE-ACTIVITY``, ``CAE-PERIOD-LOCKED``, ``CAE-LOCK-DATE``,
            ``CAE-CONFIG-ACCOUNT``
        """
        self._hold("draft")
        for company, sales in self.grouped("company_id").items():
            sales.with_company(company)._book()
        return True

    def action_cancel(self, reason: str) -> bool:
        """Reverse the entries of these sales, in the first open month.

        :param reason: why; kept in the log
        :return: True
        :raises AccessError: when not an accountant
        :raises UserError: ``CAE-SALE-REASON``, ``CAE-SALE-STATE``,
            ``CAE-SALE-ACTIVITY``, ``CAE-LOCK-DATE``
        """
        if not (isinstance(reason, str) and reason.strip()):
            raise UserError(
                self.env._("CAE-SALE-REASON: say why; both activities read it.")
            )
        self._hold("posted")
        for company, sales in self.grouped("company_id").items():
            sales.with_company(company)._reverse(reason.strip())
        return True

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    def _hold(self, state):
        """Keep others from booking these sales; they must be in ``state``."""
        if not self.env.user.has_group("cae_base.group_accountant"):
            raise AccessError(
                self.env._("Only accountants of the cooperative book internal sales.")
            )
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        others = self.filtered(lambda sale: sale.state != state)
        if others:
            raise UserError(
                self.env._(
                    "CAE-SALE-STATE: %(sale)s is %(state)s. Drafts are posted, posted "
                    "sales are cancelled.",
                    sale=others[0].display_name,
                    state=dict(self._fields["state"]._description_selection(self.env))[
                        others[0].state
                    ],
                )
            )

    def _check_filled(self):
        empty = self.filtered(lambda sale: not sale.total)
        if empty:
            raise UserError(
                self.env._(
                    "CAE-SALE-EMPTY: the sale of %(seller)s to %(buyer)s has no line. "
                    "Say what is sold, and for how much.",
                    seller=empty[0].seller_id.display_name,
                    buyer=empty[0].buyer_id.display_name,
                )
            )

    def _check_kept(self):
        # sudo: whether an activity that the user may not read is archived.
        gone = (self.sudo().seller_id | self.sudo().buyer_id).filtered(
            lambda activity: not activity.active
        )
        if gone:
            raise UserError(
                self.env._(
                    "CAE-SALE-ACTIVITY: %(activity)s is archived, its accounts are "
                    "closed. Restore it first.",
                    activity=gone[0].display_name,
                )
            )

    @api.model
    def _check_days(self, days):
        """:raises UserError: ``CAE-PERIOD-LOCKED``, ``CAE-LOCK-DATE``"""
        company = self.env.company
        self.env["cae.period"]._check_open(company, days)
        for day in sorted(days):
            locks = company._get_violated_lock_dates(day, False, company.cae_journal_id)
            if locks:
                raise UserError(
                    self.env._(
                        "CAE-LOCK-DATE: internal sales of %(day)s cannot be booked: "
                        "the books are locked until %(date)s. Choose a later date.",
                        day=format_date(self.env, day),
                        date=format_date(self.env, locks[-1][0]),
                    )
                )

    # ------------------------------------------------------------------
    # Posting
    # ------------------------------------------------------------------

    def _book(self):
        """Post drafts of the current company."""
        self._check_filled()
        self._check_sides()
        self._check_days(set(self.mapped("date")))
        accounts = self.env.company._cae_internal_accounts()
        names = self._numbers()
        self.line_ids.fetch(["name"])
        moves = self._post_entries(
            [sale._prepare_move_vals(accounts, names[sale]) for sale in self]
        )
        for sale, move in zip(self, moves, strict=True):
            sale._mark(state="posted", name=names[sale], move_id=move.id)
        self._message_log_batch(
            bodies=dict.fromkeys(self.ids, self.env._("Posted on both sides."))
        )

    def _post_entries(self, vals_list):
        """Create and post entries in one batch."""
        moves = self.env["account.move"]._cae_own().with_context(**QUIET)
        moves = moves.create(vals_list)
        # Posting reads the analytic accounts one by one.
        analytic = (self.seller_id | self.buyer_id).analytic_account_id
        analytic.fetch(["plan_id", "root_plan_id"])
        moves.with_context(cae_read=READ)._post(soft=False)
        return moves.with_env(self.env)

    def _mark(self, **vals):
        self.with_context(cae_booking=BOOKING, tracking_disable=True).write(vals)

    def _numbers(self):
        """``{sale: number}``, in order of date; each year starts at 1."""
        sequence, result = self._sequence(), {}
        ordered = self.sorted(lambda sale: (sale.date, sale.id))
        for sales in ordered.grouped(lambda sale: sale.date.year).values():
            day = sales[0].date
            counter = sequence._get_current_sequence(day)
            counter.lock_for_update()
            counter.invalidate_recordset(["number_next"])
            first = counter.number_next
            counter.number_next = first + len(sales)
            dated = sequence.with_context(ir_sequence_date_range=day)
            for number, sale in enumerate(sales, first):
                result[sale] = dated.get_next_char(number)
        return result

    @api.model
    def _sequence(self):
        """The sequence of the current company, made when missing."""
        # sudo: numbering is no right on sequences.
        sequences = self.env["ir.sequence"].sudo()
        company = self.env.company
        domain = [("code", "=", SEQUENCE), ("company_id", "=", company.id)]
        return sequences.search(domain, limit=1) or sequences.create(
            {
                "name": self.env._("Internal sales"),
                "code": SEQUENCE,
                "company_id": company.id,
                "implementation": "no_gap",
                "use_date_range": True,
                "prefix": "VI/%(range_year)s/",
                "padding": 4,
            }
        )

    def _prepare_move_vals(self, accounts, name, sign=1):
        """Values of the entry; ``sign`` -1 for its opposite."""
        self.ensure_one()
        purchase, sale, bank = accounts
        seller, buyer = self.seller_id, self.buyer_id
        sides = (
            (purchase, sign, buyer, seller),
            (bank, -sign, buyer, seller),
            (bank, sign, seller, buyer),
            (sale, -sign, seller, buyer),
        )
        return {
            "move_type": "entry",
            "journal_id": self.company_id.cae_journal_id.id,
            "company_id": self.company_id.id,
            "date": self.date,
            "ref": self.env._(
                "%(number)s, %(seller)s to %(buyer)s",
                number=name,
                seller=seller.name,
                buyer=buyer.name,
            ),
            "cae_sale_id": self.id,
            "line_ids": [
                Command.create(self._prepare_item_vals(name, *side)) for side in sides
            ],
        }

    def _prepare_item_vals(self, name, account, sign, owner, other):
        analytic = owner.analytic_account_id.id
        return {
            "account_id": account.id,
            "name": f"{name} {other.name}: {self.line_ids[0].name}",
            "balance": sign * self.total,
            "analytic_distribution": {str(analytic): 100},
            "tax_ids": [],
        }

    # ------------------------------------------------------------------
    # Cancelling
    # ------------------------------------------------------------------

    def _reverse(self, reason):
        """Cancel posted sales of the current company."""
        self._check_kept()
        company, period = self.env.company, self.env["cae.period"]
        days = {
            day: period._first_open_day(company, day)
            for day in set(self.mapped("date"))
        }
        self._check_days(set(days.values()))
        moves = self._post_entries(
            [sale._prepare_reversal_vals(days[sale.date]) for sale in self]
        )
        for sale, move in zip(self, moves, strict=True):
            sale._mark(state="cancelled", reversal_move_id=move.id)
        body = self.env._("Cancelled: %(reason)s", reason=reason)
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))

    def _prepare_reversal_vals(self, day):
        """The opposite of the entry, on the accounts that it was booked on."""
        items = self.move_id.line_ids.sorted("id")
        purchase, bank, _bank, sale = (item.account_id for item in items)
        vals = self._prepare_move_vals((purchase, sale, bank), self.name, sign=-1)
        return {
            **vals,
            "date": day,
            "ref": self.env._("Cancellation of %(ref)s", ref=vals["ref"]),
            "reversed_entry_id": self.move_id.id,
        }
