from math import isfinite

from odoo import api, models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.orm.identifiers import NewId
from odoo.tools import SQL

from ..engine.texts import short, storable
from .cae_owned import OWN

#: Commands of x2many fields that carry values, and the one that carries ids.
VALUED, SET = (0, 1), 6
#: No number of ours comes near them: what a column of whole numbers holds, and others.
LARGEST = {"integer": 2**31 - 1, "float": 1e12, "monetary": 1e12}
TEXTS, DAYS, X2MANY = (
    {"char", "text"},
    {"date", "datetime"},
    {"one2many", "many2many"},
)
#: Characters of a line of text: an index, or a screen, takes no more.
LONGEST = 2000
#: Years of days: who is alive was born after the first, and nothing lasts longer.
FIRST_YEAR, LAST_YEAR = 1900, 2200
#: What a many2one is given as: an id; by code also a record, or its pair.
LINKS = (int, tuple, NewId, models.BaseModel)


class Base(models.AbstractModel):
    """Values of clients for our models are what they should be, and theirs to see.

    Odoo stores a number that is none (NaN, Infinity) and the text of a list, and tells
    of a day that does not exist without a code.

    What our models compute and store is theirs to compute (``CAE-FIELD-OWNED``): Odoo
    takes it from whoever may write on the record, and keeps it as it is.

    A form that is not saved yet shows nothing that its user may not read: Odoo takes
    the ids in its values as they come, and computes with ``sudo`` into the cache that
    the answer is read from.
    """

    _inherit = "base"

    @api.model_create_multi
    def create(self, vals_list):
        if self._name.startswith("cae."):
            for vals in vals_list:
                self._cae_check_computed(vals)
                if not self.env.su:
                    self._cae_check_values(vals)
        return super().create(vals_list)

    def write(self, vals):
        ours = self._name.startswith("cae.")
        if ours:
            self._cae_check_computed(vals)
        if (ours or self._name == "res.company") and not self.env.su:
            self._cae_check_values(vals)
        return super().write(vals)

    @api.model
    def default_get(self, fields):
        if self._name.startswith("cae.") and not self._transient:
            # Of the context, or saved by a user: see _cae_check_computed.
            fields = [name for name in fields if not self._cae_is_computed(name)]
        return super().default_get(fields)

    @api.model
    def _cae_check_computed(self, vals):
        """:raises UserError: ``CAE-FIELD-OWNED``"""
        if self._transient:
            return  # nothing of it is kept
        names = {name for name in vals if self._cae_is_computed(name)}
        if names and self.env.context.get("cae_own") is not OWN:
            self.env["cae.owned"]._cae_check_owned(names)

    @api.model
    def _cae_is_computed(self, name):
        """Whether a field of ours is computed, stored, and nobody's to enter."""
        field = self._fields.get(name)
        return bool(field and field.compute and field.store and field.readonly)

    def _cae_compute_again(self, name):
        """Compute a stored field, and what depends on it: time has changed it."""
        self.env.add_to_compute(self._fields[name], self)
        self.modified([name])
        self.flush_recordset()

    def _cae_hold(self):
        """Wait until nobody else changes these records, then keep them.

        ``lock_for_update`` waits for nobody: of two users at one moment it refuses one
        without saying why. Here the second waits. When the first has written these
        records PostgreSQL refuses the older snapshot of the second, and Odoo starts
        their request again: they then read what the first one did.
        """
        if self.ids:
            self.env.cr.execute(
                SQL(
                    "SELECT id FROM %s WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
                    SQL.identifier(self._table),
                    tuple(self.ids),
                )
            )

    @api.model
    def _cae_called_by_client(self):
        """Whether somebody's request is answered, and not a job or a module's own code.

        What only buttons do is refused to clients; other modules write as Odoo's own
        code does.
        """
        return bool(request)

    @api.model
    def _cae_check_values(self, vals):
        """Values of our models, and of our numbers on the company.

        :raises UserError: ``CAE-VALUE``
        """
        names = vals.keys() & self._fields.keys()
        if not self._name.startswith("cae."):
            names = {name for name in names if name.startswith("cae_")}
        for name in names:
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
        """Whether the field can hold a value as it is meant.

        What commands of x2many hold is looked at when they are carried out.
        """
        if not value or field.type in X2MANY:
            return True
        if field.relational:
            named = isinstance(value, LINKS) and value is not True
            return named and not (isinstance(value, int) and value > LARGEST["integer"])
        if field.type in TEXTS:
            text = storable(value) or isinstance(value, int | float)
            return text and (field.type == "text" or len(str(value)) <= LONGEST)
        try:
            read = field.convert_to_cache(value, self)
        except (TypeError, ValueError, OverflowError):
            return False
        if field.type in DAYS:
            return FIRST_YEAR <= read.year < LAST_YEAR
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
