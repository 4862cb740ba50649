from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from ..engine import allocation, matching
from ..engine.exchange import LARGEST
from ..engine.texts import short, storable
from .account_move_line import TAGGING

#: What a column of ids can hold.
LARGEST_ID = 2**31 - 1
#: Read for every open item in one query each.
ITEM_FIELDS = ["amount_residual", "partner_id", "move_id", "payment_id", "date", "ref"]


class AccountBankStatementLine(models.Model):
    """Matching of bank lines with documents, payments and accounts.

    The entry of a line starts as bank against suspense account. Matching puts what is
    settled in the place of the suspense item and reconciles it, through the ORM: the
    ledger's own hooks give the bank line its activities. What is left stays on the
    suspense account, and the line stays open.
    """

    _inherit = "account.bank.statement.line"

    cae_open_amount = fields.Monetary(
        string="To Match",
        compute="_compute_cae_open_amount",
        help="What is not matched yet, receipts positive.",
    )
    cae_proposal = fields.Char(
        string="Proposal",
        compute="_compute_cae_proposal",
        help="What the line settles most likely, by amount, reference and partner.",
    )
    cae_grade = fields.Selection(
        [
            ("certain", "Certain"),
            ("likely", "Likely"),
            ("possible", "To check"),
        ],
        string="Likelihood",
        compute="_compute_cae_proposal",
        help="Certain: amount and reference agree, and nothing else is named. Likely: "
        "the amount agrees with the partner or a reference, and no other document fits "
        "as well.",
    )

    @api.depends("is_reconciled", "amount", "move_id.line_ids.balance")
    def _compute_cae_open_amount(self):
        for line in self:
            line.cae_open_amount = line._cae_open_cents() / 100

    @api.depends("is_reconciled", "payment_ref", "partner_id", "amount")
    @api.depends_context("uid")
    def _compute_cae_proposal(self):
        lines = self.filtered(lambda line: line.id and not line.is_reconciled)
        found = lines._cae_propose(limit=2)
        best = {line: proposals[0] for line, proposals in found.items() if proposals}
        keys = [key for proposal in best.values() for key in proposal.items]
        items = self.env["account.move.line"].browse(keys)
        names = {item.id: item._cae_match_name() for item in items}
        for line in self:
            proposal = best.get(line)
            line.cae_proposal = proposal and ", ".join(
                names[key] for key in proposal.items
            )
            line.cae_grade = line._cae_grade_of(found.get(line, []))

    @api.model
    def _cae_grade_of(self, proposals):
        """How likely the first of these proposals is."""
        if not proposals:
            return False
        first, others = proposals[0], proposals[1:]
        if first.certain and not any(other.certain for other in others):
            return "certain"
        alone = not others or others[0].score < first.score
        # The same amount may well be that of somebody else's document.
        agrees = matching.AMOUNT in first.reasons and len(first.reasons) > 1
        return "likely" if agrees and alone else "possible"

    # ------------------------------------------------------------------
    # Public methods
    # ------------------------------------------------------------------

    def cae_proposals(self, limit: int = 10) -> list[dict]:
        """What these lines may settle, the likeliest first.

        :return: ``[{"line", "grade", "proposals": [{"items": [{"id", "name",
            "partner", "amount"}], "amount", "reasons"}]}]``; grade is ``certain``,
            ``likely``, ``possible`` or False, reasons are some of ``reference``,
            ``amount``, ``partner``
        :raises UserError: ``CAE-BANK-LIMIT``
        """
        self._cae_check_accountant()
        self._cae_check_limit(limit)
        found = self._cae_propose(limit)
        return [
            {
                "line": line.id,
                "grade": self._cae_grade_of(proposals),
                "proposals": [self._cae_describe(proposal) for proposal in proposals],
            }
            for line, proposals in found.items()
        ]

    def cae_match(
        self, items: list | None = None, counterparts: list[dict] | None = None
    ) -> dict:
        """Match this line with open items, and book the rest on accounts.

        Amounts have the sign of the bank line: receipts positive. What is left stays
        open on the line.

        :param items: ``[{"id", "amount"}]``, ids of open journal items; without an
            amount, as much as the item and the line leave
        :param counterparts: ``[{"account", "label", "amount", "activity"}]``: code of
            an account (a write-off, bank fees on 627, a charge), and, when wanted, the
            code of an activity; without one the activities of the documents matched
            bear it, or the shared services when there is no document
        :return: ``{"reconciled", "left"}``
        :raises UserError: ``CAE-BANK-EMPTY``, ``CAE-BANK-ITEM``, ``CAE-BANK-AMOUNT``,
            ``CAE-BANK-REST``, ``CAE-BANK-ACCOUNT``, ``CAE-BANK-ACTIVITY``,
            ``CAE-BANK-DONE``, ``CAE-BANK-CURRENCY``, ``CAE-BANK-BUSY``,
            ``CAE-PERIOD-LOCKED``
        """
        self.ensure_one()
        self._cae_check_accountant()
        items = self._cae_listed(items, dict | int, "CAE-BANK-ITEM")
        counterparts = self._cae_listed(counterparts, dict, "CAE-BANK-ACCOUNT")
        vals = [self._cae_read_counterpart(values) for values in counterparts]
        booked = -sum(round(values["balance"] * 100) for values in vals)
        takes = self._cae_read_items(items, booked)
        for values in vals if not takes else ():
            values["analytic_distribution"] = (
                values["analytic_distribution"] or self._cae_shared_tag()
            )
        self._cae_settle({self: (takes, vals)})
        return {
            "reconciled": self.is_reconciled,
            "left": self.currency_id.round(self.cae_open_amount),
        }

    def cae_match_certain(self) -> dict:
        """Match the lines whose one proposal is certain; all open lines when none is
        given.

        :return: ``{"matched": [ids]}``
        :raises UserError: as :meth:`cae_match`
        """
        self._cae_check_accountant()
        lines = self or self.search(self._cae_open_domain())
        lines = lines.filtered(lambda line: not line.is_reconciled)
        lines = lines._cae_in_open_months()
        book = lines._cae_book()
        sure = book.certain(lines._cae_engine_lines())
        return self._cae_settle_proposals(
            {line: sure[line.id] for line in lines if line.id in sure}
        )

    def cae_match_proposals(self) -> dict:
        """Match each of these lines with its first proposal, where that is certain
        or likely.

        :return: ``{"matched": [ids]}``
        :raises UserError: as :meth:`cae_match`
        """
        self._cae_check_accountant()
        chosen, taken = {}, set()
        for line, proposals in self._cae_propose(limit=2).items():
            grade = self._cae_grade_of(proposals)
            items = set(proposals[0].items) if proposals else set()
            if grade in ("certain", "likely") and not items & taken:
                chosen[line] = proposals[0]
                taken |= items
        return self._cae_settle_proposals(chosen)

    def cae_keep_unallocated(self, reason: str) -> bool:
        """Leave these lines without activity, with the reason: the month can close.

        :raises UserError: ``CAE-BANK-REASON``, ``CAE-BANK-DONE``
        """
        self._cae_check_accountant()
        reason = reason.strip() if isinstance(reason, str) else ""
        if not reason:
            raise UserError(
                self.env._("CAE-BANK-REASON: say why the line stays without activity.")
            )
        self._cae_check_not_done()
        self.cae_unallocated_reason = reason
        return True

    def cae_undo_match(self) -> bool:
        """Undo the matching of these lines: they are open again.

        :raises UserError: ``CAE-PERIOD-LOCKED``, ``CAE-BANK-BUSY``
        """
        self._cae_check_accountant()
        self._cae_hold()
        self.cae_unallocated_reason = False
        self.action_undo_reconciliation()
        return True

    # ------------------------------------------------------------------
    # Proposals
    # ------------------------------------------------------------------

    @api.model
    def _cae_open_domain(self):
        return [
            ("company_id", "in", self.env.companies.ids),
            ("is_reconciled", "=", False),
            ("state", "=", "posted"),
        ]

    def _cae_propose(self, limit):
        """``{line: proposals}``; the number of queries does not depend on the lines."""
        book = self._cae_book()
        lines = self._cae_engine_lines()
        return {
            line: book.propose(engine_line, limit)
            for line, engine_line in zip(self, lines, strict=True)
        }

    def _cae_engine_lines(self):
        return [
            matching.Line(
                id=line.id,
                cents=line._cae_open_cents(),
                text=" ".join(
                    filter(None, (line.payment_ref, line.ref, line.partner_name))
                ),
                partner=line.partner_id.commercial_partner_id.id or 0,
                journal=line.journal_id.id,
                day=line.date,
            )
            for line in self
        ]

    def _cae_open_cents(self):
        """What waits on the suspense account, receipts positive."""
        _liquidity, suspense, _other = self._seek_for_lines()
        return -sum(item._cae_cents() for item in suspense)

    def _cae_book(self):
        """The items that these lines may settle."""
        domain = self._cae_item_domain()
        items = self.env["account.move.line"]
        items = items.search_fetch(domain, ITEM_FIELDS) if self else items
        return matching.Book(items._cae_engine_items())

    def _cae_item_domain(self):
        """Open items of the same company, in its currency: documents, and payments on
        the outstanding accounts; not those of other bank lines."""
        return [
            ("company_id", "in", self.company_id.ids),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("account_id.reconcile", "=", True),
            ("amount_residual", "!=", 0),
            ("currency_id", "in", self.company_id.currency_id.ids),
            ("statement_line_id", "=", False),
            # Waiting VAT is matched by Odoo itself.
            ("tax_repartition_line_id", "=", False),
            ("move_id.tax_cash_basis_origin_move_id", "=", False),
            # Of a payment, the item that waits for the bank is the one to match.
            "|",
            ("payment_id", "=", False),
            ("account_type", "not in", ("asset_receivable", "liability_payable")),
        ]

    def _cae_describe(self, proposal):
        items = self.env["account.move.line"].browse(proposal.items)
        return {
            "items": [
                {
                    "id": item.id,
                    "name": item._cae_match_name(),
                    "partner": item.partner_id.display_name or "",
                    "amount": item.company_currency_id.round(item.amount_residual),
                }
                for item in items
            ],
            "amount": proposal.cents / 100,
            "reasons": list(proposal.reasons),
        }

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------

    @api.model
    def _cae_check_accountant(self):
        if not self.env.user.has_group("cae_base.group_accountant"):
            raise AccessError(
                self.env._(
                    "CAE-ACCESS: matching bank lines is for accountants of the "
                    "cooperative."
                )
            )

    def _cae_hold(self):
        """Keep others out of these lines, and of the months that they are in."""
        self.check_access("write")
        if len(self.try_lock_for_update()) < len(self):
            raise UserError(
                self.env._(
                    "CAE-BANK-BUSY: somebody else is matching this bank line. Try "
                    "again in a moment."
                )
            )
        self.move_id._cae_check_period()

    def _cae_check_not_done(self):
        for line in self.filtered("is_reconciled"):
            raise UserError(
                self.env._(
                    "CAE-BANK-DONE: %(line)s is matched already. Undo its matching "
                    "first.",
                    line=line.payment_ref or line.display_name,
                )
            )

    def _cae_check_currency(self):
        for line in self:
            if line.foreign_currency_id or line.currency_id != line.company_currency_id:
                raise UserError(
                    self.env._(
                        "CAE-BANK-CURRENCY: %(line)s is in another currency than the "
                        "company's. Match it in its journal entry.",
                        line=line.payment_ref or line.display_name,
                    )
                )

    def _cae_in_open_months(self):
        """Those of these lines whose entry may still change."""
        locked = {
            company: self.env["cae.period"]._locked_months(company)
            for company in self.company_id
        }
        return self.filtered(
            lambda line: line.date.replace(day=1) not in locked[line.company_id]
        )

    # ------------------------------------------------------------------
    # What a caller gives
    # ------------------------------------------------------------------

    def _cae_listed(self, values, kinds, code):
        """What a program gave, when it is a list of these kinds.

        :raises UserError: ``code``
        """
        values = values or []
        if isinstance(values, list | tuple) and all(
            isinstance(value, kinds) and not isinstance(value, bool) for value in values
        ):
            return list(values)
        raise UserError(
            self.env._("%(code)s: a list is expected, as docs/api.md says.", code=code)
        )

    def _cae_read_items(self, items, booked):
        """``[(item, cents)]`` of what :meth:`cae_match` is given.

        :param booked: cents of the line that go to accounts
        """
        takes, free = [], []
        for values in items:
            values = values if isinstance(values, dict) else {"id": values}
            item = self._cae_find_item(values.get("id"))
            amount = values.get("amount")
            open_cents = round(item.amount_residual * 100)
            takes.append((item, self._cae_cents_of(amount) if amount else open_cents))
            free.append(not amount)
        return self._cae_fit(takes, free, self._cae_open_cents() - booked)

    def _cae_fit(self, takes, free, room):
        """Lower the amounts that nobody gave, the last first, to what the line has."""
        side = 1 if room > 0 else -1
        excess = side * (sum(cents for _item, cents in takes) - room)
        result = []
        for (item, cents), may_change in reversed(list(zip(takes, free, strict=True))):
            if may_change and excess > 0 and cents * side > 0:
                lower = min(excess, abs(cents))
                cents -= side * lower
                excess -= lower
            result.append((item, cents))
        return result[::-1]

    @api.model
    def _cae_check_limit(self, limit):
        if type(limit) is not int or limit < 1:
            raise UserError(
                self.env._(
                    "CAE-BANK-LIMIT: %(limit)s is not a number of proposals; give 1 or "
                    "more.",
                    limit=short(limit),
                )
            )

    def _cae_find_item(self, key):
        # A boolean is an integer in Python, and no id.
        known = type(key) is int and 0 < key <= LARGEST_ID
        domain = [("id", "=", key if known else 0)]
        item = self.env["account.move.line"].search(domain + self._cae_item_domain())
        if not item:
            raise UserError(
                self.env._(
                    "CAE-BANK-ITEM: %(item)s is not an open item of this company: it "
                    "was settled meanwhile, or it is in another currency.",
                    item=short(key),
                )
            )
        return item

    @api.model
    def _cae_cents_of(self, amount):
        number = isinstance(amount, int | float) and not isinstance(amount, bool)
        cents = round(amount * 100) if number and abs(amount) < LARGEST else 0
        if not cents:
            raise UserError(
                self.env._(
                    "CAE-BANK-AMOUNT: %(amount)s is no amount.", amount=short(amount)
                )
            )
        return cents

    def _cae_read_counterpart(self, values):
        """Values of a journal item without document."""
        code = values.get("account")
        domain = [("code", "=", code), ("company_ids", "in", self.company_id.ids)]
        known = storable(code) and code
        account = known and self.env["account.account"].search(domain, limit=1)
        if not account:
            raise UserError(
                self.env._(
                    "CAE-BANK-ACCOUNT: there is no account %(code)s in the chart of "
                    "accounts.",
                    code=short(code),
                )
            )
        return self._prepare_cae_counterpart_vals(
            account,
            self._cae_cents_of(values.get("amount")),
            values.get("label"),
            self._cae_find_activity(values.get("activity")),
        )

    def _cae_shared_tag(self):
        account = self.company_id.cae_shared_account_id
        return {str(account.id): 100} if account else False

    def _cae_find_activity(self, code):
        activities = self.env["cae.activity"]
        if not code:
            return activities
        domain = [("code", "=", code), ("company_id", "=", self.company_id.id)]
        activity = activities.search(domain) if storable(code) else activities
        if not activity:
            raise UserError(
                self.env._(
                    "CAE-BANK-ACTIVITY: there is no activity %(code)s.",
                    code=short(code),
                )
            )
        return activity

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    def _cae_settle_proposals(self, proposals):
        """Settle ``{line: proposal}`` whose amounts agree."""
        keys = [key for proposal in proposals.values() for key in proposal.items]
        items = {i.id: i for i in self.env["account.move.line"].browse(keys)}
        plans = {
            line: (
                [(items[k], round(items[k].amount_residual * 100)) for k in p.items],
                [],
            )
            for line, p in proposals.items()
        }
        self.browse()._cae_settle(plans)
        return {"matched": [line.id for line in plans]}

    @api.model
    def _cae_settle(self, plans):
        """Write and match ``{line: ([(item, cents)], [values of other items])}``.

        All or nothing, in one batch.
        """
        lines = self.union(*plans)
        lines._cae_hold()
        lines._cae_check_not_done()
        lines._cae_check_currency()
        for line, (takes, others) in plans.items():
            line._cae_check_plan(takes, others)
        pairs = lines._cae_replace_suspense(plans)
        self.env["account.move.line"]._cae_match(pairs)
        lines.filtered("cae_unallocated_reason").cae_unallocated_reason = False

    def _cae_check_plan(self, takes, others):
        """:raises UserError: ``CAE-BANK-EMPTY``, ``-AMOUNT``, ``-REST``"""
        if not takes and not others:
            raise UserError(
                self.env._(
                    "CAE-BANK-EMPTY: choose a document or an account for %(line)s.",
                    line=self.payment_ref or self.display_name,
                )
            )
        for item, cents in takes:
            open_cents = round(item.amount_residual * 100)
            if cents * open_cents <= 0 or abs(cents) > abs(open_cents):
                raise UserError(self._cae_amount_message(item, cents))
        start = self._cae_open_cents()
        left = self._cae_left(takes, others)
        if left * start < 0 or abs(left) > abs(start):
            raise UserError(
                self.env._(
                    "CAE-BANK-REST: the line leaves %(open)s and %(chosen)s is "
                    "chosen. Lower an amount, or book the difference on an account.",
                    open=self._cae_money(start),
                    chosen=self._cae_money(start - left),
                )
            )

    def _cae_left(self, takes, others):
        """Cents of the line that stay open."""
        settled = sum(cents for _item, cents in takes)
        booked = sum(round(vals["balance"] * 100) for vals in others)
        return self._cae_open_cents() - settled + booked

    def _cae_amount_message(self, item, cents):
        return self.env._(
            "CAE-BANK-AMOUNT: %(amount)s cannot be taken from %(item)s, of which "
            "%(open)s is open.",
            amount=self._cae_money(cents),
            item=item._cae_match_name(),
            open=self._cae_money(round(item.amount_residual * 100)),
        )

    def _cae_money(self, cents):
        return self.company_currency_id.format(cents / 100)

    def _cae_replace_suspense(self, plans):
        """Put what is settled in the place of the suspense items of these lines.

        The entries of all the lines are written together: one by one, each would be
        balanced, synchronised and allocated on its own.

        :return: the pairs of items to reconcile
        """
        moves = self.move_id.with_context(
            cae_token=TAGGING,
            force_delete=True,
            skip_account_move_synchronization=True,
            skip_readonly_check=True,
        )
        container = {"records": moves}
        with moves._check_balanced(container), moves._sync_dynamic_lines(container):
            self._cae_rest_on_suspense(plans, moves.env)
            pairs = self._cae_write_takes(plans, moves.env)
            self._cae_write_partners(plans, moves.env)
        self.move_id._synchronize_business_models({"line_ids"})
        self.move_id._cae_refresh()
        return pairs

    def _cae_rest_on_suspense(self, plans, env):
        """Leave on the suspense items what is not settled; most of them go."""
        gone = env["account.move.line"]
        for line, plan in plans.items():
            _liquidity, suspense, _other = line._seek_for_lines()
            left = line._cae_left(*plan)
            if left:
                rest = {"balance": -left / 100, "amount_currency": -left / 100}
                suspense.with_env(env).write(rest)
            else:
                gone += suspense
        gone.unlink()

    def _cae_write_takes(self, plans, env):
        """Create what takes the place of the suspense items.

        :return: the pairs of items to reconcile
        """
        vals_list, settled = [], []
        for line, (takes, others) in plans.items():
            own = [line._prepare_cae_take_vals(item, cents) for item, cents in takes]
            vals_list += [{"move_id": line.move_id.id, **v} for v in own + others]
            settled += [item for item, _cents in takes] + [None] * len(others)
        made = env["account.move.line"].create(vals_list).with_env(self.env)
        pairs = zip(made, settled, strict=True)
        return [new + item for new, item in pairs if item]

    def _cae_write_partners(self, plans, env):
        """Lines without a partner take the one of what they settle.

        Here rather than by Odoo's synchronisation, which writes line by line.
        """
        by_partner = defaultdict(self.browse)
        for line, (takes, _others) in plans.items():
            partner = line._cae_partner_of(takes)
            if partner != line.partner_id:
                by_partner[partner.id] += line
        for partner, lines in by_partner.items():
            liquidity = self.env["account.move.line"].union(
                *(line._seek_for_lines()[0] for line in lines)
            )
            for records in (liquidity, lines.move_id, lines):
                records.with_env(env).write({"partner_id": partner})

    def _cae_partner_of(self, takes):
        """The line's partner, else the one partner of what it settles."""
        partners = self.env["res.partner"].union(*(i.partner_id for i, _c in takes))
        return self.partner_id or (partners if len(partners) == 1 else self.partner_id)

    def _prepare_cae_take_vals(self, item, cents):
        """Values of the item that settles ``item``."""
        return {
            "name": self.payment_ref,
            "account_id": item.account_id.id,
            "partner_id": item.partner_id.id,
            "currency_id": self.company_currency_id.id,
            "balance": -cents / 100,
            "amount_currency": -cents / 100,
            "tax_ids": [Command.clear()],
        }

    def _prepare_cae_counterpart_vals(self, account, cents, label, activity):
        """Values of an item without document, without tax.

        :param cents: part of the bank line, receipts positive
        :param activity: whose it is; empty: the documents' activities bear it
        """
        tag = {str(activity.analytic_account_id.id): 100} if activity else False
        return {
            "name": label or self.payment_ref,
            "account_id": account.id,
            "partner_id": self.partner_id.id,
            "currency_id": self.company_currency_id.id,
            "balance": -cents / 100,
            "amount_currency": -cents / 100,
            "tax_ids": [Command.clear()],
            "analytic_distribution": tag,
        }


class AccountMoveLine(models.Model):
    """Open items as the matching engine and its screen name them."""

    # It belongs to the matching: nothing else uses it.
    # pylint: disable=consider-merging-classes-inherited
    _inherit = "account.move.line"

    def _cae_waiting(self):
        """Vectors of suspense items: what a bank line does not match yet waits."""
        return {
            item.id: {allocation.UNALLOCATED: item._cae_cents()}
            for item in self
            if item.move_id.statement_line_id
            and item.account_id == item.journal_id.suspense_account_id
        }

    def _cae_engine_items(self):
        documents = self._cae_paid_documents()
        return [
            matching.Item(
                id=item.id,
                cents=round(item.amount_residual * 100),
                partner=item.partner_id.commercial_partner_id.id or 0,
                name=item.partner_id.commercial_partner_id.name or "",
                references=tuple(item._cae_references(documents.get(item.id))),
                journal=item.journal_id.id if item.payment_id else 0,
                day=item.date_maturity or item.date,
            )
            for item in self
        ]

    def _cae_paid_documents(self):
        """``{item id: documents}`` of the payments among these items."""
        payments = self.filtered("payment_id")
        partials = payments.move_id.line_ids._all_partials()
        entries = (partials.debit_move_id | partials.credit_move_id).move_id
        documents = entries.filtered(
            lambda move: move.is_invoice(include_receipts=True)
        )
        known, found = set(documents.ids), defaultdict(documents.browse)
        for partial in partials:
            debit, credit = (
                partial.debit_move_id.move_id,
                partial.credit_move_id.move_id,
            )
            for entry, other in ((debit, credit), (credit, debit)):
                if other.id in known:
                    found[entry] |= other
        # What is read of one of them is read of all.
        return {
            item.id: found[item.move_id].with_prefetch(documents.ids)
            for item in payments
        }

    def _cae_references(self, documents):
        """Numbers and references by which a bank label may name this item."""
        move, payment = self.move_id, self.payment_id
        found = [move.name, move.ref, move.payment_reference, payment.memo]
        for document in documents or ():
            found += [document.name, document.ref, document.payment_reference]
        return filter(None, found)

    def _cae_match_name(self):
        """What the accountant knows the item by."""
        documents = self.env["account.move"]
        if self.payment_id:
            documents = self._cae_paid_documents()[self.id]
        name = ", ".join(documents.mapped("name")) or self.move_id.name
        if self.move_id.is_purchase_document() and self.move_id.ref:
            name = self.move_id.ref
        partner = self.partner_id.commercial_partner_id.name
        return f"{name} · {partner}" if partner else name
