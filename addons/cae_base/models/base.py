from odoo import models

#: Commands of x2many fields that carry values, and the one that carries ids.
VALUED, SET = (0, 1), 6


class Base(models.AbstractModel):
    """A form that is not saved yet shows nothing that its user may not read.

    Odoo takes the ids in the values of a form as they come, and computes with
    ``sudo`` into the cache that the answer is read from.
    """

    _inherit = "base"

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
