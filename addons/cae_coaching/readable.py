"""Values of fields: as people write them, and as programs read them."""

from datetime import date, datetime

from odoo import fields
from odoo.tools import format_amount, html2plaintext

from odoo.addons.cae_base.tools import format_date

#: Numbers that are hours.
HOURS = {"hours", "duration", "outside_hours"}
SPACE = "\N{NO-BREAK SPACE}"


def label(record, name):
    """What people call a field."""
    return record._fields[name]._description_string(record.env)


def words(record, name) -> str:
    """``12/03/2026``, ``7 h``, ``1 200 €``: nothing is empty, zero is zero."""
    field, value = record._fields[name], record[name]
    if field.type == "boolean":
        return record.env._("yes") if value else record.env._("no")
    if field.type in ("float", "integer", "monetary"):
        return _number(record, field, value)
    return _text(record, field, value)


def typed(record, name):
    """A text, number or boolean; dates as ISO 8601."""
    field, value = record._fields[name], record[name]
    if field.type in ("boolean", "float", "integer", "monetary"):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return _text(record, field, value)


def _text(record, field, value):
    if field.type == "selection":
        labels = dict(field._description_selection(record.env))
        return str(labels.get(value, ""))
    if field.relational:
        return ", ".join(name for name in value.mapped("display_name") if name)
    if field.type == "html":
        return html2plaintext(value or "").strip()
    if isinstance(value, datetime):
        local = fields.Datetime.context_timestamp(record, value)
        return f"{format_date(record.env, local.date())} {local:%H:%M}"
    if isinstance(value, date):
        return format_date(record.env, value)
    return "" if value is False or value is None else str(value)


def _number(record, field, value):
    if field.name in HOURS:
        return hours(value)
    if field.type == "monetary":
        currency = record[field.get_currency_field(record)]
        whole = not value % 1
        if currency:
            return format_amount(record.env, value, currency, trailing_zeroes=not whole)
    lang = record.env["res.lang"]._get_data(code=record.env.lang or "en_US")
    point = lang.decimal_point or "."
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", point)


def hours(value) -> str:
    """``7 h``, ``1 h 30``"""
    whole, minutes = divmod(round(value * 60), 60)
    return SPACE.join((f"{whole}", "h", *((f"{minutes:02d}",) if minutes else ())))
