from .common import CaeCommon, cae_tagged

#: Queries of one more line: Odoo numbers each cash basis entry with three, asks for
#: the distribution models of each partner twice, and reads each partner.
QUERIES_PER_LINE = 9


@cae_tagged
class TestBankBatch(CaeCommon):
    """Many bank lines are matched in one batch, with the result of one by one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant = cls._user("batch-accountant", "group_accountant")
        cls.Line = cls.env["account.bank.statement.line"]

    def _lines(self, amounts, tax):
        """Bank lines without partner, each naming a document of another customer."""
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {amount}"} for amount in amounts]
        )
        documents = [
            self._document(
                [(self.activities[n % 3], amount, tax)], partner_id=partner.id
            )
            for n, (amount, partner) in enumerate(zip(amounts, partners, strict=True))
        ]
        vals_list = [
            {
                "journal_id": self.bank.id,
                "date": "2026-02-11",
                "payment_ref": document.name,
                "amount": document.amount_total,
            }
            for document in documents
        ]
        return self.Line.create(vals_list).with_user(self.accountant)

    def _facts(self, lines):
        """What a matching leaves on the entries of the lines and in the books."""
        items = [
            [
                (i.account_id.code, i.balance, i.analytic_distribution, i.reconciled)
                for i in line.line_ids.sorted(lambda i: (i.account_id.code, i.id))
            ]
            for line in lines
        ]
        names = [
            [
                line.partner_id.name,
                line.move_id.partner_id.name,
                *line.line_ids.mapped("partner_id.name"),
            ]
            for line in lines
        ]
        return items, names, self._balances()

    def _in_savepoint(self, amounts, match):
        with self.cr.savepoint() as savepoint:
            lines = self._lines(amounts, self.vat_services)
            match(lines)
            self.assertTrue(all(line.is_reconciled for line in lines))
            self.assertInvariant()
            facts = self._facts(lines)
            savepoint.rollback()
            self.env.invalidate_all()
        return facts

    def test_batch_gives_what_one_by_one_gives(self):
        amounts = range(100, 107)
        batch = self._in_savepoint(amounts, lambda lines: lines.cae_match_certain())
        single = self._in_savepoint(
            amounts, lambda lines: [line.cae_match_certain() for line in lines]
        )
        self.assertEqual(batch, single)

    def _count(self, amounts, tax):
        lines = self._lines(amounts, tax)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        result = lines.cae_match_certain()
        self.env.flush_all()
        self.assertEqual(len(result["matched"]), len(lines))
        return self.cr.sql_log_count - before

    def test_one_more_line_costs_few_queries(self):
        for start, tax in ((1000, self.vat_services), (2000, self.vat_goods)):
            self._count([start], tax)
            few = self._count(range(start + 1, start + 4), tax)
            many = self._count(range(start + 10, start + 22), tax)
            self.assertLessEqual((many - few) / 9, QUERIES_PER_LINE, tax.name)

    def test_part_of_a_line_stays_on_the_suspense_account(self):
        """In one batch: a line that is settled, and one that leaves a rest."""
        settled, partial = self._lines([300, 301], None)
        items = (
            self.env["account.move"]
            .search(
                [("name", "in", (settled.payment_ref, partial.payment_ref))],
                order="name",
            )
            .line_ids.filtered(lambda i: i.display_type == "payment_term")
        )
        first, second = items.sorted("balance")
        self.Line._cae_settle(
            {settled: ([(first, 30000)], []), partial: ([(second, 10000)], [])}
        )
        self.assertEqual(settled.cae_open_amount, 0)
        self.assertEqual(partial.cae_open_amount, 201)
        self.assertEqual(second.amount_residual, 201)
        self.assertEqual(partial.partner_id.name, "Customer 301")
        self.assertInvariant()
