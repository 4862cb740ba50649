"""Fields of records that are created by hundreds."""

from odoo import fields
from odoo.tools import float_repr

CENT = 0.01


class Amount(fields.Monetary):
    """An amount in the currency of its record, rounded as any monetary field.

    To know the currency, Odoo makes a record in memory or two environments for each
    value: a third of the time of creating a month's pay. Here it is read where it
    stands, in the given values or in cache; elsewhere Odoo looks for it. An amount in
    whole cents, of a currency that has them, is rounded already.
    """

    def convert_to_column_insert(self, value, record, values=None, validate=True):
        number = values and values.get(self.get_currency_field(record))
        if not number or not isinstance(number, int):
            return super().convert_to_column_insert(value, record, values, validate)
        currency = record.env["res.currency"].browse(number)
        amount = float(value or 0.0)
        if _is_whole(amount, currency):
            return f"{amount:.2f}"
        return float_repr(currency.round(amount), currency.decimal_places)

    def convert_to_cache(self, value, record, validate=True):
        if value and validate and len(record) == 1:
            number = record._cache.get(self.get_currency_field(record))
            if number:
                currency = record.env["res.currency"].browse(number)
                amount = float(value)
                return amount if _is_whole(amount, currency) else currency.round(amount)
        return super().convert_to_cache(value, record, validate)


class Plain(fields.Json):
    """A JSON value that whoever gives it does not change afterwards.

    Odoo writes and reads each value twice before it writes it to the database, to have
    its own copy; who reads a record gets a copy all the same.
    """

    def convert_to_cache(self, value, record, validate=True):
        return value or None


def _is_whole(amount, currency):
    """Whether an amount is in whole cents, of a currency that rounds to these."""
    return round(amount, 2) == amount and currency.rounding == CENT
