from odoo import api, models

from ..tools import told

#: The action of OCA's module, when it is installed.
OCA_ACTION = "account_reconcile_oca.action_bank_statement_line_reconcile_all"


class AccountBankStatementLine(models.Model):
    """What only the screens of the matching need."""

    # Apart from what programs call, which is long enough.
    # pylint: disable=consider-merging-classes-inherited
    _inherit = "account.bank.statement.line"

    @api.model
    def action_cae_bank_lines(self, line_ids: list[int] | None = None) -> dict:
        """Screen of the bank lines to match: OCA's where it is installed, else ours.

        :param line_ids: those lines only
        """
        action = self.env.ref(OCA_ACTION, raise_if_not_found=False)
        xmlid = OCA_ACTION if action else "cae_base.cae_bank_line_action"
        result = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        if action:
            result["domain"] = [("is_reconciled", "=", False)]
            result["context"] = {}
        if line_ids:
            result["domain"] = [("id", "in", line_ids)]
        return result

    def action_cae_open_match(self) -> dict:
        """Open the matching of this line."""
        self.ensure_one()
        self._cae_check_accountant()
        self._cae_check_not_done()
        return self.env["cae.bank.match"]._open(self)

    def action_cae_accept(self) -> dict:
        """Match these lines with their proposals."""
        return self._cae_matched_message(self.cae_match_proposals())

    def action_cae_match_certain(self) -> dict:
        """Match the lines whose proposal is certain; all when none is chosen."""
        return self._cae_matched_message(self.cae_match_certain())

    def action_cae_undo(self) -> dict:
        """Undo the matching of these lines."""
        self.cae_undo_match()
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def _cae_matched_message(self, result):
        count = len(result["matched"])
        if count:
            message = self.env._("Bank lines matched: %(count)s.", count=count)
        else:
            message = self.env._(
                "No bank line has a proposal that is sure enough. Open them one by one."
            )
        return told("", message, "success" if count else "warning")

    def _cae_queue_domain(self):
        """Lines that wait in the journal of this one."""
        return [
            ("journal_id", "=", self.journal_id.id),
            ("is_reconciled", "=", False),
            ("cae_unallocated_reason", "=", False),
            ("state", "=", "posted"),
        ]

    def _cae_next(self):
        """The line to match after this one; the first again after the last."""
        domain = [*self._cae_queue_domain(), ("id", "!=", self.id)]
        below = [*domain, ("internal_index", "<", self.internal_index)]
        return self.search(below, limit=1) or self.search(domain, limit=1)
