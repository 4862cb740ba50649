from odoo import fields, models
from odoo.tools import SQL

#: JSON path: an account is one of staff when it is so in some company.
STAFF = '$.* ? (@ starts with "42")'


class CaeLedgerLine(models.Model):
    """The ledgers of the activities, line by line, for lists and pivots.

    One line per activity and journal item, with the part of that activity in cents.

    Entries of staff accounts tell what each person is paid. To who may not read journal
    items, such as a coach, they are one line per month, journal and account, which is
    all that the accounts of an activity say (design, rights): no person, no label.
    Staff accounts are one line, without account: 427 alone is what is garnished.
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
        "account.account": ["code_store"],
        "account.move.line": [
            "account_id",
            "journal_id",
            "move_id",
            "name",
            "partner_id",
        ],
        "account.partial.reconcile": ["credit_move_id", "debit_move_id"],
        "cae.activity": ["analytic_account_id"],
        "cae.entrepreneur": ["partner_id"],
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
    earned = fields.Monetary(
        readonly=True,
        help="Credit less debit: what sales bring is more than zero.",
    )

    @property
    def _table_query(self):
        # The user, not the superuser rights of a caller: both share one cache.
        if self.env.user._cae_reads_entries():
            return self._items_query()
        return self._reserved_query()

    def _items_query(self):
        column = SQL.identifier("l", self.env["cae.ledger"]._column())
        return SQL(
            """
            SELECT l.id, l.date, v.id AS activity_id, %(column)s AS analytic_account_id,
                   l.general_account_id AS account_id, m.journal_id, m.move_id,
                   m.id AS move_line_id, m.partner_id, m.name, l.company_id,
                   GREATEST(-l.amount, 0) AS debit, GREATEST(l.amount, 0) AS credit,
                   -l.amount AS balance, l.amount AS earned
              FROM account_analytic_line l
              JOIN account_move_line m ON m.id = l.move_line_id
              LEFT JOIN cae_activity v ON v.analytic_account_id = %(column)s
             WHERE %(column)s IS NOT NULL
            """,
            column=column,
        )

    def _reserved_query(self):
        """Items, those of staff entries as totals of a month."""
        return SQL(
            """
            WITH items AS NOT MATERIALIZED (%(items)s), staff AS (%(staff)s)
            SELECT * FROM items WHERE move_id NOT IN (SELECT move_id FROM staff)
            UNION ALL
            SELECT MIN(t.id), MAX(t.date), t.activity_id, t.analytic_account_id,
                   t.account_id, t.journal_id, NULL, NULL, NULL, %(label)s,
                   t.company_id, SUM(t.debit), SUM(t.credit), SUM(t.balance),
                   SUM(t.earned)
              FROM (
                   SELECT i.id, i.date, i.activity_id, i.analytic_account_id,
                          CASE WHEN jsonb_path_exists(a.code_store, %(prefix)s)
                               THEN NULL ELSE i.account_id END AS account_id,
                          i.journal_id, i.company_id, i.debit, i.credit, i.balance,
                          i.earned
                     FROM items i
                     JOIN account_account a ON a.id = i.account_id
                    WHERE i.move_id IN (SELECT move_id FROM staff)
                   ) t
             GROUP BY t.activity_id, t.analytic_account_id, t.account_id,
                      t.journal_id, t.company_id, DATE_TRUNC('month', t.date)
            """,
            prefix=STAFF,
            items=self._items_query(),
            staff=self._staff_query(),
            label=self.env._("Staff, total of the month"),
        )

    def _staff_query(self):
        """Entries that pay people: on a staff account, or with an entrepreneur.

        With them come the bank entries that settle them, whose label names the person.
        Documents of sale and purchase are not pay, whoever they are for.
        """
        return SQL(
            """
            WITH pay AS (
                SELECT m.move_id
                  FROM account_move_line m
                  JOIN account_account a ON a.id = m.account_id
                 WHERE jsonb_path_exists(a.code_store, %(staff)s)
                    OR m.partner_id IN (SELECT partner_id FROM cae_entrepreneur)
            ), matched AS (
                SELECT debit_move_id AS one, credit_move_id AS other
                  FROM account_partial_reconcile
                 UNION ALL
                SELECT credit_move_id, debit_move_id FROM account_partial_reconcile
            ), entries AS (
                SELECT move_id FROM pay
                 UNION
                SELECT other.move_id
                  FROM account_move_line one
                  JOIN matched ON matched.one = one.id
                  JOIN account_move_line other ON other.id = matched.other
                 WHERE one.move_id IN (SELECT move_id FROM pay)
            )
            SELECT e.id AS move_id
              FROM account_move e
              JOIN account_journal j ON j.id = e.journal_id
             WHERE e.id IN (SELECT move_id FROM entries)
               AND j.type NOT IN ('sale', 'purchase')
            """,
            staff=STAFF,
        )

    def action_open_entry(self) -> dict:
        """The journal entry of this item; the item itself to who may not read it.

        Neither may read the entries that a total of staff accounts is made of.
        """
        self.ensure_one()
        move = self.move_id
        readable = move and move.has_access("read")
        record = move if readable else self
        return {
            "type": "ir.actions.act_window",
            "name": record.display_name,
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
            "view_mode": "form",
            "target": "current" if readable else "new",
        }
