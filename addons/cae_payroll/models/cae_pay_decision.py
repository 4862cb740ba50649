from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError

#: Only code can hold this object: pay is changed by its run and its buttons alone.
PAYING = object()
#: What anyone with the right to write may change.
FREE = {"message_follower_ids", "message_ids", "message_main_attachment_id"}


class CaePayDecision(models.AbstractModel):
    """What is approved, posted and undone with reasons: pay, and settlements."""

    _name = "cae.pay.decision"
    _description = "Decision on Pay"
    _inherit = ["cae.pay.log", "cae.pay.batch"]

    #: Field of ``cae.pay.reason`` that holds these records.
    _reason_field = ""

    approved_by_id = fields.Many2one(
        "res.users", string="Approved by", readonly=True, copy=False, tracking=True
    )
    reason = fields.Char(readonly=True, copy=False, tracking=True)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_paying()
        return super().create(vals_list)

    def _paying(self):
        return self.with_context(cae_paying=PAYING)

    @api.model
    def _is_paying(self):
        return self.env.context.get("cae_paying") is PAYING

    @api.model
    def _check_paying(self):
        """:raises UserError: when neither a run nor a button is at work"""
        if not self._is_paying():
            raise UserError(self._buttons_message())

    @api.model
    def _buttons_message(self):
        raise NotImplementedError

    # ------------------------------------------------------------------
    # Months
    # ------------------------------------------------------------------

    def _by_month(self):
        """These records by (company, month), in order of months."""
        groups = self.grouped(lambda each: (each.company_id, each.month))
        return sorted(groups.items(), key=lambda item: (item[0][0].id, item[0][1]))

    def _check_months_open(self):
        """:raises UserError: ``CAE-PERIOD-LOCKED``"""
        for company, records in self.grouped("company_id").items():
            days = set(records.mapped("month"))
            self.env["cae.period"]._check_open(company, days)

    @contextmanager
    def _in_turn(self, *states):
        """Post or undo records of one company: nobody else does so meanwhile.

        Two people may have pressed the same button: who comes second finds another
        state. What is done is kept before the next one has a turn.

        :raises UserError: ``CAE-PERIOD-BUSY``, or because of the state
        """
        self.check_access("write")
        company = self.company_id
        with self.env["cae.period"].with_company(company)._in_turn():
            self._check_state(*states)
            yield self.with_company(company)

    # ------------------------------------------------------------------
    # States and reasons
    # ------------------------------------------------------------------

    def _check_state(self, *states):
        wrong = self.filtered(lambda each: each.state not in states)
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            wanted = ", ".join(labels[state] for state in states)
            raise UserError(wrong[0]._state_message(labels[wrong[0].state], wanted))

    def _state_message(self, state, states):
        """Error of a record in a state, when it should be in one of others."""
        raise NotImplementedError

    @api.model
    def _check_reason(self, reason):
        """:raises UserError: ``CAE-PAY-REASON``"""
        if not (isinstance(reason, str) and reason.strip()):
            raise UserError(self.env._("CAE-PAY-REASON: give a reason."))
        return reason.strip()

    def _ask_reason(self, operation, title):
        values = {self._reason_field: self.ids}
        return self.env["cae.pay.reason"]._ask(operation, title, **values)
