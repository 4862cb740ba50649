"""Whether what a statement was computed from is still the same, without computing."""

import hashlib

from odoo import fields, models
from odoo.tools import SQL


class CaeStatement(models.Model):
    """Computing a statement again to see whether it would say the same takes two
    thousandths of a second: too long for all those of a large cooperative, each time
    that a month is looked at.

    What it is computed from is added up instead, row by row, by the database. As long
    as the sum is the one of the day of publication, nothing changed.
    """

    _inherit = "cae.statement"

    mark = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Stands for all that the figures were computed from.",
    )

    def _publish(self):
        """The figures of the drafts are those of now."""
        drafts = super()._publish()
        marks = drafts._marks()
        # sudo: a technical field, which nobody reads.
        for statement in drafts.sudo()._computing():
            statement.mark = marks[statement.id]
        return drafts

    def _changed(self):
        """Those that may say something else today; the others cannot."""
        if not self:
            return self
        marks = self._marks()
        # sudo: as above.
        self.sudo().fetch(["mark"])
        return self.filtered(lambda s: s.sudo().mark != marks[s.id])

    def _marks(self):
        """``{id: mark of what it would be computed from now}``."""
        result = {}
        for (company, kind, month), group in self.grouped(
            lambda s: (s.company_id, s.kind, s.month)
        ).items():
            here = group.with_company(company)
            span = here._span(company, kind, month)
            common = here._common_mark(company, span)
            sums = here.activity_id._statement_sums(span)
            for statement in group:
                text = f"{common} {sums.get(statement.activity_id.id, 0)}"
                result[statement.id] = hashlib.sha256(text.encode()).hexdigest()
        return result

    def _common_mark(self, company, span):
        """What all statements of a company depend on: rows of the reports, accounts."""
        reports = self.env["cae.account.row"]._layouts()
        rows = [
            (row.key, row.prefixes, row.debit, row.terms, row.group)
            for layout in (reports.income, reports.balance, reports.treasury)
            for row in layout.rows
        ]
        self.env["account.account"].flush_model(["code_store"])
        query = (
            "SELECT SUM(hashtextextended(code_store::text, id)) FROM account_account"
        )
        [[accounts]] = self.env.execute_query(SQL(query))
        return f"{span} {rows} {accounts} {company._cae_statement_settings()}"


class ResCompany(models.Model):
    _inherit = "res.company"

    def _cae_statement_settings(self):
        """Hook: settings of the company that the figures of statements depend on."""
        return ()


class CaeActivity(models.Model):
    _inherit = "cae.activity"

    def _statement_sums(self, span):
        """``{activity id: sum that changes with what a statement says}``, one query."""
        self.env.flush_all()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT a.id, SUM(m.mark)
                      FROM (%s) m(analytic, mark)
                      JOIN cae_activity a ON a.analytic_account_id = m.analytic
                     GROUP BY 1
                    """,
                    SQL(" UNION ALL ").join(self._statement_sources(span)),
                )
            )
        )

    def _statement_sources(self, span):
        """Hook: queries of ``(analytic id, number)`` of all that statements read.

        Of each row the number is a hash of what is read of it, so that a row more, less
        or other makes another sum.
        """
        accounts = self.analytic_account_id.ids
        yield self._items_source(accounts, span)
        yield SQL(
            """
            SELECT i.analytic,
                   hashtextextended(ROW(i.number, i.date, i.due, i.total, i.matched)
                                    ::text, 1)
              FROM (%s) i
            """,
            self.env["cae.ledger"]._open_invoices_query(
                self.env.company, accounts, span.last
            ),
        )
        yield SQL(
            """
            SELECT a.analytic_account_id,
                   hashtextextended(ROW(c.rule_id, c.month, c.revision, c.amount)
                                    ::text, 2)
              FROM cae_contribution_line c JOIN cae_activity a ON a.id = c.activity_id
             WHERE a.id = ANY(%s) AND c.month BETWEEN %s AND %s
            """,
            self.ids,
            span.year,
            span.last,
        )
        yield SQL(
            """
            SELECT a.analytic_account_id,
                   hashtextextended(ROW(s.entrepreneur_id, s.share, s.date_start,
                                        s.date_end, a.date_end)::text, 3)
              FROM cae_activity_share s JOIN cae_activity a ON a.id = s.activity_id
             WHERE a.id = ANY(%s)
            """,
            self.ids,
        )

    def _items_source(self, accounts, span):
        """Of the analytic items, by far the most rows, a number is made of numbers, and
        added up before it meets the others."""
        column = SQL.identifier("l", self.env["cae.ledger"]._column())
        return SQL(
            """
            SELECT %(column)s,
                   SUM(hash_numeric_extended(
                       l.amount, l.general_account_id::bigint * 100000
                                 + (l.date - DATE '2000-01-01')))
              FROM account_analytic_line l
             WHERE l.company_id = %(company)s AND l.move_line_id IS NOT NULL
               AND %(column)s = ANY(%(accounts)s) AND l.date <= %(last)s
             GROUP BY 1
            """,
            column=column,
            company=self.env.company.id,
            accounts=accounts,
            last=span.last,
        )
