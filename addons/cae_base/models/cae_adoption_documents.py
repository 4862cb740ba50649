"""What a taking over does with documents: tags from its day on, openings before."""

from collections import defaultdict

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL, format_amount, split_every

from ..engine import allocation
from ..engine.money import decimal
from ..tools import format_date
from .account_move_line import TAGGING
from .account_move_unallocated import PARTNER_TYPES
from .cae_ledger import root_key

#: Entries that are given to activities in one go.
CHUNK = 200
#: More than the whole is no share.
MOST = 100.005


class CaeAdoption(models.Model):
    # One file for the rows, one for the documents: together they are too long.
    # pylint: disable=consider-merging-classes-inherited
    _inherit = "cae.adoption"

    def _uses(self, accounts):
        """What each account has: entries from the day on, first and last days.

        :return: ``{account id: (count, first, last)}``
        """
        self.env["account.move.line"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT part::int, COUNT(DISTINCT l.move_id) FILTER (
                           WHERE l.date >= %(date)s AND l.parent_state = 'posted'),
                       MIN(l.date), MAX(l.date)
                  FROM account_move_line l,
                       jsonb_object_keys(l.analytic_distribution) key,
                       regexp_split_to_table(key, ',') part
                 WHERE l.company_id = %(company)s AND l.parent_state <> 'cancel'
                   AND l.analytic_distribution IS NOT NULL AND part ~ '^[0-9]+$'
                 GROUP BY 1
                """,
                date=self.date,
                company=self.company_id.id,
            )
        )
        return {key: uses for key, *uses in rows if key in accounts.ids}

    def _mapping(self):
        """``{former account id: analytic account id of its activity}``."""
        lines = self.line_ids.filtered("activity_id")
        pairs = (
            (ln.account_id.id, ln.activity_id.analytic_account_id.id) for ln in lines
        )
        return {old: new for old, new in pairs if old != new}

    def _items_on_former(self, mapping, domain):
        """Journal items on the former accounts."""
        return self.env["account.move.line"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("analytic_distribution", "in", list(mapping)),
                *domain,
            ]
        )

    # ------------------------------------------------------------------
    # From the day on
    # ------------------------------------------------------------------

    def _adopt_documents(self, left):
        """Give posted entries of the open months to the activities they name.

        :param left: words about those that are left to a person; added to
        :return: how many entries
        """
        mapping = self._mapping()
        domain = [("parent_state", "=", "posted"), ("date", ">=", self.date)]
        items = self._items_on_former(mapping, domain)._cae_to_decide()
        parts = items._cae_former_parts(mapping)
        return self._in_batches(parts, self._adopt_batch, left)

    def _in_batches(self, parts, work, left):
        """Do ``work(moves, parts)`` for many entries; one that is refused is left.

        :param parts: ``{item: vector}``
        :return: how many entries were done
        """
        moves = self.env["account.move.line"].union(*parts).move_id
        done = 0
        for ids in split_every(CHUNK, moves.sorted(lambda m: (m.date, m.id)).ids):
            done += self._attempt(moves.browse(ids), parts, work, left)
        return done

    def _attempt(self, moves, parts, work, left):
        try:
            with self.env["cae.exchange"]._undone():
                work(moves, parts)
            return len(moves)
        except AccessError:
            raise
        except UserError as error:
            self.env.invalidate_all(flush=False)
            if len(moves) == 1:
                left.append(f"{moves.name}: {error}")
                return 0
        half = len(moves) // 2
        return sum(
            self._attempt(some, parts, work, left)
            for some in (moves[:half], moves[half:])
        )

    def _adopt_batch(self, moves, parts):
        own = {item: parts[item] for item in parts if item.move_id in moves}
        moved = self.env["account.move.line"]._cae_allocated(own)
        self.env["cae.transfer"]._make(
            moved,
            self._headers(moves, moved),
            reason=self._reason(),
            adoption_id=self.id,
        )

    def _reason(self):
        return self.env._("Taken over: %(plan)s", plan=self.plan_id.name)

    def _headers(self, moves, moved):
        """``{document: activity}`` of those that belong to one activity alone."""
        keys = defaultdict(set)
        for item, vector in moved.items():
            keys[item.move_id] |= set(vector)
        owners = {a.analytic_account_id.id: a for a in self.line_ids.activity_id}
        return {
            move: owners[next(iter(keys[move]))]
            for move in moves
            if move.is_invoice(include_receipts=True)
            and len(keys[move]) == 1
            and keys[move] <= set(owners)
        }

    def _adopt_drafts(self):
        """Give drafts on one former account to its activity: how many."""
        mapping = self._mapping()
        items = self._items_on_former(mapping, [("parent_state", "=", "draft")])
        owners = {a.analytic_account_id.id: a for a in self.line_ids.activity_id}
        chosen = defaultdict(self.env["account.move"].browse)
        for move, lines in items.grouped("move_id").items():
            targets = set().union(
                *(line._cae_former_targets(mapping) for line in lines)
            )
            invoice = move.is_invoice(include_receipts=True)
            if len(targets) == 1 and invoice and not move.cae_activity_id:
                chosen[owners[targets.pop()]] += move
        for activity, moves in chosen.items():
            moves.cae_activity_id = activity
        return sum(map(len, chosen.values()))

    def _early_money(self):
        """Words on money of before the day that came with documents dated since.

        The treasury that the former system says holds it too.
        """
        activities = {a.analytic_account_id.id: a for a in self.line_ids.activity_id}
        self.env["cae.ledger"]._flush()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT %(column)s, -SUM(l.amount)
                  FROM account_analytic_line l
                  JOIN account_move_line i ON i.id = l.move_line_id
                  JOIN account_move_line m ON m.id = i.cae_source_line_id
                  JOIN account_account a ON a.id = i.account_id
                 WHERE l.company_id = %(company)s AND m.date < %(day)s
                   AND %(column)s = ANY(%(accounts)s)
                   AND a.code_store ->> %(root)s LIKE '5%%'
                 GROUP BY 1
                HAVING SUM(l.amount) <> 0
                 ORDER BY 1
                """,
                column=SQL.identifier("l", self.env["cae.ledger"]._column()),
                company=self.company_id.id,
                day=self.date,
                accounts=list(activities),
                root=root_key(self.company_id),
            )
        )
        return [
            self.env._(
                "%(activity)s: %(amount)s paid before %(day)s came with documents "
                "dated since. If the treasury at the start holds it too, it counts "
                "twice: take it off there.",
                activity=activities[analytic].display_name,
                amount=format_amount(self.env, amount, self.currency_id),
                day=format_date(self.env, self.date),
            )
            for analytic, amount in rows
        ]

    # ------------------------------------------------------------------
    # Before
    # ------------------------------------------------------------------

    def _adopt_openings(self, left):
        """Open what customers and suppliers still had to pay on the day: how many.

        :param left: words about documents that are left to a person; added to
        """
        mapping = self._mapping()
        domain = [("parent_state", "=", "posted"), ("date", "<", self.date)]
        documents = self._open_documents(domain)
        items = documents.line_ids.filtered(lambda line: line._cae_kind() == "base")
        parts = items.filtered("analytic_distribution")._cae_former_parts(mapping)
        return self._in_batches(parts, self._open_batch, left)

    def _open_documents(self, domain):
        """Documents of before that were not settled on the day, nor opened yet."""
        terms = self.env["account.move.line"].search(
            [
                *domain,
                ("company_id", "=", self.company_id.id),
                ("display_type", "=", "payment_term"),
                ("account_type", "in", PARTNER_TYPES),
                "|",
                ("reconciled", "=", False),
                "|",
                ("matched_debit_ids.max_date", ">=", self.date),
                ("matched_credit_ids.max_date", ">=", self.date),
            ]
        )
        return terms.move_id

    def _open_batch(self, moves, parts):
        """One entry that takes over what is open of these documents."""
        own = {item.id: v for item, v in parts.items() if item.move_id in moves}
        vectors = moves._cae_vectors(own)
        opened = {}
        for move in moves:
            lines = move.line_ids._cae_amount_lines()
            known = {line.id: vectors[line.id] for line in lines}
            taken = allocation.opening(known, move._cae_open_on(self.date))
            opened |= {line: taken[line.id] for line in lines if line.id in taken}
        if opened:
            self._book_opening(opened)

    def _book_opening(self, opened):
        """:param opened: ``{journal item: vector}``, what activities take of each"""
        items = self.env["account.move.line"].union(*opened)
        before = items._cae_effective_vectors()
        rows = []
        for item, vector in opened.items():
            rest = {allocation.UNALLOCATED: -sum(vector.values())}
            after = allocation.add(before[item.id], vector, rest)
            row = {"move_id": item.move_id.id, "item_id": item.id}
            rows.append({**row, "before": before[item.id], "after": after})
        vals = {"reason": self._reason(), "adoption_id": self.id}
        transfer = self.env["cae.transfer"]._create_log(items.move_id, rows, vals)
        entry = self._create_entry(
            [row for pair in opened.items() for row in self._opening_rows(*pair)],
            cae_transfer_id=transfer.id,
        )
        entry._cae_post_allocation()
        items._cae_keep_matchings(self.date)
        items._cae_propagate()

    def _opening_rows(self, item, vector):
        """Lines of the opening entry that take over a journal item: nil in all."""
        move = item.move_id
        prepare = move._prepare_cae_allocation_line_vals
        for key, cents in sorted(vector.items()):
            account = item._cae_opening_account(cents)
            for row in (
                prepare(account, key, cents),
                prepare(account, allocation.UNALLOCATED, -cents),
            ):
                yield {
                    **row,
                    "name": self.env._("Opening: %(entry)s", entry=move.name),
                    "partner_id": item.partner_id.id,
                    "cae_source_line_id": item.id,
                }

    def _create_entry(self, rows, **vals):
        company = self.company_id
        entries = self.env["account.move"]._cae_own()
        entry = entries.create(
            {
                "move_type": "entry",
                "journal_id": company.cae_journal_id.id,
                "company_id": company.id,
                "date": self.date,
                "ref": self._reason(),
                "cae_allocation": True,
                "cae_opening": True,
                "line_ids": [Command.create(row) for row in rows],
                **vals,
            }
        )
        return entry.with_env(self.env)

    def _open_balances(self, lines):
        """Book the treasury that the activities of these rows begin with.

        The shared services keep their money (181) and their results for them.

        :return: how many entries
        """
        company = self.company_id
        bank, shared = (
            company.cae_internal_bank_account_id,
            company.cae_shared_account_id,
        )
        prepare = self.env["account.move"]._prepare_cae_allocation_line_vals
        rows = []
        for line in lines.filtered(lambda row: row.activity_id and row.treasury):
            cents = int(decimal(line.treasury) * 100)
            results = company._cae_results_account(-cents)
            owner = line.activity_id.analytic_account_id.id
            name = self.env._("Opening of %s", line.activity_id.display_name)
            rows += [
                {**prepare(account, key, part), "name": name}
                for account, key, part in (
                    (bank, owner, cents),
                    (bank, shared.id, -cents),
                    (results, owner, -cents),
                    (results, shared.id, cents),
                )
            ]
        if not rows:
            return 0
        self._create_entry(rows, cae_adoption_id=self.id)._cae_post_allocation()
        return 1


class AccountMove(models.Model):
    # pylint: disable=consider-merging-classes-inherited
    _inherit = "account.move"

    def _cae_open_on(self, day):
        """``{line id: cents}`` that are open of this document when ``day`` begins.

        Terms less what was matched before, taxes on payment less what became due.
        """
        lines = self.line_ids._cae_amount_lines()
        terms = lines.filtered(lambda line: line._cae_kind() == "term")
        open_ = {line.id: line._cae_open_cents(day) for line in terms}
        due = self.tax_cash_basis_created_move_ids.filtered(
            lambda move: move.state == "posted" and move.date < day
        )
        due = (due | due.reversal_move_ids).line_ids.grouped("tax_repartition_line_id")
        for line in lines.filtered(lambda line: line._cae_waits_for_payment()):
            taken = due.get(line.tax_repartition_line_id, lines.browse())
            open_[line.id] = line._cae_cents() - sum(t._cae_cents() for t in taken)
        return {key: cents for key, cents in open_.items() if cents}


class AccountMoveLine(models.Model):
    # pylint: disable=consider-merging-classes-inherited
    _inherit = "account.move.line"

    def _cae_former_shares(self, mapping):
        """``[(analytic account, percent)]`` of the former accounts of this item."""
        return [
            (mapping[int(part)], share)
            for key, share in (self.analytic_distribution or {}).items()
            for part in key.split(",")
            if part.isdigit() and int(part) in mapping
        ]

    def _cae_former_targets(self, mapping):
        return {
            account
            for item in self
            for account, _share in item._cae_former_shares(mapping)
        }

    def _cae_former_parts(self, mapping):
        """``{item: vector}`` of those of these items that no activity has yet."""
        vectors = self._cae_effective_vectors()
        parts = {}
        for item in self:
            shares = item._cae_former_shares(mapping)
            total = sum(share for _account, share in shares)
            free = set(vectors[item.id]) == {allocation.UNALLOCATED}
            if shares and free and total <= MOST:
                parts[item] = allocation.cents(shares, item._cae_cents(), typed=True)
        return parts

    def _cae_open_cents(self, day):
        """Cents of this receivable or payable item that nothing settled before."""
        paid = sum(
            round(partial.amount * 100) * (1 if partial.credit_move_id == self else -1)
            for partial in self._all_partials()
            if partial.max_date < day
        )
        return self._cae_cents() + paid

    def _cae_waits_for_payment(self):
        """Whether this is a tax line that becomes due when the document is paid."""
        tax = self.tax_repartition_line_id.tax_id
        return tax.tax_exigibility == "on_payment" and self.move_id.is_invoice(
            include_receipts=True
        )

    def _cae_opening_account(self, cents):
        """Where the opening of this item goes: what it was about is history."""
        if self._cae_kind() == "term" or self._cae_waits_for_payment():
            return self.account_id
        return self.company_id._cae_results_account(cents)

    def _cae_keep_matchings(self, day):
        """What was settled before ``day`` was of none of the activities."""
        early = self._all_partials().filtered(lambda p: p.max_date < day)
        early = early._cae_own().with_context(cae_token=TAGGING)
        for partial in early:
            share = {str(allocation.UNALLOCATED): round(partial.amount * 100)}
            partial.write({"cae_share": share, "cae_before_opening": True})


class ResCompany(models.Model):
    _inherit = "res.company"

    def _cae_results_account(self, cents):
        """Results of earlier years: 110 for a credit, 119 for a debit.

        :param cents: debit positive
        :raises UserError: ``CAE-CONFIG-CHART``
        """
        account = self._cae_chart_account("pcg_119" if cents > 0 else "pcg_110")
        if not account:
            raise UserError(
                self.env._(
                    "CAE-CONFIG-CHART: the chart of %(company)s has no account 110 or "
                    "119 for the results of earlier years.",
                    company=self.name,
                )
            )
        return account
