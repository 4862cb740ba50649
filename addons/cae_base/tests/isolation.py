"""Walks every model of the database as somebody who should see nothing of another."""

import inspect
from contextlib import suppress

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

#: What refusing looks like; a method that wants arguments is not called with any.
REFUSED = (AccessError, UserError, ValidationError, TypeError, ValueError, KeyError)
#: Methods that every record has from Odoo, and that read or write what ``read`` does.
OWN_MODELS = "cae."


class IsolationWalk:
    """For test cases whose data say ``WORD`` wherever it is another's."""

    WORD = "Zorglub"

    def readable(self, user, word=WORD, models=None):
        """``{model: fields}`` in which the user reads the word, of all models."""
        found = {}
        for name in models or sorted(self.env.registry):
            model = self.env[name].with_user(user)
            if model._abstract or model._transient:
                continue
            model = model.with_context(active_test=False, bin_size=True)
            records = model
            with suppress(*REFUSED), self.env.cr.savepoint():
                records = model.search([], limit=500)
            fields = [
                key for key in model.fields_get() if self._tells(records, key, word)
            ]
            if fields:
                found[name] = fields
        return found

    def _tells(self, records, field, word):
        """One field at a time: another one may be computed from what is refused."""
        with suppress(*REFUSED), self.env.cr.savepoint(flush=False):
            return any(word in repr(row[field]) for row in records.read([field]))

    def assertSeen(self, user, *models):
        """The walk finds the word where it is: it is not blind."""
        self.assertEqual(set(self.readable(user, models=models)), set(models))

    def told(self, user, word=WORD):
        """``{model.method}`` of our models that tell the word to who only calls."""
        found = set()
        for name in sorted(self.env.registry):
            if not name.startswith(OWN_MODELS):
                continue
            others = self.env[name].sudo().with_context(active_test=False)
            others = others.browse() if others._abstract else others.search([], limit=3)
            model = others.with_user(user).sudo(False)
            for method in self._methods(name):
                for records in (model.browse(), model):
                    with suppress(*REFUSED), self.env.cr.savepoint():
                        result = getattr(records, method)()
                        if word in repr(result):
                            found.add(f"{name}.{method}")
        return found

    def _methods(self, name):
        """Public methods of our own that need no argument."""
        cls = self.env.registry[name]
        for method, function in inspect.getmembers(cls, inspect.isfunction):
            module = getattr(function, "__module__", "") or ""
            ours = module.startswith("odoo.addons.cae_")
            if method.startswith("_") or not ours:
                continue
            wanted = list(inspect.signature(function).parameters.values())[1:]
            if all(p.default is not p.empty or p.kind in (2, 4) for p in wanted):
                yield method

    def assertIsolated(self, user, word=WORD):
        """Nothing of another's is read or told."""
        with mute_logger("odoo.addons.base.models.ir_rule", "odoo.sql_db"):
            self.assertEqual(self.readable(user, word), {})
            self.assertEqual(self.told(user, word), set())
