"""A monetary field for records that are created by hundreds."""

from odoo import fields
from odoo.tools import float_repr


class Amount(fields.Monetary):
    """An amount in the currency of its record, rounded as any monetary field.

    To know the currency, Odoo makes a record in memory or two environments for each
    value: a third of the time of creating a month's pay. Here it is read where it
    stands, in the given values or in cache; elsewhere Odoo looks for it.
    """

    def convert_to_column_insert(self, value, record, values=None, validate=True):
        number = values and values.get(self.get_currency_field(record))
        if not number or not isinstance(number, int):
            return super().convert_to_column_insert(value, record, values, validate)
        currency = record.env["res.currency"].browse(number)
        amount = currency.round(float(value or 0.0))
        return float_repr(amount, currency.decimal_places)

    def convert_to_cache(self, value, record, validate=True):
        if value and validate and len(record) == 1:
            number = record._cache.get(self.get_currency_field(record))
            if number:
                currency = record.env["res.currency"].browse(number)
                return currency.round(float(value))
        return super().convert_to_cache(value, record, validate)
