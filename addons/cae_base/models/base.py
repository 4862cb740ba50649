from math import isfinite

from odoo import api, models
from odoo.exceptions import UserError
from odoo.http import request

from ..engine.texts import short, storable

#: Commands of x2many fields that carry values, and the one that carries ids.
VALUED, SET = (0, 1), 6
#: No number of ours comes near them: what a column of whole numbers holds, and others.
LARGEST = {"integer": 2**31 - 1, "float": 1e12, "monetary": 1e12}
TEXTS = {"char", "text"}


class Base(models.AbstractModel):
    """Values of clients for our models are what they should be, and theirs to see.

    Odoo stores a number that is none (NaN, Infinity) and the text of a list, and tells
    of a day that does not exist without a code.

    A form that is not saved yet shows nothing that its user may not read: Odoo takes
    the ids in its values as they come, and computes with ``sudo`` into the cache that
    the answer is read from.
    """

    _inherit = "base"

    @api.model_create_multi
    def create(self, vals_list):
        if self._name.startswith("cae.") and not self.env.su:
            for vals in vals_list:
                self._cae_check_values(vals)
        return super().create(vals_list)

    def write(self, vals):
        if self._name.startswith("cae.") and not self.env.su:
            self._cae_check_values(vals)
        return super().write(vals)

    @api.model
    def _cae_called_by_client(self):
        """Whether somebody's request is answered, and not a job or a module's own code.

        What only buttons do is refused to clients; other modules write as Odoo's own
        code does.
        """
        return bool(request)

    @api.model
    def _cae_check_values(self, vals):
        """:raises UserError: ``CAE-VALUE``"""
        for name in vals.keys() & self._fields.keys():
            if not self._cae_is_value(self._fields[name], vals[name]):
                raise UserError(
                    self.env._(
                        "CAE-VALUE: %(value)s is not a value of %(field)s (%(name)s).",
                        value=short(vals[name]),
                        field=self._fields[name]._description_string(self.env),
                        name=name,
                    )
                )

    @api.model
    def _cae_is_value(self, field, value):
        """Whether the field, which is no relation, can hold a value as it is meant."""
        if not value or field.relational:
            return True
        if field.type in TEXTS:
            return storable(value) or isinstance(value, int | float)
        try:
            read = field.convert_to_cache(value, self)
        except (TypeError, ValueError, OverflowError):
            return False
        largest = LARGEST.get(field.type)
        return not largest or (isfinite(read) and abs(read) <= largest)

    def onchange(self, values, field_names, fields_spec):
        if self._name.startswith("cae.") and not self.env.su:
            self.check_access("read")
            self._cae_check_readable(values)
        return super().onchange(values, field_names, fields_spec)

    def _cae_check_readable(self, values):
        """:raises AccessError: when a record that ``values`` name is not theirs"""
        for name in values.keys() & self._fields.keys():
            field = self._fields[name]
            if field.relational and field.comodel_name.startswith("cae."):
                self.env[field.comodel_name]._cae_check_named(values[name])

    def _cae_check_named(self, value):
        """:param value: of a many2one (an id, or values), or x2many commands"""
        if isinstance(value, dict):
            value = [[1, value.get("id"), value]]
        commands = value if isinstance(value, list) else [[4, value]]
        named = []
        for kind, target, *rest in commands:
            named += (rest[0] or []) if kind == SET else [target]
            if kind in VALUED and rest:
                self._cae_check_readable(rest[0])
        ids = [key for key in named if isinstance(key, int) and key]
        if ids:
            self.browse(ids).exists().check_access("read")
