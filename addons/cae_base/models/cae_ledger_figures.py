from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from odoo import api, models
from odoo.tools import SQL

from .cae_ledger import PURCHASES, SALES, VALUE_ADDED_ITEMS, root_key

#: Sales and purchases between activities (design §3.5).
INTERNAL_SOLD = ("187",)
INTERNAL_BOUGHT = ("186",)


@dataclass(frozen=True, slots=True)
class Filters:
    """What counts in the figures of a rule.

    :param sales: account prefixes of the turnover
    :param purchases: account prefixes that the gross margin deducts
    :param losses: account prefixes of what is given back: bad debts, discounts
    :param categories: ids of product categories, with those below; empty: all
    :param products: ids of product variants; empty: all
    """

    sales: tuple[str, ...] = SALES
    purchases: tuple[str, ...] = PURCHASES
    losses: tuple[str, ...] = ()
    categories: frozenset[int] = frozenset()
    products: frozenset[int] = frozenset()

    @property
    def narrow(self) -> bool:
        """Whether only a part of the turnover counts."""
        return bool(self.categories or self.products or self.sales != SALES)

    def chosen(self, categ: int | None, product: int | None) -> bool:
        """Whether sales of this product count."""
        return (not self.categories or categ in self.categories) and (
            not self.products or product in self.products
        )

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Accounts that are read in all journals."""
        internal = INTERNAL_SOLD + INTERNAL_BOUGHT
        return (*self.purchases, *self.losses, *VALUE_ADDED_ITEMS, *internal)


EVERYTHING = Filters()


class CaeLedger(models.AbstractModel):
    """Monthly figures, as the contribution rules count them."""

    _inherit = "cae.ledger"

    @api.model
    def _figures(self, company, account_ids, date_from, date_to):
        """Monthly figures of activities without any filter, see ``_figures_by``."""
        period = (company, account_ids, date_from, date_to)
        return self._figures_by(*period, {EVERYTHING})[EVERYTHING]

    @api.model
    def _figures_by(
        self,
        company,
        account_ids,
        date_from,
        date_to,
        filters: Iterable[Filters],
        collected: Iterable[Filters] | None = None,
    ) -> dict:
        """Monthly figures of activities for each of ``filters``.

        Two queries, and three for what was collected; two more for each narrow filter.

        :param collected: those of the filters for which somebody asks what was
            collected, all by default; 0 for the others
        :return: ``{filters: {(analytic id, first day): {"invoiced", "purchases",
            "items", "losses", "sold", "bought": Decimal, "collected": Fraction}}}``;
            ``items`` are the charges on 60, 61 and 62 that the value added leaves
            out; ``sold`` and ``bought`` are between activities
        """
        period = (company, account_ids, date_from, date_to)
        filters = set(filters)
        by_product = any(one.products for one in filters)
        sales, every = (
            self._month_movements(
                *period,
                sale,
                prefixes={code for one in filters for code in wanted(one)},
                by_product=by_product,
            )
            for sale, wanted in ((True, _sales), (False, _others))
        )
        result = {one: _add_up(one, sales, every) for one in filters}
        asked = filters if collected is None else filters & set(collected)
        if asked:
            self._add_collected({one: result[one] for one in asked}, period)
        return result

    def _add_collected(self, result, period):
        """Put what was collected into the figures of each of the filters."""
        company, account_ids, *dates = period
        wanted = set(account_ids)
        shared = SQL(
            """
            EXISTS (SELECT 1 FROM jsonb_object_keys(p.cae_share) key
                     WHERE key = ANY(%s))
            """,
            [str(account_id) for account_id in account_ids],
        )
        matchings = self._money_matchings(company, *dates, shared)
        whole = self._collected(matchings, wanted)
        for one, rows in result.items():
            found = whole
            if one.narrow:
                condition = self._narrow_condition(company, one)
                found = self._collected(matchings, wanted, condition)
            for key, amount in found.items():
                rows[key]["collected"] = amount

    def _narrow_condition(self, company, narrow):
        """Joins and condition of the document lines that ``narrow`` counts."""
        code = SQL("a.code_store ->> %s", root_key(company))
        conditions = [SQL("%s LIKE ANY(%s)", code, _patterns(narrow.sales))]
        for column, ids in (
            (SQL("t.categ_id"), narrow.categories),
            (SQL("p.id"), narrow.products),
        ):
            if ids:
                conditions.append(SQL("%s = ANY(%s)", column, list(ids)))
        joins = SQL(
            """
              JOIN account_account a ON a.id = l.general_account_id
              LEFT JOIN product_product p ON p.id = m.product_id
              LEFT JOIN product_template t ON t.id = p.product_tmpl_id
            """
        )
        return joins, SQL(" AND ").join(conditions)


def _sales(filters):
    return filters.sales


def _others(filters):
    return filters.prefixes


def _patterns(prefixes):
    return [f"{prefix}%" for prefix in sorted(prefixes)]


def _add_up(filters, sales, every):
    """Rows of ``_figures_by`` for one of the filters, nothing collected yet."""
    names = ("invoiced", "purchases", "items", "losses", "sold", "bought")
    empty = {**dict.fromkeys(names, Decimal(0)), "collected": Fraction(0)}
    result = defaultdict(lambda: dict(empty))
    chosen = filters.chosen
    for movements, name, prefixes, counts, sign in (
        (sales, "invoiced", filters.sales, chosen, -1),
        (every, "purchases", filters.purchases, _any, 1),
        (every, "items", VALUE_ADDED_ITEMS, _any, 1),
        (every, "losses", filters.losses, _any, 1),
        (every, "sold", INTERNAL_SOLD, chosen, -1),
        (every, "bought", INTERNAL_BOUGHT, _any, 1),
    ):
        for key, parts in movements.items():
            for (code, categ, product), balance in parts.items():
                if code.startswith(prefixes) and counts(categ, product):
                    result[key][name] += sign * balance
    return result


def _any(_categ, _product):
    return True
