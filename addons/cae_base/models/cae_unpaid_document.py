from odoo import fields, models
from odoo.tools import SQL

#: Days late from which each age begins; Odoo's own aged balance has the same.
AGES = (("over", 91), ("days_90", 61), ("days_60", 31), ("days_30", 1))


class CaeUnpaidDocument(models.Model):
    """What customers owe today: each due date of a document, by activity.

    Each activity's part of it to the cent, less what was matched with it; a credit note
    that is not used is negative.
    """

    _name = "cae.unpaid.document"
    _inherit = ["cae.activity.rows"]
    _description = "Unpaid Document of a Customer"
    _auto = False
    _order = "due, id"
    _rec_name = "number"
    _depends = {
        "account.analytic.line": ["amount", "move_line_id"],
        "account.move": ["invoice_date", "move_type", "name"],
        "account.move.line": [
            *("company_id", "date", "date_maturity", "display_type", "move_id"),
            *("parent_state", "partner_id", "reconciled"),
        ],
        "account.partial.reconcile": [
            *("cae_share", "credit_move_id", "debit_move_id", "max_date"),
        ],
        "cae.activity": ["analytic_account_id", "company_id", "scheme_id", "trade"],
        "cae.activity.share": [
            *("activity_id", "date_end", "date_start", "entrepreneur_id", "share"),
        ],
        "cae.entrepreneur": ["coach_id", "team_id"],
    }

    move_id = fields.Many2one("account.move", string="Document", readonly=True)
    number = fields.Char(readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    date = fields.Date(readonly=True)
    due = fields.Date(string="Due on", readonly=True)
    days_late = fields.Integer(readonly=True, aggregator="max")
    age = fields.Selection(
        [
            ("coming", "Not due yet"),
            ("days_30", "Late by 1 to 30 days"),
            ("days_60", "Late by 31 to 60 days"),
            ("days_90", "Late by 61 to 90 days"),
            ("over", "Late by more than 90 days"),
        ],
        readonly=True,
    )
    total = fields.Monetary(
        readonly=True, help="The activity's part, taxes included, when it was invoiced."
    )
    open = fields.Monetary(string="Unpaid", readonly=True)

    def _company_query(self, company):
        today = fields.Date.context_today(self)
        terms = self.env["cae.ledger"]._open_terms_query(
            company, today, self._chosen_items(), many=self._reads_all()
        )
        return SQL(
            """
            SELECT t.item AS id, a.activity_id, a.company_id, a.coach_id, a.team_id,
                   a.scheme_id, a.trade, t.move_id, v.name AS number, t.partner_id,
                   v.invoice_date AS date, t.due, t.total,
                   GREATEST(%(today)s - t.due, 0) AS days_late, %(age)s AS age,
                   t.total - t.matched AS open
              FROM (%(terms)s) t
              JOIN (%(activities)s) a ON a.analytic_account_id = t.analytic
              JOIN account_move v ON v.id = t.move_id
             WHERE t.total <> t.matched
            """,
            today=today,
            age=self._age(today),
            terms=terms,
            activities=self._activity_query(company),
        )

    def _age(self, today):
        return SQL(
            "CASE %s ELSE 'coming' END",
            SQL(" ").join(
                SQL("WHEN %s - t.due >= %s THEN %s", today, days, age)
                for age, days in AGES
            ),
        )

    def action_open_document(self) -> dict:
        """The invoice, for who may read it; the line itself for others."""
        self.ensure_one()
        move = self.move_id
        record = move if move.has_access("read") else self
        return {
            "type": "ir.actions.act_window",
            "name": self.number,
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
            "target": "current" if record == move else "new",
        }
