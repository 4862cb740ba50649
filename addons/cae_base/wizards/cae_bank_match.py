from odoo import api, fields, models
from odoo.exceptions import UserError


class CaeBankMatch(models.TransientModel):
    """The matching of one bank line: what is proposed, what is chosen, what is left.

    It decides nothing itself: :meth:`account.bank.statement.line.cae_match` does.
    """

    _name = "cae.bank.match"
    _description = "Matching of a Bank Line"

    line_id = fields.Many2one(
        "account.bank.statement.line",
        string="Bank Line",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="line_id.company_id")
    currency_id = fields.Many2one(related="line_id.currency_id")
    date = fields.Date(related="line_id.date")
    label = fields.Char(related="line_id.payment_ref")
    reference = fields.Char(related="line_id.ref")
    partner_name = fields.Char(string="Other Party", compute="_compute_partner_name")
    open_amount = fields.Monetary(related="line_id.cae_open_amount")
    waiting = fields.Integer(
        string="Lines to Match", compute="_compute_waiting", help="In this journal."
    )
    choice_ids = fields.One2many("cae.bank.match.choice", "match_id")
    counterpart_ids = fields.One2many("cae.bank.match.counterpart", "match_id")
    added_id = fields.Many2one(
        "account.move.line",
        string="Another Document",
        help="Any open document or payment, by its number or its partner.",
    )
    item_domain = fields.Binary(compute="_compute_item_domain")
    rest = fields.Monetary(
        string="Still Open",
        compute="_compute_rest",
        help="The part of the line that is neither settled nor booked yet.",
    )
    reason = fields.Char(
        help="Why the line stays without activity. The month can be locked with it.",
    )

    @api.depends("line_id")
    def _compute_partner_name(self):
        for match in self:
            line = match.line_id
            match.partner_name = line.partner_id.name or line.partner_name

    @api.depends("line_id")
    def _compute_waiting(self):
        for match in self:
            match.waiting = self.env["account.bank.statement.line"].search_count(
                match.line_id._cae_queue_domain()
            )

    @api.depends("line_id")
    def _compute_item_domain(self):
        for match in self:
            match.item_domain = match.line_id._cae_item_domain()

    @api.depends("open_amount", "choice_ids.amount", "counterpart_ids.amount")
    def _compute_rest(self):
        for match in self:
            chosen = sum(match.choice_ids.mapped("amount"))
            booked = sum(match.counterpart_ids.mapped("amount"))
            match.rest = match.currency_id.round(match.open_amount - chosen - booked)

    @api.onchange("choice_ids")
    def _onchange_choice_ids(self):
        """What is ticked takes all it can; what is no longer ticked gives it back."""
        for choice in self.choice_ids.filtered(lambda c: not c.selected):
            choice.amount = 0
        for choice in self.choice_ids.filtered(lambda c: c.selected and not c.amount):
            choice.amount = choice._fitting(self._room())

    @api.onchange("added_id")
    def _onchange_added_id(self):
        item = self.added_id
        if item and item not in self.choice_ids.move_line_id:
            vals = self._prepare_choice_vals(item, [])
            choice = self.choice_ids.new({**vals, "selected": True})
            self.choice_ids += choice
            choice.amount = choice._fitting(self._room())
        self.added_id = False

    def _room(self):
        """What of the line is not taken yet, in this very form."""
        chosen = sum(self.choice_ids.mapped("amount"))
        return self.open_amount - chosen - sum(self.counterpart_ids.mapped("amount"))

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    @api.model
    def _open(self, line):
        """Action of the matching of ``line``, its likeliest proposal ticked."""
        match = self.create({"line_id": line.id})
        proposals = line._cae_propose(limit=8)[line]
        reasons = {}
        for proposal in proposals:
            for key in proposal.items:
                reasons.setdefault(key, proposal.reasons)
        items = self.env["account.move.line"].browse(reasons)
        likely = line._cae_grade_of(proposals) in ("certain", "likely")
        ticked = proposals[0].items if likely else ()
        self.env["cae.bank.match.choice"].create(
            [
                {
                    **match._prepare_choice_vals(item, reasons[item.id]),
                    "match_id": match.id,
                    "selected": item.id in ticked,
                    "amount": item.amount_residual if item.id in ticked else 0,
                }
                for item in items
            ]
        )
        return match._action()

    def _prepare_choice_vals(self, item, reasons):
        return {
            "move_line_id": item.id,
            "name": item._cae_match_name(),
            "date": item.date_maturity or item.date,
            "residual": item.amount_residual,
            "reasons": self._reason_words(reasons),
        }

    @api.model
    def _reason_words(self, reasons):
        words = {
            "reference": self.env._("reference"),
            "amount": self.env._("amount"),
            "partner": self.env._("partner"),
        }
        return ", ".join(words[reason] for reason in reasons).capitalize()

    def _action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Match a bank line"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_match(self) -> dict:
        """Match the line with what is chosen, and go to the next one."""
        self.ensure_one()
        chosen = self.choice_ids.filtered("amount")
        self.line_id.cae_match(
            items=[{"id": c.move_line_id.id, "amount": c.amount} for c in chosen],
            counterparts=[c._counterpart() for c in self.counterpart_ids],
        )
        return self.action_next()

    def action_keep(self) -> dict:
        """Keep the line unallocated, with the reason, and go to the next one."""
        self.ensure_one()
        self.line_id.cae_keep_unallocated(self.reason)
        return self.action_next()

    def action_fees(self) -> dict:
        """Book what is left as bank fees."""
        self.ensure_one()
        domain = [
            ("code", "=like", "627%"),
            ("company_ids", "in", self.company_id.ids),
        ]
        account = self.env["account.account"].search(domain, order="code", limit=1)
        if not account:
            raise UserError(
                self.env._(
                    "CAE-BANK-ACCOUNT: there is no account of bank fees (627) in the "
                    "chart of accounts."
                )
            )
        if self.rest:
            self.env["cae.bank.match.counterpart"].create(
                {
                    "match_id": self.id,
                    "account_id": account.id,
                    "name": self.label,
                    "amount": self.rest,
                }
            )
        return self._action()

    def action_share_out(self) -> dict:
        """Share what is left of the line out by what each activity owes."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "cae_base.cae_collective_payment_action_line"
        )
        keys = self.line_id.ids
        context = {"active_model": self.line_id._name, "active_ids": keys}
        return {**action, "context": context}

    def action_next(self) -> dict:
        """The next open line of the journal, or the list when there is none."""
        self.ensure_one()
        line = self.line_id._cae_next()
        return self._open(line) if line else {"type": "ir.actions.act_window_close"}


class CaeBankMatchChoice(models.TransientModel):
    """An open document or payment that a bank line may settle."""

    _name = "cae.bank.match.choice"
    _description = "Document to Match"

    match_id = fields.Many2one(
        "cae.bank.match", string="Matching", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="match_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line", required=True, ondelete="cascade"
    )
    selected = fields.Boolean(string="Match")
    name = fields.Char(string="Document")
    date = fields.Date(string="Due Date")
    residual = fields.Monetary(string="Still Open")
    amount = fields.Monetary(
        string="Matched", help="Less than what is open for a part payment."
    )
    reasons = fields.Char(string="Agrees")

    @api.onchange("amount")
    def _onchange_amount(self):
        self.selected = bool(self.amount)

    def _fitting(self, room):
        """What of this document the line has room for; all of it on the other side."""
        if self.residual * room <= 0:
            return self.residual
        return self.residual if abs(self.residual) < abs(room) else room


class CaeBankMatchCounterpart(models.TransientModel):
    """A part of a bank line that goes to an account, without a document."""

    _name = "cae.bank.match.counterpart"
    _description = "Account of a Bank Line"

    match_id = fields.Many2one(
        "cae.bank.match", string="Matching", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="match_id.company_id")
    currency_id = fields.Many2one(related="match_id.currency_id")
    account_id = fields.Many2one("account.account", required=True, ondelete="cascade")
    name = fields.Char(string="Label")
    activity_id = fields.Many2one(
        "cae.activity",
        ondelete="cascade",
        help="Whose it is. Without one the activities of the documents matched bear "
        "it, or the shared services when there is no document.",
    )
    amount = fields.Monetary(
        required=True, help="Part of the bank line: receipts positive."
    )

    def _counterpart(self):
        """What :meth:`cae_match` takes."""
        return {
            "account": self.account_id.with_company(self.company_id).code,
            "label": self.name,
            "amount": self.amount,
            "activity": self.activity_id.code,
        }
