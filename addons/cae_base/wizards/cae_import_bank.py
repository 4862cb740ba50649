from odoo import fields, models


class CaeImport(models.TransientModel):
    """Bank statements are loaded into a journal, whatever their format."""

    _inherit = "cae.import"

    dataset = fields.Selection(
        selection_add=[("statement", "Bank statement (CSV, CAMT.053, OFX)")],
        ondelete={"statement": "cascade"},
    )
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank Journal",
        domain="[('type', 'in', ('bank', 'cash', 'credit')), "
        "('company_id', '=', company_id)]",
        default=lambda self: self._default_journal_id(),
    )

    def _default_journal_id(self):
        # Who loads members, and no bank lines, reads no journals.
        if not self.env["account.journal"].has_access("read"):
            return self.env["account.journal"]
        return self.env["cae.exchange"]._journal("bank")

    def action_match(self) -> dict:
        """Go to the bank lines to match."""
        return self.env["account.bank.statement.line"].action_cae_bank_lines()

    def _load(self, content, dry_run):
        if self.dataset != "statement":
            return super()._load(content, dry_run)
        return self.env["cae.exchange"].load_statement(
            self.journal_id.code or "",
            self.filename or "",
            content,
            dry_run=dry_run,
            # UTF-8 is what the form shows by default: an OFX file knows better.
            encoding="" if self.encoding == "utf-8" else self.encoding,
            late=self.late,
        )
