from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

from odoo import api, models
from odoo.tools import SQL, ormcache

from ..engine import allocation

RESULT_PREFIXES = ("6", "7", "186", "187")
SALES = ("70",)
PURCHASES = ("601", "602", "604", "605", "607", "609", "611")
VALUE_ADDED_ITEMS = ("60", "61", "62")
#: What a trial balance adds up, in cents.
SUMS = (
    *("opening", "year_opening", "before", "debit", "credit"),
    *("year_debit", "year_credit"),
)
#: Bank fees kept by the bank are money that the customer did pay.
BANK_FEES = "627"


def money(value):
    """Decimal cents of a database amount."""
    return Decimal(value or 0).quantize(Decimal("0.01"))


def root_key(company) -> str:
    """Key of the company's codes in ``account_account.code_store``.

    ``root_id`` says the same, but computes two relations at each request for it.
    """
    return company.parent_path.split("/")[0]


class CaeLedger(models.AbstractModel):
    """Reads the analytic ledger: a few SQL queries for any number of activities.

    Signs are those of accounting (debit positive) and amounts are ``Decimal`` in the
    company's currency. An analytic account id stands for an activity; the shared
    services have one too, and ``UNALLOCATED`` (0) is what waits.
    """

    _name = "cae.ledger"
    _description = "Analytic Ledger of the Activities"

    # ------------------------------------------------------------------
    # Analytic accounts
    # ------------------------------------------------------------------

    @api.model
    @ormcache()
    def _column(self):
        """Column of the activities' plan on analytic items."""
        # sudo: the name of a column is no secret, and every posting needs it.
        plan = self.env.ref("cae_base.analytic_plan_activities").sudo()
        return plan._column_name()

    @api.model
    @ormcache()
    def _accounts(self):
        """Ids of all analytic accounts of the activities' plan."""
        plan = self.env.ref("cae_base.analytic_plan_activities")
        # sudo: whoever posts an entry must have it tagged, whatever they may read.
        accounts = self.env["account.analytic.account"].sudo()
        accounts = accounts.with_context(active_test=False)
        return frozenset(accounts._search([("root_plan_id", "=", plan.id)]))

    @api.model
    def _forget_accounts(self):
        """Read them again, in every process: an account came, went or moved."""
        self.env.registry.clear_cache()

    @api.model
    def _account_names(self, account_ids):
        # sudo: names for an error message about the user's own entry.
        accounts = self.env["account.analytic.account"].sudo()
        known = accounts.browse([key for key in account_ids if key])
        names = {account.id: account.display_name for account in known}
        return {**names, allocation.UNALLOCATED: self.env._("without activity")}

    # ------------------------------------------------------------------
    # Trial balance
    # ------------------------------------------------------------------

    @api.model
    def _trial_balance(self, company, account_ids, date_from, date_to, rest=False):
        """Balances per activity and general account, one query.

        What is unallocated is the general ledger less all activities, account by
        account.

        :param account_ids: analytic accounts, ``None`` for all of the plan
        :param rest: also what is unallocated, under analytic id 0; ``account_ids`` is
            ``None`` then
        :return: list of dicts ``analytic, code, name`` and, in cents, ``opening,
            year_opening, before, debit, credit, year_debit, year_credit``; *year*
            figures count from the first day of the fiscal year of ``date_to``,
            ``before`` is the movement of the period before that day
        """
        year = company.compute_fiscalyear_dates(date_to)["date_from"]
        self._flush()
        tagged = self._tagged_query(company, account_ids, date_to)
        general = self._sums(date_from, year, SQL.identifier("balance"), 1)
        query = SQL(
            """
            WITH tagged AS MATERIALIZED (
                SELECT analytic, account, %(sums)s FROM (%(tagged)s) s GROUP BY 1, 2
            )
            SELECT s.*, a.code_store ->> %(root)s AS code,
                   COALESCE(a.name ->> %(lang)s, a.name ->> 'en_US') AS name
              FROM (SELECT * FROM tagged %(rest)s) s
              JOIN account_account a ON a.id = s.account
             ORDER BY s.analytic, code
            """,
            root=root_key(company),
            lang=self.env.lang or "en_US",
            # Analytic amounts are credit positive.
            sums=self._sums(date_from, year, SQL.identifier("amount"), -1),
            tagged=tagged,
            rest=self._rest_query(company, date_to, general) if rest else SQL(""),
        )
        self.env.cr.execute(query)
        return self.env.cr.dictfetchall()

    def _sums(self, date_from, year, column, sign):
        """Columns ``SUMS`` in cents, of rows with ``date`` and a column of amounts.

        :param sign: 1 when debits are positive in ``column``, -1 when credits are;
            turning sums is cheaper than turning each amount
        """
        start = max(date_from, year)
        debit, credit = (">", "<") if sign > 0 else ("<", ">")
        conditions = {
            "opening": SQL("date < %s", date_from),
            "year_opening": SQL("date < %s AND date >= %s", date_from, year),
            "before": SQL("date >= %s AND date < %s", date_from, year),
            "debit": self._side(column, debit, date_from),
            "credit": self._side(column, credit, date_from),
            "year_debit": self._side(column, debit, start),
            "year_credit": self._side(column, credit, start),
        }
        # No day is in there, and testing each item for it takes time.
        empty = {"year_opening"} if date_from <= year else set()
        empty |= {"before"} if date_from >= year else set()
        return SQL(", ").join(
            SQL("0::bigint AS %s", SQL.identifier(name))
            if name in empty
            else SQL(
                "COALESCE(SUM(%s) FILTER (WHERE %s) * %s, 0)::bigint AS %s",
                column,
                conditions[name],
                -100 * sign if name.endswith("credit") else 100 * sign,
                SQL.identifier(name),
            )
            for name in SUMS
        )

    def _side(self, column, comparison, date_from):
        return SQL("date >= %s AND %s %s 0", date_from, column, SQL(comparison))

    def _tagged_query(self, company, account_ids, date_to):
        column = SQL.identifier("l", self._column())
        chosen = SQL("%s IS NOT NULL", column)
        if account_ids is not None:
            chosen = SQL("%s = ANY(%s)", column, list(account_ids))
        return SQL(
            """
            SELECT %s AS analytic, l.general_account_id AS account, l.date, l.amount
              FROM account_analytic_line l
             WHERE l.company_id = %s AND l.date <= %s AND l.move_line_id IS NOT NULL
               AND %s
            """,
            column,
            company.id,
            date_to,
            chosen,
        )

    def _rest_query(self, company, date_to, sums):
        # A debit shared as 150 to one and -50 to another makes both columns of the
        # activities larger than the books': never less than nothing is left.
        both = {"debit": "credit", "credit": "debit"}
        both |= {f"year_{name}": f"year_{other}" for name, other in both.items()}
        parts = {
            name: SQL(
                "%s - LEAST(0, %s, %s)",
                SQL.identifier(name),
                SQL.identifier(name),
                SQL.identifier(both[name]),
            )
            if name in both
            else SQL.identifier(name)
            for name in SUMS
        }
        return SQL(
            """
            UNION ALL
            SELECT 0, account, %(parts)s
              FROM (SELECT b.account, %(differences)s
                      FROM (SELECT account_id AS account, %(sums)s
                              FROM account_move_line
                             WHERE company_id = %(company)s AND date <= %(date_to)s
                               AND parent_state = 'posted' AND account_id IS NOT NULL
                             GROUP BY 1) b
                      LEFT JOIN (SELECT account, %(totals)s FROM tagged GROUP BY 1) t
                        ON t.account = b.account) d
            """,
            parts=SQL(", ").join(parts.values()),
            differences=SQL(", ").join(
                SQL("b.%(n)s - COALESCE(t.%(n)s, 0) AS %(n)s", n=SQL.identifier(name))
                for name in SUMS
            ),
            totals=SQL(", ").join(
                SQL("SUM(%(n)s)::bigint AS %(n)s", n=SQL.identifier(name))
                for name in SUMS
            ),
            sums=sums,
            company=company.id,
            date_to=date_to,
        )

    def _flush(self):
        for model in ("account.move.line", "account.analytic.line", "account.account"):
            self.env[model].flush_model()

    @api.model
    def _unbalanced_entries(self, company):
        """Posted entries that break the invariant: ``[(move, analytic, amount)]``.

        Every posted entry balances for each activity; the list is always empty
        unless data was changed behind the product's back.
        """
        self._flush()
        column = SQL.identifier("l", self._column())
        query = SQL(
            """
            SELECT m.move_id, %(column)s, SUM(l.amount)
              FROM account_analytic_line l
              JOIN account_move_line m ON m.id = l.move_line_id
             WHERE %(column)s IS NOT NULL AND l.company_id = %(company)s
             GROUP BY m.move_id, %(column)s
            HAVING ROUND(SUM(l.amount), 2) <> 0
            """,
            column=column,
            company=company.id,
        )
        return self.env.execute_query(query)

    @api.model
    def _uneven_matchings(self, company, date_from, date_to):
        """Items settled in a period that leave an activity a balance: their ids.

        A settled document leaves 0.00 for every activity on its account, with the
        entries that set its activities off and those that correct them. Differences
        of exchange and the items of allocation entries themselves do not count.
        """
        self._flush()
        self.env["account.move"].flush_model()
        query = SQL(
            """
            WITH settled AS (
                SELECT m.full_reconcile_id AS id
                  FROM account_move_line m
                  JOIN account_move v ON v.id = m.move_id
                 WHERE m.full_reconcile_id IN (
                           SELECT full_reconcile_id FROM account_move_line
                            WHERE company_id = %(company)s
                              AND date BETWEEN %(date_from)s AND %(date_to)s)
                 GROUP BY 1
                HAVING NOT BOOL_OR(COALESCE(v.cae_allocation, FALSE)
                                   OR v.journal_id = %(exchange)s)
            ), item AS (
                SELECT m.id, s.id AS settled, m.account_id
                  FROM settled s
                  JOIN account_move_line m ON m.full_reconcile_id = s.id
                 UNION ALL
                SELECT m.id, s.id, m.account_id
                  FROM settled s
                  JOIN account_move v ON v.cae_full_reconcile_id = s.id
                  JOIN account_move_line m ON m.move_id = v.id
            ), corrected AS (
                SELECT id, settled, account_id FROM item
                 UNION ALL
                SELECT c.id, i.settled, i.account_id
                  FROM item i
                  JOIN account_move_line c ON c.cae_source_line_id = i.id
            ), uneven AS (
                SELECT DISTINCT c.settled
                  FROM corrected c
                  JOIN account_account a ON a.id = c.account_id
                  JOIN account_analytic_line l ON l.move_line_id = c.id
                 WHERE %(column)s IS NOT NULL
                   AND a.account_type IN ('asset_receivable', 'liability_payable')
                 GROUP BY c.settled, c.account_id, %(column)s
                HAVING ROUND(SUM(l.amount), 2) <> 0
            )
            SELECT id FROM account_move_line
             WHERE full_reconcile_id IN (SELECT settled FROM uneven)
             ORDER BY id
            """,
            column=SQL.identifier("l", self._column()),
            company=company.id,
            date_from=date_from,
            date_to=date_to,
            exchange=company.currency_exchange_journal_id.id or None,
        )
        return [row[0] for row in self.env.execute_query(query)]

    # ------------------------------------------------------------------
    # Balances by account prefix
    # ------------------------------------------------------------------

    @api.model
    def _prefix_balances(self, company, account_ids, date_from, date_to):
        """``{analytic id: {account code: balance}}`` over a period (both included).

        ``date_from`` is ``None`` for balances since the beginning.
        """
        (found,) = self._balances_of(company, account_ids, [(date_from, date_to)])
        return found

    @api.model
    def _balances_of(self, company, account_ids, periods):
        """A list of :meth:`_prefix_balances`, one of each period, in one query."""
        self._flush()
        query = SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s, b.* FROM (%s) b",
                place,
                self._prefix_query(company, account_ids, *period),
            )
            for place, period in enumerate(periods)
        )
        result = [defaultdict(dict) for _period in periods]
        for place, analytic, code, balance in self.env.execute_query(query):
            balances = result[place][analytic]
            balances[code] = balances.get(code, 0) + money(balance)
        return result

    @api.model
    def _prefix_query(self, company, account_ids, date_from, date_to) -> SQL:
        column = SQL.identifier("l", self._column())
        return SQL(
            """
            SELECT s.analytic, COALESCE(a.code_store ->> %(root)s, ''), s.balance
              FROM (SELECT %(column)s AS analytic, l.general_account_id AS account,
                           -SUM(l.amount) AS balance
                      FROM account_analytic_line l
                     WHERE l.company_id = %(company)s AND l.move_line_id IS NOT NULL
                       AND %(column)s = ANY(%(accounts)s) AND l.date <= %(date_to)s
                       AND (%(date_from)s IS NULL OR l.date >= %(date_from)s)
                     GROUP BY 1, 2) s
              JOIN account_account a ON a.id = s.account
            """,
            column=column,
            root=root_key(company),
            company=company.id,
            accounts=list(account_ids),
            date_from=date_from,
            date_to=date_to,
        )

    @api.model
    def _monthly_results(self, year, account_ids, brought, without: SQL):
        """``(analytic id, month, cents)`` of a year, profits positive.

        What comes from earlier years has no month.

        :param brought: prefixes of accounts that hold results of earlier years
        :param without: query of the ids of entries that do not count
        """
        self._flush()
        query = SQL(
            """
            SELECT %(column)s,
                   CASE WHEN l.date >= %(first)s AND %(code)s LIKE ANY(%(results)s)
                        THEN DATE_TRUNC('month', l.date)::date END AS month,
                   (SUM(l.amount) * 100)::bigint
              FROM account_analytic_line l
              JOIN account_move_line m ON m.id = l.move_line_id
              JOIN account_account a ON a.id = l.general_account_id
             WHERE l.company_id = %(company)s AND l.date <= %(last)s
               AND %(column)s = ANY(%(accounts)s)
               AND %(code)s LIKE ANY(%(every)s)
               AND m.move_id NOT IN (
                   SELECT own.id FROM (%(without)s) own WHERE own.id IS NOT NULL)
             GROUP BY 1, 2
            """,
            column=SQL.identifier("l", self._column()),
            code=SQL("a.code_store ->> %s", root_key(year.company_id)),
            results=[f"{prefix}%" for prefix in RESULT_PREFIXES],
            every=[f"{prefix}%" for prefix in (*RESULT_PREFIXES, *brought)],
            company=year.company_id.id,
            first=year.date_from,
            last=year.date_to,
            accounts=list(account_ids),
            without=without,
        )
        return self.env.execute_query(query)

    # ------------------------------------------------------------------
    # Monthly figures
    # ------------------------------------------------------------------

    @api.model
    def _month_movements(
        self,
        company,
        account_ids,
        date_from,
        date_to,
        sale,
        prefixes=None,
        by_product=False,
    ):
        """Movements per activity, month and account: ``{(analytic, month): {...}}``.

        What an allocation entry moved counts as the item that it corrects does, on
        the day of the allocation entry.

        :param sale: ``True`` for customer documents and entries of sale journals
            only, as turnover is counted; cash basis entries and the contributions
            themselves never count
        :param prefixes: accounts that are read, all by default
        :param by_product: tell the products apart, the id is ``None`` otherwise
        :return: ``{(analytic id, first day): {(account code, product category id,
            product id): balance}}``
        """
        self._flush()
        self.env["cae.contribution.line"].flush_model(["move_id"])
        query = self._month_query(
            company, account_ids, (date_from, date_to), sale, prefixes, by_product
        )
        result = defaultdict(dict)
        for analytic, month, code, *product, balance in self.env.execute_query(query):
            result[analytic, month][(code or "", *product)] = money(balance)
        return result

    def _month_query(
        self, company, account_ids, days, sale, prefixes, by_product
    ) -> SQL:
        """Rows of ``_month_movements``: the keys of its result, then the balance."""
        code = SQL("a.code_store ->> %s", root_key(company))
        patterns = [f"{prefix}%" for prefix in sorted(prefixes or ("",))]
        counts = SQL(
            """
            NOT EXISTS (SELECT 1 FROM cae_contribution_line c WHERE c.move_id = v.id)
            """
        )
        return SQL(
            """
            SELECT %(column)s, date_trunc('month', l.date)::date,
                   %(code)s, t.categ_id, %(product)s, -SUM(l.amount)
              FROM account_analytic_line l
              JOIN account_move_line i ON i.id = l.move_line_id
              JOIN account_move_line m ON m.id = COALESCE(i.cae_source_line_id, i.id)
              JOIN account_move v ON v.id = m.move_id
              JOIN account_journal j ON j.id = m.journal_id
              JOIN account_account a ON a.id = l.general_account_id
              LEFT JOIN product_product p ON p.id = m.product_id
              LEFT JOIN product_template t ON t.id = p.product_tmpl_id
             WHERE l.company_id = %(company)s AND %(column)s = ANY(%(accounts)s)
               AND l.date BETWEEN %(date_from)s AND %(date_to)s
               AND v.tax_cash_basis_origin_move_id IS NULL AND %(counts)s
               AND COALESCE(%(code)s, '') LIKE ANY(%(patterns)s)
             GROUP BY 1, 2, 3, 4, 5
            """,
            column=SQL.identifier("l", self._column()),
            code=code,
            product=SQL("p.id") if by_product else SQL("NULL::integer"),
            company=company.id,
            accounts=list(account_ids),
            date_from=days[0],
            date_to=days[1],
            counts=SQL("j.type = 'sale'") if sale else counts,
            patterns=patterns,
        )

    @api.model
    def _collected(self, rows, wanted, narrow=None):
        """Turnover collected, exact: ``{(analytic id, first day): Fraction}``.

        Each matching of a customer document with money counts at the payment's date:
        what the activity gave × (excl. VAT / incl. VAT) of its part of the document,
        after the credit notes matched with it. Refunds count negatively. A credit
        note, a write-off or a set-off is not money.

        :param rows: of ``_money_matchings``
        :param wanted: analytic accounts
        :param narrow: joins and condition of the document lines that count
        """
        documents = {row["document"] for row in rows}
        ratios = self._net_ratios(documents, narrow)
        unknown = Fraction(0 if narrow else 1)
        # Whole cents by ratio first: few ratios, many matchings.
        sums = defaultdict(lambda: defaultdict(int))
        for row in rows:
            part = self._money_part(row)
            for key, cents in (row["share"] or {}).items():
                analytic = int(key)
                if analytic in wanted:
                    whole = ratios.get((row["document"], None), unknown)
                    ratio = part * ratios.get((row["document"], analytic), whole)
                    month = sums[analytic, row["month"]]
                    month[ratio.as_integer_ratio()] += cents * row["sign"]
        return {
            key: sum(Fraction(n * cents, 100 * d) for (n, d), cents in month.items())
            for key, month in sums.items()
        }

    @staticmethod
    def _money_part(row):
        """Share of a matching that is money: less what was written off with it."""
        paid = row["cash"] + row["fees"]
        matched = row["credit"] if paid > 0 else row["debit"]
        return 1 if abs(paid) >= matched else Fraction(abs(paid), matched)

    def _money_matchings(self, company, date_from, date_to, chosen):
        """Matchings of customer documents with money dated in the period, in cents.

        :param chosen: SQL condition on ``p``, the matching, and ``v``, the document
        """
        self.env["account.partial.reconcile"].flush_model()
        self._flush()
        query = SQL(
            """
            WITH side AS (
                SELECT p.id, p.cae_share AS share, d.id AS document_line,
                       d.move_id AS document, k.move_id AS payment, k.date,
                       CASE WHEN p.debit_move_id = d.id THEN 1 ELSE -1 END AS sign
                  FROM account_partial_reconcile p
                  JOIN account_move_line d
                    ON d.id IN (p.debit_move_id, p.credit_move_id)
                  JOIN account_move v ON v.id = d.move_id
                  JOIN account_move_line k
                    ON k.id IN (p.debit_move_id, p.credit_move_id) AND k.id <> d.id
                 WHERE d.company_id = %(company)s
                   AND v.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
                   AND k.date BETWEEN %(date_from)s AND %(date_to)s
                   AND %(chosen)s
            ), money AS (
                SELECT l.move_id,
                       SUM(l.balance) FILTER (WHERE a.code LIKE '5%%') AS cash,
                       SUM(l.balance) FILTER (WHERE a.code LIKE %(fees)s) AS fees,
                       SUM(GREATEST(l.balance, 0)) FILTER (WHERE a.settles) AS debit,
                       SUM(GREATEST(-l.balance, 0)) FILTER (WHERE a.settles) AS credit
                  FROM account_move_line l
                  JOIN (SELECT id, code_store ->> %(root)s AS code,
                               account_type IN ('asset_receivable',
                                                'liability_payable') AS settles
                          FROM account_account) a ON a.id = l.account_id
                 WHERE l.move_id IN (SELECT payment FROM side)
                 GROUP BY l.move_id
            )
            SELECT s.share, s.document, s.sign,
                   date_trunc('month', s.date)::date AS month,
                   ROUND(100 * m.cash)::bigint AS cash,
                   ROUND(100 * COALESCE(m.fees, 0))::bigint AS fees,
                   ROUND(100 * COALESCE(m.debit, 0))::bigint AS debit,
                   ROUND(100 * COALESCE(m.credit, 0))::bigint AS credit
              FROM side s
              JOIN money m ON m.move_id = s.payment
             WHERE m.cash IS NOT NULL AND m.cash <> 0
            """,
            company=company.id,
            date_from=date_from,
            date_to=date_to,
            root=root_key(company),
            fees=BANK_FEES + "%",
            chosen=chosen,
        )
        self.env.cr.execute(query)
        return self.env.cr.dictfetchall()

    def _net_ratios(self, documents, narrow=None):
        """``{(document, analytic): excl. VAT / incl. VAT}`` after its credit notes."""
        credits = self._credit_matchings(documents)
        notes = {note for rows in credits.values() for note, _share in rows}
        amounts = self._document_amounts(documents | notes, narrow)
        unknown = Fraction(0 if narrow else 1)
        # Who took the debt of a customer over has no part in the document itself.
        ratios, totals = {}, defaultdict(lambda: [0, 0])
        for (document, analytic), (net, gross) in amounts.items():
            for note, share in credits.get(document, ()):
                given = share.get(str(analytic), 0)
                note_net, note_gross = amounts.get((note, analytic), (0, 0))
                if note_gross:
                    net -= Fraction(abs(note_net) * given, abs(note_gross))
                    gross -= given
            ratios[document, analytic] = Fraction(net, gross) if gross else unknown
            totals[document][0] += net
            totals[document][1] += gross
        for document, (net, gross) in totals.items():
            ratios[document, None] = Fraction(net, gross) if gross else unknown
        return ratios

    def _credit_matchings(self, documents):
        """``{document: [(other document, share)]}`` of documents matched together."""
        if not documents:
            return {}
        query = SQL(
            """
            SELECT d.move_id, k.move_id, p.cae_share
              FROM account_partial_reconcile p
              JOIN account_move_line d ON d.id IN (p.debit_move_id, p.credit_move_id)
              JOIN account_move_line k
                ON k.id IN (p.debit_move_id, p.credit_move_id) AND k.id <> d.id
              JOIN account_move v ON v.id = d.move_id
              JOIN account_move w ON w.id = k.move_id
             WHERE d.move_id = ANY(%s) AND v.move_type IN ('out_invoice', 'out_receipt')
               AND w.move_type = 'out_refund'
            """,
            list(documents),
        )
        result = defaultdict(list)
        for document, note, share in self.env.execute_query(query):
            result[document].append((note, share or {}))
        return result

    def _document_amounts(self, documents, narrow=None):
        """``{(document, analytic): (excl. VAT, incl. VAT)}``: cents, sales positive."""
        if not documents:
            return {}
        joins, counts = narrow or (SQL(), SQL("TRUE"))
        query = SQL(
            """
            WITH item AS (
                SELECT m.id, m.id AS source
                  FROM account_move_line m
                 WHERE m.move_id = ANY(%(documents)s)
                 UNION ALL
                SELECT c.id, m.id
                  FROM account_move_line m
                  JOIN account_move_line c ON c.cae_source_line_id = m.id
                  JOIN account_move e ON e.id = c.move_id
                 WHERE m.move_id = ANY(%(documents)s) AND e.cae_exit_id IS NULL
            )
            SELECT m.move_id, %(column)s,
                   ROUND(100 * COALESCE(SUM(l.amount) FILTER (
                       WHERE m.display_type = 'product' AND %(counts)s), 0))::bigint,
                   ROUND(-100 * COALESCE(SUM(l.amount) FILTER (
                       WHERE m.display_type = 'payment_term'), 0))::bigint
              FROM item i
              JOIN account_move_line m ON m.id = i.source
              JOIN account_analytic_line l ON l.move_line_id = i.id
              %(joins)s
             WHERE %(column)s IS NOT NULL
             GROUP BY 1, 2
            """,
            joins=joins,
            counts=counts,
            column=SQL.identifier("l", self._column()),
            documents=list(documents),
        )
        return {
            (document, analytic): (net, gross)
            for document, analytic, net, gross in self.env.execute_query(query)
        }
