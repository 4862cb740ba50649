from odoo import fields, models
from odoo.tools import SQL


class CaeLedgerLine(models.Model):
    """The ledgers of the activities, line by line, for lists and pivots.

    One line per activity and journal item, with the part of that activity in cents.
    """

    _name = "cae.ledger.line"
    _description = "Ledger Item"
    _auto = False
    _rec_name = "name"
    _order = "date desc, id desc"
    _depends = {
        "account.analytic.line": [
            "amount",
            "company_id",
            "date",
            "general_account_id",
            "move_line_id",
        ],
        "account.move.line": ["journal_id", "move_id", "name", "partner_id"],
        "cae.activity": ["analytic_account_id"],
    }

    date = fields.Date(readonly=True)
    activity_id = fields.Many2one("cae.activity", readonly=True)
    analytic_account_id = fields.Many2one(
        "account.analytic.account",
        string="Ledger",
        readonly=True,
        help="An activity, or the shared services.",
    )
    account_id = fields.Many2one("account.account", readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True)
    move_line_id = fields.Many2one(
        "account.move.line", string="Journal Item", readonly=True
    )
    partner_id = fields.Many2one("res.partner", readonly=True)
    name = fields.Char(string="Label", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    debit = fields.Monetary(readonly=True)
    credit = fields.Monetary(readonly=True)
    balance = fields.Monetary(readonly=True, help="Debit less credit.")

    @property
    def _table_query(self):
        column = SQL.identifier("l", self.env["cae.ledger"]._column())
        return SQL(
            """
            SELECT l.id, l.date, v.id AS activity_id, %(column)s AS analytic_account_id,
                   l.general_account_id AS account_id, m.journal_id, m.move_id,
                   m.id AS move_line_id, m.partner_id, m.name, l.company_id,
                   GREATEST(-l.amount, 0) AS debit, GREATEST(l.amount, 0) AS credit,
                   -l.amount AS balance
              FROM account_analytic_line l
              JOIN account_move_line m ON m.id = l.move_line_id
              LEFT JOIN cae_activity v ON v.analytic_account_id = %(column)s
             WHERE %(column)s IS NOT NULL
            """,
            column=column,
        )

    def action_open_entry(self) -> dict:
        """The journal entry of this item."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }
